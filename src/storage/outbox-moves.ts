// What becomes of a claimed part: its attempt's outcome and its next state in one transaction, fenced by the claim's
// epoch. The state only goes where the table of `domain/delivery.ts` lets it.

import { advance, codeOf, type OutgoingState, stateOf } from "#domain/delivery.ts";
import { learnRefusal } from "./consents.ts";
import { wakeReceipts } from "./inbox.ts";
import { insertInto, type Row, type Statement, updateOf } from "./many.ts";
import type { Claim } from "./outbox.ts";
import { appendStateEvents, type PartRef } from "./state-events.ts";
import type { Storage, Tx } from "./storage.ts";

/** What becomes of a part after an attempt; made by `gateway/settle.ts`. */
export type NextStep =
	| { to: "sent"; remoteIds: readonly string[]; at: Date }
	| { to: "queued"; notBefore: Date; code: string; detail: string; possibleDuplicate: boolean }
	| { to: "failed" | "expired" | "held"; code: string; detail: string }
	/** Stays `sending` until proof comes or the wait is over. */
	| { to: "sending"; unknownSince: Date; code: string; detail: string };

export type Settlement = {
	claim: Pick<
		Claim,
		| "partId"
		| "part"
		| "messageId"
		| "conversationId"
		| "serviceId"
		| "attemptId"
		| "epoch"
		| "channel"
		| "contactAddress"
		| "isRefused"
		| "startedAt"
	>;
	outcome: { kind: "accepted" | "retry" | "rejected" | "unknown"; code: string | null; detail: string | null };
	exchange: unknown;
	next: NextStep;
};

/**
 * In one transaction, alone with the outbox like everything that moves parts: a receipt that came between reading a state
 * and writing it would be undone. Returns, per settlement, whether the claim still held.
 */
export function settleParts(storage: Storage, settlements: readonly Settlement[], now: Date): Promise<boolean[]> {
	return storage.alone("outbox", (tx) => settleInside(tx, settlements, now));
}

/** The same within a transaction that is alone with the outbox already. */
export async function settleInside(tx: Tx, settlements: readonly Settlement[], now: Date): Promise<boolean[]> {
	const kept: boolean[] = [];
	for (const settlement of settlements) {
		kept.push(await settlePart(tx, settlement, now));
	}
	return kept;
}

/**
 * Writes an attempt's outcome and the part's next state. A receipt may have moved the part meanwhile: the state never
 * goes back. False: the claim was taken over; the attempt's own row keeps what it learnt,
 * and a yes settles a part that waits to be sent again.
 */
export async function settlePart(tx: Tx, { claim, outcome, exchange, next }: Settlement, now: Date): Promise<boolean> {
	await tx.many.run(endAttempt, [
		{
			id: claim.attemptId,
			finished_at: now.getTime(),
			outcome: outcome.kind,
			code: outcome.code,
			detail: outcome.detail,
			exchange: JSON.stringify(exchange),
			decision: JSON.stringify(next),
		},
	]);
	if (next.to === "sent") {
		await recordRemoteIds(tx, claim, next.remoteIds, now);
	}
	if (outcome.kind === "rejected" && outcome.code === "opted_out" && !claim.isRefused) {
		// Refused when it was asked, at the latest: what the contact said since is newer.
		await learnRefusal(tx, claim, { id: claim.attemptId, at: claim.startedAt }, now);
	}
	const [part] = await tx.many.run<{ state: number; epoch: number }>(readState, [{ id: claim.partId }]);
	if (part === undefined) {
		return false;
	}
	const from = stateOf(part.state);
	if (part.epoch !== claim.epoch) {
		// A late yes is proof all the same, as a receipt of an earlier attempt is: what waits is not sent again.
		if (next.to === "sent" && (from === "queued" || from === "held")) {
			await movePart(tx, claim, { from, next, cause: { attemptId: claim.attemptId } }, now);
		}
		return false;
	}
	if (from === "sending") {
		await movePart(tx, claim, { from, next, cause: { attemptId: claim.attemptId } }, now);
	} else {
		await endLease(tx, claim);
	}
	return true;
}

