// Switching a service on and off: shown at once, taken back if the server refuses, and undone by one press.

import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { rciPatchMessagingServicesId } from "#web/api/rci.ts";
import { type Answer, shaped } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { errorText } from "#web/ui/error-text.ts";
import { tell, warn } from "#web/ui/notice.tsx";

export const listKey = shaped(["services"], "list");
type Pages = InfiniteData<Answer<MessagingService[]>, number>;
export type Switch = (service: Pick<MessagingService, "id" | "name">, on: boolean) => Promise<void>;

export function useSwitch(): Switch {
	const { t } = useTranslation("services");
	const queries = useQueryClient();
	const renew = useRenew();
	const switchTo: Switch = async ({ id, name }, on) => {
		await queries.cancelQueries({ queryKey: listKey });
		const before = queries.getQueryData<Pages>(listKey);
		queries.setQueryData<Pages>(listKey, (pages) => withEnabled(pages, id, on));
		try {
			await rciPatchMessagingServicesId(id, { enabled: on });
			const undo = () => void switchTo({ id, name }, !on);
			tell(t(on ? "isOn" : "isOff", { name }), undo);
		} catch (error) {
			queries.setQueryData(listKey, before);
			warn(t("notSwitched", { name, because: errorText(error) }));
		}
		await renew("services", "service", "health");
	};
	return switchTo;
}

/** Which state it has when it is on again, the server tells a moment later; until then nothing proves more. */
function withEnabled(pages: Pages | undefined, id: string, enabled: boolean): Pages | undefined {
	const changed = { enabled, state: enabled ? "connecting" : "paused", stateBecause: "", stateAction: null } as const;
	return pages === undefined
		? undefined
		: {
				...pages,
				pages: pages.pages.map((page) => ({
					...page,
					body: page.body.map((service) => (service.id === id ? { ...service, ...changed } : service)),
				})),
			};
}
