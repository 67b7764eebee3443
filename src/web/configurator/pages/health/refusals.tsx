// What was refused at the door in seven days, and what the mode enforce would have refused.

import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ServiceHealth } from "#web/api/objects.ts";
import { Block } from "#web/ui/block.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Scroller } from "#web/ui/scroller.tsx";
import { Time } from "#web/ui/time.tsx";
import { useReasonWords } from "../../blocks/refusal-words.ts";
import { useFigures } from "./figures.ts";
import { endOfRefusal } from "./refusal-end.ts";

export function Refusals({ id, refusals }: { id: string; refusals: ServiceHealth["refusals"] }) {
	const { t } = useTranslation("health");
	const { count } = useFigures();
	const reasonWords = useReasonWords();
	if (refusals.length === 0) {
		return (
			<Block title={t("refusals.title")}>
				<Text c="dimmed">{t("refusals.none")}</Text>
			</Block>
		);
	}
	return (
		<Block title={t("refusals.title")}>
			<Scroller label={t("refusals.table")}>
				<Table miw={480} verticalSpacing="xs">
					<Table.Caption className="visually-hidden">{t("refusals.title")}</Table.Caption>
					<Table.Thead>
						<Table.Tr>
							<Table.Th scope="col">{t("refusals.reason")}</Table.Th>
							<Table.Th scope="col">{t("refusals.what")}</Table.Th>
							<Table.Th scope="col" ta="end">
								{t("refusals.count")}
							</Table.Th>
							<Table.Th scope="col">{t("refusals.last")}</Table.Th>
						</Table.Tr>
					</Table.Thead>
					<Table.Tbody>
						{refusals.map(({ reason, mode, count: times, lastAt }) => (
							<Table.Tr key={`${reason} ${mode}`}>
								<Table.Th scope="row" fw="normal">
									<PageLink to="/quarantine" search={{ service: id, reason }}>
										{reasonWords(reason)}
									</PageLink>
								</Table.Th>
								<Table.Td>
									<End reason={reason} mode={mode} />
								</Table.Td>
								<Table.Td ta="end">{count(times)}</Table.Td>
								<Table.Td>
									<Time at={lastAt} />
								</Table.Td>
							</Table.Tr>
						))}
					</Table.Tbody>
				</Table>
			</Scroller>
		</Block>
	);
}

function End({ reason, mode }: Pick<ServiceHealth["refusals"][number], "reason" | "mode">) {
	const { t } = useTranslation("health");
	const end = endOfRefusal(reason, mode);
	return <Chip tone={end === "refused" ? "bad" : "warning"}>{t(`refusals.ends.${end}`)}</Chip>;
}
