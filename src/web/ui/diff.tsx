// What would change, or did: one line for each field, told by words and marks as well as by colour.

import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Scroller } from "./scroller.tsx";

export type Change = { path: string; label: string; before: unknown; after: unknown };

export function Diff({ caption, changes }: { caption: string; changes: readonly Change[] }) {
	const { t } = useTranslation("ui");
	return (
		<Scroller label={caption}>
			<Table miw={420} verticalSpacing="xs" captionSide="top">
				<Table.Caption>{caption}</Table.Caption>
				<Table.Thead>
					<Table.Tr>
						<Table.Th scope="col">{t("field")}</Table.Th>
						<Table.Th scope="col">{t("before")}</Table.Th>
						<Table.Th scope="col">{t("after")}</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{changes.map(({ path, label, before, after }) => (
						<Table.Tr key={path}>
							<Table.Th scope="row">{label}</Table.Th>
							<Table.Td>
								<Value value={before} mark="del" />
							</Table.Td>
							<Table.Td>
								<Value value={after} mark="ins" />
							</Table.Td>
						</Table.Tr>
					))}
				</Table.Tbody>
			</Table>
		</Scroller>
	);
}

function Value({ value, mark }: { value: unknown; mark: "ins" | "del" }) {
	const { t } = useTranslation("ui");
	const text = shownValue(value);
	return text === "" ? (
		<Text span c="dimmed" size="sm">
			{t("nothing")}
		</Text>
	) : (
		<Text span component={mark} size="sm" style={{ overflowWrap: "anywhere" }}>
			{text}
		</Text>
	);
}

function shownValue(value: unknown): string {
	if (value === undefined || value === null) {
		return "";
	}
	return typeof value === "string" ? value : JSON.stringify(value);
}
