// Until when free text may be sent in a chat: for the first sight of it, and whenever the contact writes again.

import type { Chat } from "#domain/chats.ts";
import type { Db } from "#storage/storage.ts";
import type { Windows } from "./messenger.ts";
import { leaf, toWireTime } from "./tells.ts";
import type { Turn } from "./turns.ts";

/** Null: the contact has not written yet; undefined: always. */
export async function windowUntil(db: Db, windows: Windows, chat: Chat): Promise<Date | null | undefined> {
	const hours = windows(chat);
	if (hours === undefined || chat.conversationId === null) {
		return undefined;
	}
	const row = await db
		.selectFrom("conversations")
		.select("contact_last_wrote_at")
		.where("id", "=", chat.conversationId)
		.executeTakeFirst();
	const wroteAt = row?.contact_last_wrote_at ?? null;
	return wroteAt === null ? null : new Date(wroteAt + hours * 3_600_000);
}

/** The contact wrote: those who have the chat may write freely again. */
export async function tellWindow(turn: Turn, windows: Windows, chat: Chat): Promise<void> {
	const until = await windowUntil(turn.tx, windows, chat);
	if (until === undefined || until === null) {
		return;
	}
	for (const { userId } of chat.legs) {
		turn.tell({
			to: userId,
			steps: [leaf("PUT", `/interactions/${chat.id}/window_until`, toWireTime(until.getTime()))],
		});
	}
}
