// The live figures of the queues, marked where they pass the thresholds.

import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Named } from "#web/realtime/tree.ts";
import { textOf } from "./chat-facts.ts";
import { useDeskState } from "./desk-context.tsx";

const names = [
	"interactions",
	"max_wait_time",
	"avg_wait_time",
	"agents_waiting",
	"agents_talking",
	"agents_statuspaperwork",
	"agents_statuspause",
] as const;

export function FigureTable() {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	const queueOf = (id: string): Named | undefined => tree.queues.find((queue) => queue.id === id);
	return (
		<Table.ScrollContainer minWidth={600}>
			<Table>
				<Table.Thead>
					<Table.Tr>
						<Table.Th>{t("figures.queue")}</Table.Th>
						{names.map((name) => (
							<Table.Th key={name}>{t(`figures.${name}`)}</Table.Th>
						))}
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{tree.figures.map((figures) => (
						<Table.Tr key={figures.id}>
							<Table.Th scope="row">{textOf(queueOf(figures.id)?.["name"]) || figures.id}</Table.Th>
							{names.map((name) => (
								<Table.Td key={name} data-level={levelOf(queueOf(figures.id), name, Number(figures[name]))}>
									{textOf(figures[name])}
								</Table.Td>
							))}
						</Table.Tr>
					))}
				</Table.Tbody>
			</Table>
		</Table.ScrollContainer>
	);
}

const thresholds: Readonly<Record<string, string>> = { interactions: "interactions", max_wait_time: "max_wait_time" };

/** By the thresholds that the queue has. */
function levelOf(queue: Named | undefined, name: string, value: number): "critical" | "warning" | undefined {
	const of = thresholds[name];
	const limit = (level: string): number => Number(queue?.[`threshold_${of}_${level}`] ?? Number.NaN);
	if (of === undefined) {
		return undefined;
	}
	return value >= limit("critical") ? "critical" : value >= limit("warning") ? "warning" : undefined;
}
