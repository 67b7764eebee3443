// A chat's beginning, whoever starts it: a visitor, or the Chain Matcher for a provider's contact.

import type { Chat } from "#domain/chats.ts";
import { arrivalAt, queueStill, takerBehind } from "./arrivals.ts";
import { begin, failureOf } from "./moves/waiting.ts";
import type { Acted, Turn } from "./turns.ts";

export type Beginning = Pick<Chat, "destination" | "originator" | "channel"> & Partial<Chat>;

/** Nobody's yet, in the queue that has the address it was sent to. */
export function freshChat(turn: Pick<Turn, "now" | "ids" | "known">, given: Beginning): Chat {
	const id = turn.ids.next<string>();
	const queue = turn.known.queueAt(given.destination);
	const chat: Chat = { ...nobodys, id, originalId: id, queueId: queue?.id ?? null, ...given, ...timesAt(turn.now) };
	const waitMs = (queue?.preferredAgentSeconds ?? 0) * 1000;
	const isWaiting = chat.preferredAgentId !== null && waitMs > 0;
	return {
		...chat,
		preferredAgentId: isWaiting ? chat.preferredAgentId : null,
		preferredUntil: isWaiting ? turn.now + waitMs : null,
		isShown: chat.visitorId !== null,
	};
}

function timesAt(now: number): Pick<Chat, "createdAt" | "waitingSince" | "queuedAt" | "lastLineAt"> {
	return { createdAt: now, waitingSince: now, queuedAt: now, lastLineAt: now };
}

const nobodys: Omit<
	Chat,
	"id" | "originalId" | "queueId" | "destination" | "originator" | "channel" | keyof ReturnType<typeof timesAt>
> = {
	previousId: null,
	conversationId: null,
	serviceId: null,
	contactId: null,
	visitorId: null,
	direction: "inbound",
	state: "queued",
	agentId: null,
	contactName: null,
	language: null,
	title: null,
	attached: {},
	attachedByAgents: {},
	isFront: false,
	preferredAgentId: null,
	preferredUntil: null,
	passes: [],
	legs: [],
	waitedMs: null,
	servedAt: null,
	endedAt: null,
	endedBy: null,
	lastAgentId: null,
	failure: null,
	reason: null,
	isWarned: false,
	goneSince: null,
	isShown: false,
	lines: 0,
	version: 0,
};

/** Into the queue, or one behind it that takes it, or ended with the reason why not. */
export async function beginChat(turn: Turn, given: Beginning): Promise<Acted> {
	const chat = freshChat(turn, given);
	const queue = await queueStill(turn, turn.known.queue(chat.queueId));
	if (queue === undefined) {
		return turn.start({ ...chat, queueId: null }, begin({ queue, isOpen: false, waiting: 0, place: 1 }));
	}
	const arrival = await arrivalAt(turn, queue, chat);
	const taker = failureOf(arrival) === undefined ? undefined : await takerBehind(turn, queue, chat);
	return taker === undefined
		? turn.start(chat, begin(arrival))
		: turn.start(
				{ ...chat, queueId: taker.queue.id, preferredAgentId: null, preferredUntil: null },
				begin(taker, queue),
			);
}
