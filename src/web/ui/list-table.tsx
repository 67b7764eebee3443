// A list as a table: columns are data, sorting lives in the URL, long lists are virtual, and on a narrow screen a row
// becomes a card. A row leads somewhere by the link in its first cell; a click anywhere in it goes the same way.

import { IconArrowDown, IconArrowUp, IconArrowsSort } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, type MouseEvent, type ReactNode, type RefObject, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Scroller } from "./scroller.tsx";

export type Column<T> = {
	/** Also the name by which the server sorts. */
	key: string;
	label: string;
	cell: (row: T) => ReactNode;
	isSortable?: boolean;
	width?: string;
	align?: "end";
	/** Left out where a row is a card: it helps to compare rows, and the object itself tells it too. */
	isWideOnly?: boolean;
};

type ListTableProps<T> = {
	/** Says what the table lists; read out, not shown. */
	caption: string;
	rows: readonly T[];
	columns: readonly Column<T>[];
	rowKey: (row: T) => string;
	/** As in the URL and for the server: `name`, `-name`. */
	sort?: string | undefined;
	onSort?: (sort: string) => void;
	onOpen?: (row: T) => void;
	/** Pixels of a row; long lists are measured as they come into view. */
	rowHeight?: number;
};

const virtualFrom = 60; // Below, a plain table can be searched by the browser and costs nothing.

export function ListTable<T extends object>(props: ListTableProps<T>) {
	const { rows, columns, rowKey, caption } = props;
	const scroller = useRef<HTMLDivElement>(null);
	const { isVirtual, shown, before, after, measure } = useShownRows(scroller, rows.length, props.rowHeight);
	const rowAt = (index: number) => {
		const row = rows[index];
		return row === undefined ? null : (
			<BodyRow key={rowKey(row)} row={row} index={index} measure={measure} columns={columns} onOpen={props.onOpen} />
		);
	};
	return (
		<Scroller label={caption} className={isVirtual ? "list-scroll is-long" : "list-scroll"} scrollRef={scroller}>
			<table className="list-table is-cards" aria-rowcount={isVirtual ? rows.length + 1 : undefined}>
				<caption className="visually-hidden">{caption}</caption>
				<thead>
					<tr>
						{columns.map((column) => (
							<Heading key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
						))}
					</tr>
				</thead>
				<tbody onKeyDown={moveAmongRows}>
					{before > 0 && <Filler height={before} columns={columns.length} />}
					{shown.map(rowAt)}
					{after > 0 && <Filler height={after} columns={columns.length} />}
				</tbody>
			</table>
		</Scroller>
	);
}

/** Which rows are drawn, and the height of what is left out above and below. */
function useShownRows(scroller: RefObject<HTMLDivElement | null>, count: number, rowHeight = 45) {
	const isVirtual = count > virtualFrom;
	const virtual = useVirtualizer({
		count: isVirtual ? count : 0,
		getScrollElement: () => scroller.current,
		estimateSize: () => rowHeight,
		overscan: 12,
	});
	if (!isVirtual) {
		return {
			isVirtual,
			shown: Array.from({ length: count }, (_, index) => index),
			before: 0,
			after: 0,
			measure: undefined,
		};
	}
	const items = virtual.getVirtualItems();
	return {
		isVirtual,
		shown: items.map(({ index }) => index),
		before: items[0]?.start ?? 0,
		after: virtual.getTotalSize() - (items.at(-1)?.end ?? 0),
		measure: virtual.measureElement,
	};
}

function Heading<T>({
	column,
	sort = "",
	onSort,
}: {
	column: Column<T>;
	sort: string | undefined;
	onSort: ((sort: string) => void) | undefined;
}) {
	const { t } = useTranslation("ui");
	const direction = sort === column.key ? "ascending" : sort === `-${column.key}` ? "descending" : "none";
	const style = { width: column.width, textAlign: column.align };
	if (column.isSortable !== true || onSort === undefined) {
		return (
			<th scope="col" style={style} className={widthClass(column)}>
				{column.label}
			</th>
		);
	}
	const Icon = { ascending: IconArrowUp, descending: IconArrowDown, none: IconArrowsSort }[direction];
	return (
		<th scope="col" aria-sort={direction} style={style} className={widthClass(column)}>
			<button
				type="button"
				className="list-sort"
				title={t("sortBy", { column: column.label })}
				onClick={() => onSort(direction === "ascending" ? `-${column.key}` : column.key)}
			>
				{column.label}
				<Icon size={14} aria-hidden opacity={direction === "none" ? 0.4 : 1} />
			</button>
		</th>
	);
}

type BodyRowProps<T extends object> = {
	row: T;
	index: number;
	columns: readonly Column<T>[];
	onOpen: ((row: T) => void) | undefined;
	measure: ((element: Element | null) => void) | undefined;
};

/** Scrolling draws the table again for every row that comes into view; the rows that stay are left as they are. */
const BodyRow = memo(DrawnRow) as typeof DrawnRow;

function DrawnRow<T extends object>({ row, index, columns, onOpen, measure }: BodyRowProps<T>) {
	const open = (event: MouseEvent<HTMLTableRowElement>) => {
		const isControl = (event.target as Element).closest("a,button,input,label,[role=menuitem]") !== null;
		if (!isControl && document.getSelection()?.isCollapsed !== false) {
			onOpen?.(row);
		}
	};
	return (
		<tr
			ref={measure}
			data-index={index}
			aria-rowindex={measure === undefined ? undefined : index + 2}
			{...(onOpen === undefined ? {} : { "data-to": "", onClick: open })}
		>
			{columns.map((column) => (
				<td
					key={column.key}
					data-label={column.label}
					style={{ textAlign: column.align }}
					className={widthClass(column)}
				>
					<div>{column.cell(row)}</div>
				</td>
			))}
		</tr>
	);
}

function widthClass({ isWideOnly = false }: Pick<Column<never>, "isWideOnly">): string | undefined {
	return isWideOnly ? "is-wide-only" : undefined;
}

function Filler({ height, columns }: { height: number; columns: number }) {
	return (
		<tr aria-hidden style={{ height }}>
			<td colSpan={columns} />
		</tr>
	);
}

/** Up and down move among the rows' first links, as in a list of mail. */
function moveAmongRows(event: KeyboardEvent<HTMLTableSectionElement>): void {
	if (event.key !== "ArrowDown" && event.key !== "ArrowUp") {
		return;
	}
	const here = (event.target as Element).closest("tr");
	const isOnLink = (event.target as Element).matches("a");
	const next = event.key === "ArrowDown" ? here?.nextElementSibling : here?.previousElementSibling;
	const target = isOnLink ? next?.querySelector<HTMLElement>("a") : undefined;
	if (target !== null && target !== undefined) {
		event.preventDefault();
		target.focus();
	}
}
