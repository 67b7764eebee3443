// How a queue is for a chat that comes to it in this turn, and which of the queues behind it takes what it cannot.

import { type Queue, queuesBehind } from "#domain/queues.ts";
import { type Arriving, standingIn } from "#storage/chat-waiting.ts";
import { isQueue } from "#storage/queues.ts";
import { type Arrival, failureOf } from "./moves/waiting.ts";
import type { Turn } from "./turns.ts";

/** Undefined: it was deleted after the turn's knowledge was read. None is while turns are taken. */
export async function queueStill({ tx }: Turn, queue: Queue | undefined): Promise<Queue | undefined> {
	return queue !== undefined && (await isQueue(tx, queue.id)) ? queue : undefined;
}

export async function arrivalAt(turn: Turn, queue: Queue, chat: Arriving): Promise<Arrival & { queue: Queue }> {
	const isOpen = turn.known.isOpen(queue, new Date(turn.now));
	return { queue, isOpen, ...(await standingIn(turn.tx, queue.id, chat)) };
}

/** The first of the queues behind that can take the chat. */
export async function takerBehind(
	turn: Turn,
	queue: Queue,
	chat: Arriving,
): Promise<(Arrival & { queue: Queue }) | undefined> {
	for (const next of queuesBehind(turn.known.queues, queue)) {
		if ((await queueStill(turn, next)) === undefined) {
			continue;
		}
		const arrival = await arrivalAt(turn, next, chat);
		if (failureOf(arrival) === undefined) {
			return arrival;
		}
	}
	return undefined;
}
