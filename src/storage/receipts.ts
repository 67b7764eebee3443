// The provider's later word, applied to the parts it speaks about. A receipt may come before the answer to the send, out
// of order or twice: it moves a state only forward, and one whose message is not known (yet) waits.

import { type ExpressionBuilder, sql } from "kysely";
import { advance, codeOf, type OutgoingState, stateOf } from "#domain/delivery.ts";
import { saidAt } from "#domain/consents.ts";
import type { ReceiptEvent } from "#domain/messages.ts";
import { learnRefusal } from "./consents.ts";
import type { InboxClaim } from "./inbox.ts";
import { giveUpSiblings, recordRemoteIds } from "./outbox-moves.ts";
import type { Tables } from "./schema.ts";
import { appendStateEvents } from "./state-events.ts";
import type { Tx } from "./storage.ts";

export type ReceiptResult = { kind: "unmatched" } | { kind: "applied"; messageId: string | undefined; moved: number };

type Part = {
	partId: string;
	part: number;
	messageId: string;
	conversationId: string | null;
	state: OutgoingState;
	attempts: number;
	/** Which attempt the receipt answers; undefined: not told. */
	attemptId: string | undefined;
};

/** Must run in `storage.alone("outbox")`: it decides by the states it read. */
export async function applyReceipt(
	tx: Tx,
	claim: InboxClaim,
	receipt: ReceiptEvent,
	deps: { now: Date; newId(): string },
): Promise<ReceiptResult> {
	const parts = await findParts(tx, claim.serviceId, receipt, deps.now);
	if (parts === undefined) {
		return { kind: "unmatched" };
	}
	let moved = 0;
	for (const part of parts) {
		const to = await nextState(tx, part, receipt);
		await tx
			.insertInto("receipts")
			.values({
				id: deps.newId(),
				inbox_id: claim.id,
				service_id: claim.serviceId,
				message_id: part.messageId,
				part_id: part.partId,
				status: receipt.status,
				provider_at: receipt.at?.getTime() ?? null,
				received_at: claim.receivedAt.getTime(),
				code: receipt.fault?.code ?? null,
				detail: receipt.fault?.detail ?? null,
				effect: to === part.state ? "none" : "moved",
			})
			.onConflict((conflict) => conflict.doNothing())
			.execute();
		if (to !== part.state) {
			await moveByReceipt(tx, part, { to, receipt, serviceId: claim.serviceId }, deps.now);
			moved += 1;
		}
	}
	await learnFrom(tx, parts, { claim, receipt }, deps);
	return { kind: "applied", messageId: parts[0]?.messageId, moved };
}

/** That the contact wants no messages is news beyond this one. */
async function learnFrom(
	tx: Tx,
	[part]: readonly Part[],
	{ claim, receipt }: { claim: InboxClaim; receipt: ReceiptEvent },
	deps: { now: Date; newId(): string },
): Promise<void> {
	if (receipt.fault?.code !== "opted_out" || part === undefined) {
		return;
	}
	const { messageId } = part;
	const row = await tx
		.selectFrom("messages")
		.select(["service_id", "channel", "contact_address", "conversation_id"])
		.where("id", "=", messageId)
		.executeTakeFirst();
	if (row !== undefined) {
		const { service_id: serviceId, channel, contact_address: contactAddress, conversation_id: conversationId } = row;
		const known = { id: deps.newId(), at: saidAt(receipt, claim) };
		await learnRefusal(tx, { messageId, conversationId, serviceId, channel, contactAddress }, known, deps.now);
	}
}

/** The failure of an attempt that was followed by another one says nothing about the message. */
async function nextState(tx: Tx, part: Part, receipt: ReceiptEvent): Promise<OutgoingState> {
	if (receipt.status !== "failed" || part.attemptId === undefined) {
		return advance(part.state, receipt.status);
	}
	const attempt = await tx.selectFrom("attempts").select("number").where("id", "=", part.attemptId).executeTakeFirst();
	return attempt !== undefined && attempt.number < part.attempts ? part.state : advance(part.state, "failed");
}

