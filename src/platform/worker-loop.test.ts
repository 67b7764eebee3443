import assert from "node:assert/strict";
import test from "node:test";
import { silentLog } from "./log.ts";
import { systemClock } from "./clock.ts";
import { startWorker } from "./worker-loop.ts";

test("a backlog that never waits for anything lets timers and requests in between its rounds", async () => {
	let rounds = 0;
	const round = () => Promise.resolve(++rounds < 1000);
	const worker = startWorker(
		{ name: "Test", pollMs: 60_000, round, listen: () => () => undefined },
		{ clock: systemClock, log: silentLog },
	);
	await new Promise((resolve) => setImmediate(resolve));
	assert.ok(rounds < 1000, `${rounds} rounds before anything else could run`);
	await worker.stop();
});
