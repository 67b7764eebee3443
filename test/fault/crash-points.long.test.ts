// Goal: R2 — at whatever system call the process is killed, every step is done or not done, what was promised is there,
// and the database is whole.
// Method: one Parley runs through the scenarios under the recorder; its folder is rebuilt as of before every call that
// changed a file, once as a kill leaves it and once as a power cut does, opened with the product's own code, verified, and
// compared with before. Real kills at a sample of the calls leave the same bytes as the rebuilding, and strace counts the
// same calls as the recorder.

import assert from "node:assert/strict";
import test from "node:test";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { firstStart, judge, recordLife } from "./powercut/crash-points.ts";
import { countCalls, killAt, noStrace } from "./powercut/real-kills.ts";
import { recorder } from "./powercut/recorder.ts";
import { scenarios } from "./powercut/scenarios.ts";

const seed = seedFlag();
/** Of the points of the first start, each of which costs a start of the whole program. */
const startEvery = numberFlag("start-every", 4);
const kills = numberFlag("kills", 8);
const callsOfStart = 90; // Of a first start, until it listens: the key ring and the schema.
/** So many scenarios, from the first one on. */
const steps = numberFlag("steps", scenarios.length);
const tool = recorder();
const skip = tool.ok ? false : tool.reason;
const library = tool.ok ? tool.library : "";

test(`every crash point of every scenario (seed ${seed})`, { skip, timeout: 1_200_000 }, async (t) => {
	const random = seededRandom(seed);
	const life = await recordLife(t, { library, random, scenarios: scenarios.slice(0, steps) });
	let points = 0;
	for (const step of life.steps) {
		await t.test(step.name, async (t) => {
			const verdict = await judge(life, step, random);
			points += verdict.points;
			t.diagnostic(`${verdict.points} points, commits: ${verdict.commits.join(" | ")}`);
			assert.deepEqual(verdict.violations, []);
		});
	}
	await t.test("a first start, with the administrator and the first messaging service", async (t) => {
		const { points: more, violations } = await firstStart(life, random, startEvery);
		points += more;
		t.diagnostic(`${more} points, at each of which Parley was started again`);
		assert.deepEqual(violations, []);
	});
	t.diagnostic(`${points} points`);
	assert.ok(points >= 40 * steps, `${points} points are too few to be all of them`);
});

test(`${kills} real kills leave the bytes that the replay leaves`, { skip, timeout: 600_000 }, async (t) => {
	let killed = 0;
	for (let number = 1; number <= kills; number++) {
		const at = 1 + Math.round((number * callsOfStart) / kills);
		const found = await killAt(t, library, at);
		assert.deepEqual(found.differ, [], `killed before call ${at}`);
		killed += found.killed ? 1 : 0;
	}
	assert.ok(killed > 0, "nobody was killed: the test proves nothing");
});

const skipStrace = tool.ok ? (noStrace() ?? false) : tool.reason;

test("strace counts the calls that the recorder counts", { skip: skipStrace, timeout: 120_000 }, async (t) => {
	const { strace, recorder: recorded } = await countCalls(t, library);
	t.diagnostic(JSON.stringify(strace));
	assert.deepEqual(recorded, strace);
	assert.ok(strace.write > 50 && strace.sync > 3, "too little happened: the test proves nothing");
});
