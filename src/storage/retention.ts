// What is deleted when its time is over, in small transactions so that nobody waits long for the writer.

import { type RawBuilder, sql } from "kysely";
import { firstIdAt } from "#domain/ids.ts";
import { deleteAttachments } from "./attachments.ts";
import { deleteUnusedFiles } from "./files.ts";
import type { Storage, Tx } from "./storage.ts";

export type Retention = {
	/** Days that raw requests, finished receipts and activities are kept. */
	requestDays: number;
	/** Days that messages are kept, with their attempts and receipts, and chats from their end, with what was said in them. */
	messageDays: number;
	quarantineDays: number;
	/** Events with their deliveries to subscriptions, and security events. */
	eventDays: number;
};

const rowsAtOnce = 500;
const dayMs = 86_400_000;
const nonceMs = 2 * 300_000; // Twice the window of signed requests (± 300 s).
const idempotencyMs = 2 * dayMs; // Promised: 24 h.

type Rule = { table: string; key: string; isOver: RawBuilder<boolean> };

function rulesAt(retention: Retention, now: Date): Rule[] {
	const before = (ageMs: number) => now.getTime() - ageMs;
	const requests = before(retention.requestDays * dayMs);
	const events = before(retention.eventDays * dayMs);
	return [
		{ table: "nonces", key: "service_id, nonce", isOver: sql`seen_at < ${before(nonceMs)}` },
		{ table: "idempotency", key: "principal, key", isOver: sql`created_at < ${before(idempotencyMs)}` },
		{ table: "sessions", key: "id", isOver: sql`expires_at < ${now.getTime()}` },
		{ table: "api_tokens", key: "id", isOver: sql`expires_at < ${before(dayMs)}` },
		{ table: "quarantine", key: "id", isOver: sql`received_at < ${before(retention.quarantineDays * dayMs)}` },
		// Uploaded, and sent with no message.
		{ table: "files", key: "id", isOver: sql`expires_at < ${now.getTime()}` },
		{ table: "security_events", key: "id", isOver: sql`at < ${events}` },
		{ table: "service_checks", key: "id", isOver: sql`id < ${firstIdAt(events)}` },
		{ table: "service_hours", key: "service_id, hour", isOver: sql`hour < ${events}` },
		{ table: "service_refusals", key: "service_id, hour, reason, mode", isOver: sql`hour < ${events}` },
		// In the order they were written, so the oldest tell whether any is over.
		{
			table: "events",
			key: "seq",
			isOver: sql`at < ${events} AND seq <= (SELECT min(seq) + ${rowsAtOnce} FROM events)`,
		},
		// Not before their events: going back to an event must find that it was delivered.
		{
			table: "event_deliveries",
			key: "id",
			isOver: sql`event_at < ${events} AND state <> 'pending'
				AND NOT EXISTS (SELECT 1 FROM events WHERE events.seq = event_deliveries.event_seq)`,
		},
		{ table: "inbox", key: "id", isOver: sql`id < ${firstIdAt(requests)} AND state = 'done'` },
		// Nobody decides about a receipt for a message that Parley never sent; an account shared with others brings many.
		{ table: "inbox", key: "id", isOver: sql`state = 'parked' AND kind = 'receipt' AND received_at < ${requests}` },
		{
			table: "inbound_requests",
			key: "id",
			isOver: sql`id < ${firstIdAt(requests)} AND id NOT IN (SELECT request_id FROM inbox WHERE state IN ('received', 'waiting'))
				AND id NOT IN (SELECT request_id FROM inbox WHERE state = 'parked')`,
		},
	];
}

