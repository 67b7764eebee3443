// Live figures per queue, named as in the protocol; computed on each node from the tables, told where they changed.

import { type Clock, sleep } from "#platform/clock.ts";
import { describeError, type Log } from "#platform/log.ts";
import type { RunningWorker } from "#platform/worker-loop.ts";
import { agentsAmong } from "#storage/chat-agents.ts";
import { presentUsers } from "#storage/chat-sessions.ts";
import { legsOfUsers, waitingFigures, waitsOfToday } from "#storage/chat-figures.ts";
import type { Storage } from "#storage/storage.ts";
import { openCounting } from "./counting.ts";
import type { OpenFeed } from "./feed.ts";
import { type Known, readKnown } from "./known.ts";
import { allowedQueues, type Rights, serves } from "./people.ts";
import { isAbsent } from "./presences.ts";
import type { Transaction } from "./resource.ts";

export type QueueFigures = {
	id: string;
	/** Agents who are there and may serve the queue. */
	agents_attached: number;
	/** Of them: in administrative work. Parley has none. */
	agents_lateadmin: number;
	/** In wrap-up. */
	agents_statuspaperwork: number;
	/** Not ready, or not serving the queue. */
	agents_statuspause: number;
	agents_talking: number;
	/** Ready, and with room. */
	agents_waiting: number;
	/** Seconds; of the chats of the last 24 hours that got an agent. */
	avg_wait_time: number;
	/** Seconds; of the chat that waits longest now. */
	max_wait_time: number;
	interactions: number;
	/** `1`: open · `0`: closed. */
	schedule_status: string;
};

/** Not older than the settings say. */
export type Statistics = { now(): Promise<readonly QueueFigures[]> };

type StatisticsDeps = {
	storage: Storage;
	clock: Clock;
	log: Log;
	host: string;
	rights: { now(): Promise<Rights> };
	feed: OpenFeed;
};

const graceMs = 2000; // While somebody listens the next count may be a little late.

export function startStatistics(deps: StatisticsDeps): Statistics & RunningWorker {
	const { clock, log, feed } = deps;
	const stopping = new AbortController();
	const known = () => readKnown(deps.storage, deps.host);
	const counting = openCounting(clock, async () => figuresOf(deps, await known()), tellInOrder);
	/** What whoever listens was told last. Empty: they may have others by now, and are told all. */
	let told: readonly QueueFigures[] = [];
	let telling = Promise.resolve();

	/** Whoever asked for them, all who listen are told; one count after the other. */
	function tellInOrder(next: readonly QueueFigures[]): void {
		telling = telling.then(async () => {
			try {
				await tell(deps, changes(told, next));
				told = next;
			} catch (error) {
				told = [];
				logFailure(error);
			}
		});
	}

	function logFailure(error: unknown): void {
		log.error("The queues' figures could not be counted or told.", {
			server: "Chat Server",
			error: describeError(error),
		});
	}

	async function run(): Promise<void> {
		while (!stopping.signal.aborted) {
			let seconds = 5;
			try {
				seconds = (await known()).settings.statisticsSeconds;
				// Nobody looks: nothing is counted.
				if (feed.listening().length > 0) {
					await counting.anew();
				}
			} catch (error) {
				logFailure(error);
			}
			await sleep(clock, seconds * 1000, stopping.signal);
		}
	}
	const running = run();
	return {
		async now() {
			const { settings } = await known();
			return counting.within(settings.statisticsSeconds * 1000 + graceMs);
		},
		async stop() {
			stopping.abort();
			await running;
			await telling;
		},
	};
}

export async function figuresOf({ storage, clock, rights }: StatisticsDeps, known: Known): Promise<QueueFigures[]> {
	const { db } = storage;
	const now = clock.now();
	const present = await presentUsers(db, "agent", now);
	const states = new Map((await agentsAmong(db, present)).map((agent) => [agent.userId, agent]));
	const legs = await legsOfUsers(db, present);
	const waiting = await waitingFigures(db);
	const waits = await waitsOfToday(db, now);
	const held = await rights.now();
	const queueIds = known.queues.map(({ id }) => id);
	const agents = await Promise.all(
		present.map(async (userId) => ({
			userId,
			state: states.get(userId),
			serves: allowedQueues(await held.of(userId), "serve", queueIds),
		})),
	);
	return known.queues.map((queue) => {
		const attached = agents.filter(({ serves }) => serves.has(queue.id));
		const kinds = attached.map(({ userId, state }) => {
			const mine = legs.filter((leg) => leg.userId === userId);
			const isPaused = state?.workStatus !== "ready" || isAbsent(state.presence) || !serves(state, queue);
			return {
				isTalking: mine.some(({ queueId, state: of }) => queueId === queue.id && of === "accepted"),
				isWrapping: mine.some(({ queueId, state: of }) => queueId === queue.id && of === "wrapUp"),
				isPaused,
				isFree: !isPaused && mine.length < known.settings.chatsPerAgent,
			};
		});
		const count = (is: (kind: (typeof kinds)[number]) => boolean): number => kinds.filter(is).length;
		const queued = waiting.get(queue.id);
		const oldestMs = queued === undefined ? 0 : now.getTime() - queued.oldest;
		return {
			id: queue.id,
			agents_attached: attached.length,
			agents_lateadmin: 0,
			agents_statuspaperwork: count(({ isWrapping }) => isWrapping),
			agents_statuspause: count(({ isPaused }) => isPaused),
			agents_talking: count(({ isTalking }) => isTalking),
			agents_waiting: count(({ isFree }) => isFree),
			avg_wait_time: Math.round((waits.get(queue.id) ?? 0) / 1000),
			max_wait_time: Math.max(0, Math.round(oldestMs / 1000)),
			interactions: queued?.count ?? 0,
			schedule_status: known.isOpen(queue, now) ? "1" : "0",
		};
	});
}

type FigureChange = { queueId: string; name: string; value: unknown };

/** Of each queue the figures that differ; of a queue that is new, all. */
export function changes(before: readonly QueueFigures[], after: readonly QueueFigures[]): FigureChange[] {
	const known = new Map(before.map((figures) => [figures.id, figures]));
	return after.flatMap((figures) =>
		Object.entries(figures)
			.filter(([name, value]) => known.get(figures.id)?.[name as keyof QueueFigures] !== value)
			.map(([name, value]) => ({ queueId: figures.id, name, value })),
	);
}

async function tell({ feed, rights }: StatisticsDeps, changed: readonly FigureChange[]): Promise<void> {
	if (changed.length === 0) {
		return;
	}
	const held = await rights.now();
	const queueIds = [...new Set(changed.map(({ queueId }) => queueId))];
	for (const userId of feed.listening()) {
		const seen = visibleFigures(await held.of(userId), queueIds);
		const transactions: Transaction[] = changed
			.filter(({ queueId }) => seen.has(queueId))
			.map(({ queueId, name, value }) => ({
				method: "PUT",
				uri: `/users/me/statistics/queues/${queueId}/${name}`,
				subscribed_resource: value,
			}));
		if (transactions.length > 0) {
			feed.say(userId, transactions);
		}
	}
}

/** Whoever serves a queue sees its figures, and whoever has the right Statistics on it. */
export function visibleFigures(grants: Awaited<ReturnType<Rights["of"]>>, queueIds: readonly string[]): Set<string> {
	return new Set([...allowedQueues(grants, "serve", queueIds), ...allowedQueues(grants, "statistics", queueIds)]);
}
