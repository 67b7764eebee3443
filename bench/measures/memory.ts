// Resident memory: of Parley that has nothing to do, and of one with a long queue, no provider and webhooks coming in.

import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { figure, type Goal, type Measure } from "../measure.ts";
import type { Parley } from "../parley.ts";
import { told } from "../report.ts";
import { parleyWithQueued } from "../queued.ts";
import { planFor } from "../stand.ts";

const queued = 200_000;
const perSecond = 500;
const everyMs = 200;
const settleMs = 10_000;
const mebibyte = 1024 * 1024;

const goals = {
	idle: { title: "resident memory, idle", unit: "MiB", floor: 150, aim: 120, better: "lower" },
	queued: { title: `resident memory, ${queued} queued`, unit: "MiB", floor: 350, aim: 250, better: "lower" },
} satisfies Record<string, Goal>;

export const memory: Measure = {
	name: "memory",
	async run(stand) {
		if (!existsSync("/proc/self/status")) {
			return Object.values(goals).map(({ title }) => ({ title, reason: "there is no /proc to read it from" }));
		}
		const seconds = stand.options.seconds ?? (stand.options.long ? 120 : 15);
		const idle = await stand.parley();
		await idle.start("gateway,matcher,rest");
		await pause(settleMs);
		const nothing = idle.residentBytes() / mebibyte;
		await idle.remove();

		const parley = await parleyWithQueued(stand, queued);
		await parley.start("gateway,matcher,rest");
		const plan = planFor(parley, "webhook");
		const load = stand.load({ plan, port: parley.port, connections: 64, perSecond, warmSeconds: 0, seconds });
		const much = await highest(parley, load);
		const result = await load;
		await parley.remove();
		const made = `highest of ${seconds} s while ${perSecond}/s come in and no provider answers; ${told(result)}`;
		return [figure(goals.idle, [nothing], `${settleMs / 1000} s after the start`), figure(goals.queued, [much], made)];
	},
};

/** The most that was seen until the promise resolved, MiB. */
async function highest(parley: Parley, until: Promise<unknown>): Promise<number> {
	let isOver = false;
	let most = 0;
	const ended = until.finally(() => (isOver = true));
	while (!isOver) {
		most = Math.max(most, parley.residentBytes());
		await pause(everyMs);
	}
	await ended;
	return most / mebibyte;
}
