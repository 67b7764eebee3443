// Messaging Services: every service that the person may view, with its state, its traffic and the next thing to do.

import { Button, Group, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { rciGetMessagingServices } from "#web/api/rci.ts";
import { toAnswer } from "#web/api/read.ts";
import { errorText } from "#web/ui/error-text.ts";
import { ListTable } from "#web/ui/list-table.tsx";
import { PageButton, PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Empty, Failed, Loading } from "#web/ui/states.tsx";
import "../../blocks/dense.css";
import { healthOfAll } from "../../blocks/health-queries.ts";
import { typesQuery } from "../../blocks/service-queries.ts";
import { useSession } from "../../shell/session.tsx";
import { filled } from "../../shell/search.ts";
import { useSingleKey, useSingleKeysOn } from "#web/ui/single-keys.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import { useColumns } from "./list-columns.tsx";
import { Filters } from "./list-filters.tsx";
import { type ServiceRow, sortedRows, type Wanted, wantedRows, withNewerState } from "./service-rows.ts";
import { listKey, useSwitch } from "./switching.ts";

export function ServicesPage() {
	const { t } = useTranslation("services");
	const { rights } = useSession();
	const navigate = useNavigate();
	const mayAdd = rights.may("create", "messagingService", "every");
	useSingleKey("n", () => void navigate({ to: "/services/new" }), mayAdd);
	return (
		<Page title={t("title")} lead={t("lead")} actions={mayAdd && <AddButton />}>
			<Services mayAdd={mayAdd} />
		</Page>
	);
}

function AddButton() {
	const { t } = useTranslation("services");
	const hasKey = useSingleKeysOn();
	return (
		<PageButton
			to="/services/new"
			leftSection={<IconPlus size={16} aria-hidden />}
			{...(hasKey ? { "aria-keyshortcuts": "n", title: t("addKey") } : {})}
		>
			{t("add")}
		</PageButton>
	);
}

function Services({ mayAdd }: { mayAdd: boolean }) {
	const { t } = useTranslation("services");
	const { query, rows, isWhole, healthError } = useRows();
	if (query.data === undefined) {
		return query.isError ? <Failed error={query.error} again={() => void query.refetch()} /> : <Loading rows={8} />;
	}
	if (rows.length === 0) {
		return <NoServices mayAdd={mayAdd} />;
	}
	return (
		<>
			{healthError !== null && (
				<Text size="sm" role="status">
					{t("noFigures", { because: errorText(healthError) })}
				</Text>
			)}
			<FoundServices rows={rows} isWhole={isWhole} />
		</>
	);
}

const pageSize = 1000; // The most that the interface gives at once.

/** All pages, one after the other; what is there is shown while the rest comes. */
function useRows() {
	const query = useInfiniteQuery({
		queryKey: listKey,
		queryFn: async ({ pageParam, signal }) =>
			toAnswer(await rciGetMessagingServices({ limit: pageSize, offset: pageParam, sort: "name" }, { signal })),
		initialPageParam: 0,
		getNextPageParam: ({ body }, _pages, offset) => (body.length < pageSize ? undefined : offset + pageSize),
	});
	const types = useQuery(typesQuery);
	const health = useQuery(healthOfAll);
	const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
	useEffect(() => {
		if (hasNextPage && !isFetching && !isError) {
			void fetchNextPage();
		}
	}, [hasNextPage, isFetching, isError, fetchNextPage]);
	const isHealthNewer = health.dataUpdatedAt > query.dataUpdatedAt;
	const rows = useMemo((): readonly ServiceRow[] => {
		const labels = new Map(types.data?.body.map(({ type, label }) => [type, label]));
		// A service made while the pages come could stand in two of them.
		const byId = new Map(data?.pages.flatMap(({ body }) => body.map((service) => [service.id, service] as const)));
		return [...byId.values()].map((service) => ({
			service: isHealthNewer ? withNewerState(service, health.data?.get(service.id)) : service,
			typeLabel: labels.get(service.type) ?? service.type,
			health: health.data?.get(service.id),
		}));
	}, [data, types.data, health.data, isHealthNewer]);
	return { query, rows, isWhole: !hasNextPage, healthError: health.data === undefined ? health.error : null };
}

function FoundServices({ rows, isWhole }: { rows: readonly ServiceRow[]; isWhole: boolean }) {
	const { t, i18n } = useTranslation("services");
	const navigate = useNavigate();
	const { sort = "name", ...wanted } = useSearch({ from: "/services" });
	const { find, state, type } = wanted;
	const [deleted, setDeleted] = useState<MessagingService>();
	const switchTo = useSwitch();
	const doings = useDoings(switchTo, setDeleted);
	const columns = useColumns(doings);
	const shown = useMemo(
		() => sortedRows(wantedRows(rows, { find, state, type } as Wanted), sort, i18n.language),
		[rows, find, state, type, sort, i18n.language],
	);
	const want = useCallback(
		(next: Wanted & { sort?: string }) => void navigate({ to: "/services", search: filled(next), replace: true }),
		[navigate],
	);
	const onWant = useCallback((next: Wanted) => want({ ...next, ...(sort === "name" ? {} : { sort }) }), [want, sort]);
	return (
		<>
			<Filters rows={rows} wanted={wanted} onWant={onWant} />
			<Text size="sm" c="dimmed" role="status">
				{t("count", { count: rows.length, shown: shown.length })} {!isWhole && t("moreComes")}
			</Text>
			{shown.length === 0 ? (
				<Empty title={t("noneFound")} action={<Button onClick={() => onWant({})}>{t("showAll")}</Button>}>
					{t("noneFoundNext")}
				</Empty>
			) : (
				<div className="dense dense-menus">
					<ListTable
						caption={t("title")}
						rows={shown}
						columns={columns}
						rowKey={({ service }) => service.id}
						rowHeight={62}
						sort={sort}
						onSort={(next) => want({ ...wanted, sort: next })}
						onOpen={({ service: { id } }) => void navigate({ to: "/services/$id", params: { id } })}
					/>
				</div>
			)}
			{deleted !== undefined && (
				<DeleteDialog
					service={deleted}
					health={rows.find(({ service }) => service.id === deleted.id)?.health}
					onClose={() => setDeleted(undefined)}
				/>
			)}
		</>
	);
}

function useDoings(switchTo: ReturnType<typeof useSwitch>, onDelete: (service: MessagingService) => void) {
	return useMemo(
		() => ({ onSwitch: (service: MessagingService, on: boolean) => void switchTo(service, on), onDelete }),
		[switchTo, onDelete],
	);
}

function NoServices({ mayAdd }: { mayAdd: boolean }) {
	const { t } = useTranslation("services");
	return (
		<Empty
			title={t("none")}
			action={
				mayAdd && (
					<Group mt="sm">
						<AddButton />
						<PageLink to="/" hash="sandbox" size="md">
							{t("toSandbox")}
						</PageLink>
					</Group>
				)
			}
		>
			{t(mayAdd ? "noneNext" : "noneSeen")}
		</Empty>
	);
}
