// How a chat comes to a queue, is offered, and gets an agent or goes back.

import type { Chat, ChatFailure, Leg } from "#domain/chats.ts";
import type { Queue } from "#domain/queues.ts";
import { passRestMs } from "../allocate.ts";
import {
	agentName,
	centreFace,
	contactFace,
	gone,
	legOf,
	type Move,
	moved,
	type Moved,
	type NewLine,
	promptLines,
	refused,
	stateLine,
	withLeg,
	withoutLegs,
	type World,
} from "./move.ts";

/** How a queue is when a chat comes to it, and which place the chat gets. */
export type Arrival = { queue: Queue | undefined; isOpen: boolean; waiting: number; place: number };

export function failureOf({ queue, isOpen, waiting }: Arrival): ChatFailure | undefined {
	if (queue === undefined) {
		return "bad_address";
	}
	if (!isOpen) {
		return "queue_closed";
	}
	return queue.size > 0 && waiting >= queue.size ? "queue_full" : undefined;
}

const failurePrompts = { queue_full: "queueFull", queue_closed: "serviceClosed" } as const;

/**
 * The first move: the chat waits, or has ended before it began.
 *
 * @param instead the queue that could not take it, where the chat's own is one behind that
 */
export function begin(arrival: Arrival, instead?: Queue): Move {
	const { queue } = arrival;
	return (chat, world) => {
		const failure = failureOf(arrival);
		const started = stateLine("CHAT_STARTED", contactFace(chat));
		if (failure !== undefined) {
			const ended: Chat = { ...chat, state: "ended", endedAt: world.now, endedBy: "system", failure };
			const prompt = failure === "bad_address" ? [] : promptLines(world, chat, failurePrompts[failure], {});
			return moved(ended, { lines: [started, ...prompt], events: [{ type: "ended", data: { reason: failure } }] });
		}
		const position = { position: String(arrival.place) };
		return moved(chat, {
			lines: [
				started,
				...(instead === undefined || queue === undefined
					? []
					: handedOn(world, { ...chat, queueId: instead.id }, { ...arrival, queue })),
				...promptLines(world, chat, "welcome", position),
				...promptLines(world, chat, "inQueue", position),
			],
			events: [
				{ type: "started", data: { queue: chat.queueId, ...(instead === undefined ? {} : { fromQueue: instead.id }) } },
			],
		});
	};
}

/**
 * It has waited too long in its queue: into the one behind, where it keeps its age and its place at the front. While it waits
 * for the agent who knows the contact, and while it is being offered, it stays.
 */
export function moveOn(to: Arrival & { queue: Queue }): Move {
	return (chat, world) => {
		if (chat.state !== "queued" || isBeingOffered(chat) || (chat.preferredUntil ?? 0) > world.now) {
			return refused("not_waiting", "The chat does not wait for just anybody.");
		}
		const waits: Chat = { ...chat, queueId: to.queue.id, preferredAgentId: null, preferredUntil: null };
		return moved(waits, {
			lines: [
				stateLine("CHAT_TRANSFERRED", centreFace),
				...handedOn(world, chat, to),
				...promptLines(world, waits, "inQueue", { position: String(to.place) }),
			],
			events: [{ type: "transferred", data: { from: null, fromQueue: chat.queueId, queue: to.queue.id } }],
		});
	};
}

/** Said by the queue that the chat leaves, about the one it goes to. */
function handedOn(world: World, chat: Chat, { queue, place }: Arrival & { queue: Queue }): NewLine[] {
	return promptLines(world, chat, "internalTransfer", { queue: queue.name, position: String(place) });
}

function isBeingOffered({ legs }: Chat): boolean {
	return legs.some(({ state }) => state === "offered");
}

/** To one agent, until the queue's time for offers is over. */
export function offer(userId: string): Move {
	return (chat, world) => {
		if (chat.state !== "queued" || isBeingOffered(chat)) {
			return refused("not_waiting", "The chat does not wait to be offered.");
		}
		const seconds = world.queue(chat.queueId)?.offerSeconds ?? 0;
		const leg = offeredLeg(userId, "allocation", { now: world.now, seconds });
		const offered = moved(withLeg(chat, leg), { events: [{ type: "offered", data: { agent: userId } }] });
		return comingBack(chat, userId, offered);
	};
}

/** To who has still been wrapping it up: that is over, and they see it go before it comes. */
export function comingBack(chat: Chat, userId: string, done: Moved): Moved {
	return legOf(chat, userId)?.state === "wrapUp"
		? {
				...done,
				partings: { ...done.partings, [userId]: "handled" },
				events: [{ type: "handled", data: { agent: userId } }, ...done.events],
			}
		: done;
}

export function offeredLeg(
	userId: string,
	origin: "allocation" | "transfer" | "consult",
	{ now, seconds }: { now: number; seconds: number },
): Leg {
	const role = origin === "consult" ? "consulted" : "agent";
	return { userId, role, state: "offered", origin, since: now, until: now + seconds * 1000, queueId: null };
}

/** Accepting what one has already is no fault: clients do it after they were away. */
export function accept(userId: string): Move {
	return (chat, world) => {
		const leg = legOf(chat, userId);
		if (leg === undefined) {
			return gone;
		}
		if (leg.state !== "offered") {
			return leg.state === "accepted" ? moved(chat) : refused("ended", "The chat has ended.");
		}
		if (leg.origin === "consult") {
			return joined(chat, { ...leg, state: "accepted", since: world.now, until: null }, world);
		}
		return leg.origin === "transfer" ? takenOver(chat, leg, world) : served(chat, leg, world);
	};
}

