// Chats by what was said in them.

import { sql } from "kysely";
import type { Chat } from "#domain/chats.ts";
import { withLegs } from "./chats.ts";
import type { Db } from "./storage.ts";

/** Whose transcript has all of the words, newest first. */
export async function findChatsSaying(db: Db, words: string, limit: number): Promise<Chat[]> {
	const wanted = words.split(/\s+/).filter((word) => word !== "");
	if (wanted.length === 0) {
		return [];
	}
	const has = (word: string) =>
		sql<boolean>`EXISTS (SELECT 1 FROM chat_lines WHERE chat_lines.chat_id = chats.id
			AND lower(chat_lines.message) LIKE ${`%${word.toLowerCase().replaceAll(/[%_\\]/g, "")}%`})`;
	const rows = await db
		.selectFrom("chats")
		.selectAll()
		.where((eb) => eb.and(wanted.map(has)))
		.orderBy("id", "desc")
		.limit(limit)
		.execute();
	return withLegs(db, rows);
}
