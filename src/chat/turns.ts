// The only way chats change: in turns, one after the other on all nodes. A turn reads, moves and writes in one transaction;
// what it changed in users' trees becomes one entry of the feed. Turns that wait share a commit.

import type { Chat, Leg, Line } from "#domain/chats.ts";
import type { Ids } from "#platform/ids.ts";
import { agentsAmong, findAgent, freshAgent, isUser, saveAgent, type AgentState } from "#storage/chat-agents.ts";
import { appendChange } from "#storage/chat-changes.ts";
import { appendLine } from "#storage/chat-lines.ts";
import { supervisionsOf } from "#storage/chat-supervisions.ts";
import { findChat, saveChat } from "#storage/chats.ts";
import { closeConversation } from "#storage/conversations.ts";
import { appendEvents, type LedgerEvent } from "#storage/events.ts";
import { groupCommit } from "#storage/group-commit.ts";
import type { Tx } from "#storage/storage.ts";
import type { ChatDeps } from "./deps.ts";
import { type Known, readKnown } from "./known.ts";
import { dueAt } from "./moves/clocks.ts";
import { gone, type Move, type Moved, type RefusedMove, type World } from "./moves/move.ts";
import { leave, supervise } from "./moves/talking.ts";
import { defaultPresence } from "./presences.ts";
import { standing } from "./standing.ts";
import { leaf, type Step, type Tell, tellsOf, toLine, type Written } from "./tells.ts";

export type Acted = { ok: true; chat: Chat; lines: readonly Line[] } | RefusedMove;

export type Turn = {
	readonly tx: Tx;
	readonly now: number;
	/** When this node began. */
	readonly upSince: number;
	readonly known: Known;
	readonly ids: Ids;
	/** Moves a stored chat; nothing happens where the move is refused. `users`: who shows in it besides those who have legs. */
	move(chatId: string, move: Move, users?: readonly string[]): Promise<Acted>;
	/** Writes a chat that is new, after its first move. */
	start(chat: Chat, move: Move): Promise<Acted>;
	/** Of the agent as stored; what it changes is told to them. Nothing is stored of who was deleted meanwhile. */
	agent(userId: string, change: (agent: AgentState) => AgentState, steps?: readonly Step[]): Promise<AgentState>;
	tell(tell: Tell): void;
};

export type Turns = {
	/** Rejects when the database does; what the work gave is durable when it resolves. */
	take<T>(work: (turn: Turn) => Promise<T>): Promise<T>;
};

const turnsAtOnce = 32; // In one commit.
const turnsWaitingMax = 2000; // Some seconds of work; who comes after that is told to come again.

export type TurnDeps = Pick<ChatDeps, "storage" | "signals" | "clock" | "ids">;

export function openTurns(deps: TurnDeps, host: string): Turns {
	const { storage, signals, clock } = deps;
	const upSince = clock.now().getTime();
	type Item = { known: Known; work(turn: Turn): Promise<unknown> };
	const commits = groupCommit<Item, unknown>(
		async (items) => {
			const results = await storage.alone("chats", async (tx) => {
				const done: unknown[] = [];
				for (const { known, work } of items) {
					done.push(await oneTurn({ deps, tx, known, upSince }, work));
				}
				return done;
			});
			signals.nudge("chatChanges");
			signals.nudge("chats");
			signals.nudge("events");
			return results;
		},
		turnsAtOnce,
		turnsWaitingMax,
	);
	return {
		async take<T>(work: (turn: Turn) => Promise<T>) {
			const known = await readKnown(storage, host);
			return (await commits.add({ known, work })) as T;
		},
	};
}

type Context = { deps: TurnDeps; tx: Tx; known: Known; upSince: number };

async function oneTurn<T>({ deps, tx, known, upSince }: Context, work: (turn: Turn) => Promise<T>): Promise<T> {
	const now = deps.clock.now();
	const tells: Tell[] = [];
	const turn: Turn = {
		tx,
		now: now.getTime(),
		upSince,
		known,
		ids: deps.ids,
		tell: (tell) => void tells.push(tell),
		async move(chatId, move, users = []) {
			const chat = await findChat(tx, chatId);
			return chat === undefined ? gone : enact(turn, { before: chat, chat, move, users });
		},
		start: (chat, move) => enact(turn, { before: undefined, chat, move, users: [] }),
		async agent(userId, change, steps = []) {
			const agent = change((await findAgent(tx, userId)) ?? freshAgent(userId, defaultPresence));
			if (await isUser(tx, userId)) {
				await saveAgent(tx, agent);
				turn.tell({ to: userId, steps });
			}
			return agent;
		},
	};
	const result = await work(turn);
	await publish(tx, tells, now);
	return result;
}

async function publish(tx: Tx, tells: readonly Tell[], now: Date): Promise<void> {
	const told = merged(tells.filter(({ steps }) => steps.length > 0));
	if (told.length === 0) {
		return;
	}
	const watched = await supervisedNow(
		tx,
		told.map(({ to }) => to),
		now,
	);
	const mirrored = told.flatMap(({ to, steps }) =>
		watched
			.filter(({ agentId }) => agentId === to)
			.map(({ id, supervisorId }) => ({
				to: supervisorId,
				of: to,
				under: `/supervisor_sessions/${id}/agent/model`,
				steps,
			})),
	);
	await appendChange(tx, [...told, ...mirrored], now);
}

/** By whom these agents are supervised, as far as that counts at this moment. */
async function supervisedNow(tx: Tx, agentIds: readonly string[], now: Date) {
	const sessions = (await supervisionsOf(tx, agentIds)).flatMap(({ supervisorId, ...session }) =>
		supervisorId === null ? [] : [{ ...session, supervisorId }],
	);
	return sessions.length === 0 ? [] : standing(tx, sessions, now);
}

