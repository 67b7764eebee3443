// What nobody asks for: offers of waiting chats, the clocks of chats, and people who are gone. Any node may do it; turns
// keep them apart.

import type { Chat } from "#domain/chats.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { agentsAmong, findAgent } from "#storage/chat-agents.ts";
import { deleteChanges } from "#storage/chat-changes.ts";
import { lostSince, presentUsers } from "#storage/chat-sessions.ts";
import {
	chatsOfUser,
	chatsPerUser,
	dueChats,
	findChat,
	lostCandidates,
	waitingChats,
	waitingVisitorChats,
} from "#storage/chats.ts";
import { allocate, type Candidate, type Waiting } from "./allocate.ts";
import type { ChatDeps } from "./deps.ts";
import { readKnown } from "./known.ts";
import { dueMove } from "./moves/clocks.ts";
import { lose } from "./moves/waiting.ts";
import { moved } from "./moves/move.ts";
import { offerTo } from "./offers.ts";
import { allowedQueues, type Rights } from "./people.ts";
import { isAbsent } from "./presences.ts";
import { leaf } from "./tells.ts";
import type { Turn, Turns } from "./turns.ts";

const pollMs = 1000; // How late a clock of a chat may be.
const dueAtOnce = 100;
const presencePollMs = 2000;
const cleanEveryMs = 60_000;
const changesKeptMs = 15 * 60_000; // No reader is ever that far behind.

type RoundDeps = ChatDeps & { turns: Turns; rights: { now(): Promise<Rights> }; host: string };

export function startRounds(deps: RoundDeps): RunningWorker {
	async function round(): Promise<boolean> {
		const hasMore = await runClocks(deps);
		await offerWaiting(deps);
		return hasMore;
	}
	const listen = (wake: () => void) => deps.signals.listen("chats", wake);
	// Many turns come in a row: one round for all of them.
	return startWorker({ name: "Chat rounds", pollMs, gatherMs: 20, round, listen }, deps);
}

/** Who is gone, and what nobody needs any more: by the clock only, since it reads all sessions. */
export function startPresenceRounds(deps: RoundDeps): RunningWorker {
	const startedAt = deps.clock.now().getTime();
	let cleanedAt = 0;
	async function round(): Promise<boolean> {
		await returnLost(deps, startedAt);
		const now = deps.clock.now();
		if (now.getTime() - cleanedAt > cleanEveryMs) {
			cleanedAt = now.getTime();
			await deps.turns.take((turn) => deleteChanges(turn.tx, new Date(now.getTime() - changesKeptMs)));
		}
		return false;
	}
	return startWorker({ name: "Chat presence", pollMs: presencePollMs, round, listen: () => () => undefined }, deps);
}

/** Offers, wrap-ups, silence: whatever ran out. */
async function runClocks({ storage, clock, turns }: RoundDeps): Promise<boolean> {
	const due = await dueChats(storage.db, clock.now().getTime(), dueAtOnce);
	for (const chatId of due) {
		await turns.take(async (turn) => {
			const chat = await findChat(turn.tx, chatId);
			const rules = { queue: turn.known.queue(chat?.queueId ?? null), settings: turn.known.settings };
			const move = chat === undefined ? undefined : dueMove(chat, rules, turn.now);
			// Where another rule was saved meanwhile nothing is due any more: the chat gets its new time.
			await turn.move(chatId, move ?? ((one) => moved({ ...one })));
		});
	}
	return due.length === dueAtOnce;
}

/**
 * Agents who have been gone too long lose their chats; visitors are marked. Who was there when this node was down is given
 * the same time to come back, counted from its start.
 */
async function returnLost({ storage, clock, turns, host }: RoundDeps, startedAt: number): Promise<void> {
	const now = clock.now();
	const { settings } = await readKnown(storage, host);
	const withChats = new Set(await lostCandidates(storage.db));
	const agents = withChats.size === 0 ? [] : await lostSince(storage.db, "agent", now);
	for (const { userId, since } of agents) {
		const goneMs = now.getTime() - Math.max(since.getTime(), startedAt);
		if (withChats.has(userId) && goneMs >= settings.agentLostSeconds * 1000) {
			await turns.take((turn) => loseAll(turn, userId));
		}
	}
	await markVisitors({ storage, clock, turns }, now);
}

