import assert from "node:assert/strict";
import test from "node:test";
import { Worker } from "node:worker_threads";
import { turnstile, turnstileMemory } from "./turnstile.ts";

test("those of one thread pass one at a time, in their order, and a failure lets the next one in", async () => {
	const gate = turnstile(turnstileMemory());
	const steps: string[] = [];
	const work = (name: string) => async () => {
		steps.push(`${name} in`);
		await new Promise((resolve) => setImmediate(resolve));
		steps.push(`${name} out`);
	};
	const failing = gate.pass(() => Promise.reject(new Error("full")));
	await Promise.all([assert.rejects(failing, /full/), gate.pass(work("a")), gate.pass(work("b"))]);
	assert.deepEqual(steps, ["a in", "a out", "b in", "b out"]);
});

const rounds = 200;

test("two threads never work at the same time", async () => {
	const memory = turnstileMemory();
	const counters = new Int32Array(new SharedArrayBuffer(8));
	// Each adds to a counter that is read and written without atomics: one lost step shows that both were inside.
	const other = new Worker(
		`const { workerData } = require("node:worker_threads");
		import(workerData.module).then(async ({ turnstile }) => {
			const gate = turnstile(workerData.memory);
			for (let round = 0; round < ${rounds}; round++) {
				await gate.pass(async () => {
					const seen = workerData.counters[0];
					await new Promise((resolve) => setImmediate(resolve));
					workerData.counters[0] = seen + 1;
				});
			}
		});`,
		{ eval: true, workerData: { module: new URL("./turnstile.ts", import.meta.url).href, memory, counters } },
	);
	const ended = new Promise((resolve, reject) => other.once("exit", resolve).once("error", reject));
	const gate = turnstile(memory);
	for (let round = 0; round < rounds; round++) {
		await gate.pass(async () => {
			const seen = counters[0] ?? 0;
			await new Promise((resolve) => setImmediate(resolve));
			counters[0] = seen + 1;
		});
	}
	await ended;
	assert.equal(counters[0], 2 * rounds);
});
