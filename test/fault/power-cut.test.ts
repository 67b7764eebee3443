// Goal: R3 — a power cut loses nothing that was acknowledged and damages nothing.
// Method: Parley runs under a library that writes down every change of its files and every sync; it is killed under
// load, and its folder is rebuilt as disks leave it: what was not synced is dropped or torn at random (seeded). The control
// runs the same with SQLite syncing less, and has to lose something, or this test could not see a loss at all.
// More of it, and PostgreSQL, in power-cut.long.test.ts.

import assert from "node:assert/strict";
import test from "node:test";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { recorder } from "./powercut/recorder.ts";
import { cutPower, liveOn, recordRun } from "./powercut/sqlite-cuts.ts";

const runs = numberFlag("cycles", 2);
const cutsPerRun = numberFlag("cuts", 8);
const seed = seedFlag();
const tool = recorder();
const skip = tool.ok ? false : tool.reason;
const library = tool.ok ? tool.library : "";

test(`SQLite keeps what it acknowledged, ${runs} × ${cutsPerRun} power cuts (seed ${seed})`, { skip }, async (t) => {
	const random = seededRandom(seed);
	for (let run = 0; run < runs; run++) {
		const recording = await recordRun(t, { library, random });
		const cuts = await cutPower(recording, cutsPerRun, random);
		cuts.forEach(({ findings }) => assert.deepEqual(findings, { lost: [], wrong: [], broken: [] }));
		t.diagnostic(`${recording.traffic.acknowledged.length} webhooks acknowledged, ${recording.entries.length} entries`);
		const last = cuts.at(-1);
		if (run === runs - 1 && last !== undefined) {
			assert.deepEqual(await liveOn(t, recording, last), [], "Parley lives on, and every invariant holds");
		}
	}
});

test(`control: with SQLite below FULL the same cuts lose something (seed ${seed})`, { skip }, async (t) => {
	const random = seededRandom(seed);
	const nodeOptions = ["--import", new URL("./powercut/below-full.ts", import.meta.url).href];
	const recording = await recordRun(t, { library, random, nodeOptions });
	const lost = (await cutPower(recording, cutsPerRun, random)).map(({ findings }) => findings.lost.length);
	t.diagnostic(`lost by cut: ${lost.join(", ")}`);
	assert.ok(Math.max(...lost) > 0, "nothing was lost: the recorder or the replay does not see what was not synced");
});
