// Refused requests, oldest first: why, from where, and what can be let in once the cause is mended.

import { Button, Group } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetQuarantine, type CmiGetQuarantine200Item } from "#web/api/cmi.ts";
import { readPages } from "#web/api/read.ts";
import { Chip } from "#web/ui/chip.tsx";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Page } from "#web/ui/page.tsx";
import { Pages } from "#web/ui/pages.tsx";
import { Empty } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { useReasonWords } from "../../blocks/refusal-words.ts";
import { ServiceFilter } from "../../blocks/service-filter.tsx";
import { ReleaseAll } from "./release-all.tsx";

export function QuarantinePage() {
	const { t } = useTranslation("refused");
	const { service, reason } = useSearch({ from: "/quarantine" });
	const navigate = useNavigate();
	const columns = useColumns();
	const refused = useInfiniteQuery(
		readPages(["quarantine", service, reason], (cursor, options) =>
			cmiGetQuarantine(
				{ ...(service === undefined ? {} : { service }), ...cursor, limit: reason === undefined ? 100 : 1000 },
				options,
			),
		),
	);
	return (
		<Page title={t("title")} lead={t("lead")} error={refused.error}>
			<Group align="flex-end">
				<ServiceFilter
					service={service}
					onChange={(id) => void navigate({ to: "/quarantine", search: id === undefined ? {} : { service: id } })}
				/>
				<ReleaseAll service={service} />
				{reason !== undefined && <OneReason reason={reason} service={service} />}
			</Group>
			<Pages query={refused} empty={<Empty title={t("none")}>{t("noneNext")}</Empty>}>
				{(rows) => (
					<ListTable
						caption={t("title")}
						rows={reason === undefined ? rows : rows.filter((row) => row.reason === reason)}
						columns={columns}
						rowKey={({ id }) => id}
						onOpen={({ id }) => void navigate({ to: "/quarantine/$id", params: { id } })}
					/>
				)}
			</Pages>
		</Page>
	);
}

/** The interface narrows by messaging service only; the rest is narrowed here, within what is loaded. */
function OneReason({ reason, service }: { reason: string; service: string | undefined }) {
	const { t } = useTranslation("refused");
	const navigate = useNavigate();
	const reasonWords = useReasonWords();
	return (
		<Button
			variant="default"
			rightSection={<IconX size={14} aria-hidden />}
			onClick={() => void navigate({ to: "/quarantine", search: service === undefined ? {} : { service } })}
		>
			{t("onlyReason", { reason: reasonWords(reason) })}
		</Button>
	);
}

function useColumns(): readonly Column<CmiGetQuarantine200Item>[] {
	const { t } = useTranslation("refused");
	return [
		{
			key: "receivedAt",
			label: t("columns.time"),
			cell: ({ id, receivedAt }) => (
				<PageLink to="/quarantine/$id" params={{ id }}>
					<Time at={receivedAt} isExact />
				</PageLink>
			),
			width: "11rem",
		},
		{ key: "service", label: t("service"), cell: ({ serviceName }) => serviceName ?? "–", width: "12rem" },
		{
			key: "explanation",
			label: t("columns.why"),
			cell: ({ explanation, wish }) => (
				<Group gap="xs">
					{explanation}
					{wish !== "none" && <Chip tone="pending">{t("wishes")}</Chip>}
				</Group>
			),
		},
		{ key: "remoteAddress", label: t("columns.from"), cell: ({ remoteAddress }) => remoteAddress ?? "–" },
		{ key: "bytes", label: t("columns.bytes"), cell: ({ bytes }) => bytes, align: "end" },
	];
}
