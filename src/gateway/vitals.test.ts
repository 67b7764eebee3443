import assert from "node:assert/strict";
import test from "node:test";
import type { Outcome } from "#connectors/contract.ts";
import { idsFrom } from "#platform/ids.ts";
import { silentLog } from "#platform/log.ts";
import { callsOf, vitalsOf } from "#storage/vitals.ts";
import { addService, seededRandom, testClock } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { startVitals } from "./vitals.ts";

const id = "A".repeat(32);
const fault = (
	kind: "retry" | "rejected" | "unknown",
	code: "credentials" | "recipient" | "unreachable" | "throttled",
) => ({ kind, code, detail: code }) as Outcome;
const genuine = { kind: "call", reason: null, remoteAddress: "203.0.113.1", mode: "warn", quarantineId: null } as const;
const accepted = { kind: "accepted", remoteIds: ["r"] } as unknown as Outcome;

/** [attempts in order, faults in a row afterwards]. */
const cases: readonly [name: string, attempts: readonly Outcome[], faults: number][] = [
	["nothing but good", [accepted, accepted], 0],
	["faults add up", [fault("retry", "credentials"), fault("unknown", "unreachable")], 2],
	["a good one ends them", [fault("retry", "unreachable"), accepted], 0],
	["and they begin anew", [accepted, fault("retry", "unreachable")], 1],
	["what concerns one message only is none", [fault("rejected", "recipient")], 0],
	["and even ends them: the provider answered", [fault("retry", "unreachable"), fault("rejected", "recipient")], 0],
	["slowness asked for is none", [fault("retry", "throttled")], 0],
];

for (const [name, attempts, faults] of cases) {
	test(`faults in a row: ${name}`, async (t) => {
		const storage = await openTemporarySqlite(t);
		const clock = testClock();
		await addService(storage, id, clock.now());
		const { vitals, worker } = startVitals({ storage, clock, ids: idsFrom(clock, seededRandom(1)), log: silentLog });
		for (const outcome of attempts) {
			vitals.attempted(id, outcome);
		}
		vitals.received(id, 2);
		vitals.refused(id, "replay", "enforce");
		for (let call = 0; call < 9; call++) {
			vitals.answered(id, { ...genuine, status: 200 + call });
		}
		assert.equal((await vitalsOf(storage.db, [id])).size, 0, "nothing is written on the way of a message");
		const stopping = worker.stop();
		clock.advance(1000);
		await stopping;
		const written = (await vitalsOf(storage.db, [id])).get(id);
		assert.deepEqual([written?.faultsInARow, written?.refusedInARow], [faults, 1]);
		assert.deepEqual(written?.lastInAt, testClock().now());
		const calls = await callsOf(storage.db, id, 10);
		assert.deepEqual(
			calls.map(({ status }) => status),
			[204, 203, 202, 201, 200],
		);
	});
}
