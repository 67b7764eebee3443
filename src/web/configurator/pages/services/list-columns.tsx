// The columns of the list of services.

import { Button, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "#web/ui/list-table.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time } from "#web/ui/time.tsx";
import { NextStep } from "../../blocks/next-step.tsx";
import { StateChip } from "../../blocks/state-chip.tsx";
import { TypeMark } from "../../blocks/type-mark.tsx";
import type { HealthOfService } from "../../blocks/health-queries.ts";
import { type RowDoings, RowMenu } from "./row-menu.tsx";
import type { ServiceRow } from "./service-rows.ts";

export function useColumns(doings: RowDoings): readonly Column<ServiceRow>[] {
	const { t, i18n } = useTranslation("services");
	const { onSwitch } = doings;
	return useMemo(
		() => [
			{
				key: "name",
				label: t("columns.name"),
				isSortable: true,
				width: "12rem",
				cell: ({ service }) => <Name {...service} />,
			},
			{
				key: "type",
				label: t("columns.type"),
				isSortable: true,
				width: "10rem",
				cell: ({ service, typeLabel }) => <TypeMark type={service.type} label={typeLabel} />,
			},
			{ key: "state", label: t("columns.state"), isSortable: true, width: "14rem", cell: (row) => <State {...row} /> },
			...healthColumns(t, i18n.language),
			{
				key: "next",
				label: t("columns.next"),
				cell: ({ service }) => <Next service={service} onSwitch={onSwitch} />,
			},
			{
				key: "doings",
				label: t("columns.doings"),
				width: "1%",
				cell: ({ service }) => <RowMenu service={service} {...doings} />,
			},
		],
		[t, i18n.language, doings, onSwitch],
	);
}

type Words = ReturnType<typeof useTranslation<"services">>["t"];

function healthColumns(t: Words, language: string): readonly Column<ServiceRow>[] {
	const number = new Intl.NumberFormat(language);
	const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
	const figure = (key: "backlog" | "errorRate", text: (health: HealthOfService) => string): Column<ServiceRow> => ({
		key,
		label: t(`columns.${key}`),
		isSortable: true,
		align: "end",
		cell: ({ health }) => (health === undefined ? "–" : text(health)),
	});
	const moment = (key: "lastInbound" | "lastOutbound"): Column<ServiceRow> => ({
		key,
		label: t(`columns.${key}`),
		isSortable: true,
		cell: ({ health }) => (health === undefined ? "–" : <Time at={health[key]} never={t("never")} />),
	});
	return [
		moment("lastInbound"),
		moment("lastOutbound"),
		figure("backlog", ({ backlog }) => number.format(backlog.outgoing + backlog.incoming)),
		figure("errorRate", ({ errorRate, sent }) => (sent === 0 && errorRate === 0 ? "–" : percent.format(errorRate))),
	];
}

function Name({ id, name }: { id: string; name: string }) {
	return (
		<PageLink to="/services/$id" params={{ id }} fw={600}>
			{name}
		</PageLink>
	);
}

function State({ service: { state, stateBecause } }: ServiceRow) {
	return (
		<Stack gap={2} align="flex-start">
			<StateChip state={state} />
			{state !== "ready" && (
				<Text size="xs" c="dimmed" lineClamp={2} title={stateBecause}>
					{stateBecause}
				</Text>
			)}
		</Stack>
	);
}

function Next({ service, onSwitch }: { service: ServiceRow["service"]; onSwitch: RowDoings["onSwitch"] }) {
	const { t } = useTranslation("services");
	const { id, name, enabled, state, stateBecause, stateAction, allowed } = service;
	const mayModify = allowed.includes("modify");
	if (mayModify && !enabled) {
		return (
			<Button
				size="compact-sm"
				variant="default"
				aria-label={t("stepFor", { step: t("switchOn"), name })}
				title={stateAction ?? ""}
				onClick={() => onSwitch(service, true)}
			>
				{t("switchOn")}
			</Button>
		);
	}
	return <NextStep {...{ id, name, state, mayModify }} because={stateBecause} action={stateAction} />;
}
