// What was refused at the door in seven days, and what the mode enforce would have refused.

import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ServiceHealth } from "#web/api/objects.ts";
import { Chip } from "#web/ui/chip.tsx";
import { Time } from "#web/ui/time.tsx";
import { useFigures } from "./figures.ts";
import { Block } from "./block.tsx";
import { endOfRefusal } from "./refusal-end.ts";

export function Refusals({ id, refusals }: { id: string; refusals: ServiceHealth["refusals"] }) {
	const { t } = useTranslation("health");
	const { count } = useFigures();
	if (refusals.length === 0) {
		return (
			<Block title={t("refusals.title")}>
				<Text c="dimmed">{t("refusals.none")}</Text>
			</Block>
		);
	}
	return (
		<Block title={t("refusals.title")}>
			<Table.ScrollContainer minWidth={480} type="native" tabIndex={0} role="region" aria-label={t("refusals.table")}>
				<Table verticalSpacing="xs">
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
									<Anchor
										size="sm"
										renderRoot={(props) => <Link to="/quarantine" search={{ service: id, reason }} {...props} />}
									>
										{t(`reasons.${reason}` as "reasons.replay", { defaultValue: reason })}
									</Anchor>
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
			</Table.ScrollContainer>
		</Block>
	);
}

function End({ reason, mode }: Pick<ServiceHealth["refusals"][number], "reason" | "mode">) {
	const { t } = useTranslation("health");
	const end = endOfRefusal(reason, mode);
	return <Chip tone={end === "refused" ? "bad" : "warning"}>{t(`refusals.ends.${end}`)}</Chip>;
}
