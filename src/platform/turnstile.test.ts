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
		const alive = setInterval(() => undefined, 1000); // A wait at the turnstile keeps no thread alive.
		import(workerData.module).then(async ({ turnstile }) => {
			const gate = turnstile(workerData.memory);
			for (let round = 0; round < ${rounds}; round++) {
				await gate.pass(async () => {
					const seen = workerData.counters[0];
					await new Promise((resolve) => setImmediate(resolve));
					workerData.counters[0] = seen + 1;
				});
			}
			clearInterval(alive);
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

test("a thread that is busy when its turn comes holds up nobody, and is not passed over for ever", async () => {
	const memory = turnstileMemory();
	const passes = new Int32Array(new SharedArrayBuffer(8)); // Of the other thread; the second field ends it.
	const other = new Worker(
		`const { workerData } = require("node:worker_threads");
		const alive = setInterval(() => undefined, 1000); // A wait at the turnstile keeps no thread alive.
		import(workerData.module).then(async ({ turnstile }) => {
			const gate = turnstile(workerData.memory);
			while (Atomics.load(workerData.passes, 1) === 0) {
				await gate.pass(async () => {
					Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
					Atomics.add(workerData.passes, 0, 1);
				});
				await new Promise((resolve) => setImmediate(resolve));
			}
			clearInterval(alive);
		});`,
		{ eval: true, workerData: { module: new URL("./turnstile.ts", import.meta.url).href, memory, passes } },
	);
	const ended = new Promise((resolve, reject) => other.once("exit", resolve).once("error", reject));
	const gate = turnstile(memory);
	let isInside = true;
	let before = 0;
	let next: Promise<unknown> = Promise.resolve();
	// Until it comes while the other is inside, which is most of the time.
	while (isInside) {
		await next;
		await new Promise((resolve) => setImmediate(resolve));
		isInside = false;
		before = Atomics.load(passes, 0);
		next = gate.pass(async () => (isInside = true));
		await new Promise((resolve) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => resolve(null)))));
	}
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); // This thread does something else.
	const meanwhile = Atomics.load(passes, 0) - before;
	Atomics.store(passes, 1, 1);
	await next;
	await ended;
	assert.ok(meanwhile >= 2, "the other thread went on");
	assert.ok(meanwhile <= 4, `and waited then: ${meanwhile}`); // The one under way, and three in a row.
});
