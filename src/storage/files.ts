// Files: what contacts sent and what is to be sent to them, in the database, so that there is one thing to back up and
// every node has them.

import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Db, Tx } from "./storage.ts";

export type FileFacts = {
	id: string;
	contentType: string;
	filename: string;
	size: number;
	sha256: string;
	createdAt: Date;
	createdBy: string | null;
	expiresAt: Date | null;
};

export type NewFile = {
	id: string;
	contentType: string;
	filename: string;
	content: Uint8Array;
	createdAt: Date;
	createdBy: string | null;
	/** Null: it belongs to a message. */
	expiresAt: Date | null;
};

export async function insertFile(tx: Tx, file: NewFile): Promise<FileFacts> {
	const { id, contentType, filename, content, createdAt, createdBy, expiresAt } = file;
	const size = content.length;
	const sha256 = createHash("sha256").update(content).digest("hex");
	await tx
		.insertInto("files")
		.values({
			id,
			content_type: contentType,
			filename,
			size,
			sha256,
			created_at: createdAt.getTime(),
			created_by: createdBy,
			expires_at: expiresAt?.getTime() ?? null,
			content,
		})
		.execute();
	return { id, contentType, filename, size, sha256, createdAt, createdBy, expiresAt };
}

const factColumns = [
	"id",
	"content_type",
	"filename",
	"size",
	"sha256",
	"created_at",
	"created_by",
	"expires_at",
] as const;

/** Those of the ids that are there; what is over is not, though nobody deleted it yet. */
export async function findFiles(db: Db, ids: readonly string[], now: Date): Promise<FileFacts[]> {
	if (ids.length === 0) {
		return [];
	}
	const rows = await db
		.selectFrom("files")
		.select(factColumns)
		.where("id", "in", [...ids])
		.where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now.getTime())]))
		.execute();
	return rows.map((row) => ({
		id: row.id,
		contentType: row.content_type,
		filename: row.filename,
		size: row.size,
		sha256: row.sha256,
		createdAt: new Date(row.created_at),
		createdBy: row.created_by,
		expiresAt: row.expires_at === null ? null : new Date(row.expires_at),
	}));
}

export async function readContent(db: Db, id: string): Promise<Uint8Array | undefined> {
	const row = await db.selectFrom("files").select("content").where("id", "=", id).executeTakeFirst();
	return row?.content;
}

/** The first bytes of it; all of it, where it has no more. */
export async function readBeginning(db: Db, id: string, bytes: number): Promise<Uint8Array | undefined> {
	const row = await db
		.selectFrom("files")
		.select(sql<Uint8Array>`substr(content, 1, ${sql.lit(bytes)})`.as("start"))
		.where("id", "=", id)
		.executeTakeFirst();
	return row?.start;
}

/** They stay as long as a message has them. False: one of them is gone meanwhile. */
export async function keepWithMessage(tx: Tx, ids: readonly string[], now: Date): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("files")
		.set({ expires_at: null })
		.where("id", "in", [...ids])
		.where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now.getTime())]))
		.executeTakeFirstOrThrow();
	return Number(numUpdatedRows) === ids.length;
}

/** Those of the ids that neither a message nor a chat has. */
export async function deleteUnusedFiles(tx: Tx, ids: readonly string[]): Promise<void> {
	if (ids.length === 0) {
		return;
	}
	await tx
		.deleteFrom("files")
		.where("id", "in", [...new Set(ids)])
		.where(({ not, exists, selectFrom }) =>
			not(exists(selectFrom("attachments").select("file_id").whereRef("attachments.file_id", "=", "files.id"))),
		)
		.where(({ not, exists, selectFrom }) =>
			not(exists(selectFrom("chat_attachments").select("id").whereRef("chat_attachments.file_id", "=", "files.id"))),
		)
		.execute();
}
