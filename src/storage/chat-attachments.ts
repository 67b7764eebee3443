// Files of chats: first announced with name and size, then their bytes come, once.

import type { Selectable } from "kysely";
import type { ChatTables } from "./schema-chats.ts";
import type { Db, Tx } from "./storage.ts";

export type ChatAttachment = {
	id: string;
	chatId: string;
	filename: string;
	size: number;
	contentType: string;
	originator: "customer" | "agent";
	byUser: string;
	/** Null: its bytes have not come yet. */
	fileId: string | null;
	until: number;
};

export async function insertAttachment(tx: Tx, one: ChatAttachment): Promise<void> {
	await tx
		.insertInto("chat_attachments")
		.values({
			id: one.id,
			chat_id: one.chatId,
			filename: one.filename,
			size: one.size,
			content_type: one.contentType,
			originator: one.originator,
			by_user: one.byUser,
			file_id: one.fileId,
			until: one.until,
		})
		.execute();
}

export async function findAttachment(db: Db, id: string): Promise<ChatAttachment | undefined> {
	const row = await db.selectFrom("chat_attachments").selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : toAttachment(row);
}

export async function attachmentsOf(db: Db, chatId: string): Promise<ChatAttachment[]> {
	const rows = await db
		.selectFrom("chat_attachments")
		.selectAll()
		.where("chat_id", "=", chatId)
		.orderBy("id")
		.execute();
	return rows.map(toAttachment);
}

/** Those that users announced and whose time is over without their bytes. */
export async function deleteLapsed(tx: Tx, chatId: string, now: number): Promise<void> {
	await tx
		.deleteFrom("chat_attachments")
		.where("chat_id", "=", chatId)
		.where("by_user", "<>", "")
		.where("file_id", "is", null)
		.where("until", "<", now)
		.execute();
}

export async function deleteUnsent(tx: Tx, id: string): Promise<void> {
	await tx.deleteFrom("chat_attachments").where("id", "=", id).where("file_id", "is", null).execute();
}

/** One that was expected from a contact is here. */
export async function replaceAttachment(tx: Tx, one: ChatAttachment): Promise<void> {
	await tx.deleteFrom("chat_attachments").where("id", "=", one.id).execute();
	await insertAttachment(tx, one);
}

/** False: its bytes came already. */
export async function fillAttachment(tx: Tx, id: string, fileId: string): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("chat_attachments")
		.set({ file_id: fileId })
		.where("id", "=", id)
		.where("file_id", "is", null)
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

function toAttachment(row: Selectable<ChatTables["chat_attachments"]>): ChatAttachment {
	return {
		id: row.id,
		chatId: row.chat_id,
		filename: row.filename,
		size: row.size,
		contentType: row.content_type,
		originator: row.originator,
		byUser: row.by_user,
		fileId: row.file_id,
		until: row.until,
	};
}