async function moveByReceipt(
	tx: Tx,
	part: Part,
	move: { to: OutgoingState; receipt: ReceiptEvent; serviceId: string },
	now: Date,
): Promise<void> {
	const { to, receipt } = move;
	await tx
		.updateTable("outbox")
		.set((eb) => ({
			state: codeOf(to),
			state_at: now.getTime(),
			// The answer to the send may never come; the attempt's start is the earliest it can have been taken.
			handed_over_at: eb.fn.coalesce("handed_over_at", latestStart(eb)),
			unknown_since: null,
			error_code: receipt.fault?.code ?? null,
			error_detail: receipt.fault?.detail ?? null,
		}))
		.where("id", "=", part.partId)
		.execute();
	const change = { ...part, serviceId: move.serviceId, from: part.state, to, cause: { receipt: receipt.status } };
	await appendStateEvents(tx, [change], now);
	if (to === "failed") {
		await giveUpSiblings(tx, change, now);
	}
}

function latestStart(eb: ExpressionBuilder<Tables, "outbox">) {
	return eb
		.selectFrom("attempts")
		.select("attempts.started_at")
		.whereRef("attempts.part_id", "=", "outbox.id")
		.orderBy("attempts.number", "desc")
		.limit(1);
}

/** The parts, or undefined where the receipt names a message that is not known. */
async function findParts(tx: Tx, serviceId: string, receipt: ReceiptEvent, now: Date): Promise<Part[] | undefined> {
	const { target } = receipt;
	if (target.by === "watermark") {
		return partsUpTo(tx, serviceId, target);
	}
	if (target.remoteId !== undefined) {
		const known = await partsByRemoteId(tx, serviceId, target.remoteId);
		if (known.length > 0) {
			return known;
		}
	}
	const byAttempt = target.attemptId === undefined ? [] : await partsByAttempt(tx, serviceId, target.attemptId);
	const [part] = byAttempt;
	if (part === undefined || target.attemptId === undefined) {
		return undefined;
	}
	if (target.remoteId !== undefined) {
		await recordRemoteIds(tx, { ...part, serviceId, attemptId: target.attemptId }, [target.remoteId], now);
	}
	return byAttempt;
}

function partColumns(tx: Tx) {
	return tx
		.selectFrom("outbox")
		.innerJoin("messages", "messages.id", "outbox.message_id")
		.select(["outbox.id", "outbox.part", "outbox.message_id", "outbox.state", "outbox.attempts"])
		.select("messages.conversation_id");
}

function toPart(row: {
	id: string;
	part: number;
	message_id: string;
	state: number;
	attempts: number;
	conversation_id: string | null;
	attempt_id?: string;
}): Part {
	return {
		partId: row.id,
		part: row.part,
		messageId: row.message_id,
		conversationId: row.conversation_id,
		state: stateOf(row.state),
		attempts: row.attempts,
		attemptId: row.attempt_id,
	};
}

async function partsByRemoteId(tx: Tx, serviceId: string, remoteId: string): Promise<Part[]> {
	const rows = await partColumns(tx)
		.innerJoin("remote_ids", "remote_ids.part_id", "outbox.id")
		.select("remote_ids.attempt_id")
		.where("remote_ids.service_id", "=", serviceId)
		.where("remote_ids.remote_id", "=", remoteId)
		.execute();
	return rows.map(toPart);
}

async function partsByAttempt(tx: Tx, serviceId: string, attemptId: string): Promise<Part[]> {
	const rows = await partColumns(tx)
		.innerJoin("attempts", "attempts.part_id", "outbox.id")
		.select("attempts.id as attempt_id")
		.where("attempts.id", "=", attemptId)
		.where("attempts.service_id", "=", serviceId)
		.execute();
	return rows.map(toPart);
}

/** Undefined while a send to that contact is under way that the watermark may be about: its answer decides. */
async function partsUpTo(
	tx: Tx,
	serviceId: string,
	target: { ourAddress: string; contactAddress: string; upTo: Date },
): Promise<Part[] | undefined> {
	const toContact = partColumns(tx)
		.where(sql<boolean>`messages.direction = 'out'`) // Literally, so that the index by contact fits.
		.where("messages.service_id", "=", serviceId)
		.where("messages.our_address", "=", target.ourAddress)
		.where("messages.contact_address", "=", target.contactAddress);
	const underWay = await toContact
		.where("outbox.state", "=", codeOf("sending"))
		.where("outbox.state_at", "<=", target.upTo.getTime())
		.executeTakeFirst();
	if (underWay !== undefined) {
		return undefined;
	}
	const rows = await toContact
		.where("outbox.state", "in", [codeOf("sent"), codeOf("delivered")])
		.where("outbox.handed_over_at", "<=", target.upTo.getTime())
		.execute();
	return rows.map(toPart);
}
