// Parts that no worker holds any more: claims whose lease ran out, outcomes that stayed unknown, times that ran out, and
// parts held for a person.

import { sql } from "kysely";
import { codeOf } from "#domain/delivery.ts";
import type { StoredAttachment } from "#domain/messages.ts";
import { learnRefusal } from "./consents.ts";
import { byPerson, type PersonsAct } from "./events.ts";
import { lockUntilCommit } from "./lock.ts";
import { movePart, type NextStep, recordRemoteIds } from "./outbox-moves.ts";
import type { Db, Tx } from "./storage.ts";

const queued = codeOf("queued");
const sending = codeOf("sending");
const held = codeOf("held");
const rowsAtOnce = 200;

/** Queued parts whose time ran out become `expired`, a batch of them. */
export async function expireOverdue(tx: Tx, now: Date): Promise<{ count: number; isMore: boolean }> {
	const due = await tx
		.selectFrom("outbox")
		.innerJoin("messages", "messages.id", "outbox.message_id")
		.select(["outbox.id", "outbox.part", "outbox.message_id", "outbox.service_id", "messages.conversation_id"])
		.where("outbox.state", "=", queued)
		.where("outbox.valid_until", "<=", now.getTime())
		.limit(rowsAtOnce)
		.execute();
	// The last part first: the end of an earlier one would end its later siblings, and each part ends once.
	for (const row of due.toSorted((one, other) => other.part - one.part)) {
		const ref = toRef(row);
		const detail = "Its time to live ran out before the provider took it.";
		await movePart(tx, ref, { from: "queued", next: { to: "expired", code: "expired", detail }, cause: {} }, now);
	}
	return { count: due.length, isMore: due.length === rowsAtOnce };
}

/** Parts that were under way when their service was deleted: nobody can ask for their outcome or send them any more. */
export async function giveUpOrphans(tx: Tx, now: Date): Promise<number> {
	const rows = await tx
		.selectFrom("outbox")
		.innerJoin("messages", "messages.id", "outbox.message_id")
		.select(["outbox.id", "outbox.part", "outbox.message_id", "outbox.service_id", "messages.conversation_id"])
		.where(sql<boolean>`outbox.state = 4`) // Literally, so that the index of parts being sent fits.
		.where("outbox.lease_until", "<=", now.getTime())
		.where("outbox.unknown_since", "is not", null)
		.where(({ not, exists, selectFrom }) =>
			not(
				exists(
					selectFrom("messaging_services").select("id").whereRef("messaging_services.id", "=", "outbox.service_id"),
				),
			),
		)
		.limit(rowsAtOnce)
		.execute();
	for (const row of rows) {
		const detail = "The messaging service was deleted; nobody knows whether the provider took it.";
		await movePart(tx, toRef(row), { from: "sending", next: { to: "failed", code: "config", detail }, cause: {} }, now);
	}
	return rows.length;
}

/**
 * Claims whose worker died: nobody knows what became of their attempt. They wait for proof like any unknown outcome; the
 * raised epoch refuses what the dead worker may yet write. Returns how many.
 */
export async function markLapsed(tx: Tx, now: Date): Promise<number> {
	const at = now.getTime();
	const rows = await tx
		.updateTable("outbox")
		.set((eb) => ({
			unknown_since: at,
			lease_until: 0,
			lease_owner: null,
			epoch: eb("epoch", "+", 1),
			error_code: "unreachable",
			error_detail: "The sender ended before the provider's answer was known.",
		}))
		.where("state", "=", sending)
		.where("unknown_since", "is", null)
		.where("lease_until", "<=", at)
		.returning(["id", "attempts"])
		.execute();
	for (const row of rows) {
		await tx
			.updateTable("attempts")
			.set({ outcome: "unknown", code: "unreachable", detail: "The sender ended before the answer was known." })
			.where("part_id", "=", row.id)
			.where("number", "=", row.attempts)
			.where("outcome", "is", null)
			.execute();
	}
	return rows.length;
}

export type UnknownPart = {
	partId: string;
	part: number;
	messageId: string;
	conversationId: string | null;
	serviceId: string;
	attemptId: string;
	attemptedAt: Date;
	unknownSince: Date;
	epoch: number;
	text: string;
	attachments: readonly StoredAttachment[];
	validUntil: Date;
	channel: string;
	ourAddress: string;
	contactAddress: string;
	content: Readonly<Record<string, unknown>>;
	/** Attempts that ended with the process, or in a connector that failed or met nonsense. */
	breakdowns: number;
	/** What the attempt's own row says after all: its worker lost the claim, but not the provider's answer. */
	learnt: NextStep | undefined;
};

