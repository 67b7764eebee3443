// Chats that have waited too long in their queue go to the one behind it.

import type { Queue } from "#domain/queues.ts";
import { countWaiting, waitingSinceBefore } from "#storage/chat-waiting.ts";
import { findChat } from "#storage/chats.ts";
import type { Db } from "#storage/storage.ts";
import type { Apart } from "./apart.ts";
import { arrivalAt, queueStill } from "./arrivals.ts";
import { readKnown } from "./known.ts";
import { failureOf, moveOn } from "./moves/waiting.ts";
import type { RoundDeps } from "./offering.ts";
import type { Turn } from "./turns.ts";

const movedAtOnce = 50; // Of one queue in one round; the next one is a second away.

/** Where the queue behind is full or closed they wait on where they are. */
export async function moveOnWaiting({ storage, clock, turns, host }: RoundDeps, chats: Apart): Promise<void> {
	const known = await readKnown(storage, host);
	const now = clock.now();
	for (const queue of known.queues) {
		const behind = queue.overflowAfterSeconds === 0 ? undefined : known.queue(queue.overflowQueueId);
		if (behind === undefined || !known.isOpen(behind, now)) {
			continue;
		}
		const late = await waitingSinceBefore(storage.db, queue.id, {
			before: now.getTime() - queue.overflowAfterSeconds * 1000,
			limit: Math.min(movedAtOnce, await roomIn(storage.db, behind)),
			except: chats.resting(),
		});
		for (const chatId of late) {
			await chats.attempt(chatId, () => turns.take((turn) => moveOnOne(turn, chatId)));
		}
	}
}

async function roomIn(db: Db, { id, size }: Queue): Promise<number> {
	return size > 0 ? Math.max(0, size - (await countWaiting(db, id))) : Number.POSITIVE_INFINITY;
}

/** Looked at again: meanwhile it may be offered, and the queue behind be full. */
async function moveOnOne(turn: Turn, chatId: string): Promise<void> {
	const { known } = turn;
	const chat = await findChat(turn.tx, chatId);
	const behind = await queueStill(turn, known.queue(known.queue(chat?.queueId ?? null)?.overflowQueueId ?? null));
	if (behind === undefined) {
		return;
	}
	const arrival = await arrivalAt(turn, behind);
	if (failureOf(arrival) === undefined) {
		await turn.move(chatId, moveOn(behind, arrival.waiting));
	}
}
