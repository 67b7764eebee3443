// Every right that counts for somebody, and where each of them comes from.

import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { namedTypes } from "./object-names.ts";
import { type EffectiveRight, pathOfOne } from "./people-objects.ts";
import { useRightsWords } from "./rights-words.ts";

/** `holderId`: what it holds itself is told as "directly". */
export function RightsSummary({ rights, holderId }: { rights: readonly EffectiveRight[]; holderId: string }) {
	const { t } = useTranslation("people");
	const words = useRightsWords(namedTypes);
	if (rights.length === 0) {
		return <Text c="dimmed">{t("summary.none")}</Text>;
	}
	const columns: readonly Column<EffectiveRight>[] = [
		{ key: "object", label: t("rights.object"), cell: (right) => words.object(right.objectType, right.objectId) },
		{ key: "access", label: t("rights.may"), cell: ({ access }) => words.access(access) },
		{ key: "from", label: t("summary.from"), cell: (right) => <Origin right={right} holderId={holderId} /> },
	];
	return (
		<ListTable
			caption={t("summary.title")}
			rows={rights}
			columns={columns}
			rowKey={({ objectType, objectId, from, through }) =>
				`${objectType} ${objectId ?? ""} ${from.id} ${through?.id ?? ""}`
			}
		/>
	);
}

function Origin({ right: { from, through }, holderId }: { right: EffectiveRight; holderId: string }) {
	const { t } = useTranslation("people");
	if (from.id === holderId) {
		return t("summary.directly");
	}
	return (
		<>
			<Source source={from} />
			{through !== null && through.id !== holderId && (
				<>
					{" "}
					{t("summary.through")} <Source source={through} />
				</>
			)}
		</>
	);
}

function Source({ source: { kind, id, name } }: { source: EffectiveRight["from"] }) {
	const { t } = useTranslation("people");
	return name === null ? (
		<span>{t(`summary.unnamed.${kind}`)}</span>
	) : (
		<>
			{t(`kinds.${kind}`)}{" "}
			<PageLink to={pathOfOne[kind]} params={{ id }} underline="always">
				{name}
			</PageLink>
		</>
	);
}
