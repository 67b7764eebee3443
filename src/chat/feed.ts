// Follows what turns commit, on whichever node, and hands it to those who listen on this one: each user's changes in the
// order of the commits, each once. A change is made out for all before anybody is told. What again and again cannot be made
// out for somebody is left out, and their connections end: they begin anew with what is.

import { describeError, type Log } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import type { Clock } from "#platform/clock.ts";
import { agentsAmong } from "#storage/chat-agents.ts";
import { changesAfter, newestChange, type StoredChange, type StoredTell } from "#storage/chat-changes.ts";
import { linesOf } from "#storage/chat-lines.ts";
import { findChat } from "#storage/chats.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { storageTrouble } from "#storage/trouble.ts";
import { type Known, readKnown } from "./known.ts";
import type { Windows } from "./messenger.ts";
import { windowUntil } from "./reply-clock.ts";
import type { Change, Feed, Transaction } from "./resource.ts";
import type { Step } from "./tells.ts";
import { linesShown, type QueuePlaceOf, toInteraction } from "./views.ts";

type FeedDeps = {
	storage: Storage;
	signals: Signals;
	clock: Clock;
	log: Log;
	host: string;
	windows(): Promise<Windows>;
	queuePlaceOf: QueuePlaceOf;
};

export type OpenFeed = Feed & {
	/**
	 * What is told without a commit, to those who listen here: figures that are computed on each node. It comes after every
	 * change that was committed before the call, such as that of the chat it is about.
	 */
	say(userId: string, transactions: readonly Transaction[]): void;
	listening(): readonly string[];
	stop(): Promise<void>;
};

const changesAtOnce = 200;
const pollMs = 250; // The longest that another node's change stays unseen.
const triesMax = 5; // Over some three seconds, by the waits of the worker's loop: what passes by itself has passed.

export async function openFeed(deps: FeedDeps): Promise<OpenFeed> {
	const { storage, signals, log } = deps;
	const hearers = openHearers(log);
	let position = await newestChange(storage.db);
	let failed = { position, times: 0 };
	const said: { to: string; transactions: readonly Transaction[] }[] = [];
	let wakeUp: () => void = () => undefined;

	async function round(): Promise<boolean> {
		const due = said.length;
		const changes = await changesAfter(storage.db, position, changesAtOnce);
		for (const change of changes) {
			const told = await madeOut(change);
			told.forEach(({ to, transactions }) => hearers.hand(to, { position: change.position, transactions }));
			position = change.position;
		}
		const hasMore = changes.length === changesAtOnce;
		// After every snapshot: what it tells is of this moment.
		for (const { to, transactions } of hasMore ? [] : said.splice(0, due)) {
			hearers.hand(to, { position: Number.MAX_SAFE_INTEGER, transactions });
		}
		return hasMore;
	}

	async function madeOut(change: StoredChange): Promise<{ to: string; transactions: Transaction[] }[]> {
		const wanted = change.tells.filter(({ to }) => hearers.has(to));
		const told: { to: string; transactions: Transaction[] }[] = [];
		for (const [to, tells] of Map.groupBy(wanted, (tell) => tell.to)) {
			try {
				told.push({ to, transactions: await allRendered(deps, tells) });
			} catch (error) {
				if (storageTrouble(error) !== undefined || !isTriedEnough(change)) {
					throw error;
				}
				hearers.leaveOut(to, error);
			}
		}
		return told;
	}

	function isTriedEnough(change: StoredChange): boolean {
		failed = { position: change.position, times: failed.position === change.position ? failed.times + 1 : 1 };
		return failed.times >= triesMax;
	}

	function listen(wake: () => void): () => void {
		wakeUp = wake;
		return signals.listen("chatChanges", wake);
	}
	const worker: RunningWorker = startWorker({ name: "Chat feed", pollMs, round, listen }, deps);
	return {
		listen: (userId, hear, miss) => hearers.add(userId, { hear, miss }),
		say(userId, transactions) {
			if (hearers.has(userId)) {
				said.push({ to: userId, transactions });
				wakeUp();
			}
		},
		listening: () => hearers.users(),
		stop: () => worker.stop(),
	};
}

