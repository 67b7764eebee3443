// What counts for a user by all the ways it can come: shown as a table, and asked for the services it may call in for.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rciGetUsersIdEffectiveRights } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Asked } from "#web/ui/states.tsx";
import { useRightsWords } from "../../blocks/rights-words.ts";
import { RightsSummary } from "../../blocks/rights-summary.tsx";

function effectiveRights(userId: string) {
	return read(["users", userId, "effectiveRights"], (options) => rciGetUsersIdEffectiveRights(userId, options));
}

export function EffectiveRights({ userId }: { userId: string }) {
	const { t } = useTranslation("people");
	const rights = useQuery(effectiveRights(userId));
	return (
		<Block title={t("summary.title")} lead={t("summary.lead")}>
			<Asked query={rights} rows={3}>
				{({ body }) => <RightsSummary rights={body} holderId={userId} />}
			</Asked>
		</Block>
	);
}

type UsedService = {
	id: string | null;
	name: string;
	/** The right comes with others on all services, as an administrator has it: that is no account made for calling in. */
	isByAdministration: boolean;
};

/** The services that a user may Use; undefined: not known yet. */
export function useUsedServices(userId: string, isWanted = true): readonly UsedService[] | undefined {
	const words = useRightsWords(["messagingService"]);
	const { data } = useQuery({ ...effectiveRights(userId), enabled: isWanted });
	if (!isWanted) {
		return undefined;
	}
	return data?.body
		.filter(({ objectType, access }) => objectType === "messagingService" && access.includes("use"))
		.map(({ objectId, access }) => ({
			id: objectId,
			name:
				(objectId === null ? undefined : words.nameOf("messagingService", objectId)) ??
				words.object("messagingService", objectId),
			isByAdministration: objectId === null && access.includes("manageRights"),
		}));
}
