import assert from "node:assert/strict";
import { stateOf } from "#domain/delivery.ts";
import type { AttemptId } from "#domain/ids.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { claimParts } from "#storage/outbox.ts";
import { settleParts } from "#storage/outbox-moves.ts";
import { localSignals } from "#storage/signals.ts";
import { arrivalOf, enqueue, receiptEvent, setStage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { applyBatch } from "./receipts.ts";

const leaseMs = 20_000;

onBothDialects(
	"an answer and a receipt of one moment: whichever is written first, the state never goes back",
	async (open) => {
		const stage = await setStage(await open());
		const { storage, clock, ids, serviceId } = stage;
		for (let index = 0; index < 30; index++) {
			await enqueue(stage, { contact: `+4915${index}` });
		}
		const claims = await storage.alone("outbox", (tx) =>
			claimParts(tx, { serviceId, limit: 30, now: clock.now(), leaseMs, owner: "n", newAttemptId: () => ids.next() }),
		);
		assert.equal(claims.length, 30);
		const deps = { storage, clock, ids, log: silentLog, metrics: openMetrics(), signals: localSignals(), leaseMs };
		const receipts = claims.map(({ attemptId }) =>
			receiptEvent(attemptId, { target: { by: "attempt", attemptId: attemptId as AttemptId } }),
		);
		await storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, receipts)]));
		const settlements = claims.map((claimed, index) => ({
			claim: claimed,
			outcome: { kind: "accepted" as const, code: null, detail: null },
			exchange: [],
			next: { to: "sent" as const, remoteIds: [`r${index}`], at: clock.now() },
		}));
		await Promise.all([applyBatch(deps), settleParts(storage, settlements, clock.now())]);
		const rows = await storage.db.selectFrom("outbox").select("state").execute();
		assert.deepEqual(new Set(rows.map(({ state }) => stateOf(state))), new Set(["delivered"]));
	},
);