/** Deletes one small batch of everything that is over. True: there may be more. */
export async function deleteOld(storage: Storage, retention: Retention, now: Date): Promise<boolean> {
	let isMore = false;
	for (const { table, key, isOver } of rulesAt(retention, now)) {
		const keys = sql.raw(key);
		const { numAffectedRows = 0n } = await storage.write((tx) =>
			sql`DELETE FROM ${sql.table(table)} WHERE (${keys}) IN
				(SELECT ${keys} FROM ${sql.table(table)} WHERE ${isOver} LIMIT ${rowsAtOnce})`.execute(tx),
		);
		isMore ||= Number(numAffectedRows) === rowsAtOnce;
	}
	const oldest = before(now, retention.messageDays);
	const messages = await storage.write((tx) => deleteMessages(tx, oldest));
	const chats = await storage.alone("chats", (tx) => deleteChats(tx, oldest));
	return isMore || messages === rowsAtOnce || chats === rowsAtOnce;
}

function before(now: Date, days: number): Date {
	return new Date(now.getTime() - days * dayMs);
}

/** Messages whose life is over, with everything that hangs on them. Work in progress and what waits for a person stay. */
async function deleteMessages(tx: Tx, oldest: Date): Promise<number> {
	const rows = await tx
		.selectFrom("messages")
		.select("id")
		// Ids begin with their time, so this reads the oldest rows only.
		.where("id", "<", firstIdAt(oldest.getTime()))
		.where((eb) => eb.or([eb("direction", "=", "out"), eb("state", "=", "matched")]))
		.where(
			sql<boolean>`NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.message_id = messages.id AND outbox.state IN (2, 3, 4))`,
		)
		.orderBy("id")
		.limit(rowsAtOnce)
		.execute();
	const ids = rows.map(({ id }) => id);
	if (ids.length > 0) {
		const parts = sql`SELECT id FROM outbox WHERE message_id IN (${sql.join(ids)})`;
		await sql`DELETE FROM remote_ids WHERE part_id IN (${parts})`.execute(tx);
		for (const table of ["receipts", "attempts", "outbox", "events"] as const) {
			await sql`DELETE FROM ${sql.table(table)} WHERE message_id IN (${sql.join(ids)})`.execute(tx);
		}
		await sql`DELETE FROM inbox WHERE message_id IN (${sql.join(ids)}) AND kind <> 'message'`.execute(tx);
		await tx.deleteFrom("inbox").where("id", "in", ids).execute();
		await deleteAttachments(tx, ids);
		await tx.deleteFrom("messages").where("id", "in", ids).execute();
	}
	return ids.length;
}

/** Chats whose life is over, with their lines and files, and visitors who have none and were not seen since. */
async function deleteChats(tx: Tx, oldest: Date): Promise<number> {
	const rows = await tx
		.selectFrom("chats")
		.select("id")
		// Ids begin with their time, so this reads the oldest rows only.
		.where("id", "<", firstIdAt(oldest.getTime()))
		.where("state", "=", "ended")
		.where("ended_at", "<", oldest.getTime())
		.where(({ not, exists, selectFrom }) =>
			not(exists(selectFrom("chat_legs").select("user_id").whereRef("chat_legs.chat_id", "=", "chats.id"))),
		)
		.orderBy("id")
		.limit(rowsAtOnce)
		.execute();
	const ids = rows.map(({ id }) => id);
	if (ids.length > 0) {
		const files = await tx.deleteFrom("chat_attachments").where("chat_id", "in", ids).returning("file_id").execute();
		await deleteUnusedFiles(
			tx,
			files.flatMap(({ file_id: id }) => id ?? []),
		);
		await tx.deleteFrom("chats").where("id", "in", ids).execute();
	}
	const visitors = tx
		.selectFrom("chat_visitors")
		.select("id")
		.where("seen_at", "<", oldest.getTime())
		.where(({ not, exists, selectFrom }) =>
			not(exists(selectFrom("chats").select("chats.id").whereRef("chats.visitor_id", "=", "chat_visitors.id"))),
		)
		.limit(rowsAtOnce);
	await tx.deleteFrom("chat_visitors").where("id", "in", visitors).execute();
	return ids.length;
}
