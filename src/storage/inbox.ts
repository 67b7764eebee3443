// What was received and is still work: claimed with a lease, ended behind a fence. The attempt is counted with the claim,
// before any work on it, so that a row that kills the process cannot do so for ever.

import { type RawBuilder, sql } from "kysely";
import type { ActivityEvent, ContactAddress, ReceiptEvent } from "#domain/messages.ts";
import { optTextLengthMax } from "#domain/opt-out-words.ts";
import { type Statement, updateOf } from "./many.ts";
import type { Tx } from "./storage.ts";

/** One claimed row of the inbox. Every later write of it is fenced by `epoch`. */
export type InboxClaim = {
	id: string;
	serviceId: string;
	requestId: string;
	receivedAt: Date;
	attempts: number;
	epoch: number;
};

/** Its id is the message's id too. */
export type MessageClaim = InboxClaim & {
	/** Of its chain. */
	lane: string;
	channel: string;
	ourAddress: string;
	contactAddress: string;
	/** As stored; see `contactIn`. */
	content: string;
	/** Its text, if that is short enough to be an opt-out word; else empty. */
	shortText: string;
	/** The provider's own time. */
	at: Date | undefined;
};

export type ReceiptClaim = InboxClaim & { event: ReceiptEvent };
/** What a provider told of a contact's consent. */
export type ConsentClaim = InboxClaim & { event: ActivityEvent };

export type InboxClaimOptions = { now: Date; leaseMs: number; limit: number };

/** Claims due messages, oldest first. One waits until every earlier one of its chain that was tried before is done. */
export async function claimMessages(tx: Tx, options: InboxClaimOptions): Promise<MessageClaim[]> {
	// Those that were tried are few, and have an index of their own; the others of a chain are claimed together.
	const isFree = sql<boolean>`NOT EXISTS (SELECT 1 FROM inbox AS earlier WHERE earlier.lane = inbox.lane AND earlier.id < inbox.id
		AND earlier.state = 'received' AND earlier.kind = 'message' AND earlier.attempts > 0)`;
	const rows = await claimRows(tx, "message", options, isFree);
	const messages = await tx.many.run<MessageRow>(
		readMessages,
		rows.map(({ id }) => ({ id })),
	);
	const messageOf = new Map(messages.map((message) => [message.id, message]));
	return rows.flatMap((row) => {
		const message = messageOf.get(row.id);
		return message === undefined ? [] : [{ ...toClaim(row), lane: row.lane, ...toContent(message) }];
	});
}

/** When the newest message of the chain that is not matched yet came; null: none waits. Reads what waits of all chains. */
export async function unmatchedSince(tx: Tx, lane: string): Promise<Date | null> {
	const row = await tx
		.selectFrom("inbox")
		.select(({ fn }) => fn.max("received_at").as("at"))
		.where("kind", "=", "message")
		.where(sql<boolean>`state IN ('received', 'waiting')`) // Literally, so that the index of what is work fits.
		.where("lane", "=", lane)
		.executeTakeFirst();
	return row === undefined || row.at === null ? null : new Date(Number(row.at));
}

type MessageRow = {
	id: string;
	channel: string;
	our_address: string;
	contact_address: string;
	content: string;
	short_text: string;
	provider_at: number | null;
};

const readMessages = readMessagesStatement();

function readMessagesStatement(): Statement {
	const shortText = `CASE WHEN length(text) <= ${optTextLengthMax} THEN text ELSE '' END AS short_text`;
	const columns = `id, channel, our_address, contact_address, content, ${shortText}, provider_at`;
	return {
		columns: ["id"],
		rowType: "messages",
		sqlite: `SELECT ${columns} FROM messages WHERE id = ?1`,
		postgres: `SELECT ${columns} FROM messages JOIN given USING (id)`,
	};
}

function toContent(row: MessageRow) {
	return {
		channel: row.channel,
		ourAddress: row.our_address,
		contactAddress: row.contact_address,
		content: row.content,
		shortText: row.short_text,
		at: row.provider_at === null ? undefined : new Date(row.provider_at),
	};
}

/** Who wrote. Throws where the row is damaged: not while claiming, so that one such row never stops the others. */
export function contactIn({ contactAddress, content }: MessageClaim): ContactAddress {
	const { contactName, contactScope } = JSON.parse(content) as { contactName?: string; contactScope?: string };
	return {
		address: contactAddress,
		...(contactScope === undefined ? {} : { scope: contactScope }),
		...(contactName === undefined ? {} : { name: contactName }),
	};
}

/** Claims due receipts, oldest first. */
export async function claimReceipts(tx: Tx, options: InboxClaimOptions): Promise<ReceiptClaim[]> {
	const rows = await claimRows(tx, "receipt", options, sql<boolean>`1 = 1`);
	return rows.map((row) => ({ ...toClaim(row), event: fromReceiptJson(row.event) }));
}

/** Claims what providers told of consents, oldest first; other activities are no work. */
export async function claimConsents(tx: Tx, options: InboxClaimOptions): Promise<ConsentClaim[]> {
	const rows = await claimRows(tx, "activity", options, sql<boolean>`1 = 1`);
	return rows.map((row) => ({ ...toClaim(row), event: fromEventJson(row.event) as ActivityEvent }));
}

type ClaimedRow = {
	id: string;
	service_id: string;
	request_id: string;
	lane: string;
	event: string;
	received_at: number;
	attempts: number;
	epoch: number;
};

