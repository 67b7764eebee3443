// The two whole ways of a message, as loads whose end is seen: in (taken until matched and visible) and out (taken until
// the provider has answered). What arrives at the end is counted there, not at the door.

import { type Backlog, openBacklog, untilEmpty, type Waiting } from "./backlog.ts";
import type { LoadResult } from "./load.ts";
import type { Parley } from "./parley.ts";
import { plain, told } from "./report.ts";
import { contacts, planFor, type Stand } from "./stand.ts";

export type Way = {
	name: "in" | "out";
	parley: Parley;
	/** Offers a rate, or with `undefined` as much as 64 connections get through, and waits until all of it has arrived. */
	offer(perSecond: number | undefined, seconds: number, connections?: number): Promise<Passage>;
	close(): Promise<void>;
};

export type Passage = {
	/** Per second of the window. */
	offered: number;
	taken: number;
	arrived: number;
	/** Rows by which the backlog grew in the window. */
	grew: number;
	result: LoadResult;
};

const closedConnections = 64;
const warmSeconds = 1;

/** A running Parley with every server, whose contacts have all written once: without that Meta takes no answer to them. */
export async function openWay(stand: Stand, name: "in" | "out", parley: Parley): Promise<Way> {
	const backlog = await openBacklog(parley.database);
	await parley.start("gateway,matcher,rest");
	await greet(stand, parley, backlog);
	return {
		name,
		parley,
		offer: (perSecond, seconds, connections = closedConnections) =>
			pass({ stand, name, parley, backlog }, { perSecond, seconds, connections }),
		async close() {
			await backlog.close();
			await parley.stop(); // Not killed: a profile is written at the end.
			await parley.remove();
		},
	};
}

export async function greet(stand: Stand, parley: Parley, backlog: Backlog, count = contacts): Promise<LoadResult> {
	const job = { plan: planFor(parley, "webhook"), port: parley.port, connections: closedConnections };
	const result = await stand.load({ ...job, warmSeconds: 0, seconds: 0, count });
	if (result.statuses[200] !== count) {
		throw new Error(`Not every webhook was taken: ${told(result)}.`);
	}
	await untilEmpty(backlog, "inbox");
	return result;
}

type Ground = { stand: Stand; name: "in" | "out"; parley: Parley; backlog: Backlog };
type Offer = { perSecond: number | undefined; seconds: number; connections: number };
type Moment = Waiting & { taken: number; atMs: number };

async function pass(ground: Ground, { perSecond, seconds, connections }: Offer): Promise<Passage> {
	const { stand, name, parley, backlog } = ground;
	const moments: Moment[] = [];
	const look = async (): Promise<void> => {
		const atMs = performance.now();
		const [waiting, { taken }] = await Promise.all([backlog.read(), stand.provider()]);
		moments.push({ ...waiting, taken, atMs });
	};
	const plan = planFor(parley, name === "in" ? "webhook" : "send");
	const rate = perSecond === undefined ? {} : { perSecond };
	const job = { plan, port: parley.port, connections, warmSeconds, seconds, ...rate };
	const result = await stand.load(job, { begin: look, end: look });
	const passage = toPassage(name, result, perSecond, moments);
	await untilEmpty(backlog, name === "in" ? "inbox" : "outbox");
	stand.say(
		`  ${name}: offered ${plain(passage.offered)}/s, arrived ${plain(passage.arrived)}/s, backlog grew by ${passage.grew}; taken ${told(result)}`,
	);
	return passage;
}

function toPassage(
	name: "in" | "out",
	result: LoadResult,
	perSecond: number | undefined,
	[before, after]: readonly Moment[],
): Passage {
	if (before === undefined || after === undefined) {
		throw new Error("The load set no marks.");
	}
	const taken = result.perSecond;
	const seconds = (after.atMs - before.atMs) / 1000;
	const table = name === "in" ? "inbox" : "outbox";
	const grew = after[table] - before[table];
	// The provider counts its own answers; what was matched is what was taken less what more of it waits.
	const arrived = name === "in" ? taken - grew / seconds : (after.taken - before.taken) / seconds;
	return { offered: perSecond ?? taken, taken, arrived, grew, result };
}
