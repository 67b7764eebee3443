// Goal: R3 — a power cut loses nothing that was acknowledged and damages nothing; on SQLite and on PostgreSQL.
// Method: as in power-cut.test.ts, more often; for PostgreSQL the server runs under the recorder, and the control lets it
// acknowledge before it syncs.

import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import test from "node:test";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { postgresPrograms } from "./powercut/postgres-cluster.ts";
import * as postgres from "./powercut/postgres-cuts.ts";
import { recorder } from "./powercut/recorder.ts";
import * as sqlite from "./powercut/sqlite-cuts.ts";

const runs = numberFlag("cycles", 10);
const cutsPerRun = numberFlag("cuts", 10);
const seed = seedFlag();
const tool = recorder();
const programs = postgresPrograms();
const library = tool.ok ? tool.library : "";
const skip = tool.ok ? false : tool.reason;
const skipPostgres = !tool.ok ? tool.reason : programs.ok ? false : programs.reason;
const nothing = { lost: [], wrong: [], broken: [] };

test(`SQLite keeps what it acknowledged, ${runs} × ${cutsPerRun} power cuts (seed ${seed})`, { skip }, async (t) => {
	const random = seededRandom(seed);
	for (let run = 0; run < runs; run++) {
		const recording = await sqlite.recordRun(t, { library, random });
		const cuts = await sqlite.cutPower(recording, cutsPerRun, random);
		cuts.forEach(({ findings }) => assert.deepEqual(findings, nothing, `run ${run}`));
		const last = cuts.at(-1);
		assert.ok(last);
		assert.deepEqual(await sqlite.liveOn(t, recording, last), [], "Parley lives on, and every invariant holds");
		t.diagnostic(`${recording.traffic.acknowledged.length} webhooks acknowledged, ${recording.entries.length} entries`);
	}
});

test(
	`PostgreSQL keeps what it acknowledged, ${runs} × 2 power cuts (seed ${seed})`,
	{ skip: skipPostgres },
	async (t) => {
		assert.ok(programs.ok);
		const random = seededRandom(seed);
		const store = sqlite.temporaryFolder(t);
		chmodSync(store, 0o755);
		for (let run = 0; run < runs; run++) {
			const recording = await postgres.recordRun(t, { library, random, programs, store });
			const cuts = await postgres.cutPower(t, recording, { programs, random, count: 2 });
			cuts.forEach(({ findings }) => assert.deepEqual(findings, nothing, `run ${run}`));
			t.diagnostic(
				`${recording.traffic.acknowledged.length} webhooks acknowledged, ${recording.entries.length} entries`,
			);
		}
	},
);

test(
	`control: PostgreSQL that acknowledges before it syncs loses something (seed ${seed})`,
	{ skip: skipPostgres },
	async (t) => {
		assert.ok(programs.ok);
		const random = seededRandom(seed);
		const store = sqlite.temporaryFolder(t);
		chmodSync(store, 0o755);
		// Parley refuses such a server at its start; so the server changes its mind afterwards.
		const onceStarted = ["ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()"];
		// Little is written before its time, which would take the log with it to the disk.
		const settings = { shared_buffers: "64MB" };
		const recording = await postgres.recordRun(t, { library, random, programs, store, onceStarted, settings });
		const cuts = await postgres.cutPower(t, recording, { programs, random, count: 4 });
		const lost = cuts.map(({ findings }) => findings.lost.length);
		assert.deepEqual(
			cuts.flatMap(({ findings }) => findings.broken),
			[],
		);
		t.diagnostic(`lost by cut: ${lost.join(", ")}`);
		assert.ok(Math.max(...lost) > 0, "nothing was lost: the recorder or the replay does not see what was not synced");
	},
);
