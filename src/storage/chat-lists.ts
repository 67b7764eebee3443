// Lists of chats for who reads their history: by queue, state, contact and time, newest first.

import type { Chat } from "#domain/chats.ts";
import { saying } from "./chat-search.ts";
import { withLegs } from "./chats.ts";
import type { Storage } from "./storage.ts";

export type ChatFilter = {
	/** Whose history may be read. */
	queues: "every" | readonly string[];
	state: Chat["state"] | undefined;
	contactId: string | undefined;
	agentId: string | undefined;
	since: Date | undefined;
	until: Date | undefined;
	/** All of these words were said in it. */
	find: string | undefined;
};

/** @param after the id of the last one before; ids fall */
export async function findChats(
	{ db, dialect }: Pick<Storage, "db" | "dialect">,
	{ queues, state, contactId, agentId, since, until, find }: ChatFilter,
	{ after, limit }: { after: string | undefined; limit: number },
): Promise<Chat[]> {
	if (queues !== "every" && queues.length === 0) {
		return [];
	}
	const rows = await db
		.selectFrom("chats")
		.selectAll()
		.$if(queues !== "every", (query) => query.where("queue_id", "in", [...(queues as readonly string[])]))
		.$if(state !== undefined, (query) => query.where("state", "=", state ?? "ended"))
		.$if(contactId !== undefined, (query) => query.where("contact_id", "=", contactId ?? ""))
		.$if(agentId !== undefined, (query) =>
			query.where((eb) => eb.or([eb("agent_id", "=", agentId ?? ""), eb("last_agent_id", "=", agentId ?? "")])),
		)
		.$if(since !== undefined, (query) => query.where("created_at", ">=", since?.getTime() ?? 0))
		.$if(until !== undefined, (query) => query.where("created_at", "<", until?.getTime() ?? 0))
		.$if(find !== undefined, (query) => query.where(saying(dialect, find ?? "")))
		.$if(after !== undefined, (query) => query.where("id", "<", after ?? ""))
		.orderBy("id", "desc")
		.limit(limit)
		.execute();
	return withLegs(db, rows);
}
