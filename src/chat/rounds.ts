// What nobody asks for: offers of waiting chats, the clocks of chats, and people who are gone. Any node may do it; turns
// keep them apart.

import type { Chat } from "#domain/chats.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { enabledUsers, findAgent, readyUsers } from "#storage/chat-agents.ts";
import { deleteChanges } from "#storage/chat-changes.ts";
import { allSupervisions } from "#storage/chat-supervisions.ts";
import { lastAlive, presentUsers } from "#storage/chat-sessions.ts";
import {
	chatsOfUser,
	chatsThatMayEnd,
	dueChats,
	findChat,
	usersWithChats,
	waitingVisitorChats,
} from "#storage/chats.ts";
import type { Db } from "#storage/storage.ts";
import { type Apart, openApart } from "./apart.ts";
import type { ChatDeps } from "./deps.ts";
import { type Known, readKnown } from "./known.ts";
import { dueMove, type Rules } from "./moves/clocks.ts";
import { lose } from "./moves/waiting.ts";
import { moved } from "./moves/move.ts";
import { offerWaiting, type RoundDeps } from "./offering.ts";
import { endFallen, endSupervisionsOf } from "./supervisions.ts";
import { leaf } from "./tells.ts";
import type { Turn } from "./turns.ts";

const pollMs = 1000; // How late a clock of a chat may be.
const dueAtOnce = 100;
const presencePollMs = 2000;
const cleanEveryMs = 60_000; // And so late may be what was set anew.
const changesKeptMs = 15 * 60_000; // No reader is ever that far behind.

export function startRounds(deps: RoundDeps & Pick<ChatDeps, "signals">): RunningWorker {
	const chats = openApart(deps, "A chat's clock ran out, and nothing could be done about it.", aboutChat);
	const offers = openApart(deps, "A chat could not be offered.", aboutChat);
	const supervisions = openApart(deps, "A supervision could not be ended.", (objectId) => ({ objectId }));
	async function round(): Promise<boolean> {
		await endFallen(deps, supervisions);
		const hasMore = await runClocks(deps, chats);
		await offerWaiting(deps, offers);
		return hasMore;
	}
	const listen = (wake: () => void) => deps.signals.listen("chats", wake);
	// Many turns come in a row: one round for all of them.
	return startWorker({ name: "Chat rounds", pollMs, gatherMs: 20, round, listen }, deps);
}

const aboutChat = (objectId: string) => ({ objectType: "chat", objectId });

/** Who is gone, and what nobody needs any more: by the clock only, since it reads all sessions. */
export function startPresenceRounds(deps: RoundDeps): RunningWorker {
	const startedAt = deps.clock.now().getTime();
	const agents = openApart(deps, "The chats of an agent who is gone could not be returned.", (userId) => ({ userId }));
	const chats = openApart(deps, "A chat could not be given its new time.", aboutChat);
	const visitors = openApart(deps, "That a visitor came or went could not be noted.", aboutChat);
	let cleanedAt = 0;
	async function round(): Promise<boolean> {
		await returnLost(deps, agents, startedAt);
		await markVisitors(deps, visitors);
		const now = deps.clock.now();
		if (now.getTime() - cleanedAt > cleanEveryMs) {
			cleanedAt = now.getTime();
			await deps.turns.take((turn) => deleteChanges(turn.tx, new Date(now.getTime() - changesKeptMs)));
			await runLateClocks(deps, chats, startedAt);
		}
		return false;
	}
	return startWorker({ name: "Chat presence", pollMs: presencePollMs, round, listen: () => () => undefined }, deps);
}

/** Offers, wrap-ups, silence: whatever ran out. */
export async function runClocks({ storage, clock, turns }: RoundDeps, chats: Apart): Promise<boolean> {
	const now = clock.now().getTime();
	const due = await dueChats(storage.db, { now, limit: dueAtOnce, except: chats.resting() });
	for (const chatId of due) {
		await chats.attempt(chatId, () => turns.take((turn) => runClock(turn, chatId)));
	}
	return due.length === dueAtOnce;
}

