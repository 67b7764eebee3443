// Which chats a user may read after they are over: those they had or have, and those of queues whose history is theirs to
// read. The rights are part of the query, so that a list is full whatever else there is.

import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";
import type { Chat } from "#domain/chats.ts";
import { saying } from "./chat-search.ts";
import { withLegs } from "./chats.ts";
import type { Tables } from "./schema.ts";
import type { Db, Storage } from "./storage.ts";

export type Reader = { userId: string; queues: "every" | readonly string[] };

/** `before`: the id of the last chat of the page before; ids fall. */
export type ChatPage = { reader: Reader; before: string | undefined; limit: number };

function readableBy({ userId, queues }: Reader) {
	return (eb: ExpressionBuilder<Tables, "chats">): ExpressionWrapper<Tables, "chats", SqlBool> =>
		eb.or([
			...(queues === "every" ? [eb("chats.queue_id", "is not", null)] : []),
			...(queues !== "every" && queues.length > 0 ? [eb("chats.queue_id", "in", [...queues])] : []),
			eb("chats.id", "in", eb.selectFrom("chat_holders").select("chat_id").where("user_id", "=", userId)),
			eb("chats.id", "in", eb.selectFrom("chat_legs").select("chat_id").where("user_id", "=", userId)),
		]);
}

export async function readableChat(db: Db, id: string, reader: Reader): Promise<Chat | undefined> {
	const rows = await db.selectFrom("chats").selectAll().where("id", "=", id).where(readableBy(reader)).execute();
	const [chat] = await withLegs(db, rows);
	return chat;
}

/** Whose transcript has all of the words, newest first. */
export async function findChatsSaying(
	{ db, dialect }: Pick<Storage, "db" | "dialect">,
	words: string,
	{ reader, before, limit }: ChatPage,
): Promise<Chat[]> {
	const rows = await db
		.selectFrom("chats")
		.selectAll()
		.where(saying(dialect, words))
		.where(readableBy(reader))
		.$if(before !== undefined, (query) => query.where("id", "<", before ?? ""))
		.orderBy("id", "desc")
		.limit(limit)
		.execute();
	return withLegs(db, rows);
}

/** Chats of the same contact before this one, newest first. */
export async function earlierChats(db: Db, chat: Chat, { reader, before, limit }: ChatPage): Promise<Chat[]> {
	const { contactId, visitorId, originalId } = chat;
	const rows = await db
		.selectFrom("chats")
		.selectAll()
		.where("id", "<", before ?? chat.id)
		.where("id", "<", chat.id)
		.where((eb) =>
			contactId !== null
				? eb("contact_id", "=", contactId)
				: visitorId !== null
					? eb("visitor_id", "=", visitorId)
					: eb("original_id", "=", originalId),
		)
		.where(readableBy(reader))
		.orderBy("id", "desc")
		.limit(limit)
		.execute();
	return withLegs(db, rows);
}
