// What was said, in order, and what one has written that is still on its way. Only the rows on the screen are drawn, so that
// thousands of lines scroll as easily as ten.

import { Button, Text, VisuallyHidden } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction, Message } from "#web/realtime/tree.ts";
import { momentFormat } from "#web/ui/moments.ts";
import { authorOf, contentOf, isOfContact, stageOf, textOf } from "./chat-facts.ts";
import type { Pending } from "./pending.ts";
import { type Row, rowsOf } from "./transcript-rows.ts";
import { Line, Notice, PendingLine } from "./transcript-line.tsx";
import { useOlder } from "./use-older.ts";

const nearEndPx = 80;
const nearTopPx = 40;
const rowPx = 48; // Of a line of one row without a name: most are.

type TranscriptProps = {
	chat: Interaction;
	pending: readonly Pending[];
	/** It is in one's own tree: what failed can be sent again. */
	isOwn: boolean;
	/** Where earlier lines are asked for, below /users/me. */
	olderAt: string;
};

export function Transcript({ chat, pending, isOwn, olderAt }: TranscriptProps) {
	const { t, i18n } = useTranslation("desk");
	const { messages, older } = useOlder(chat.transcript.messages, olderAt);
	const rows = useMemo(() => rowsOf(messages, pending, dayNames(i18n.language)), [messages, pending, i18n.language]);
	const [place, setPlace] = useState<HTMLDivElement | null>(null);
	const typing = chat.participants.find(
		({ status, uniquekey }) => status === "typing" && uniquekey !== chat.destination && stageOf(chat) !== "wrapUp",
	);
	return (
		<div className="desk-transcript-frame">
			<div className="desk-transcript" ref={setPlace} tabIndex={0} role="region" aria-label={t("transcript")}>
				{older.mayBeMore && (
					<Button
						size="compact-sm"
						variant="subtle"
						mx="auto"
						display="block"
						loading={older.isBusy}
						onClick={older.ask}
					>
						{t("older")}
					</Button>
				)}
				{place !== null && <Rows rows={rows} chat={chat} isOwn={isOwn} place={place} onTop={older.askByItself} />}
			</div>
			<Text className="desk-typing" size="xs" c="dimmed" dir="auto">
				{typing === undefined ? "" : t("typing", { name: typing.alias || typing.uniquekey })}
			</Text>
			<NewestSaid chat={chat} />
		</div>
	);
}

const quarterMs = 900_000; // No zone's day begins within one.

/** Naming a day costs more than all else that a line needs: it is done once for what was said together. */
function dayNames(language: string): (at: number) => string {
	const format = momentFormat(language, { dateStyle: "full" });
	const known = new Map<number, string>();
	return (at) => {
		const quarter = Math.floor(at / quarterMs);
		const day = known.get(quarter) ?? format.format(at);
		known.set(quarter, day);
		return day;
	};
}

type RowsProps = {
	rows: readonly Row[];
	chat: Interaction;
	isOwn: boolean;
	place: HTMLDivElement;
	/** Somebody has scrolled up to the first of them. */
	onTop: () => void;
};

function Rows({ rows, chat, isOwn, place, onTop }: RowsProps) {
	const virtual = useVirtualizer({
		count: rows.length,
		getScrollElement: () => place,
		estimateSize: () => rowPx,
		getItemKey: (index) => rows[index]?.key ?? index,
		overscan: 8,
	});
	useStayingAtEnd(place, rows.length, (end) =>
		virtual.scrollToIndex(end === "last" ? rows.length - 1 : 0, { align: end === "last" ? "end" : "start" }),
	);
	useReachingTop(place, onTop);
	useStayingAtLine(rows, (index) => virtual.scrollToIndex(index, { align: "start" }));
	const items = virtual.getVirtualItems();
	return (
		<div className="desk-rows" role="list" style={{ height: virtual.getTotalSize() }}>
			{items.map(({ index, key, start }) => {
				const row = rows[index];
				return row === undefined ? null : (
					<div
						key={key}
						ref={virtual.measureElement}
						data-index={index}
						className="desk-row"
						role="listitem"
						style={{ transform: `translateY(${start}px)` }}
					>
						<RowContent row={row} chat={chat} isOwn={isOwn} />
					</div>
				);
			})}
		</div>
	);
}

