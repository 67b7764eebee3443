// All services at a glance: one row each, the worst first.

import { Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { HourBars } from "#web/ui/hour-bars.tsx";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time } from "#web/ui/time.tsx";
import "../../blocks/dense.css";
import { NextStep } from "../../blocks/next-step.tsx";
import { StateChip } from "../../blocks/state-chip.tsx";
import type { HealthOfService } from "../../blocks/health-queries.ts";
import { statesByNeed } from "../services/service-rows.ts";
import { sumOf } from "./day.ts";
import { useFaultWords } from "./fault-words.ts";
import { useFigures } from "./figures.ts";

export type HealthRow = { service: MessagingService; health: HealthOfService };

export function HealthTable({ rows }: { rows: readonly HealthRow[] }) {
	const { t } = useTranslation("health");
	const navigate = useNavigate();
	const { count, percent, duration } = useFigures();
	const sorted = useMemo(() => worstFirst(rows), [rows]);
	const columns = useMemo(
		(): readonly Column<HealthRow>[] => [
			{ key: "name", label: t("columns.service"), width: "11rem", cell: (row) => <Name {...row} /> },
			{ key: "state", label: t("columns.state"), width: "16rem", cell: (row) => <State {...row} /> },
			{ key: "day", label: t("columns.day"), cell: ({ health }) => <Day health={health} /> },
			{ key: "received", label: t("columns.received"), align: "end", cell: ({ health }) => count(health.received) },
			{ key: "sent", label: t("columns.sent"), align: "end", cell: ({ health }) => count(health.sent) },
			{ key: "errorRate", label: t("columns.errorRate"), align: "end", cell: ({ health }) => percent(health) },
			{
				key: "latency",
				label: t("columns.latency"),
				align: "end",
				cell: ({ health }) => duration(health.latency?.medianMs),
			},
			{ key: "backlog", label: t("columns.backlog"), cell: ({ health }) => <Backlog health={health} /> },
			{ key: "fault", label: t("columns.fault"), width: "12rem", cell: ({ health }) => <Fault health={health} /> },
		],
		[t, count, percent, duration],
	);
	return (
		<div className="dense">
			<ListTable
				caption={t("title")}
				rows={sorted}
				columns={columns}
				rowKey={({ service }) => service.id}
				rowHeight={84}
				onOpen={({ service }) => void navigate({ to: "/health", search: { service: service.id } })}
			/>
		</div>
	);
}

function worstFirst(rows: readonly HealthRow[]): readonly HealthRow[] {
	const need = ({ health }: HealthRow) => statesByNeed.indexOf(health.state);
	const words = new Intl.Collator(undefined, { numeric: true });
	return rows.toSorted((one, other) => need(one) - need(other) || words.compare(one.service.name, other.service.name));
}

function Name({ service: { id, name } }: HealthRow) {
	return (
		<PageLink to="/health" search={{ service: id }} fw={600}>
			{name}
		</PageLink>
	);
}

function State({ service, health: { state, because, action } }: HealthRow) {
	const { id, name, allowed } = service;
	return (
		<Stack gap={2} align="flex-start">
			<StateChip state={state} />
			<Text size="xs" c="dimmed" lineClamp={2} title={because}>
				{because}
			</Text>
			<NextStep {...{ id, name, state, because, action }} mayModify={allowed.includes("modify")} />
		</Stack>
	);
}

function Day({ health: { history } }: { health: HealthOfService }) {
	const { t } = useTranslation("health");
	const bars = history.map(({ at, received, sent, failed, refused }) => ({
		key: at,
		good: received + sent,
		bad: failed + refused,
	}));
	return bars.length === 0 ? "–" : <HourBars bars={bars} label={t("day.sum", sumOf(history))} />;
}

function Backlog({ health: { backlog } }: { health: HealthOfService }) {
	const { t } = useTranslation("health");
	const { count } = useFigures();
	const waiting = (["outgoing", "incoming", "quarantined"] as const).filter((kind) => backlog[kind] > 0);
	return waiting.length === 0
		? "–"
		: waiting.map((kind) => (
				<Text key={kind} size="sm">
					{t(`backlog.${kind}`, { count: backlog[kind], shown: count(backlog[kind]) })}
				</Text>
			));
}

function Fault({ health: { lastFault } }: { health: HealthOfService }) {
	const faultWords = useFaultWords();
	if (lastFault === null) {
		return "–";
	}
	return (
		<>
			<Text size="sm">
				{faultWords(lastFault.code)}, <Time at={lastFault.at} />
			</Text>
			<Text size="xs" c="dimmed" lineClamp={2} title={lastFault.detail}>
				{lastFault.detail}
			</Text>
		</>
	);
}