/** A chat gets its time with each move: what is set for less time since then, or at all, counts from here on. */
export async function runLateClocks(
	{ storage, clock, turns, host }: RoundDeps,
	chats: Apart,
	upSince: number,
): Promise<void> {
	const known = await readKnown(storage, host);
	const now = clock.now().getTime();
	const all = await chatsThatMayEnd(storage.db);
	for (const { id } of all.filter((chat) => dueMove(chat, rulesFor(chat, known, upSince), now) !== undefined)) {
		await chats.attempt(id, () => turns.take((turn) => runClock(turn, id)));
	}
}

function rulesFor({ queueId }: Chat, { queue, settings }: Known, upSince: number): Rules {
	return { queue: queue(queueId), settings, upSince };
}

async function runClock(turn: Turn, chatId: string): Promise<void> {
	const chat = await findChat(turn.tx, chatId);
	const move = chat === undefined ? undefined : dueMove(chat, rulesFor(chat, turn.known, turn.upSince), turn.now);
	// Where another rule was saved meanwhile nothing is due any more: the chat gets its new time.
	await turn.move(chatId, move ?? ((one) => moved({ ...one })));
}

/**
 * Agents who have been gone too long lose their chats and are not ready any more, those without an account at once. Who was there when
 * this node was down is given the same time to come back, counted from its start.
 */
export async function returnLost(deps: RoundDeps, agents: Apart, startedAt: number): Promise<void> {
	const { storage, clock, turns, host } = deps;
	const ready = (await readyUsers(storage.db)).map((userId) => ({ userId, isUser: true }));
	const found = [...(await usersWithChats(storage.db)), ...(await peopleOfSupervisions(storage.db)), ...ready];
	if (found.length === 0) {
		return;
	}
	const now = clock.now();
	const { settings } = await readKnown(storage, host);
	const alive = await lastAlive(storage.db, "agent");
	const isLost = (userId: string): boolean => {
		const until = alive.get(userId)?.getTime() ?? 0; // Not known any more: they left long ago.
		return now.getTime() - Math.max(until, startedAt) >= settings.agentLostSeconds * 1000;
	};
	const gone = new Set(found.filter((one) => !one.isUser || isLost(one.userId)).map(({ userId }) => userId));
	for (const userId of gone) {
		await agents.attempt(userId, () => turns.take((turn) => loseAll(turn, userId)));
	}
}

async function loseAll(turn: Turn, userId: string): Promise<void> {
	if (await isBack(turn, userId)) {
		return;
	}
	for (const chat of await chatsOfUser(turn.tx, userId)) {
		await turn.move(chat.id, lose(userId), [userId]);
	}
	await endSupervisionsOf(turn, userId);
	const agent = await findAgent(turn.tx, userId);
	if (agent?.workStatus === "ready") {
		await turn.agent(userId, (one) => ({ ...one, workStatus: "not_ready", workSince: turn.now }), [
			leaf("PUT", "/properties/work_status", "not_ready"),
		]);
	}
}

/** Who follows somebody, and who asked for that. Whoever of them has no account any more, `endFallen` sees to. */
async function peopleOfSupervisions(db: Db): Promise<{ userId: string; isUser: boolean }[]> {
	const people = (await allSupervisions(db)).map(({ supervisorId, agentId }) => supervisorId ?? agentId);
	return [...new Set(people)].map((userId) => ({ userId, isUser: true }));
}

/** In the last moment. The sockets of who has no account any more close a moment later. */
async function isBack({ tx, now }: Turn, userId: string): Promise<boolean> {
	const present = await presentUsers(tx, "agent", new Date(now));
	return present.includes(userId) && (await enabledUsers(tx, [userId])).has(userId);
}

/** Since when a visitor is gone, or that they are back. Their chats' own clock does the rest. */
async function markVisitors({ storage, clock, turns }: RoundDeps, visitors: Apart): Promise<void> {
	const chats = await waitingVisitorChats(storage.db);
	if (chats.length === 0) {
		return;
	}
	const now = clock.now();
	const present = new Set(await presentUsers(storage.db, "visitor", now));
	const changed = chats.filter(({ visitorId, goneSince }) => present.has(visitorId) !== (goneSince === null));
	for (const { id, visitorId } of changed) {
		const goneSince = present.has(visitorId) ? null : now.getTime();
		await visitors.attempt(id, () => turns.take((turn) => turn.move(id, (chat) => moved({ ...chat, goneSince }))));
	}
}
