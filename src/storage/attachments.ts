// What messages have with them. What came is work until its file is kept or given up: claimed with a lease, ended behind a
// fence; the attempt is counted with the claim, so that a file that ends the process cannot do so for ever.

import type { Attachment, StoredAttachment } from "#domain/messages.ts";
import { appendEvents } from "./events.ts";
import { deleteUnusedFiles, insertFile, type NewFile } from "./files.ts";
import { insertInto } from "./many.ts";
import type { Db, Tx } from "./storage.ts";

export type AttachmentState = "waiting" | "kept" | "failed";

/** Why there is no file. The original's words, and one that it has no word for. */
export type DropReason = "DOWNLOADFAILED" | "NOTALLOWED" | "TOOLARGE";

export type StoredAttachmentRow = {
	position: number;
	fileId: string;
	state: AttachmentState;
	reason: string | null;
	detail: string | null;
	/** Null while there is no file. */
	file: { contentType: string; filename: string; size: number } | null;
};

/** What is known of one attachment. Without an id it lies elsewhere, and Parley does not keep it. */
export type AttachmentFacts =
	| { id: null; url: string; contentType?: string; filename?: string }
	| {
			id: string;
			state: AttachmentState;
			contentType?: string;
			filename?: string;
			size?: number;
			reason?: string;
			detail?: string;
	  };

/** @param rows those of the message */
export function toAttachmentFacts(
	{ attachments = [] }: { readonly attachments?: readonly StoredAttachment[] },
	rows: readonly StoredAttachmentRow[],
): AttachmentFacts[] {
	return attachments.map((attachment, position) => {
		if ("fileId" in attachment) {
			const { fileId: id, ...file } = attachment;
			return { id, state: "kept", ...file };
		}
		const row = rows.find((candidate) => candidate.position === position);
		return row === undefined ? { id: null, ...attachment } : ofArrived(attachment, row);
	});
}

/** Not its address at the provider: it may open the file to whoever has it, and ends soon. */
function ofArrived(
	{ url: _url, ...told }: Attachment,
	{ fileId: id, state, reason, detail, file }: StoredAttachmentRow,
): AttachmentFacts {
	return {
		id,
		state,
		...(file ?? told),
		...(reason === null ? {} : { reason }),
		...(detail === null ? {} : { detail }),
	};
}

const insertAttachments = insertInto(
	"attachments",
	"message_id, position, service_id, file_id, state, not_before, attempts, lease_until, epoch",
);

type Arrived = { messageId: string; serviceId: string; receivedAt: Date; fileIds: readonly string[] };

/** The files of messages that came become work with the commit of `tx`. */
export async function awaitFiles(tx: Tx, messages: readonly Arrived[]): Promise<void> {
	await tx.many.run(
		insertAttachments,
		messages.flatMap((message) => message.fileIds.map((fileId, position) => toRow(message, { fileId, position }))),
	);
}

function toRow({ messageId, serviceId, receivedAt }: Arrived, place: { fileId: string; position: number }) {
	return {
		message_id: messageId,
		position: place.position,
		service_id: serviceId,
		file_id: place.fileId,
		state: "waiting",
		not_before: receivedAt.getTime(),
		attempts: 0,
		lease_until: 0,
		epoch: 0,
	};
}

/** Files that go with a message of ours. */
export async function attachFiles(
	tx: Tx,
	message: { id: string; serviceId: string },
	files: readonly { position: number; fileId: string }[],
): Promise<void> {
	const arrived = { messageId: message.id, serviceId: message.serviceId, receivedAt: new Date(0), fileIds: [] };
	await tx.many.run(
		insertAttachments,
		files.map((file) => ({ ...toRow(arrived, file), state: "kept" })),
	);
}

/** By message, in order. */
export async function attachmentsOf(
	db: Db,
	messageIds: readonly string[],
): Promise<ReadonlyMap<string, StoredAttachmentRow[]>> {
	if (messageIds.length === 0) {
		return new Map();
	}
	const rows = await db
		.selectFrom("attachments")
		.leftJoin("files", "files.id", "attachments.file_id")
		.select(["message_id", "position", "file_id", "state", "reason", "detail"])
		.select(["files.content_type", "files.filename", "files.size"])
		.where("message_id", "in", [...messageIds])
		.orderBy("message_id")
		.orderBy("position")
		.execute();
	const found = rows.map(({ content_type: contentType, filename, size, ...row }) => ({
		messageId: row.message_id,
		position: row.position,
		fileId: row.file_id,
		state: row.state,
		reason: row.reason,
		detail: row.detail,
		file: contentType === null || filename === null || size === null ? null : { contentType, filename, size },
	}));
	return Map.groupBy(found, ({ messageId }) => messageId);
}

/** The messaging services whose messages have the file. */
export async function servicesWithFile(db: Db, fileId: string): Promise<string[]> {
	const rows = await db
		.selectFrom("attachments")
		.select("service_id")
		.distinct()
		.where("file_id", "=", fileId)
		.execute();
	return rows.map((row) => row.service_id);
}

export type MediaClaim = {
	messageId: string;
	position: number;
	serviceId: string;
	fileId: string;
	attempts: number;
	epoch: number;
	/** Undefined: its message does not have it, which cannot be. */
	attachment: Attachment | undefined;
};

