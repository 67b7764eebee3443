// API tokens as a list, with how near their end is and the way to delete one.

import { Button, Code, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciDeleteApiTokensId } from "#web/api/rci.ts";
import { useRenew } from "#web/api/renew.ts";
import { Chip } from "#web/ui/chip.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { tell } from "#web/ui/notice.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time, useNowMs } from "#web/ui/time.tsx";
import type { ApiToken } from "./people-objects.ts";
import { expiryOf } from "./token-expiry.ts";

type TokenTableProps = {
	tokens: readonly ApiToken[];
	/** Whom a token belongs to; without it the column is left out. */
	ownerOf?: (userId: string) => { name: string; isLink: boolean };
};

export function TokenTable({ tokens, ownerOf }: TokenTableProps) {
	const { t } = useTranslation("people");
	const renew = useRenew();
	const [doomed, setDoomed] = useState<ApiToken>();
	return (
		<>
			<ListTable
				caption={t("tokens.title")}
				rows={tokens}
				columns={useColumns(ownerOf, setDoomed)}
				rowKey={({ id }) => id}
			/>
			<Confirm
				isOpen={doomed !== undefined}
				title={t("tokens.deleteTitle", { name: doomed?.name ?? "" })}
				verb={t("tokens.delete")}
				isDangerous
				onConfirm={async () => {
					await rciDeleteApiTokensId(doomed?.id ?? "");
					await renew("apiTokens");
					tell(t("tokens.deleted", { name: doomed?.name ?? "" }));
				}}
				onClose={() => setDoomed(undefined)}
			>
				<Text>{t("tokens.deleteLead")}</Text>
				<Text mt="xs">
					{doomed === undefined || doomed.lastUsedAt === null ? (
						t("tokens.neverUsed")
					) : (
						<>
							{t("tokens.lastUsed")}: <Time at={doomed.lastUsedAt} />
						</>
					)}
				</Text>
			</Confirm>
		</>
	);
}

function useColumns(
	ownerOf: TokenTableProps["ownerOf"],
	onDelete: (token: ApiToken) => void,
): readonly Column<ApiToken>[] {
	const { t } = useTranslation("people");
	const owner: Column<ApiToken> = {
		key: "userId",
		label: t("tokens.owner"),
		cell: ({ userId }) => {
			const { name, isLink } = ownerOf?.(userId) ?? { name: userId, isLink: false };
			return isLink ? (
				<PageLink to="/users/$id" params={{ id: userId }}>
					{name}
				</PageLink>
			) : (
				name
			);
		},
	};
	return [
		{ key: "name", label: t("tokens.name"), cell: ({ name }) => name },
		{ key: "prefix", label: t("tokens.prefix"), cell: ({ prefix }) => <Code>{prefix}…</Code> },
		...(ownerOf === undefined ? [] : [owner]),
		{ key: "createdAt", label: t("tokens.made"), cell: ({ createdAt }) => <Time at={createdAt} /> },
		{ key: "expiresAt", label: t("tokens.ends"), cell: ({ expiresAt }) => <End at={expiresAt} /> },
		{
			key: "lastUsedAt",
			label: t("tokens.lastUsed"),
			cell: ({ lastUsedAt }) => <Time at={lastUsedAt} never={t("tokens.never")} />,
		},
		{
			key: "delete",
			label: t("tokens.delete"),
			cell: (token) =>
				token.allowed.includes("delete") && (
					<Button
						size="compact-sm"
						variant="default"
						onClick={() => onDelete(token)}
						aria-label={t("tokens.deleteNamed", { name: token.name })}
					>
						{t("tokens.delete")}
					</Button>
				),
		},
	];
}

function End({ at }: { at: string }) {
	const { t } = useTranslation("people");
	const expiry = expiryOf(at, useNowMs());
	const moment = <Time at={at} />;
	if (expiry === "fine") {
		return moment;
	}
	if (expiry === "ended") {
		return <Chip tone="bad">{t("tokens.ended")}</Chip>;
	}
	return (
		<>
			<Chip tone={expiry === 1 ? "bad" : "warning"}>{t("tokens.endsWithin", { count: expiry })}</Chip>
			<div>{moment}</div>
		</>
	);
}
