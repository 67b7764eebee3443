// API tokens: one's own and those of others that one may view; making and deleting them.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciGetApiTokens } from "#web/api/rci.ts";
import { readAll } from "#web/api/read.ts";
import { Caution } from "#web/ui/caution.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked, Empty } from "#web/ui/states.tsx";
import { useNowMs } from "#web/ui/time.tsx";
import { type Made, MadeToken, MakeToken } from "../../blocks/make-token.tsx";
import { useNameOf } from "../../blocks/object-names.ts";
import type { ApiToken } from "../../blocks/people-objects.ts";
import { expiryOf } from "../../blocks/token-expiry.ts";
import { TokenTable } from "../../blocks/token-table.tsx";
import { useSession } from "../../shell/session.tsx";

const all = readAll<ApiToken>(["apiTokens"], (page, options) => rciGetApiTokens(page, options));

export function TokensPage() {
	const { t } = useTranslation("people");
	const { me, rights } = useSession();
	const [made, setMade] = useState<Made>();
	const tokens = useQuery(all);
	const nameOf = useNameOf(["user"]);
	const ownerOf = (userId: string) => {
		const name = nameOf("user", userId);
		return userId === me.id
			? { name: t("tokens.me"), isLink: false }
			: { name: name ?? userId, isLink: name !== undefined };
	};
	const mayMake = rights.may("create", "apiToken", "every");
	const make = mayMake ? <MakeToken onMade={setMade} /> : undefined;
	return (
		<Page title={t("tokens.title")} lead={t("tokens.lead")} actions={make}>
			{made !== undefined && <MadeToken made={made} onKept={() => setMade(undefined)} />}
			<Asked query={tokens}>
				{(list) =>
					list.length === 0 ? (
						<Empty title={t("tokens.none")}>{mayMake ? t("tokens.noneLead") : t("tokens.mayNotMake")}</Empty>
					) : (
						<>
							<Ending tokens={list} />
							<TokenTable tokens={list} ownerOf={ownerOf} />
						</>
					)
				}
			</Asked>
		</Page>
	);
}

function Ending({ tokens }: { tokens: readonly ApiToken[] }) {
	const { t } = useTranslation("people");
	const nowMs = useNowMs();
	const count = tokens.filter(
		({ expiresAt }) => !["fine", "ended"].includes(String(expiryOf(expiresAt, nowMs))),
	).length;
	return count === 0 ? null : <Caution>{t("tokens.ending", { count })}</Caution>;
}