/** The services that have files to fetch now. Reads an index that is empty most of the time. */
export async function servicesWithWork(db: Db, now: Date): Promise<string[]> {
	const rows = await db
		.selectFrom("attachments")
		.select("service_id")
		.distinct()
		.where("state", "=", "waiting")
		.where("not_before", "<=", now.getTime())
		.where("lease_until", "<=", now.getTime())
		.execute();
	return rows.map((row) => row.service_id);
}

export type MediaClaimOptions = { serviceId: string; limit: number; now: Date; leaseMs: number };

/** Oldest first. */
export async function claimMedia(tx: Tx, options: MediaClaimOptions): Promise<MediaClaim[]> {
	const nowMs = options.now.getTime();
	const due = await tx
		.selectFrom("attachments")
		.innerJoin("messages", "messages.id", "attachments.message_id")
		.select(["message_id", "position", "file_id", "messages.content"])
		.where("attachments.service_id", "=", options.serviceId)
		.where("attachments.state", "=", "waiting")
		.where("not_before", "<=", nowMs)
		.where("lease_until", "<=", nowMs)
		.orderBy("not_before")
		.orderBy("message_id")
		.orderBy("position")
		.limit(options.limit)
		.execute();
	const claims: MediaClaim[] = [];
	for (const row of due) {
		const taken = await take(tx, row, options);
		if (taken !== undefined) {
			const { attachments } = JSON.parse(row.content) as { attachments?: readonly Attachment[] };
			claims.push({
				messageId: row.message_id,
				position: row.position,
				serviceId: options.serviceId,
				fileId: row.file_id,
				...taken,
				attachment: attachments?.[row.position],
			});
		}
	}
	return claims;
}

/** Undefined: another node has it meanwhile. */
function take(tx: Tx, row: { message_id: string; position: number }, { now, leaseMs }: MediaClaimOptions) {
	return tx
		.updateTable("attachments")
		.set((eb) => ({
			lease_until: now.getTime() + leaseMs,
			attempts: eb("attempts", "+", 1),
			epoch: eb("epoch", "+", 1),
		}))
		.where("message_id", "=", row.message_id)
		.where("position", "=", row.position)
		.where("state", "=", "waiting")
		.where("lease_until", "<=", now.getTime())
		.returning(["attempts", "epoch"])
		.executeTakeFirst();
}

export type MediaEnd =
	| { state: "kept"; file: Pick<NewFile, "contentType" | "filename" | "content"> }
	| { state: "failed"; reason: DropReason; detail: string }
	| { state: "waiting"; reason: DropReason; detail: string; notBefore: Date };

/** False: the claim was lost to somebody else meanwhile, and nothing was written. */
export async function endMediaClaim(tx: Tx, claim: MediaClaim, end: MediaEnd, now: Date): Promise<boolean> {
	const isKept = end.state === "kept";
	const { numUpdatedRows } = await tx
		.updateTable("attachments")
		.set({
			state: end.state,
			reason: isKept ? null : end.reason,
			detail: isKept ? null : end.detail,
			not_before: end.state === "waiting" ? end.notBefore.getTime() : now.getTime(),
			lease_until: 0,
		})
		.where("message_id", "=", claim.messageId)
		.where("position", "=", claim.position)
		.where("epoch", "=", claim.epoch)
		.where("state", "=", "waiting")
		.executeTakeFirstOrThrow();
	if (numUpdatedRows === 0n) {
		return false;
	}
	if (isKept) {
		await insertFile(tx, { ...end.file, id: claim.fileId, createdAt: now, createdBy: null, expiresAt: null });
	}
	if (end.state !== "waiting") {
		await tellEnd(tx, claim, end, now);
	}
	return true;
}

async function tellEnd(
	tx: Tx,
	claim: MediaClaim,
	end: Exclude<MediaEnd, { state: "waiting" }>,
	now: Date,
): Promise<void> {
	const more = end.state === "kept" ? {} : { reason: end.reason, detail: end.detail };
	const message = await tx
		.selectFrom("messages")
		.select("conversation_id")
		.where("id", "=", claim.messageId)
		.executeTakeFirst();
	await appendEvents(tx, [
		{
			at: now,
			type: "attachment.state",
			serviceId: claim.serviceId,
			messageId: claim.messageId,
			conversationId: message?.conversation_id ?? null,
			data: { attachment: claim.fileId, from: "waiting", to: end.state, attempts: claim.attempts, ...more },
		},
	]);
}

/** Of a deleted service: nobody can fetch them any more. */
export async function giveUpMedia(tx: Tx, serviceId: string): Promise<void> {
	await tx
		.updateTable("attachments")
		.set((eb) => ({
			state: "failed",
			reason: "DOWNLOADFAILED",
			detail: "The messaging service was deleted.",
			lease_until: 0,
			epoch: eb("epoch", "+", 1),
		}))
		.where("service_id", "=", serviceId)
		.where("state", "=", "waiting")
		.execute();
}

/** With the files that nothing else has. */
export async function deleteAttachments(tx: Tx, messageIds: readonly string[]): Promise<void> {
	const gone = await tx
		.deleteFrom("attachments")
		.where("message_id", "in", [...messageIds])
		.returning("file_id")
		.execute();
	await deleteUnusedFiles(
		tx,
		gone.map((row) => row.file_id),
	);
}
