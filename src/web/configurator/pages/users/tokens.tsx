// Block API tokens of a user.

import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciGetApiTokens } from "#web/api/rci.ts";
import { readAll } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Asked } from "#web/ui/states.tsx";
import { type Made, MadeToken, MakeToken } from "../../blocks/make-token.tsx";
import type { ApiToken, User } from "../../blocks/people-objects.ts";
import { TokenTable } from "../../blocks/token-table.tsx";
import { useSession } from "../../shell/session.tsx";

/** Also asked for before the user is deleted. */
export function tokensOf(userId: string) {
	return readAll<ApiToken>(["apiTokens", "of", userId], (page, options) =>
		rciGetApiTokens({ ...page, userId }, options),
	);
}

export function UserTokens({ user }: { user: User }) {
	const { t } = useTranslation("people");
	const { me, rights } = useSession();
	const [made, setMade] = useState<Made>();
	const tokens = useQuery(tokensOf(user.id));
	const isFor = user.id === me.id || (user.externalUser && user.allowed.includes("modify"));
	const mayMake = isFor && rights.may("create", "apiToken", "every");
	return (
		<Block
			title={t("blocks.tokens")}
			lead={t(user.externalUser || user.id === me.id ? "tokens.lead" : "tokens.ofPerson")}
			actions={mayMake && <MakeToken forUser={user.id} onMade={setMade} />}
		>
			{made !== undefined && <MadeToken made={made} onKept={() => setMade(undefined)} />}
			<Asked query={tokens} rows={2}>
				{(list) => (list.length === 0 ? <Text c="dimmed">{t("tokens.noneHere")}</Text> : <TokenTable tokens={list} />)}
			</Asked>
		</Block>
	);
}
