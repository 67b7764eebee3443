// Follows the ledger from where it stood last, in order, and moves that place in the transaction of what it did: so each
// message comes into a chat exactly once. An entry that spoils a batch is tried alone; when it fails again and again it is
// left out, on record, so that nobody else's chats wait for it.

import { describeError } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { readIntake, saveIntake } from "#storage/chat-intake.ts";
import { appendEvents, type EventCursor, eventsAfter, type StoredEvent } from "#storage/events.ts";
import { storageTrouble } from "#storage/trouble.ts";
import type { ChatDeps } from "./deps.ts";
import { isForChats, takeIn } from "./intake.ts";
import type { Messenger } from "./messenger.ts";
import type { Turn, Turns } from "./turns.ts";

const eventsAtOnce = 100;
const pollMs = 500;
const passedMax = 5000; // So many entries may be read anew after a restart.
const nowhere: EventCursor = { tx: -1, seq: -1 };
const triesMax = 5; // Over some three seconds, by the waits of the worker's loop: what passes by itself has passed.

export function startIntake(deps: ChatDeps, turns: Turns, messenger: Pick<Messenger, "windows">): RunningWorker {
	const intake = new Intake(deps, turns, messenger);
	return startWorker(
		{
			name: "Chat intake",
			pollMs,
			round: () => intake.round(),
			listen: (wake) => deps.signals.listen("events", wake),
		},
		deps,
	);
}

class Intake {
	readonly #deps: ChatDeps;
	readonly #turns: Turns;
	readonly #messenger: Pick<Messenger, "windows">;
	/** Behind `from`, the stored place, there is nothing for chats up to here: most of the ledger is what chats wrote themselves. */
	#passed: { from: EventCursor; to: EventCursor; count: number } = { from: nowhere, to: nowhere, count: 0 };
	#tried = { event: "", times: 0 };

	constructor(deps: ChatDeps, turns: Turns, messenger: Pick<Messenger, "windows">) {
		this.#deps = deps;
		this.#turns = turns;
		this.#messenger = messenger;
	}

	async round(): Promise<boolean> {
		const { db, dialect } = this.#deps.storage;
		const from = await readIntake(db);
		if (!isSame(from, this.#passed.from)) {
			this.#passed = { from, to: from, count: 0 };
		}
		const { to, count } = this.#passed;
		const events = await eventsAfter(db, dialect, to, { limit: eventsAtOnce, serviceIds: "every" });
		const last = events.at(-1);
		if (last !== undefined && !events.some(isForChats) && count + events.length <= passedMax) {
			this.#passed = { from, to: last.cursor, count: count + events.length };
			return events.length === eventsAtOnce;
		}
		try {
			await this.#takeTogether(from, events);
		} catch (error) {
			if (storageTrouble(error) !== undefined) {
				throw error;
			}
			await this.#takeEach(from, events);
		}
		return events.length === eventsAtOnce;
	}

	async #takeTogether(from: EventCursor, events: readonly StoredEvent[]): Promise<void> {
		const last = events.at(-1);
		if (last === undefined) {
			return;
		}
		const windows = await this.#messenger.windows();
		await this.#step({ from, to: last.cursor }, async (turn) => {
			for (const event of events.filter(isForChats)) {
				await takeIn(turn, event, windows);
			}
		});
	}

	async #takeEach(start: EventCursor, events: readonly StoredEvent[]): Promise<void> {
		let from = start;
		for (const event of events) {
			try {
				await this.#takeTogether(from, [event]);
			} catch (error) {
				if (storageTrouble(error) !== undefined || !this.#isTriedEnough(event)) {
					throw error;
				}
				await this.#leaveOut(from, event, error);
			}
			from = event.cursor;
		}
	}

	#isTriedEnough({ cursor }: StoredEvent): boolean {
		const event = `${cursor.tx}.${cursor.seq}`;
		this.#tried = { event, times: this.#tried.event === event ? this.#tried.times + 1 : 1 };
		return this.#tried.times >= triesMax;
	}

	async #leaveOut(from: EventCursor, event: StoredEvent, error: unknown): Promise<void> {
		const { serviceId, messageId, conversationId, type } = event;
		await this.#step({ from, to: event.cursor }, async ({ tx, now }) => {
			const about = { serviceId, messageId, conversationId, data: { of: type } };
			await appendEvents(tx, [{ at: new Date(now), type: "message.leftOut", ...about }]);
		});
		this.#deps.metrics.alarm("message_left_out", true);
		this.#deps.log.error("What happened to a message could not be taken into its chat, and was left out of it.", {
			server: "Chat Server",
			...(messageId === null ? {} : { messageId }),
			event: type,
			error: describeError(error),
		});
	}

	/** Nothing happens where another node was faster. */
	async #step(way: { from: EventCursor; to: EventCursor }, work: (turn: Turn) => Promise<void>): Promise<void> {
		await this.#turns.take(async (turn) => {
			const present = await readIntake(turn.tx);
			if (isSame(present, way.from)) {
				await work(turn);
				await saveIntake(turn.tx, way.to);
			}
		});
	}
}

function isSame(a: EventCursor, b: EventCursor): boolean {
	return a.tx === b.tx && a.seq === b.seq;
}
