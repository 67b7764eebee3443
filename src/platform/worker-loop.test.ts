// Goal: a hint is never lost and never doubled, trouble is met with patience that ends when the trouble does, and after
// `stop` nothing happens any more. Method: the loop on a virtual clock; what counts is when its rounds begin.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { testClock } from "#test/scene.ts";
import { sleep, systemClock } from "./clock.ts";
import { silentLog } from "./log.ts";
import { type RunningWorker, startWorker } from "./worker-loop.ts";

const pollMs = 1000;
const stepMs = 10;

async function turns(): Promise<void> {
	for (let turn = 0; turn < 6; turn++) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

type Round = "done" | "more" | "fails";
type Play = {
	gatherMs?: number;
	/** How long each round takes. */
	takesMs?: number;
	/** How the rounds end, in order; the others are done. */
	rounds?: readonly Round[];
	/** When hints come. */
	hintsMs?: readonly number[];
};

/** A worker on a stage of its own: tells when its rounds began, and who still listens. */
function play(t: TestContext, { gatherMs, takesMs = 0, rounds = [], hintsMs = [] }: Play) {
	const clock = testClock();
	const beganMs: number[] = [];
	const listeners = new Set<() => void>();
	const hint = (): void => listeners.forEach((wake) => wake());
	const round = async (): Promise<boolean> => {
		const end = rounds[beganMs.push(clock.monotonicMs()) - 1] ?? "done";
		await (takesMs > 0 ? sleep(clock, takesMs) : Promise.resolve());
		if (end === "fails") {
			throw new Error("trouble");
		}
		return end === "more";
	};
	const listen = (wake: () => void) => {
		listeners.add(wake);
		return () => void listeners.delete(wake);
	};
	const gather = gatherMs === undefined ? {} : { gatherMs };
	const worker = startWorker({ name: "Test", pollMs, ...gather, round, listen }, { clock, log: silentLog });
	t.after(() => worker.stop());
	return {
		clock,
		beganMs,
		listeners,
		hint,
		worker,
		async until(endMs: number): Promise<void> {
			await turns();
			while (clock.monotonicMs() < endMs) {
				clock.advance(stepMs);
				if (hintsMs.includes(clock.monotonicMs())) {
					hint();
				}
				await turns();
			}
		},
	};
}

const plays: readonly [name: string, play: Play, endMs: number, beganMs: readonly number[]][] = [
	["without a hint it looks when the poll is due", {}, 2500, [0, 1000, 2000]],
	["a round that leaves more is followed at once", { rounds: ["more", "more"] }, 900, [0, 0, 0]],
	["a hint during the round begins the next one at its end", { takesMs: 100, hintsMs: [50] }, 1150, [0, 100]],
	["several hints during the round begin one", { takesMs: 100, hintsMs: [20, 50, 90] }, 1150, [0, 100]],
	["a hint during the pause ends it, and the poll counts from there", { hintsMs: [300] }, 2200, [0, 300, 1300]],
	["a hint that was followed is not followed again", { hintsMs: [300, 500] }, 1400, [0, 300, 500]],
	["after a hint in the pause others may gather", { gatherMs: 50, hintsMs: [300] }, 1300, [0, 350]],
	[
		"a hint during the gathering begins no second one",
		{ gatherMs: 50, hintsMs: [300, 320, 340] },
		2300,
		[0, 350, 1350],
	],
	["after a hint during the round others may gather", { gatherMs: 50, takesMs: 100, hintsMs: [50] }, 1100, [0, 150]],
	["a poll that is due has nobody to wait for", { gatherMs: 50 }, 1500, [0, 1000]],
	[
		"failures wait twice as long each, and five seconds at most",
		{ rounds: Array.from({ length: 7 }, () => "fails" as const) },
		16_900,
		[0, 200, 600, 1400, 3000, 6200, 11_200, 16_200],
	],
	["a hint does not shorten the wait after a failure", { rounds: ["fails"], hintsMs: [50, 100] }, 1100, [0, 200]],
	[
		"one success ends the patience, and the next trouble begins anew",
		{ rounds: ["fails", "fails", "done", "fails", "fails"] },
		3000,
		[0, 200, 600, 1600, 1800, 2200],
	],
	["after trouble a hint counts as before", { rounds: ["fails", "done"], hintsMs: [500] }, 1400, [0, 200, 500]],
];

for (const [name, script, endMs, beganMs] of plays) {
	test(name, async (t) => {
		const stage = play(t, script);
		await stage.until(endMs);
		assert.deepEqual(stage.beganMs, beganMs);
	});
}

/** `true` once it ended; no time passes meanwhile. */
async function hasEnded(stopping: Promise<void>): Promise<boolean> {
	let ended = false;
	void stopping.then(() => (ended = true));
	await turns();
	return ended;
}

const moments: readonly [name: string, play: Play, atMs: number, begun: number][] = [
	["the pause", {}, 500, 1],
	["the gathering", { gatherMs: 500, hintsMs: [300] }, 400, 1],
	["the wait after failures", { rounds: ["fails", "fails", "fails", "fails"] }, 1500, 4],
];

for (const [name, script, atMs, begun] of moments) {
	test(`a stop in ${name} ends it at once; nothing is heard and nothing begins afterwards`, async (t) => {
		const stage = play(t, script);
		await stage.until(atMs);
		const [wake] = stage.listeners;
		assert.ok(await hasEnded(stage.worker.stop()));
		assert.equal(stage.listeners.size, 0, "it does not listen any more");
		wake?.(); // A hint that was on its way.
		await stage.until(20_000);
		assert.equal(stage.beganMs.length, begun);
	});
}

test("a stop waits for the round that runs, and a hint at the stop begins no other", async (t) => {
	const stage = play(t, { takesMs: 100 });
	await stage.until(50);
	stage.hint();
	const stopping = stage.worker.stop();
	stage.hint();
	assert.equal(stage.listeners.size, 0);
	assert.equal(await hasEnded(stopping), false, "its work is not done");
	await stage.until(100);
	assert.ok(await hasEnded(stopping));
	await stage.until(3000);
	assert.deepEqual(stage.beganMs, [0]);
});

test("a backlog that never waits for anything lets timers and requests in between its rounds", async () => {
	let rounds = 0;
	const round = () => Promise.resolve(++rounds < 1000);
	const worker: RunningWorker = startWorker(
		{ name: "Test", pollMs: 60_000, round, listen: () => () => undefined },
		{ clock: systemClock, log: silentLog },
	);
	await new Promise((resolve) => setImmediate(resolve));
	assert.ok(rounds < 1000, `${rounds} rounds before anything else could run`);
	await worker.stop();
});
