// The last 24 hours as a plot, in one sentence, and as a table for whom a plot says nothing.

import { Group, Stack, Table, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Block } from "#web/ui/block.tsx";
import { momentFormat } from "#web/ui/moments.ts";
import { Scroller } from "#web/ui/scroller.tsx";
import { Loading } from "#web/ui/states.tsx";
import type { HealthHour } from "../../blocks/health-queries.ts";
import { figures, sumOf } from "./day.ts";
import type { Line } from "./day-plot.tsx";

const DayPlot = lazy(() => import("./day-plot.tsx"));

const looks = {
	received: { color: "var(--plot-received)" },
	sent: { color: "var(--plot-sent)", strokeDasharray: "8 3" },
	failed: { color: "var(--plot-failed)", strokeDasharray: "2 3" },
	refused: { color: "var(--plot-refused)", strokeDasharray: "10 3 2 3" },
} as const;

export function DayCard({ hours }: { hours: readonly HealthHour[] }) {
	const { t, i18n } = useTranslation("health");
	const clock = momentFormat(i18n.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
	const told = hours.map((hour) => ({ ...hour, hour: clock.format(new Date(hour.at)) }));
	const lines: readonly Line[] = figures.map((name) => ({ name, label: t(`figures.${name}`), ...looks[name] }));
	return (
		<Block title={t("day.title")}>
			<Stack gap="xs" className="day">
				<Text size="sm">{t("day.sum", sumOf(hours))}</Text>
				<Legend lines={lines} />
				<div aria-hidden>
					<Suspense fallback={<Loading rows={5} />}>
						<DayPlot hours={told} lines={lines} />
					</Suspense>
				</div>
				<details>
					<summary>{t("day.asTable")}</summary>
					<HourTable hours={told} />
				</details>
			</Stack>
		</Block>
	);
}

/** Each line as it is drawn: by its strokes as well as by its colour. */
function Legend({ lines }: { lines: readonly Line[] }) {
	return (
		<Group gap="md" aria-hidden>
			{lines.map(({ name, label, color, strokeDasharray }) => (
				<Group key={name} gap={6} wrap="nowrap">
					<svg width={32} height={8}>
						<line x1={0} x2={32} y1={4} y2={4} stroke={color} strokeWidth={2} strokeDasharray={strokeDasharray} />
					</svg>
					<Text span size="xs">
						{label}
					</Text>
				</Group>
			))}
		</Group>
	);
}

function HourTable({ hours }: { hours: readonly (HealthHour & { hour: string })[] }) {
	const { t } = useTranslation("health");
	return (
		<Scroller label={t("day.hours")}>
			<Table miw={320} verticalSpacing={4}>
				<Table.Caption className="visually-hidden">{t("day.title")}</Table.Caption>
				<Table.Thead>
					<Table.Tr>
						<Table.Th scope="col">{t("day.hour")}</Table.Th>
						{figures.map((figure) => (
							<Table.Th key={figure} scope="col" ta="end">
								{t(`figures.${figure}`)}
							</Table.Th>
						))}
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{hours.map((hour) => (
						<Table.Tr key={hour.at}>
							<Table.Th scope="row" fw="normal">
								{hour.hour}
							</Table.Th>
							{figures.map((figure) => (
								<Table.Td key={figure} ta="end">
									{hour[figure]}
								</Table.Td>
							))}
						</Table.Tr>
					))}
				</Table.Tbody>
			</Table>
		</Scroller>
	);
}
