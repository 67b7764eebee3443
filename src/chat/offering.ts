// Offers of what waits to who is free. Of each queue that somebody free serves as many chats are read as can be given, and
// a few more; where those wait for somebody else, more of them.

import { agentsAmong, findAgent } from "#storage/chat-agents.ts";
import { presentUsers } from "#storage/chat-sessions.ts";
import { queuesWithWaiting, waitingIn } from "#storage/chat-waiting.ts";
import { chatsOfOne, chatsPerUser } from "#storage/chats.ts";
import { type Allocation, allocate, type Candidate, type Waiting } from "./allocate.ts";
import type { Apart } from "./apart.ts";
import type { ChatDeps } from "./deps.ts";
import { type Known, readKnown } from "./known.ts";
import { offerTo } from "./offers.ts";
import { allowedQueues, type Rights } from "./people.ts";
import { isAbsent } from "./presences.ts";
import type { Turn, Turns } from "./turns.ts";

export type RoundDeps = Pick<ChatDeps, "storage" | "clock" | "log"> & {
	turns: Turns;
	rights: { now(): Promise<Rights> };
	host: string;
};

const spareChats = 50; // Of a queue: some may be kept for their preferred agent, or have been refused lately.
const reachMax = 5000;

/** @param offers those that failed lately are left out */
export async function offerWaiting(deps: RoundDeps, offers: Apart): Promise<void> {
	const waiting = await queuesWithWaiting(deps.storage.db);
	if (waiting.length === 0) {
		return;
	}
	const known = await readKnown(deps.storage, deps.host);
	const queues = waiting.flatMap((id): Place[] => {
		const queue = known.queue(id);
		return queue === undefined || queue.allocation === "huntGroup" ? [] : [{ id, priority: queue.priority }];
	});
	const candidates = await candidatesFor(deps, known, queues);
	for (const { chatId, userId } of await allocations(deps, { queues, candidates, except: offers.resting() })) {
		await offers.attempt(chatId, () =>
			deps.turns.take(async (turn) => {
				if (await hasRoom(turn, userId)) {
					await offerTo(turn, chatId, userId);
				}
			}),
		);
	}
}

type Place = { id: string; priority: number };

async function candidatesFor(
	{ storage, clock, rights }: RoundDeps,
	known: Known,
	queues: readonly Place[],
): Promise<Candidate[]> {
	if (queues.length === 0) {
		return [];
	}
	const present = await presentUsers(storage.db, "agent", clock.now());
	const agents = await agentsAmong(storage.db, present);
	const loads = await chatsPerUser(storage.db);
	const held = await rights.now();
	const queueIds = queues.map(({ id }) => id);
	return Promise.all(
		agents.map(async ({ userId, workStatus, presence, serving, freedAt }) => {
			const allowed = allowedQueues(await held.of(userId), "serve", queueIds);
			const isServed = (id: string): boolean => known.queue(id)?.forcedToServe === true || serving[id] !== false;
			return {
				userId,
				serves: new Set(isAbsent(presence) ? [] : [...allowed].filter(isServed)),
				isReady: workStatus === "ready",
				load: loads.get(userId) ?? 0,
				room: known.settings.chatsPerAgent,
				freedAt,
			};
		}),
	);
}

type Offering = { queues: readonly Place[]; candidates: readonly Candidate[]; except: readonly string[] };

async function allocations(
	{ storage, clock }: RoundDeps,
	{ queues, candidates, except }: Offering,
): Promise<Allocation[]> {
	const now = clock.now().getTime();
	const served = queues.map((queue) => ({ ...queue, places: placesIn(queue, candidates, []) }));
	for (let spare = spareChats; ; spare *= 10) {
		const chats: Waiting[] = [];
		const cut: Place[] = [];
		for (const { places, ...queue } of served.filter((one) => one.places > 0)) {
			const limit = Math.min(places + spare, reachMax);
			const found = await waitingIn(storage.db, queue.id, { limit, except });
			chats.push(...found.map((chat) => ({ ...chat, priority: queue.priority })));
			cut.push(...(found.length === limit && limit < reachMax ? [queue] : []));
		}
		const wanted = allocate(chats, candidates, now);
		if (!cut.some((queue) => placesIn(queue, candidates, wanted) > 0)) {
			return wanted;
		}
	}
}

/** How many more chats of the queue could be taken, after the allocations. */
function placesIn({ id }: Place, candidates: readonly Candidate[], wanted: readonly Allocation[]): number {
	const given = Map.groupBy(wanted, ({ userId }) => userId);
	return candidates
		.filter(({ serves, isReady }) => isReady && serves.has(id))
		.reduce((sum, { userId, room, load }) => sum + Math.max(0, room - load - (given.get(userId)?.length ?? 0)), 0);
}

/** Asked again in the turn: between the round's look and now another node may have offered. */
async function hasRoom({ tx, known }: Turn, userId: string): Promise<boolean> {
	const agent = await findAgent(tx, userId);
	return agent?.workStatus === "ready" && (await chatsOfOne(tx, userId)) < known.settings.chatsPerAgent;
}
