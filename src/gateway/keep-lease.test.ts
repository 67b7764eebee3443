import assert from "node:assert/strict";
import test from "node:test";
import { silentLog } from "#platform/log.ts";
import { claimParts } from "#storage/outbox.ts";
import { enqueue, setStage, testClock } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { keepLease } from "./keep-lease.ts";

const leaseMs = 30_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a lease is renewed until its work ends, also where a renewal is under way at that moment", async (t) => {
	const stage = await setStage(await openTemporarySqlite(t));
	const { storage, clock } = stage;
	await enqueue(stage);
	const [claim] = await storage.alone("outbox", (tx) =>
		claimParts(tx, {
			serviceId: stage.serviceId,
			limit: 1,
			now: clock.now(),
			leaseMs,
			owner: "node",
			newAttemptId: () => stage.ids.next(),
		}),
	);
	assert.ok(claim);
	const leaseLeft = async () => {
		const row = await storage.db.selectFrom("outbox").select("lease_until").executeTakeFirstOrThrow();
		return row.lease_until - clock.now().getTime();
	};
	const stop = keepLease(claim, { storage, clock, log: silentLog, leaseMs });
	clock.advance(10_000);
	await turn();
	assert.equal(await leaseLeft(), leaseMs);
	clock.advance(10_000); // A renewal has begun …
	stop(); // … when the work ends.
	await turn();
	clock.advance(10_000);
	await turn();
	clock.advance(20_000);
	await turn();
	assert.equal(await leaseLeft(), 0, "the claim is free when its time is over");
});

test("a renewal that fails is tried again and never ends the process", async () => {
	const clock = testClock();
	let tries = 0;
	const storage = {
		get db(): never {
			tries += 1;
			throw new Error("driver has already been destroyed");
		},
	} as never;
	const stop = keepLease({ partId: "P", epoch: 1 }, { storage, clock, log: silentLog, leaseMs });
	clock.advance(10_000);
	await turn();
	clock.advance(10_000);
	await turn();
	assert.equal(tries, 2);
	stop();
});
