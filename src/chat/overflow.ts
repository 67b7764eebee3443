// Chats that have waited too long in their queue go to the one behind it. By the clock only: what is done here wakes nobody
// to do it again, and a queue behind that stays full costs a read a second.

import type { Queue } from "#domain/queues.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { countWaiting, queuesWithWaiting, waitingTooLong } from "#storage/chat-waiting.ts";
import { findChat } from "#storage/chats.ts";
import { type Apart, openApart } from "./apart.ts";
import { arrivalAt, queueStill } from "./arrivals.ts";
import { type Known, readKnown } from "./known.ts";
import { returnMs } from "./moves/clocks.ts";
import { failureOf, moveOn } from "./moves/waiting.ts";
import type { RoundDeps } from "./offering.ts";
import type { Turn } from "./turns.ts";

const pollMs = 1000;
const movedAtOnce = 50; // Of one queue in one round.

export function startOverflow(deps: RoundDeps): RunningWorker {
	const { clock } = deps;
	// While this node was down nobody could be offered anything: agents get the time to come back.
	const notBefore = clock.now().getTime() + returnMs;
	const chats = openApart(deps, "A chat that waited too long could not be moved on.", (objectId) => ({
		objectType: "chat",
		objectId,
	}));
	async function round(): Promise<boolean> {
		if (clock.now().getTime() >= notBefore) {
			await moveOnWaiting(deps, chats);
		}
		return false;
	}
	return startWorker({ name: "Chat overflow", pollMs, round, listen: () => () => undefined }, deps);
}

/** Where the queue behind is full or closed they wait on where they are. */
export async function moveOnWaiting({ storage, clock, turns, host }: RoundDeps, chats: Apart): Promise<void> {
	const known = await readKnown(storage, host);
	const now = clock.now();
	const pairs = overflowing(known, now);
	const waiting = new Set(pairs.length === 0 ? [] : await queuesWithWaiting(storage.db));
	for (const { queue, behind } of pairs.filter((pair) => waiting.has(pair.queue.id))) {
		const room = behind.size > 0 ? behind.size - (await countWaiting(storage.db, behind.id)) : movedAtOnce;
		if (room <= 0) {
			continue;
		}
		const before = now.getTime() - queue.overflowAfterSeconds * 1000;
		const limit = Math.min(room, movedAtOnce);
		const asked = { now: now.getTime(), before, limit, except: chats.resting() };
		const late = await waitingTooLong(storage.db, queue.id, asked);
		// At once, so that they share commits.
		await Promise.all(
			late.map((chatId) =>
				chats.attempt(chatId, () => turns.take((turn) => moveOnOne(turn, { chatId, queue, before }))),
			),
		);
	}
}

/** Queues that move on what waits, with an open one behind. */
function overflowing(known: Known, now: Date): { queue: Queue; behind: Queue }[] {
	return known.queues.flatMap((queue) => {
		const behind = queue.overflowAfterSeconds === 0 ? undefined : known.queue(queue.overflowQueueId);
		return behind === undefined || !known.isOpen(behind, now) ? [] : [{ queue, behind }];
	});
}

type Late = { chatId: string; queue: Queue; before: number };

/** Looked at again, since meanwhile much may have happened. */
async function moveOnOne(turn: Turn, { chatId, queue, before }: Late): Promise<void> {
	const chat = await findChat(turn.tx, chatId);
	const behind = await queueStill(turn, turn.known.queue(queue.overflowQueueId));
	if (chat === undefined || chat.queueId !== queue.id || chat.queuedAt > before || behind === undefined) {
		return;
	}
	const arrival = await arrivalAt(turn, behind, chat);
	if (failureOf(arrival) === undefined) {
		await turn.move(chatId, moveOn(arrival));
	}
}
