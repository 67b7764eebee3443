// Goal: a storm of live events costs one question at a time, and the next one is really asked.

import assert from "node:assert/strict";
import test from "node:test";
import { gathered } from "./gathered.ts";

test("who asks at the same time shares one answer, and the next question is a new one", async () => {
	let asked = 0;
	const ask = gathered(() => Promise.resolve((asked += 1)), 5);

	assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [1, 1, 1]);
	assert.equal(await ask(), 2);
});

test("between two questions there is a pause", async () => {
	const pauseMs = 40;
	const ask = gathered(() => Promise.resolve(), pauseMs);
	await ask();
	const startMs = performance.now();
	await ask();

	assert.ok(performance.now() - startMs >= pauseMs - 2);
});

test("a failure is told to everybody who waits, and the next one asks again", async () => {
	const answers = [() => Promise.reject(new Error("away")), () => Promise.resolve("here")];
	const ask = gathered(() => answers.shift()?.() ?? Promise.reject(new Error("none")), 0);

	const both = await Promise.allSettled([ask(), ask()]);
	assert.deepEqual(
		both.map(({ status }) => status),
		["rejected", "rejected"],
	);
	assert.equal(await ask(), "here");
});
