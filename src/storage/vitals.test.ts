import assert from "node:assert/strict";
import { addService, testClock } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { nothingSeen } from "#domain/service-state.ts";
import { lastHours, refusalsSince } from "./service-history.ts";
import { forgetFaults, recordSeen, type SeenOf, vitalsOf } from "./vitals.ts";

const clock = testClock();
const at = clock.now();
const later = new Date(at.getTime() + 60_000);
const id = "A".repeat(32);

const seen = (over: Partial<SeenOf>): SeenOf => ({
	serviceId: id,
	lastInAt: undefined,
	lastOutAt: undefined,
	lastFault: undefined,
	hasRecovered: false,
	faults: 0,
	wasGenuine: false,
	refusals: [],
	refused: 0,
	received: 0,
	sent: 0,
	failed: 0,
	calls: [],
	...over,
});
const fault = { at, code: "credentials" as const, detail: "The token has expired." };
const refusal = (reason: string, count: number, mode: "observe" | "enforce" = "enforce") => ({
	reason,
	mode,
	count,
	lastAt: at,
});

onBothDialects("what was seen adds up until something good comes", async (open) => {
	const storage = await open();
	await addService(storage, id, at);
	const tell = (over: Partial<SeenOf>) => storage.write((tx) => recordSeen(tx, [seen(over)], at));
	const now = async () => (await vitalsOf(storage.db, [id])).get(id) ?? nothingSeen;
	assert.deepEqual(await now(), nothingSeen);
	await tell({ lastFault: fault, faults: 2, failed: 2 });
	await tell({ lastFault: fault, faults: 1, failed: 1, refusals: [refusal("replay", 2)], refused: 2 });
	assert.deepEqual(await now(), {
		...nothingSeen,
		lastFault: fault,
		faultsInARow: 3,
		refusedInARow: 2,
		lastRefusedReason: "replay",
	});
	await tell({ lastOutAt: later, hasRecovered: true, sent: 5 });
	assert.deepEqual([(await now()).faultsInARow, (await now()).lastOutAt], [0, later]);
	assert.deepEqual((await now()).lastFault, fault, "what went wrong last stays to be read");
	await tell({ lastInAt: later, wasGenuine: true, received: 3 });
	assert.deepEqual([(await now()).refusedInARow, (await now()).lastInAt], [0, later]);
	await tell({ lastFault: { ...fault, at: later }, hasRecovered: true, faults: 1, failed: 1 });
	assert.equal((await now()).faultsInARow, 1, "good, then a fault, in one second");
	const hours = (await lastHours(storage.db, [id], at, 1)).get(id);
	assert.deepEqual(hours, [
		{ at: new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000), received: 3, sent: 5, failed: 4, refused: 2 },
	]);
	await storage.write((tx) => forgetFaults(tx, id));
	assert.equal((await now()).faultsInARow, 0);
});

onBothDialects("refusals are counted by reason and mode, and old hours do not count", async (open) => {
	const storage = await open();
	await addService(storage, id, at);
	const tell = (refusals: SeenOf["refusals"]) =>
		storage.write((tx) => recordSeen(tx, [seen({ refusals, refused: 1 })], at));
	await tell([refusal("signature_mismatch", 2), refusal("replay", 1)]);
	await tell([refusal("signature_mismatch", 5), refusal("signature_mismatch", 1, "observe")]);
	const counts = async (since: Date) =>
		((await refusalsSince(storage.db, [id], since)).get(id) ?? []).map(
			({ reason, mode, count }) => `${reason} ${mode} ${count}`,
		);
	assert.deepEqual((await counts(at))[0], "signature_mismatch enforce 7");
	assert.deepEqual(
		new Set(await counts(at)),
		new Set(["signature_mismatch enforce 7", "replay enforce 1", "signature_mismatch observe 1"]),
	);
	assert.deepEqual(await counts(new Date(at.getTime() + 3_600_000)), []);
});

onBothDialects("a service that was deleted meanwhile is left out, and takes its vitals along", async (open) => {
	const storage = await open();
	await addService(storage, id, at);
	const gone = seen({ serviceId: "B".repeat(32), received: 1 });
	await storage.write((tx) =>
		recordSeen(tx, [gone, seen({ lastInAt: at, received: 1, refusals: [refusal("replay", 1)] })], at),
	);
	assert.equal((await vitalsOf(storage.db, [id, gone.serviceId])).size, 1);
	await storage.write((tx) => tx.deleteFrom("messaging_services").where("id", "=", id).execute());
	assert.equal((await vitalsOf(storage.db, [id])).size, 0);
	assert.equal((await refusalsSince(storage.db, [id], new Date(0))).size, 0);
});
