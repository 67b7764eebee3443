// Goal: a process has one fate: whenever and however the second thread ends without being told to, somebody hears of it,
// and nobody waits for it for ever. Method: tiny threads in its place that end at the moment in question.

import assert from "node:assert/strict";
import { type SecondThreadHooks, startSecondThread } from "./second-thread.ts";
import test from "node:test";
import type { StorageTrouble } from "#storage/trouble.ts";
import { until } from "#test/parley.ts";
import type { SecondThreadStart } from "./thread-talk.ts";

/** A thread that does what is written; `first` is the port to the one that started it. */
function thread(...does: string[]): URL {
	const source = `import { parentPort as first } from "node:worker_threads";\n${does.join("\n")}`;
	return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

const runs = `first.postMessage({ kind: "runs" });`;
/** What it does when it hears the word; everything else is answered with nothing. */
const on = (kind: string, does: string): string =>
	`first.on("message", (words) => {
		if (words.kind === ${JSON.stringify(kind)}) { ${does} }
		else if ("number" in words) { first.postMessage({ kind: "answer", number: words.number }); }
	});`;
const dies = `process.exit(3);`; // Of a thread: it ends alone.
const throws = `throw new Error("broken inside");`;

const withinMs = 3000;
const start = {} as SecondThreadStart; // The threads here do not look at it.

/** Who started it, and what was heard. */
function listener() {
	const ends: (string | undefined)[] = [];
	const exits: number[] = [];
	const troubles: StorageTrouble[] = [];
	const hooks: SecondThreadHooks = {
		onTrouble: (trouble) => troubles.push(trouble),
		exit: (code) => exits.push(code),
		onEnd: (error) => ends.push(error?.message),
	};
	return { ends, exits, troubles, hooks };
}

const endsInTime = async <T>(work: Promise<T>, what: string): Promise<T | Error> => {
	let seen: { result: T | Error } | undefined;
	void work.then(
		(result) => (seen = { result }),
		(error: unknown) => (seen = { result: error as Error }),
	);
	return (await until(() => seen, what, withinMs)).result;
};

for (const [how, does, says] of [
	["ends", dies, /ended before it worked/],
	["throws", throws, /broken inside/],
	["has nothing to do", "", /ended before it worked/],
] as const) {
	test(`a thread that ${how} before it works is a start that failed, and no more`, async () => {
		const { ends, hooks } = listener();
		const failed = await endsInTime(startSecondThread(start, hooks, thread(does)), "the start's failure");
		assert.match(failed instanceof Error ? failed.message : "it started", says);
		assert.deepEqual(ends, [], "who started it knows already");
	});
}

test("it works when it says so, not before, and what it says before is heard", async (t) => {
	const { exits, troubles, hooks } = listener();
	const says = (words: object): string => `first.postMessage(${JSON.stringify(words)});`;
	const early = [says({ kind: "trouble", trouble: "full" }), says({ kind: "exit", code: 7 })];
	const waits = `await new Promise((resolve) => setTimeout(resolve, 50));`;
	const marks = new SharedArrayBuffer(4);
	const marksIt = [`import { workerData } from "node:worker_threads";`, `new Int32Array(workerData.turnstile)[0] = 1;`];
	const entry = thread(...early, waits, ...marksIt, on("", ""), runs);
	const second = await startSecondThread({ ...start, turnstile: marks }, hooks, entry);
	t.after(() => second.close());
	assert.equal(new Int32Array(marks)[0], 1, "it came to the end of its start");
	assert.deepEqual([troubles, exits], [["full"], [7]]);
});

for (const [how, does, says] of [
	["ends", dies, undefined],
	["throws", throws, "broken inside"],
] as const) {
	test(`a thread that ${how} while it works ends the process, which hears of it first`, async () => {
		const { ends, hooks } = listener();
		const second = await startSecondThread(start, hooks, thread(on("nudge", does), runs));
		assert.deepEqual(ends, []);
		second.signals.nudge("matcher");
		const [end] = await until(() => (ends.length > 0 ? [ends[0]] : undefined), "the end", withinMs);
		assert.equal(end, says);
	});

	test(`what was asked of a thread that ${how} is answered with an error, so that nobody waits for ever`, async () => {
		const { ends, hooks } = listener();
		const second = await startSecondThread(start, hooks, thread(on("count", does), runs));
		assert.ok((await endsInTime(second.counted(), "an answer about its counts")) instanceof Error);
		await until(() => (ends.length > 0 ? true : undefined), "the end", withinMs);
		assert.ok((await endsInTime(second.recordArrivals([]), "an answer after the end")) instanceof Error);
	});

	test(`a thread that ${how} while it closes holds up nothing`, async () => {
		const { hooks } = listener();
		const second = await startSecondThread(start, hooks, thread(on("close", does), runs));
		await endsInTime(second.close(), "the end of closing");
	});
}

test("a thread that is told to close ends, and that is nobody's trouble", async () => {
	const { ends, exits, hooks } = listener();
	const second = await startSecondThread(start, hooks, thread(on("", ""), runs));
	assert.equal(await endsInTime(second.stop(), "the end of its servers"), undefined);
	assert.equal(await endsInTime(second.close(), "the end of closing"), undefined);
	await new Promise((resolve) => setImmediate(resolve));
	assert.deepEqual([ends, exits], [[], []]);
});
