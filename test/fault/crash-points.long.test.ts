// Goal: R2 — at whatever system call the process is killed, every step is done or not done, what was promised is there,
// and the database is whole.
// Method: one Parley runs through the scenarios under the recorder; its folder is rebuilt as of before every call that
// changed a file, once as a kill leaves it and once as a power cut does, opened with the product's own code, verified, and
// compared with before. Real kills at a sample of the calls leave the same bytes as the rebuilding, and strace counts the
// same calls as the recorder.

import assert from "node:assert/strict";
import test from "node:test";
import { seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { judge, recordLife } from "./powercut/crash-points.ts";
import { recorder } from "./powercut/recorder.ts";

const seed = seedFlag();
const tool = recorder();
const skip = tool.ok ? false : tool.reason;
const library = tool.ok ? tool.library : "";

test(`every crash point of every scenario (seed ${seed})`, { skip, timeout: 1_200_000 }, async (t) => {
	const random = seededRandom(seed);
	const life = await recordLife(t, library, random);
	let points = 0;
	for (const step of life.steps) {
		await t.test(step.name, async (t) => {
			const verdict = await judge(life, step, random);
			points += verdict.points;
			t.diagnostic(`${verdict.points} points, commits: ${verdict.commits.join(" | ")}`);
			assert.deepEqual(verdict.violations, []);
		});
	}
	t.diagnostic(`${points} points`);
	assert.ok(points >= 600, `${points} points are too few to be all of them`);
});