const endAttempt = updateOf("attempts", "finished_at, outcome, code, detail, exchange, decision", "id");
const readState: Statement = {
	columns: ["id"],
	rowType: "outbox",
	sqlite: "SELECT state, epoch FROM outbox WHERE id = ?1",
	postgres: "SELECT state, epoch FROM outbox JOIN given USING (id)",
};

/** A receipt moved it past this step, perhaps one of an earlier attempt: whatever this attempt brought, it stays there. */
async function endLease(tx: Tx, { partId }: { partId: string }): Promise<void> {
	await tx.updateTable("outbox").set({ lease_until: 0, unknown_since: null }).where("id", "=", partId).execute();
}

/** Ties the provider's ids to the part, and wakes receipts that came too early for them. */
export async function recordRemoteIds(
	tx: Tx,
	claim: { partId: string; messageId: string; serviceId: string; attemptId: string },
	remoteIds: readonly string[],
	now: Date,
): Promise<void> {
	await tx.many.run(
		insertRemoteIds,
		remoteIds.map((remoteId) => ({
			service_id: claim.serviceId,
			remote_id: remoteId,
			part_id: claim.partId,
			message_id: claim.messageId,
			attempt_id: claim.attemptId,
		})),
	);
	await wakeReceipts(tx, claim.serviceId, remoteIds, now);
}

const insertRemoteIds = insertInto("remote_ids", "service_id, remote_id, part_id, message_id, attempt_id", {
	unlessKnown: "service_id, remote_id",
});

type Move = { from: OutgoingState; next: NextStep; cause: Readonly<Record<string, unknown>> };

/** Moves a part where the table of states allows it; a part that failed for good takes its later siblings with it. */
export async function movePart(tx: Tx, ref: PartRef, { from, next, cause }: Move, now: Date): Promise<void> {
	const to = next.to === from ? from : advance(from, next.to);
	if (to !== next.to) {
		await endLease(tx, ref);
		return;
	}
	const columns: Row = toColumns(next, from, now);
	await tx.many.run(updateOf("outbox", Object.keys(columns).join(", "), "id"), [{ ...columns, id: ref.partId }]);
	if (to !== from) {
		await appendStateEvents(tx, [{ ...ref, from, to, cause: { ...cause, ...codeIn(next) } }], now);
	}
	if (to === "failed" || to === "expired") {
		await giveUpSiblings(tx, ref, now);
	}
}

function codeIn(next: NextStep): Record<string, unknown> {
	return "code" in next ? { code: next.code } : {};
}

function toColumns(next: NextStep, from: OutgoingState, now: Date) {
	const common = {
		state: codeOf(next.to),
		lease_until: 0,
		lease_owner: null,
		unknown_since: next.to === "sending" ? next.unknownSince.getTime() : null,
		error_code: "code" in next ? next.code : null,
		error_detail: "detail" in next ? next.detail : null,
		...(next.to === from ? {} : { state_at: now.getTime() }),
	};
	if (next.to === "sent") {
		return { ...common, handed_over_at: next.at.getTime() };
	}
	if (next.to === "queued") {
		return {
			...common,
			not_before: next.notBefore.getTime(),
			...(next.possibleDuplicate ? { possible_duplicate: 1 as const } : {}),
		};
	}
	return common;
}

/** Half a text is worse than none: parts behind one that failed are not sent. */
export async function giveUpSiblings(tx: Tx, ref: PartRef, now: Date): Promise<void> {
	const rows = await tx
		.updateTable("outbox")
		.set({
			state: codeOf("failed"),
			state_at: now.getTime(),
			error_code: "content",
			error_detail: "An earlier part of this message could not be sent.",
		})
		.where("message_id", "=", ref.messageId)
		.where("part", ">", ref.part)
		.where("state", "=", codeOf("queued"))
		.returning(["id", "part"])
		.execute();
	await appendStateEvents(
		tx,
		rows.map((row) => ({
			...ref,
			partId: row.id,
			part: row.part,
			from: "queued",
			to: "failed",
			cause: { code: "content" },
		})),
		now,
	);
}