function RowContent({ row, chat, isOwn }: { row: Row; chat: Interaction; isOwn: boolean }) {
	const { i18n } = useTranslation("desk");
	switch (row.kind) {
		case "day":
			return (
				<Text className="desk-day" size="xs" c="dimmed">
					{momentFormat(i18n.language, { dateStyle: "full" }).format(row.at)}
				</Text>
			);
		case "notice":
			return <Notice message={row.message} />;
		case "line":
			return <Line row={row} chat={chat} isOwn={isOwn} />;
		case "pending":
			return <PendingLine chat={chat} pending={row.pending} />;
	}
}

/** Whoever reads further up is left there; whoever is at the end sees what comes. */
function useStayingAtEnd(place: HTMLDivElement, count: number, scrollTo: (end: "first" | "last") => void): void {
	const isAtEnd = useRef(true);
	const scroll = useRef(scrollTo);
	useLayoutEffect(() => {
		scroll.current = scrollTo;
	});
	useEffect(() => {
		const note = () => {
			isAtEnd.current = place.scrollHeight - place.scrollTop - place.clientHeight < nearEndPx;
		};
		// Rows are measured only when they are drawn, and the place itself grows and shrinks with what is below it.
		const watch = new ResizeObserver(() => isAtEnd.current && scroll.current("last"));
		// The browser's own way there is slow, and stops where rows turn out to be of another height.
		const jump = (event: KeyboardEvent) => {
			const end = event.target === place ? ({ Home: "first", End: "last" } as const)[event.key] : undefined;
			if (end !== undefined) {
				event.preventDefault();
				isAtEnd.current = end === "last";
				scroll.current(end);
			}
		};
		place.addEventListener("scroll", note, { passive: true });
		place.addEventListener("keydown", jump);
		[place, ...place.children].forEach((one) => watch.observe(one));
		return () => {
			place.removeEventListener("scroll", note);
			place.removeEventListener("keydown", jump);
			watch.disconnect();
		};
	}, [place]);
	useLayoutEffect(() => {
		if (isAtEnd.current && count > 0) {
			scroll.current("last");
		}
	}, [count]);
}

function useReachingTop(place: HTMLDivElement, onTop: () => void): void {
	const reached = useRef(onTop);
	useLayoutEffect(() => {
		reached.current = onTop;
	});
	useEffect(() => {
		const look = () => place.scrollTop < nearTopPx && reached.current();
		// Only where it can be scrolled: what is shown whole is left to the button.
		place.addEventListener("scroll", look, { passive: true });
		return () => place.removeEventListener("scroll", look);
	}, [place]);
}

/** Where lines come before those that are there, the one that was the first stays where it is. */
function useStayingAtLine(rows: readonly Row[], scrollTo: (index: number) => void): void {
	const known = useRef<string>(undefined);
	const first = rows.find(({ kind }) => kind !== "day")?.key;
	useLayoutEffect(() => {
		const index = known.current === first ? -1 : rows.findIndex(({ key }) => key === known.current);
		known.current = first;
		if (index > 0) {
			scrollTo(index);
		}
	});
}

/** For who hears the page: what the contact said last, once. */
function NewestSaid({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const last = chat.transcript.messages.findLast((message) => isOfContact(message, chat));
	const [firstSeen] = useState(last?.id);
	const isNew = last !== undefined && last.id !== firstSeen;
	return (
		<VisuallyHidden role="log">
			{isNew ? t("said", { name: authorOf(last, chat), text: wordsOf(last) }) : ""}
		</VisuallyHidden>
	);
}

function wordsOf({ type, message }: Message): string {
	return type === "text" ? message : textOf(contentOf(message)["text"]);
}
