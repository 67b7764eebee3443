// Receipts, claimed from the inbox like messages, applied to the parts they speak about. One that names a message nobody
// knows (yet) waits, then is parked; it wakes when the send's answer brings the remote id. Beside them, what providers tell
// of contacts' consents.

import { saidAt } from "#domain/consents.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import { describeError, type Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { recordConsent } from "#storage/consents.ts";
import {
	claimConsents,
	claimReceipts,
	type ConsentClaim,
	endInboxClaim,
	type InboxEnd,
	type ReceiptClaim,
} from "#storage/inbox.ts";
import { applyReceipt } from "#storage/receipts.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage, Tx } from "#storage/storage.ts";
import { storageTrouble } from "#storage/trouble.ts";

export type ReceiptDeps = {
	storage: Storage;
	signals: Signals;
	clock: Clock;
	ids: Ids;
	log: Log;
	metrics: Metrics;
	leaseMs: number;
};

const batchSize = 200;
const pollMs = 250;
const attemptsMax = 5; // Errors of ours, not waits for the message.
const waitMaxMs = 10 * 60_000; // The longest a send may take (30 s) with its whole backlog of answers, and some.

export function startReceipts(deps: ReceiptDeps): RunningWorker {
	return startWorker(
		{
			name: "Receipts",
			pollMs,
			round: () => applyBatch(deps),
			listen: (wake) => deps.signals.listen("receipts", wake),
		},
		deps,
	);
}

/** One batch. True: it was full, so there may be more. */
export async function applyBatch(deps: ReceiptDeps): Promise<boolean> {
	const options = { now: deps.clock.now(), leaseMs: deps.leaseMs, limit: batchSize };
	const claims = await deps.storage.alone("inbox", async (tx) => [
		...(await claimConsents(tx, options)),
		...(await claimReceipts(tx, options)),
	]);
	if (claims.length === 0) {
		return false;
	}
	try {
		await deps.storage.alone("outbox", async (tx) => {
			for (const claim of claims) {
				await applyOne(tx, claim, deps);
			}
		});
	} catch (error) {
		if (storageTrouble(error) !== undefined) {
			throw error;
		}
		await applyEach(claims, deps);
	}
	deps.signals.nudge("events");
	return claims.length >= batchSize;
}

type Claimed = ReceiptClaim | ConsentClaim;

async function applyEach(claims: readonly Claimed[], deps: ReceiptDeps): Promise<void> {
	for (const claim of claims) {
		try {
			await deps.storage.alone("outbox", (tx) => applyOne(tx, claim, deps));
		} catch (error) {
			if (storageTrouble(error) !== undefined) {
				throw error;
			}
			deps.log.error("A receipt could not be applied.", {
				server: "SMS Server",
				inboxId: claim.id,
				serviceId: claim.serviceId,
				error: describeError(error),
			});
			await deps.storage.write((tx) => endInboxClaim(tx, claim, afterError(claim, deps.clock.now()), deps.clock.now()));
		}
	}
}

function applyOne(tx: Tx, claim: Claimed, deps: ReceiptDeps): Promise<void> {
	return isReceipt(claim) ? applyReceiptOf(tx, claim, deps) : keepConsent(tx, claim, deps);
}

function isReceipt(claim: Claimed): claim is ReceiptClaim {
	return claim.event.kind === "receipt";
}

async function keepConsent(tx: Tx, claim: ConsentClaim, deps: ReceiptDeps): Promise<void> {
	const { consent, contact } = claim.event;
	const now = deps.clock.now();
	if (consent !== undefined && contact !== undefined) {
		const said = {
			id: claim.id,
			...consent,
			address: contact.address,
			serviceId: claim.serviceId,
			source: "provider" as const,
			at: saidAt(claim.event, claim),
			messageId: null,
			conversationId: null,
		};
		await recordConsent(tx, said, now);
	}
	await endInboxClaim(tx, claim, { state: "done" }, now);
}

async function applyReceiptOf(tx: Tx, claim: ReceiptClaim, deps: ReceiptDeps): Promise<void> {
	const now = deps.clock.now();
	const result = await applyReceipt(tx, claim, claim.event, { now, newId: () => deps.ids.next() });
	if (result.kind === "unmatched") {
		deps.metrics.receipt("any", "unmatched");
		await endInboxClaim(tx, claim, afterNoMatch(claim, now), now);
		return;
	}
	deps.metrics.receipt("any", result.moved > 0 ? "moved" : "none");
	const end: InboxEnd =
		result.messageId === undefined ? { state: "done" } : { state: "done", messageId: result.messageId };
	await endInboxClaim(tx, claim, end, now);
}

/** Waits longer each time: 1, 2, 4 … 60 s. Pure. */
export function afterNoMatch(claim: { receivedAt: Date; attempts: number }, now: Date): InboxEnd {
	if (now.getTime() - claim.receivedAt.getTime() >= waitMaxMs) {
		return { state: "parked", reason: "It is about a message that Parley did not send, or no longer knows." };
	}
	const waitMs = Math.min(60_000, 1000 * 2 ** Math.min(claim.attempts - 1, 10));
	return {
		state: "waiting",
		notBefore: new Date(now.getTime() + waitMs),
		reason: "It is about a message that is not known yet.",
	};
}

function afterError(claim: { attempts: number }, now: Date): InboxEnd {
	return claim.attempts >= attemptsMax
		? { state: "parked", reason: "It could not be applied in several attempts." }
		: { state: "received", notBefore: new Date(now.getTime() + 1000 * 2 ** claim.attempts), reason: "It failed." };
}