async function loseAll(turn: Turn, userId: string): Promise<void> {
	const present = await presentUsers(turn.tx, "agent", new Date(turn.now));
	if (present.includes(userId)) {
		return; // Back in the last moment.
	}
	for (const chat of await chatsOfUser(turn.tx, userId)) {
		await turn.move(chat.id, lose(userId), [userId]);
	}
	const agent = await findAgent(turn.tx, userId);
	if (agent?.workStatus === "ready") {
		await turn.agent(userId, (one) => ({ ...one, workStatus: "not_ready", workSince: turn.now }), [
			leaf("PUT", "/properties/work_status", "not_ready"),
		]);
	}
}

/** Since when a visitor is gone, or that they are back. Their chats' own clock does the rest. */
async function markVisitors(
	{ storage, turns }: Pick<RoundDeps, "storage" | "clock" | "turns">,
	now: Date,
): Promise<void> {
	const chats = await waitingVisitorChats(storage.db);
	if (chats.length === 0) {
		return;
	}
	const present = new Set(await presentUsers(storage.db, "visitor", now));
	const changed = chats.filter(({ visitorId, goneSince }) => present.has(visitorId) !== (goneSince === null));
	for (const { id, visitorId } of changed) {
		const goneSince = present.has(visitorId) ? null : now.getTime();
		await turns.take((turn) => turn.move(id, (chat) => moved({ ...chat, goneSince })));
	}
}

async function offerWaiting(deps: RoundDeps): Promise<void> {
	const { storage, clock, turns, rights, host } = deps;
	const waiting = (await waitingChats(storage.db)).filter(isUnoffered);
	if (waiting.length === 0) {
		return;
	}
	const known = await readKnown(storage, host);
	const chats = waiting.flatMap((chat): Waiting[] => {
		const queue = known.queue(chat.queueId);
		return queue === undefined || queue.allocation === "huntGroup" ? [] : [toWaiting(chat, queue.priority)];
	});
	const candidates = await candidatesOf({ storage, clock, rights, host }, chats);
	const wanted = allocate(chats, candidates, clock.now().getTime());
	for (const { chatId, userId } of wanted) {
		await turns.take(async (turn) => {
			if (await hasRoom(turn, userId)) {
				await offerTo(turn, chatId, userId);
			}
		});
	}
}

function isUnoffered({ legs }: Chat): boolean {
	return !legs.some(({ state }) => state === "offered");
}

function toWaiting(chat: Chat, priority: number): Waiting {
	const { id: chatId, queueId, isFront, waitingSince, preferredAgentId, preferredUntil, passes } = chat;
	return { chatId, queueId: queueId ?? "", priority, isFront, waitingSince, preferredAgentId, preferredUntil, passes };
}

async function candidatesOf(
	{ storage, clock, rights, host }: Pick<RoundDeps, "storage" | "clock" | "rights" | "host">,
	chats: readonly Waiting[],
): Promise<Candidate[]> {
	if (chats.length === 0) {
		return [];
	}
	const known = await readKnown(storage, host);
	const present = await presentUsers(storage.db, "agent", clock.now());
	const agents = await agentsAmong(storage.db, present);
	const loads = await chatsPerUser(storage.db);
	const held = await rights.now();
	const queueIds = [...new Set(chats.map(({ queueId }) => queueId))];
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

/** Asked again in the turn: between the round's look and now another node may have offered. */
async function hasRoom({ tx, known }: Turn, userId: string): Promise<boolean> {
	const agent = await findAgent(tx, userId);
	const load = (await chatsPerUser(tx)).get(userId) ?? 0;
	return agent?.workStatus === "ready" && load < known.settings.chatsPerAgent;
}