/** One tell for each user: what one commit changed for them comes together. */
function merged(tells: readonly Tell[]): Tell[] {
	return [...Map.groupBy(tells, ({ to }) => to)].map(([to, group]) => ({
		to,
		steps: group.flatMap(({ steps }) => steps),
	}));
}

type Act = { before: Chat | undefined; chat: Chat; move: Move; users: readonly string[] };

async function enact(turn: Turn, { before, chat, move, users }: Act): Promise<Acted> {
	const world = await worldOf(turn, chat, users);
	const result = move(chat, world);
	if (!result.ok) {
		return result;
	}
	if (before !== undefined && result.chat === chat && result.lines.length === 0) {
		return { ok: true, chat, lines: [] };
	}
	const written = result.lines.map((line, index) => ({
		line: toLine(line, { id: turn.ids.next(), seq: chat.lines + index + 1, at: turn.now }),
		isLate: line.isLate === true,
		isToSend: line.isPrompt === true && chat.conversationId !== null,
	}));
	const after: Chat = { ...result.chat, lines: chat.lines + written.length, version: chat.version + 1 };
	await write(turn, { before, after, written });
	await follow(turn, { before, after, moved: result });
	const queueName = (id: string) => world.queue(id)?.name;
	for (const tell of tellsOf({ before, after, written, partings: result.partings, face: world.face, queueName })) {
		turn.tell(tell);
	}
	await moveSupervisors(turn, before, after);
	return { ok: true, chat: after, lines: written.map(({ line }) => line) };
}

/** Who supervises the agent of a chat comes and goes with the agent. */
async function moveSupervisors(
	turn: Turn,
	before: Chat | undefined,
	{ id, agentId, state, legs }: Chat,
): Promise<void> {
	if (before?.agentId === agentId || state === "ended") {
		return;
	}
	const sessions = agentId === null ? [] : await supervisedNow(turn.tx, [agentId], new Date(turn.now));
	const present = sessions.filter((session) => session.state !== "monitoring");
	for (const { userId } of legs.filter(({ origin }) => origin === "supervision")) {
		if (!present.some(({ supervisorId }) => supervisorId === userId)) {
			await turn.move(id, leave(userId), [userId]);
		}
	}
	for (const { supervisorId, state: way } of present) {
		await turn.move(id, supervise(supervisorId, way === "barge_in"), [supervisorId]);
	}
}

async function worldOf({ tx, now, known }: Turn, chat: Chat, users: readonly string[]): Promise<World> {
	const agents = [chat.agentId, chat.lastAgentId].filter((id) => id !== null);
	const ids = [...new Set([...users, ...chat.legs.map(({ userId }) => userId), ...agents])];
	const aliases = new Map((await agentsAmong(tx, ids)).map(({ userId, alias }) => [userId, alias]));
	return {
		now,
		settings: known.settings,
		queue: known.queue,
		prompt: (type, one, values = {}) =>
			known.prompt({ queue: known.queue(one.queueId), type, at: new Date(now), language: one.language }, values),
		face(userId) {
			const { address, alias } = known.name(userId);
			return { address, alias: aliases.get(userId) ?? alias };
		},
	};
}

type Writing = { before: Chat | undefined; after: Chat; written: readonly (Written & { isToSend: boolean })[] };

async function write({ tx, known, upSince }: Turn, { before, after, written }: Writing): Promise<void> {
	const rules = { queue: known.queue(after.queueId), settings: known.settings, upSince };
	await saveChat(tx, { before, after, dueAt: dueAt(after, rules) ?? null });
	for (const { line, isToSend } of written) {
		await appendLine(tx, { ...line, chatId: after.id }, isToSend);
	}
}

/** What follows elsewhere: the ledger, the conversation, and the agents whose hands it left. */
async function follow(
	turn: Turn,
	{ before, after, moved }: { before: Chat | undefined; after: Chat; moved: Moved },
): Promise<void> {
	const { tx, now } = turn;
	const events: LedgerEvent[] = moved.events.map(({ type, data }) => ({
		at: new Date(now),
		type: `chat.${type}`,
		serviceId: after.serviceId ?? "",
		messageId: null,
		conversationId: after.conversationId,
		data: { chat: after.id, ...data },
	}));
	if (after.state === "ended" && before?.state !== "ended" && after.conversationId !== null) {
		events.push(...(await closed(turn, after)));
	}
	await appendEvents(tx, events);
	for (const leg of before?.legs ?? []) {
		if (!after.legs.some(({ userId }) => userId === leg.userId)) {
			await release(turn, { after, leg, moved });
		}
	}
}

async function closed({ tx, now }: Turn, { serviceId, conversationId, id }: Chat): Promise<LedgerEvent[]> {
	const at = new Date(now);
	if (conversationId === null || !(await closeConversation(tx, conversationId, at))) {
		return [];
	}
	const data = { by: "chat", chat: id };
	return [{ at, type: "conversation.closed", serviceId: serviceId ?? "", messageId: null, conversationId, data }];
}

/** They wait from now on; where the queue says so, who let an offer pass is not ready any more. */
async function release(turn: Turn, { after, leg, moved }: { after: Chat; leg: Leg; moved: Moved }): Promise<void> {
	const isMissed = moved.events.some(
		({ type, data }) => type === "returned" && data["reason"] === "missed" && data["agent"] === leg.userId,
	);
	const isOut = isMissed && turn.known.queue(after.queueId)?.notReadyAfterMiss === true;
	await turn.agent(
		leg.userId,
		(agent) => ({
			...agent,
			freedAt: turn.now,
			...(isOut ? { workStatus: "not_ready" as const, workSince: turn.now } : {}),
		}),
		isOut ? [leaf("PUT", "/properties/work_status", "not_ready")] : [],
	);
}