/** Out of the queue: whoever else had an offer has none any more. */
function served(chat: Chat, leg: Leg, world: World): Moved {
	const without = withoutLegs(chat, ({ state }) => state === "offered");
	const mine: Leg = { ...leg, role: "agent", state: "accepted", since: world.now, until: null };
	return joined(
		{
			...without,
			state: "served",
			agentId: leg.userId,
			servedAt: chat.servedAt ?? world.now,
			waitedMs: Math.max(0, world.now - chat.queuedAt),
			isFront: false,
			preferredAgentId: null,
			preferredUntil: null,
			passes: [],
			lastLineAt: world.now,
		},
		mine,
		world,
	);
}

function joined(chat: Chat, leg: Leg, world: World): Moved {
	return moved(withLeg(chat, leg), {
		lines: [{ ...stateLine("JOINED", world.face(leg.userId)), isLate: true }],
		events: [{ type: "accepted", data: { agent: leg.userId, role: leg.role } }],
	});
}

/** The one who had it is in wrap-up then. It is theirs whatever they were in it before: offered it, asked in, or looking on. */
export function takenOver(chat: Chat, leg: Leg, world: World): Moved {
	const before = chat.agentId;
	const wrapUp = before === null ? undefined : wrapUpOf(chat, before, world);
	const freed = withoutLegs(chat, ({ userId, role }) => userId === before || role === "consulted");
	const next = { ...(wrapUp === undefined ? freed : withLeg(freed, wrapUp)), agentId: leg.userId };
	const mine: Leg = { ...leg, role: "agent", state: "accepted", origin: "transfer", since: world.now, until: null };
	const done = joined(next, mine, world);
	const by = before === null ? centreFace : world.face(before);
	return {
		...done,
		lines: [stateLine("CHAT_TRANSFERRED", by), ...done.lines],
		partings: before !== null && wrapUp === undefined ? { [before]: "handled" } : {},
		events: [{ type: "transferred", data: { from: before, agent: leg.userId } }, ...done.events],
	};
}

/** Undefined: the queue has no wrap-up. */
export function wrapUpOf(chat: Chat, userId: string, { now, queue }: World): Leg | undefined {
	const seconds = queue(chat.queueId)?.wrapUpSeconds ?? 0;
	const leg = legOf(chat, userId);
	const origin = leg?.origin ?? "allocation";
	return seconds === 0
		? undefined
		: {
				userId,
				role: "agent",
				state: "wrapUp",
				origin,
				since: now,
				until: now + seconds * 1000,
				queueId: chat.queueId,
			};
}

/** `rejected` by the agent, or `missed` when the time was over: the offer goes back to where it came from. */
export function decline(userId: string, how: "rejected" | "missed"): Move {
	return (chat, { now }) => {
		const leg = legOf(chat, userId);
		if (leg?.state !== "offered") {
			return leg === undefined ? gone : refused("not_offered", "The chat is not offered to you.");
		}
		const lately = chat.passes.filter(({ at }) => at + passRestMs > now);
		const passes = leg.origin === "allocation" ? [...lately, { userId, at: now }] : chat.passes;
		return moved(
			{ ...withoutLegs(chat, (one) => one.userId === userId), passes },
			{
				partings: how === "rejected" ? { [userId]: "rejected" } : {},
				events: [{ type: "returned", data: { agent: userId, reason: how } }],
			},
		);
	};
}

/** Somebody who serves the queue takes it themselves. */
export function pick(userId: string): Move {
	return (chat, world) => {
		if (chat.state !== "queued") {
			return refused("already_taken", "Somebody else has taken the chat.");
		}
		const rule = world.queue(chat.queueId)?.pick ?? "none";
		const isKept = (chat.preferredUntil ?? 0) > world.now && chat.preferredAgentId !== userId;
		const isMine = legOf(chat, userId)?.state === "offered";
		if (!isMine && (rule === "none" || (rule === "notPreferred" && isKept))) {
			return refused("not_pickable", "Chats of this queue cannot be picked now; wait until it is offered.");
		}
		const since = world.now;
		const leg: Leg = { userId, role: "agent", state: "offered", origin: "pick", since, until: null, queueId: null };
		return comingBack(chat, userId, served(chat, leg, world));
	};
}

/** Back to the top of its queue: the agent is gone. */
export function lose(userId: string): Move {
	return (chat, world) => {
		const leg = legOf(chat, userId);
		if (leg === undefined) {
			return gone;
		}
		const without = withoutLegs(chat, (one) => one.userId === userId);
		if (leg.state !== "accepted" || leg.role !== "agent") {
			return moved(without);
		}
		const waits: Chat = {
			...withoutLegs(without, ({ role, state }) => role === "consulted" || state === "offered"),
			state: "queued",
			agentId: null,
			lastAgentId: userId,
			queuedAt: world.now,
			isFront: true,
			preferredAgentId: null,
			preferredUntil: null,
			passes: [],
		};
		return moved(waits, {
			lines: [
				stateLine("CHAT_TRANSFERRED", centreFace),
				...promptLines(world, chat, "agentSessionLost", { agent: agentName(world, chat) }),
			],
			events: [{ type: "returned", data: { agent: userId, reason: "lost" } }],
		});
	};
}
