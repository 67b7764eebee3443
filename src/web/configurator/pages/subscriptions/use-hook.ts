// One event webhook, asked again from time to time: what is delivered changes nothing that a live event tells of.

import { useQuery } from "@tanstack/react-query";
import { cmiGetSubscriptionsId } from "#web/api/cmi.ts";
import { read } from "#web/api/read.ts";
import type { Subscription } from "./event-groups.ts";

const askEveryMs = 5000;

export function useHook(id: string) {
	return useQuery({
		...read<Subscription>(["subscriptions", id], (options) => cmiGetSubscriptionsId(id, options)),
		refetchInterval: ({ state }) => (state.error === null ? askEveryMs : false),
	});
}
