// What happens to a chat that has an agent: it goes on to others, others are asked in, it ends and is wrapped up.

import { isDeepStrictEqual } from "node:util";
import { allAttached, type Chat, type EndedBy, type Leg } from "#domain/chats.ts";
import type { Queue } from "#domain/queues.ts";
import { type Arrival, comingBack, failureOf, offeredLeg, takenOver, wrapUpOf } from "./waiting.ts";
import {
	agentName,
	centreFace,
	contactFace,
	type Face,
	gone,
	legOf,
	type Move,
	type Moved,
	moved,
	type NewLine,
	type Parting,
	promptLines,
	refused,
	stateLine,
	withLeg,
	withoutLegs,
	type World,
} from "./move.ts";

const notMine = refused("not_yours", "Only the agent who has the chat may do that.");

/** The agent who has it, and it is still going on. */
function owns(chat: Chat, userId: string): boolean {
	return chat.state === "served" && chat.agentId === userId;
}

type ToAgent = {
	userId: string;
	origin: "transfer" | "consult";
	attached?: Readonly<Record<string, unknown>>;
};

/**
 * Offers it to another agent; whoever has it keeps it until that one accepts. Who has been talking or looking on in it is not asked
 * again: a transfer makes it theirs at once.
 */
export function handOn(byUserId: string, to: ToAgent): Move {
	return (chat, world) => {
		if (!owns(chat, byUserId)) {
			return legOf(chat, byUserId) === undefined ? gone : notMine;
		}
		const isTransfer = to.origin === "transfer";
		if (isTransfer && chat.legs.some(({ origin, state }) => origin === "transfer" && state === "offered")) {
			return refused("transferring", "The chat is being transferred already; wait until the agent answers.");
		}
		const leg = legOf(chat, to.userId);
		if (leg !== undefined && !isOpenTo(leg, to)) {
			return refused("already_in", "This agent is in the chat already, or being asked.");
		}
		const attachedByAgents = withAttached(chat, to.attached);
		if (attachedByAgents === undefined) {
			return refused(
				"attached_data",
				"Attached data has one of these keys already, with another value; choose other keys.",
			);
		}
		const given = { ...chat, attachedByAgents };
		return leg?.state === "accepted" ? takenOver(given, leg, world) : offered(given, { byUserId, to }, world);
	};
}

/** A transfer is open to all but who has the chat; asking in, only to who wraps it up. */
function isOpenTo({ role, state }: Leg, { origin }: ToAgent): boolean {
	return state === "wrapUp" || (origin === "transfer" && role !== "agent");
}

function offered(chat: Chat, { byUserId, to }: { byUserId: string; to: ToAgent }, world: World): Moved {
	const seconds = world.queue(chat.queueId)?.offerSeconds ?? 0;
	const leg = offeredLeg(to.userId, to.origin, { now: world.now, seconds });
	const done = moved(withLeg(chat, leg), {
		events: [{ type: "offered", data: { agent: to.userId, from: byUserId, reason: to.origin } }],
	});
	return comingBack(chat, to.userId, done);
}

/** Undefined: one of the keys is there already, with another value. The same value comes again after an offer that was not taken. */
function withAttached(chat: Chat, more: Readonly<Record<string, unknown>> = {}): Chat["attached"] | undefined {
	const known = allAttached(chat);
	const isTaken = (key: string): boolean => Object.hasOwn(known, key) && !isDeepStrictEqual(known[key], more[key]);
	return Object.keys(more).some(isTaken) ? undefined : { ...chat.attachedByAgents, ...more };
}

export type ToQueue = Arrival & {
	queue: Queue;
	destination: string;
	attached?: Readonly<Record<string, unknown>>;
};

/** Into another queue at once; it keeps its age. */
export function moveToQueue(byUserId: string, to: ToQueue): Move {
	return (chat, world) => {
		if (!owns(chat, byUserId)) {
			return legOf(chat, byUserId) === undefined ? gone : notMine;
		}
		const failure = failureOf(to);
		if (failure !== undefined) {
			return refused(failure, failure === "queue_full" ? "The queue is full." : "The queue is closed now.");
		}
		const attachedByAgents = withAttached(chat, to.attached);
		if (attachedByAgents === undefined) {
			return refused(
				"attached_data",
				"Attached data has one of these keys already, with another value; choose other keys.",
			);
		}
		const wrapUp = wrapUpOf(chat, byUserId, world);
		const waits: Chat = {
			...chat,
			attachedByAgents,
			queueId: to.queue.id,
			state: "queued",
			agentId: null,
			lastAgentId: byUserId,
			queuedAt: world.now,
			legs: [...chat.legs.filter((leg) => leg.state === "wrapUp"), ...(wrapUp === undefined ? [] : [wrapUp])],
			isFront: false,
			preferredAgentId: null,
			preferredUntil: null,
			passes: [{ userId: byUserId, at: world.now }],
		};
		const position = { position: String(to.place) };
		return moved(waits, {
			lines: [stateLine("CHAT_TRANSFERRED", world.face(byUserId)), ...promptLines(world, waits, "inQueue", position)],
			partings: wrapUp === undefined ? { [byUserId]: "handled" } : {},
			events: [{ type: "transferred", data: { from: byUserId, fromQueue: chat.queueId, queue: to.queue.id } }],
		});
	};
}

