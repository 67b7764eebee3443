// What waits for a person: received events that could not be worked on, and messages whose outcome nobody knows.

import { Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetParked, type CmiGetParked200Item } from "#web/api/cmi.ts";
import { readPages } from "#web/api/read.ts";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Pages } from "#web/ui/pages.tsx";
import { Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { ServiceFilter } from "../../blocks/service-filter.tsx";

export function ParkedPage() {
	const { t } = useTranslation("refused");
	const { service } = useSearch({ from: "/parked" });
	const navigate = useNavigate();
	const columns = useColumns();
	const parked = useInfiniteQuery(
		readPages(["parked", service], (cursor, options) =>
			cmiGetParked({ ...(service === undefined ? {} : { service }), ...cursor, limit: 100 }, options),
		),
	);
	return (
		<Page title={t("parked.title")} lead={t("parked.lead")} error={parked.error}>
			<ServiceFilter
				service={service}
				onChange={(id) => void navigate({ to: "/parked", search: id === undefined ? {} : { service: id } })}
			/>
			<Pages query={parked} empty={<Empty title={t("parked.none")}>{t("parked.noneNext")}</Empty>}>
				{(rows) => (
					<ListTable
						caption={t("parked.title")}
						rows={rows}
						columns={columns}
						rowKey={({ id }) => id}
						onOpen={({ id }) => void navigate({ to: "/parked/$id", params: { id } })}
					/>
				)}
			</Pages>
		</Page>
	);
}

function useColumns(): readonly Column<CmiGetParked200Item>[] {
	const { t } = useTranslation("refused");
	return [
		{
			key: "since",
			label: t("parked.since"),
			cell: ({ id, since }) => (
				<PageLink to="/parked/$id" params={{ id }}>
					<Time at={since} isExact />
				</PageLink>
			),
			width: "12rem",
		},
		{
			key: "kind",
			label: t("parked.kind"),
			cell: ({ kind, event }) => `${t(`parked.kinds.${kind}`)} (${t(`parked.events.${event}`)})`,
		},
		{ key: "service", label: t("service"), cell: ({ serviceName }) => serviceName ?? "–" },
		{
			key: "reason",
			label: t("columns.why"),
			cell: ({ reason, retryable }) => (
				<>
					{reason ?? "–"}
					{!retryable && (
						<Text size="xs" c="dimmed">
							{t("parked.unreadable")}
						</Text>
					)}
				</>
			),
		},
		{ key: "attempts", label: t("parked.attempts"), cell: ({ attempts }) => attempts, align: "end" },
	];
}