/** Claims parts of a service whose outcome has been unknown since before `since`, at most `limit`. */
export async function claimUnknowns(
	tx: Tx,
	options: { serviceId: string; since: Date; now: Date; leaseMs: number; limit: number },
): Promise<UnknownPart[]> {
	const rows = await tx
		.updateTable("outbox")
		.set((eb) => ({ lease_until: options.now.getTime() + options.leaseMs, epoch: eb("epoch", "+", 1) }))
		.where("id", "in", (eb) =>
			eb
				.selectFrom("outbox")
				.select("id")
				// Literally, so that the index of parts being sent fits; `||` keeps SQLite from walking through all that is queued.
				.where(sql<boolean>`state = 4 AND lease_until <= ${options.now.getTime()}`)
				.where(sql<boolean>`service_id || '' = ${options.serviceId}`)
				.where("unknown_since", "<=", options.since.getTime())
				.orderBy("unknown_since")
				.orderBy("id")
				.limit(options.limit),
		)
		.returning("id")
		.execute();
	if (rows.length === 0) {
		return [];
	}
	const found = await tx
		.selectFrom("outbox")
		.innerJoin("messages", "messages.id", "outbox.message_id")
		.innerJoin("attempts", (join) =>
			join.onRef("attempts.part_id", "=", "outbox.id").onRef("attempts.number", "=", "outbox.attempts"),
		)
		.select(["outbox.id", "outbox.part", "outbox.text", "outbox.message_id", "outbox.service_id", "outbox.epoch"])
		.select(["outbox.valid_until", "outbox.unknown_since", "messages.conversation_id", "messages.channel"])
		.select(["messages.our_address", "messages.contact_address", "messages.content", "outbox.attachments"])
		.select(["attempts.id as attempt_id", "attempts.started_at", "attempts.outcome", "attempts.decision"])
		.select((eb) =>
			eb
				.selectFrom("attempts as broken")
				.select(eb.fn.countAll<number>().as("count"))
				.whereRef("broken.part_id", "=", "outbox.id")
				.where("broken.outcome", "=", "unknown")
				.where((or) => or.or([or("broken.finished_at", "is", null), or("broken.code", "=", "protocol")]))
				.as("breakdowns"),
		)
		.where(
			"outbox.id",
			"in",
			rows.map(({ id }) => id),
		)
		.execute();
	return found.map((row) => ({
		...toRef(row),
		attemptId: row.attempt_id,
		attemptedAt: new Date(row.started_at),
		unknownSince: new Date(row.unknown_since ?? 0),
		epoch: row.epoch,
		text: row.text,
		attachments: JSON.parse(row.attachments) as StoredAttachment[],
		validUntil: new Date(row.valid_until),
		channel: row.channel,
		ourAddress: row.our_address,
		contactAddress: row.contact_address,
		content: JSON.parse(row.content) as Record<string, unknown>,
		breakdowns: Number(row.breakdowns),
		learnt: learntFrom(row),
	}));
}

function learntFrom({ outcome, decision }: { outcome: string | null; decision: string | null }): NextStep | undefined {
	return outcome === null || outcome === "unknown" || decision === null
		? undefined
		: (JSON.parse(decision, (key, value: unknown) =>
				(key === "at" || key === "notBefore") && typeof value === "string" ? new Date(value) : value,
			) as NextStep);
}

/** Ends the wait of an unknown part. False: a receipt or another node was faster. */
export async function endUnknown(tx: Tx, part: UnknownPart, next: NextStep, now: Date): Promise<boolean> {
	const row = await tx
		.selectFrom("outbox")
		.select("id")
		.where("id", "=", part.partId)
		.where("epoch", "=", part.epoch)
		.where("state", "=", sending)
		.where("unknown_since", "is not", null)
		.executeTakeFirst();
	if (row === undefined) {
		return false;
	}
	if (next.to === "sent") {
		await recordRemoteIds(tx, part, next.remoteIds, now);
	}
	if (next.to === "failed" && next.code === "opted_out") {
		await learnRefusal(tx, part, { id: part.attemptId, at: part.attemptedAt }, now);
	}
	await movePart(
		tx,
		part,
		{ from: "sending", next, cause: { attemptId: part.attemptId, why: "unknown outcome" } },
		now,
	);
	return true;
}

export type HeldDecision = PersonsAct & { do: "send" | "giveUp" };

/** A person decides about a message's held parts. Returns how many it concerned. */
export async function decideHeld(tx: Tx, messageId: string, decision: HeldDecision, now: Date): Promise<number> {
	await lockUntilCommit(tx, "outbox");
	const rows = await tx
		.selectFrom("outbox")
		.innerJoin("messages", "messages.id", "outbox.message_id")
		.select(["outbox.id", "outbox.part", "outbox.message_id", "outbox.service_id", "messages.conversation_id"])
		.where("outbox.message_id", "=", messageId)
		.where("outbox.state", "=", held)
		.execute();
	for (const row of rows) {
		const next: NextStep =
			decision.do === "send"
				? { to: "queued", notBefore: now, code: "protocol", detail: "Sent again by a person.", possibleDuplicate: true }
				: { to: "failed", code: "unreachable", detail: "Given up by a person." };
		await movePart(tx, toRef(row), { from: "held", next, cause: byPerson(decision) }, now);
	}
	return rows.length;
}

/** Parts waiting for a person, newest first. */
export async function heldMessages(db: Db, limit: number): Promise<string[]> {
	const rows = await db
		.selectFrom("outbox")
		.select("message_id")
		.distinct()
		.where("state", "=", held)
		.orderBy("message_id", "desc")
		.limit(limit)
		.execute();
	return rows.map((row) => row.message_id);
}

function toRef(row: {
	id: string;
	part: number;
	message_id: string;
	service_id: string;
	conversation_id: string | null;
}) {
	return {
		partId: row.id,
		part: row.part,
		messageId: row.message_id,
		serviceId: row.service_id,
		conversationId: row.conversation_id,
	};
}
