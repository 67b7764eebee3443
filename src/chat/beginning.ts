// A chat's beginning, whoever starts it: a visitor, or the Chain Matcher for a provider's contact.

import type { Chat } from "#domain/chats.ts";
import { countWaiting } from "#storage/chats.ts";
import { begin } from "./moves/waiting.ts";
import type { Acted, Turn } from "./turns.ts";

export type Beginning = Pick<Chat, "destination" | "originator" | "channel"> &
	Partial<
		Pick<
			Chat,
			| "conversationId"
			| "serviceId"
			| "contactId"
			| "visitorId"
			| "contactName"
			| "language"
			| "title"
			| "attached"
			| "previousId"
			| "originalId"
			| "preferredAgentId"
			| "direction"
		>
	>;

/** Nobody's yet, in the queue that has the address it was sent to. */
export function freshChat(turn: Pick<Turn, "now" | "ids" | "known">, given: Beginning): Chat {
	const id = turn.ids.next<string>();
	const queue = turn.known.queueAt(given.destination);
	const waits = given.preferredAgentId == null ? 0 : (queue?.preferredAgentSeconds ?? 0);
	return {
		id,
		originalId: given.originalId ?? id,
		previousId: given.previousId ?? null,
		conversationId: given.conversationId ?? null,
		serviceId: given.serviceId ?? null,
		contactId: given.contactId ?? null,
		visitorId: given.visitorId ?? null,
		channel: given.channel,
		direction: given.direction ?? "inbound",
		queueId: queue?.id ?? null,
		destination: given.destination,
		state: "queued",
		agentId: null,
		originator: given.originator,
		contactName: given.contactName ?? null,
		language: given.language ?? null,
		title: given.title ?? null,
		attached: given.attached ?? {},
		createdAt: turn.now,
		waitingSince: turn.now,
		isFront: false,
		preferredAgentId: waits > 0 ? (given.preferredAgentId ?? null) : null,
		preferredUntil: waits > 0 ? turn.now + waits * 1000 : null,
		passes: [],
		legs: [],
		servedAt: null,
		endedAt: null,
		endedBy: null,
		lastAgentId: null,
		failure: null,
		reason: null,
		lastLineAt: turn.now,
		isWarned: false,
		goneSince: null,
		isShown: given.visitorId != null,
		lines: 0,
		version: 0,
	};
}

/** Into the queue, or ended with the reason why not. */
export async function beginChat(turn: Turn, given: Beginning): Promise<Acted> {
	const chat = freshChat(turn, given);
	const queue = turn.known.queue(chat.queueId);
	const waiting = queue === undefined ? 0 : await countWaiting(turn.tx, queue.id);
	const isOpen = queue !== undefined && turn.known.isOpen(queue, new Date(turn.now));
	return turn.start(chat, begin({ queue, isOpen, waiting }));
}
