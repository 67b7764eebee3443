// What the explorer asks for: the pages that are shown, which stay as they are while somebody reads them, and the newest
// page, which every event asks for again.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { cmiGetMessages, type CmiGetMessagesParams } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { type Answer, shaped, toAnswer } from "#web/api/read.ts";

export type MessageSearch = {
	[key in "find" | "service" | "direction" | "state" | "channel" | "conversation" | "contact"]?: string;
};
/** `searchedBackTo`: the search ended there; the next page goes on with what is older. */
export type Found = Answer<Message[]> & { searchedBackTo: string | null };

const pageSize = 100;

async function find(search: MessageSearch, cursor: string | null, signal: AbortSignal): Promise<Found> {
	// The server says what is wrong with a value that somebody wrote into the address.
	const asked = search as CmiGetMessagesParams;
	const reply = await cmiGetMessages({ ...asked, ...(cursor === null ? {} : { cursor }), limit: pageSize }, { signal });
	return { ...toAnswer(reply), searchedBackTo: reply.headers.get("searched-back-to") };
}

export function shownPages(search: MessageSearch) {
	return infiniteQueryOptions({
		queryKey: shaped(["messagesShown", search], "found"),
		queryFn: ({ pageParam, signal }) => find(search, pageParam, signal),
		initialPageParam: null as string | null,
		getNextPageParam: ({ next }) => next,
		staleTime: "static",
	});
}

export function newestPage(search: MessageSearch) {
	return queryOptions({
		queryKey: shaped(["messages", "newest", search], "found"),
		queryFn: ({ signal }) => find(search, null, signal),
	});
}
