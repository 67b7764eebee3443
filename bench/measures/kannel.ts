// Kannel beside Parley, for comparison: how many of the messages offered arrive at the other end, in and out, without its
// store and with it. It checks no signature, and its store does not wait for the disk.

import { hasKannel, type Kannel, startKannel } from "../kannel.ts";
import type { Measure, Outcome } from "../measure.ts";
import { plain, told } from "../report.ts";
import { contacts, type Stand } from "../stand.ts";

const perSecond = 6000;

export const kannel: Measure = {
	name: "kannel",
	async run(stand): Promise<readonly Outcome[]> {
		if (!hasKannel()) {
			stand.say("  kannel is not installed: skipped");
			return [{ title: "Kannel, for comparison", reason: "kannel is not installed" }];
		}
		return [...(await bothWays(stand, false)), ...(await bothWays(stand, true))];
	},
};

async function bothWays(stand: Stand, durable: boolean): Promise<readonly Outcome[]> {
	const { port } = await stand.sink();
	const running = await startKannel(port, { durable });
	const outcomes = [];
	for (const way of ["in", "out"] as const) {
		const said = await offer(stand, running, way);
		outcomes.push({ title: `Kannel ${durable ? "with" : "without"} its store, ${way}, ${perSecond}/s offered`, said });
	}
	await running.end();
	return outcomes;
}

async function offer(stand: Stand, running: Kannel, way: "in" | "out"): Promise<string> {
	const { port, path } = way === "in" ? running.incoming : running.outgoing;
	const moments: { taken: number; atMs: number }[] = [];
	const look = async (): Promise<void> => {
		const { taken } = await stand.sink();
		moments.push({ taken: taken[`/${way}`] ?? 0, atMs: performance.now() });
	};
	const plan = { kind: "get" as const, host: `127.0.0.1:${port}`, path, contacts };
	const seconds = stand.options.seconds ?? 10;
	const job = { plan, port, connections: 64, perSecond, warmSeconds: 2, seconds };
	const result = await stand.load(job, { begin: look, end: look });
	const [before, after] = moments;
	if (before === undefined || after === undefined) {
		throw new Error("The load set no marks.");
	}
	const arrived = (1000 * (after.taken - before.taken)) / (after.atMs - before.atMs);
	stand.say(`  ${way}: arrived ${plain(arrived)}/s; taken ${told(result)}`);
	return `${plain(arrived)}/s arrive, ${plain(result.perSecond)}/s taken`;
}