type Hearer = { hear(change: Change): void; miss(): void };

/** Who listens on this node, by user. */
function openHearers(log: Log) {
	const byUser = new Map<string, Set<Hearer>>();

	function toEach(userId: string, tell: (hearer: Hearer) => void): void {
		for (const hearer of byUser.get(userId) ?? []) {
			try {
				tell(hearer);
			} catch (error) {
				log.error("A connection could not take a change.", { server: "Chat Server", error: describeError(error) });
			}
		}
	}

	return {
		has: (userId: string) => byUser.has(userId),
		users: () => [...byUser.keys()],
		/** Gives how to stop listening. */
		add(userId: string, hearer: Hearer): () => void {
			const set = byUser.get(userId) ?? new Set();
			byUser.set(userId, set.add(hearer));
			return () => {
				set.delete(hearer);
				if (set.size === 0 && byUser.get(userId) === set) {
					byUser.delete(userId);
				}
			};
		},
		hand: (userId: string, change: Change) => toEach(userId, ({ hear }) => hear(change)),
		leaveOut(userId: string, error: unknown): void {
			log.error("A change could not be told, and the connections of its hearer are ended.", {
				server: "Chat Server",
				userId,
				error: describeError(error),
			});
			toEach(userId, ({ miss }) => miss());
		},
	};
}

async function allRendered(deps: FeedDeps, tells: readonly StoredTell[]): Promise<Transaction[]> {
	const transactions: Transaction[] = [];
	for (const tell of tells) {
		transactions.push(...(await rendered(deps, tell)));
	}
	return transactions;
}

async function rendered(deps: FeedDeps, tell: StoredTell): Promise<Transaction[]> {
	const root = `/users/me${tell.under ?? ""}`;
	const transactions: Transaction[] = [];
	for (const step of tell.steps as readonly Step[]) {
		if (step.kind === "leaf") {
			transactions.push({ method: step.method, uri: root + step.path, subscribed_resource: step.value });
			continue;
		}
		const value = await appearing(deps, tell.of ?? tell.to, step);
		if (value !== undefined) {
			transactions.push({ method: "POST", uri: `${root}/interactions/${step.chatId}`, subscribed_resource: value });
		}
	}
	return transactions;
}

async function appearing(
	{ storage, host, windows, queuePlaceOf }: FeedDeps,
	viewerId: string,
	{ chatId, status, channelStatus, upTo }: Extract<Step, { kind: "appears" }>,
): Promise<unknown> {
	const known = await readKnown(storage, host);
	const chat = await findChat(storage.db, chatId);
	if (chat === undefined) {
		return undefined; // Erased meanwhile.
	}
	const lines = await linesOf(storage.db, chatId, { upTo, limit: linesShown });
	const face = await facesOf(storage, known, [viewerId, ...chat.legs.map(({ userId }) => userId)]);
	const until = chat.visitorId === viewerId ? undefined : await windowUntil(storage.db, await windows(), chat);
	return toInteraction(viewerId, {
		chat,
		lines,
		view: { status, channelStatus },
		known,
		face,
		queuePlaceOf,
		...(until === undefined ? {} : { windowUntil: until }),
	});
}

/** With the aliases that users chose. */
export async function facesOf(
	storage: Pick<Storage, "db">,
	known: Known,
	userIds: readonly string[],
): Promise<(userId: string) => { address: string; alias: string }> {
	const aliases = new Map((await agentsAmong(storage.db, userIds)).map(({ userId, alias }) => [userId, alias]));
	return (userId) => {
		const { address, alias } = known.name(userId);
		return { address, alias: aliases.get(userId) ?? alias };
	};
}