/** The talk is over; wrap-up begins for whoever has it. */
export function end(by: EndedBy, userId: string | null = null): Move {
	return (chat, world) => {
		if (chat.state === "ended") {
			return moved(chat);
		}
		if (by === "agent" && userId !== null && !owns(chat, userId)) {
			return leave(userId)(chat, world);
		}
		const owner = chat.agentId;
		const wrapUp = owner === null ? undefined : wrapUpOf(chat, owner, world);
		const ended: Chat = {
			...chat,
			state: "ended",
			agentId: null,
			lastAgentId: owner ?? chat.lastAgentId,
			legs: chat.legs.filter(({ state, userId: other }) => state === "wrapUp" && other !== owner).concat(wrapUp ?? []),
			endedAt: world.now,
			endedBy: by,
			preferredAgentId: null,
			preferredUntil: null,
		};
		return moved(ended, {
			lines: [...lastWords(chat, by, world), stateLine("CHAT_ENDED", centreFace, { isLate: true })],
			partings: partings(chat, owner, wrapUp),
			events: [{ type: "ended", data: { reason: by, agent: owner } }],
		});
	};
}

/** `LEFT` goes to the other side; clients of visitors hang up on it. */
function lastWords(chat: Chat, by: EndedBy, world: World): NewLine[] {
	const isTold = chat.servedAt !== null && by !== "idle";
	const prompts = isTold ? promptLines(world, chat, "disconnection", { agent: agentName(world, chat) }) : [];
	if (by === "contact") {
		return [stateLine("LEFT", contactFace(chat), { audience: "agents" })];
	}
	const agent = chat.agentId === null ? centreFace : world.face(chat.agentId);
	return [...prompts, ...(chat.servedAt === null ? [] : [stateLine("LEFT", agent, { audience: "contact" })])];
}

function partings(chat: Chat, owner: string | null, wrapUp: Leg | undefined): Record<string, Parting> {
	const out: Record<string, Parting> = {};
	for (const { userId, state } of chat.legs) {
		if (userId === owner) {
			if (wrapUp === undefined) {
				out[userId] = "handled";
			}
		} else if (state !== "wrapUp") {
			out[userId] = "ended";
		}
	}
	return out;
}

/** Whoever was asked in, or looks on, goes. */
export function leave(userId: string): Move {
	return (chat, world) => {
		const leg = legOf(chat, userId);
		if (leg === undefined) {
			return gone;
		}
		if (leg.role === "agent") {
			return leg.state === "wrapUp" ? moved(chat) : notMine;
		}
		const lines = leg.role === "consulted" && leg.state === "accepted" ? [left(world.face(userId))] : [];
		return moved(
			withoutLegs(chat, (one) => one.userId === userId),
			{ lines, partings: { [userId]: "ended" } },
		);
	};
}

/** Visitors are not told: clients of theirs take it for the end. */
function left(face: Face): NewLine {
	return stateLine("LEFT", face, { audience: "agents" });
}

/** Wrap-up is done; a chat that still goes on is ended first. */
export function finish(userId: string, reason: string | null): Move {
	return (chat, world) => {
		const leg = legOf(chat, userId);
		if (leg === undefined) {
			return gone;
		}
		if (leg.state === "wrapUp") {
			return wrappedUp(chat, userId, reason);
		}
		const ended = leg.state === "accepted" ? end("agent", userId)(chat, world) : notMine;
		if (!ended.ok || legOf(ended.chat, userId)?.state !== "wrapUp") {
			return ended.ok ? { ...ended, chat: { ...ended.chat, reason: reason ?? ended.chat.reason } } : ended;
		}
		const done = wrappedUp(ended.chat, userId, reason);
		return {
			...done,
			lines: ended.lines,
			partings: { ...ended.partings, ...done.partings },
			events: [...ended.events, ...done.events],
		};
	};
}

function wrappedUp(chat: Chat, userId: string, reason: string | null) {
	return moved(
		{ ...withoutLegs(chat, (one) => one.userId === userId), reason: reason ?? chat.reason },
		{
			partings: { [userId]: "handled" },
			events: [{ type: "handled", data: { agent: userId, ...(reason === null ? {} : { reason }) } }],
		},
	);
}

/** Somebody says something, which keeps the chat alive. */
export function say(lines: readonly NewLine[]): Move {
	return (chat, { now }) => moved({ ...chat, lastLineAt: now, isWarned: false }, { lines });
}

/** A supervisor's place: unseen until they barge in. */
export function supervise(userId: string, isSeen: boolean): Move {
	return (chat, world) => {
		if (chat.state !== "served") {
			return refused("not_going_on", "The chat does not go on any more.");
		}
		const known = legOf(chat, userId);
		if (known !== undefined && known.origin !== "supervision") {
			return refused("already_in", "You have the chat already.");
		}
		const wasSeen = known?.role === "consulted";
		const leg: Leg = {
			userId,
			role: isSeen ? "consulted" : "supervisor",
			state: "accepted",
			origin: "supervision",
			since: world.now,
			until: null,
			queueId: null,
		};
		const face = world.face(userId);
		const lines = isSeen === wasSeen ? [] : [isSeen ? stateLine("JOINED", face, { isLate: true }) : left(face)];
		return moved(withLeg(chat, leg), { lines });
	};
}
