// Chats that have waited too long in their queue go to the one behind it.

import type { Queue } from "#domain/queues.ts";
import { waitingSinceBefore } from "#storage/chat-waiting.ts";
import { findChat } from "#storage/chats.ts";
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
		const before = now.getTime() - queue.overflowAfterSeconds * 1000;
		const late = await waitingSinceBefore(storage.db, queue.id, {
			before,
			limit: movedAtOnce,
			except: chats.resting(),
		});
		let hasRoom = true;
		for (const chatId of late) {
			await chats.attempt(chatId, async () => {
				hasRoom = await turns.take((turn) => moveOnOne(turn, { chatId, queue, before }));
			});
			if (!hasRoom) {
				break;
			}
		}
	}
}

type Late = { chatId: string; queue: Queue; before: number };

/** Looked at again, since meanwhile much may have happened. False: the queue behind takes nobody now. */
async function moveOnOne(turn: Turn, { chatId, queue, before }: Late): Promise<boolean> {
	const chat = await findChat(turn.tx, chatId);
	const behind = await queueStill(turn, turn.known.queue(queue.overflowQueueId));
	if (chat === undefined || chat.queueId !== queue.id || chat.queuedAt > before || behind === undefined) {
		return true;
	}
	const arrival = await arrivalAt(turn, behind, chat);
	if (failureOf(arrival) !== undefined) {
		return false;
	}
	await turn.move(chatId, moveOn(arrival));
	return true;
}
