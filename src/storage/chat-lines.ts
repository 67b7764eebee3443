// Transcript lines. They are never changed, but for what became of a message that went to a provider.

import type { Selectable } from "kysely";
import type { Line, LineDelivery } from "#domain/chats.ts";
import type { ChatTables } from "./schema-chats.ts";
import type { Db, Tx } from "./storage.ts";

export type StoredLine = Line & { chatId: string };

type Row = Selectable<ChatTables["chat_lines"]>;

/** @param isToSend a prompt that still has to go to the provider */
export async function appendLine(tx: Tx, line: StoredLine, isToSend: boolean): Promise<void> {
	await tx
		.insertInto("chat_lines")
		.values({
			chat_id: line.chatId,
			seq: line.seq,
			id: line.id,
			type: line.type,
			message: line.message,
			originator: line.originator,
			is_system: line.isSystem ? 1 : 0,
			audience: line.audience,
			at: line.at,
			message_id: line.messageId,
			delivery: line.delivery,
			client_message_id: line.clientMessageId,
			is_to_send: isToSend ? 1 : 0,
		})
		.execute();
}

export type LinesAsked = {
	upTo?: number;
	/** Not given: every one. */
	audiences?: readonly Line["audience"][];
	limit: number;
};

/** In order, up to `upTo`; only the newest `limit` of them. */
export async function linesOf(db: Db, chatId: string, { upTo, audiences, limit }: LinesAsked): Promise<StoredLine[]> {
	const rows = await db
		.selectFrom("chat_lines")
		.selectAll()
		.where("chat_id", "=", chatId)
		.$if(upTo !== undefined, (query) => query.where("seq", "<=", upTo ?? 0))
		.$if(audiences !== undefined, (query) => query.where("audience", "in", audiences ?? []))
		.orderBy("seq", "desc")
		.limit(limit)
		.execute();
	return rows.toReversed().map(toLine);
}

/** The next ones in order. */
export async function linesAfter(
	db: Db,
	chatId: string,
	{ after, limit }: { after: number; limit: number },
): Promise<StoredLine[]> {
	const rows = await db
		.selectFrom("chat_lines")
		.selectAll()
		.where("chat_id", "=", chatId)
		.where("seq", ">", after)
		.orderBy("seq")
		.limit(limit)
		.execute();
	return rows.map(toLine);
}

export async function findLine(db: Db, id: string): Promise<StoredLine | undefined> {
	const row = await db.selectFrom("chat_lines").selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : toLine(row);
}

/** What its author said already under their own id of it. */
export async function lineByClientId(
	db: Db,
	asked: { chatId: string; originator: string; clientMessageId: string },
): Promise<StoredLine | undefined> {
	const row = await db
		.selectFrom("chat_lines")
		.selectAll()
		.where("chat_id", "=", asked.chatId)
		.where("originator", "=", asked.originator)
		.where("client_message_id", "=", asked.clientMessageId)
		.executeTakeFirst();
	return row === undefined ? undefined : toLine(row);
}

/** Of messages that went to or came from a provider. */
export async function linesOfMessage(db: Db, messageId: string): Promise<StoredLine[]> {
	const rows = await db
		.selectFrom("chat_lines")
		.selectAll()
		.where("message_id", "=", messageId)
		.orderBy("seq")
		.execute();
	return rows.map(toLine);
}

/**
 * The oldest prompts that still have to go out.
 *
 * @param except chats that are left alone
 */
export async function linesToSend(
	db: Db,
	{ limit, except }: { limit: number; except: readonly string[] },
): Promise<StoredLine[]> {
	const rows = await db
		.selectFrom("chat_lines")
		.selectAll()
		.where("is_to_send", "=", 1)
		.$if(except.length > 0, (query) => query.where("chat_id", "not in", except))
		.orderBy("id")
		.limit(limit)
		.execute();
	return rows.map(toLine);
}

/** False: somebody else did it meanwhile. */
export async function markSent(
	tx: Tx,
	lineId: string,
	what: { messageId: string | null; delivery: LineDelivery },
): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("chat_lines")
		.set({ message_id: what.messageId, delivery: what.delivery, is_to_send: 0 })
		.where("id", "=", lineId)
		.where("is_to_send", "=", 1)
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

export async function setDelivery(tx: Tx, lineId: string, delivery: LineDelivery): Promise<void> {
	await tx.updateTable("chat_lines").set({ delivery }).where("id", "=", lineId).execute();
}

/** A message that failed goes out again under another id. */
export async function setMessage(tx: Tx, lineId: string, messageId: string): Promise<void> {
	await tx
		.updateTable("chat_lines")
		.set({ message_id: messageId, delivery: "queued" })
		.where("id", "=", lineId)
		.execute();
}

function toLine(row: Row): StoredLine {
	return {
		chatId: row.chat_id,
		id: row.id,
		seq: row.seq,
		type: row.type,
		message: row.message,
		originator: row.originator,
		isSystem: row.is_system === 1,
		audience: row.audience,
		at: row.at,
		messageId: row.message_id,
		delivery: row.delivery,
		clientMessageId: row.client_message_id,
	};
}
