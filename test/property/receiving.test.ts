// Laws of receiving: the same events in any order, any number and any grouping make the same messages; receipts in any
// order and number never move a state back, and end where the furthest word says.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { canMove, isTerminal, type OutgoingState, stateOf } from "#domain/delivery.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { ReceiptEvent } from "#domain/messages.ts";
import { silentLog } from "#platform/log.ts";
import { matchBatch } from "#matcher/start.ts";
import { recordArrivals } from "#storage/inbox.ts";
import { claimParts } from "#storage/outbox.ts";
import { settlePart } from "#storage/outbox-moves.ts";
import { applyReceipt } from "#storage/receipts.ts";
import { noSignals } from "#storage/signals.ts";
import { openStorage } from "#storage/storage.ts";
import { arrivalOf, enqueue, messageEvent, setStage, type Stage } from "#test/scene.ts";

const runs = { numRuns: 40 };

async function onStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
	const storage = await openStorage("sqlite::memory:", () => undefined);
	try {
		return await work(await setStage(storage));
	} finally {
		await storage.close();
	}
}

const deliveries = fc.array(fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 5 }), {
	minLength: 1,
	maxLength: 12,
});

test("deliveries in any order, number and grouping make each message once, in one conversation per contact", async () => {
	await fc.assert(
		fc.asyncProperty(deliveries, fc.boolean(), (groups, inOneCommit) =>
			onStage(async (stage) => {
				const toEvent = (n: number) => messageEvent(`m${n}`, { contact: { address: `+4915100000${n % 3}` } });
				const arrivals = groups.map((group) => arrivalOf(stage, group.map(toEvent)));
				const commits = inOneCommit ? [arrivals] : arrivals.map((arrival) => [arrival]);
				for (const commit of commits) {
					await stage.storage.write((tx) => recordArrivals(tx, commit));
				}
				await matchBatch({ ...stage, signals: noSignals, log: silentLog, settings: { leaseMs: 1000 } });
				const rows = await stage.storage.db.selectFrom("messages").select(["remote_id", "state"]).execute();
				const wanted = new Set(groups.flat().map((n) => `m${n}`));
				assert.deepEqual(new Set(rows.map((row) => row.remote_id)), wanted);
				assert.equal(rows.length, wanted.size);
				assert.ok(rows.every(({ state }) => state === "matched"));
				const chains = await stage.storage.db.selectFrom("conversations").select("id").execute();
				assert.equal(chains.length, new Set(groups.flat().map((n) => n % 3)).size);
			}),
		),
		runs,
	);
});

const words = fc.array(fc.constantFrom<ReceiptEvent["status"]>("sent", "delivered", "read", "failed"), {
	maxLength: 8,
});

test("receipts before and after the send's answer never move a state back, and change nothing after an end", async () => {
	await fc.assert(
		fc.asyncProperty(words, words, (early, late) =>
			onStage(async (stage) => {
				const { storage, clock, ids, serviceId } = stage;
				await enqueue(stage);
				const [claim] = await storage.alone("outbox", (tx) =>
					claimParts(tx, {
						serviceId,
						limit: 1,
						now: clock.now(),
						leaseMs: 1000,
						owner: "n",
						newAttemptId: () => ids.next(),
					}),
				);
				assert.ok(claim);
				const seen: OutgoingState[] = [await state()];
				const target = { by: "attempt", attemptId: claim.attemptId as never, remoteId: "r1" as RemoteId } as const;
				async function state(): Promise<OutgoingState> {
					return stateOf((await storage.db.selectFrom("outbox").select("state").executeTakeFirstOrThrow()).state);
				}
				async function tell(status: ReceiptEvent["status"]): Promise<void> {
					const event: ReceiptEvent = { kind: "receipt", dedupKey: "r", status, target };
					const inbox = {
						id: ids.next<never>() as string,
						serviceId,
						requestId: "",
						kind: "receipt" as const,
						messageId: null,
					};
					const row = { ...inbox, event, receivedAt: clock.now(), attempts: 1, epoch: 1 };
					await storage.write((tx) => applyReceipt(tx, row, event, { now: clock.now(), newId: () => ids.next() }));
					seen.push(await state());
				}
				for (const status of early) {
					await tell(status);
				}
				const next = { to: "sent", remoteIds: ["r1"], at: clock.now() } as const;
				const outcome = { kind: "accepted", code: null, detail: null } as const;
				await storage.write((tx) => settlePart(tx, { claim, outcome, exchange: [], next }, clock.now()));
				seen.push(await state());
				for (const status of late) {
					await tell(status);
				}
				for (const [index, after] of seen.slice(1).entries()) {
					const before = seen[index] ?? "queued";
					assert.ok(after === before || canMove(before, after), `${before} → ${after}`);
					assert.ok(!isTerminal(before) || after === before);
				}
				assert.notEqual(seen.at(-1), "sending", "the answer or a receipt settled it");
			}),
		),
		runs,
	);
});