async function claimRows(
	tx: Tx,
	kind: "message" | "receipt" | "activity",
	options: InboxClaimOptions,
	isFree: RawBuilder<boolean>,
): Promise<ClaimedRow[]> {
	const now = options.now.getTime();
	const due = await tx
		.selectFrom("inbox")
		.select(["id", "state", "attempts"])
		.where("kind", "=", kind)
		.where(sql<boolean>`state IN ('received', 'waiting')`) // Literally, so that the index of what is work fits.
		.where("not_before", "<=", now)
		.where("lease_until", "<=", now)
		.where(isFree)
		.orderBy("not_before")
		.orderBy("id")
		.limit(options.limit)
		.execute();
	const rows = await tx.many.run<ClaimedRow>(
		takeRow,
		suspectsAlone(due).map(({ id }) => ({ id, lease_until: now + options.leaseMs })),
	);
	return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1)); // RETURNING has no order of its own.
}

const claimedColumns = ["id", "service_id", "request_id", "lane", "event", "received_at", "attempts", "epoch"]
	.map((column) => `inbox.${column}`)
	.join(", ");
const takeRow: Statement = {
	columns: ["lease_until", "id"],
	rowType: "inbox",
	sqlite: `UPDATE inbox SET lease_until = ?1, epoch = epoch + 1, attempts = attempts + 1 WHERE id = ?2`,
	tells: `SELECT ${claimedColumns} FROM inbox WHERE id = ?2`,
	postgres: `UPDATE inbox SET lease_until = given.lease_until, epoch = inbox.epoch + 1, attempts = inbox.attempts + 1
		FROM given WHERE inbox.id = given.id RETURNING ${claimedColumns}`,
};

/**
 * A row that was claimed before and is still to be done failed, or ended the process. It is tried alone, so that those
 * beside it do not count its crashes as theirs.
 */
function suspectsAlone<Due extends { state: string; attempts: number }>(due: readonly Due[]): readonly Due[] {
	const first = due.findIndex(({ state, attempts }) => state === "received" && attempts > 0);
	return first === -1 ? due : due.slice(0, Math.max(1, first));
}

function toClaim(row: ClaimedRow): InboxClaim {
	return {
		id: row.id,
		serviceId: row.service_id,
		requestId: row.request_id,
		receivedAt: new Date(row.received_at),
		attempts: row.attempts,
		epoch: row.epoch,
	};
}

/** The event as it was, its dates dates again. */
export function fromReceiptJson(json: string): ReceiptEvent {
	return fromEventJson(json) as ReceiptEvent;
}

function fromEventJson(json: string): unknown {
	return JSON.parse(json, (key, value: unknown) =>
		(key === "at" || key === "upTo") && typeof value === "string" ? new Date(value) : value,
	);
}

export type InboxEnd =
	| { state: "done"; messageId?: string }
	| { state: "waiting"; notBefore: Date; reason: string }
	| { state: "received"; notBefore: Date; reason: string }
	| { state: "parked"; reason: string };

/** Ends a claim. False: the claim was lost to somebody else meanwhile, and nothing was written. */
export async function endInboxClaim(
	tx: Tx,
	claim: { id: string; epoch: number },
	end: InboxEnd,
	now: Date,
): Promise<boolean> {
	const isFinal = end.state === "done" || end.state === "parked";
	const { numUpdatedRows } = await tx
		.updateTable("inbox")
		.set({
			state: end.state,
			lease_until: 0,
			not_before: "notBefore" in end ? end.notBefore.getTime() : now.getTime(),
			reason: "reason" in end ? end.reason : null,
			finished_at: isFinal ? now.getTime() : null,
			...(end.state === "done" && end.messageId !== undefined ? { message_id: end.messageId } : {}),
		})
		.where("id", "=", claim.id)
		.where("epoch", "=", claim.epoch)
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

const finish = updateOf("inbox", "state, lease_until, reason, finished_at", "id, epoch");

/** Ends claims whose work is done. False: one of them was lost to somebody else, and nothing may be committed. */
export async function finishClaims(tx: Tx, claims: readonly InboxClaim[], now: Date): Promise<boolean> {
	const ended = await tx.many.run(
		finish,
		claims.map(({ id, epoch }) => ({
			id,
			epoch,
			state: "done",
			lease_until: 0,
			reason: null,
			finished_at: now.getTime(),
		})),
	);
	return ended.length === claims.length;
}

/** Receipts that waited (or were parked) for these remote ids become work again. */
export async function wakeReceipts(tx: Tx, serviceId: string, remoteIds: readonly string[], now: Date): Promise<void> {
	await tx.many.run(
		wake,
		remoteIds.map((remoteId) => ({ not_before: now.getTime(), service_id: serviceId, remote_id: remoteId })),
	);
}

const wakening = "state = 'received', lease_until = 0, attempts = 0, reason = NULL, finished_at = NULL";
const isAsleep = "kind = 'receipt' AND state IN ('waiting', 'parked')";
const wake: Statement = {
	columns: ["not_before", "service_id", "remote_id"],
	rowType: "inbox",
	sqlite: `UPDATE inbox SET ${wakening}, not_before = ?1 WHERE service_id = ?2 AND remote_id = ?3 AND ${isAsleep}`,
	postgres: `UPDATE inbox SET ${wakening}, not_before = given.not_before FROM given
		WHERE inbox.service_id = given.service_id AND inbox.remote_id = given.remote_id AND inbox.${isAsleep.replace("state", "inbox.state")}`,
};
