// The message explorer: any id, number or word, narrowed by what a message has; newest first. What comes meanwhile is told
// and waits, so that nothing moves under the eyes of who reads.

import "./messages.css";
import { Button, Group, Text } from "@mantine/core";
import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "#web/api/objects.ts";
import { ListTable } from "#web/ui/list-table.tsx";
import { Page } from "#web/ui/page.tsx";
import { Pages } from "#web/ui/pages.tsx";
import { Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { Filters } from "./filters.tsx";
import { type Found, type MessageSearch, newestPage, shownPages } from "./find-call.ts";
import { useColumns } from "./list-columns.tsx";
import { countNew, messageMeant, upToDate } from "./live-rows.ts";

export function MessagesPage() {
	const { t } = useTranslation("messages");
	const search: MessageSearch = useSearch({ from: "/messages" });
	const shown = useInfiniteQuery(shownPages(search));
	useWayToTheOne(search, shown.data);
	const last = shown.data?.pages.at(-1);
	const goOn = shown.hasNextPage ? () => void shown.fetchNextPage() : undefined;
	return (
		<Page title={t("title")} lead={t("lead")} error={shown.error}>
			<Filters key={search.find ?? ""} onSame={() => void shown.refetch()} />
			<Pages query={shown} empty={<Nothing search={search} last={last} goOn={goOn} isBusy={shown.isFetching} />}>
				{(rows) => <Rows search={search} rows={rows} first={shown.data?.pages[0]} hasMore={shown.hasNextPage} />}
			</Pages>
			<SearchEnd last={last} />
		</Page>
	);
}

/** Somebody who enters the id of a message wants that message, and no list of one. */
function useWayToTheOne({ find }: MessageSearch, data: InfiniteData<Found> | undefined): void {
	const navigate = useNavigate();
	const [first] = data?.pages ?? [];
	const id = first === undefined || first.next !== null ? undefined : messageMeant(find, first.body);
	useEffect(() => {
		if (id !== undefined) {
			void navigate({ to: "/messages/$id", params: { id }, replace: true });
		}
	}, [id, navigate]);
}

type RowsProps = { search: MessageSearch; rows: readonly Message[]; first: Found | undefined; hasMore: boolean };

function Rows({ search, rows, first, hasMore }: RowsProps) {
	const { t } = useTranslation("messages");
	const navigate = useNavigate();
	const columns = useColumns();
	const [turn, setTurn] = useState(0);
	const { newest, show } = useNewest(search, first);
	const current = useMemo(() => upToDate(rows, newest?.body ?? []), [rows, newest]);
	const count = newest === undefined ? 0 : countNew(rows, newest.body, hasMore);
	const isMore = newest !== undefined && count === newest.body.length && newest.next !== null;
	return (
		<>
			<Group className="news" justify="space-between">
				<Text size="sm" c="dimmed">
					{search.find === undefined ? t("live") : t("notLive")}
				</Text>
				<div role="status">
					{count > 0 && (
						<Button
							size="compact-sm"
							onClick={() => {
								show();
								setTurn(turn + 1);
							}}
						>
							{isMore ? t("newMany", { count }) : t("new", { count })}
						</Button>
					)}
				</div>
			</Group>
			<ListTable
				key={turn}
				caption={t("title")}
				rows={current}
				columns={columns}
				rowKey={({ id }) => id}
				rowHeight={85}
				onOpen={({ id }) => void navigate({ to: "/messages/$id", params: { id } })}
			/>
		</>
	);
}

/** Searching for words is too dear to be repeated at every event. */
function useNewest(search: MessageSearch, first: Found | undefined) {
	const queries = useQueryClient();
	const updatedAt = queries.getQueryState(shownPages(search).queryKey)?.dataUpdatedAt ?? 0;
	const newest = useQuery({
		...newestPage(search),
		enabled: search.find === undefined,
		...(first === undefined ? {} : { initialData: first }),
		initialDataUpdatedAt: updatedAt,
	}).data;
	const show = () => {
		if (newest !== undefined) {
			queries.setQueryData(shownPages(search).queryKey, { pages: [newest], pageParams: [null] });
		}
	};
	return { newest, show };
}

type NothingProps = {
	search: MessageSearch;
	last: Found | undefined;
	goOn: (() => void) | undefined;
	isBusy: boolean;
};

/** Where nothing is read, what comes is shown at once. */
function Nothing({ search, last, goOn, isBusy }: NothingProps) {
	const { t } = useTranslation("messages");
	const { newest, show } = useNewest(search, last);
	const hasNews = newest !== undefined && newest.body.length > 0;
	useEffect(() => {
		if (hasNews) {
			show();
		}
	});
	const isFiltered = Object.keys(search).length > 0;
	return (
		<Empty
			title={t(isFiltered ? "none" : "empty")}
			action={
				goOn === undefined ? undefined : (
					<Button variant="default" loading={isBusy} onClick={goOn}>
						{t("searchFurther")}
					</Button>
				)
			}
		>
			{t(isFiltered ? "noneNext" : "emptyNext")}
		</Empty>
	);
}

function SearchEnd({ last }: { last: Found | undefined }) {
	const { t } = useTranslation("messages");
	const until = last?.searchedBackTo ?? null;
	return until === null ? null : (
		<Text size="sm" role="status">
			{t("searchedBackTo")} <Time at={until} isExact />
		</Text>
	);
}
