// One reader of the event stream: written to as long as it takes what is written, stays connected and may read. Events are
// read from the ledger, never kept for a reader, so a slow one costs no memory.

import type { Principal } from "#identity/principal.ts";
import { sleep } from "#platform/clock.ts";
import { visibleObjects } from "#rights/decide.ts";
import { type EventCursor, eventsAfter, type StoredEvent } from "#storage/events.ts";
import type { RestDeps } from "../deps.ts";
import type { OpenAnswer } from "../route.ts";
import { readers, type Services, visibleServices } from "./access.ts";
import { toTime } from "./views.ts";

const batchSize = 100; // Events per read; nothing more is read before they have left.
const pollMs = 1000;
const heartbeatMs = 15_000; // Proxies cut connections that are silent for longer, often after 30 or 60 s.
const checkMs = 10_000; // Whether the caller still counts; with the poll between, well within 15 s.
const stuckMs = 60_000; // A reader that takes nothing for so long is cut off.
const retryMs = 2000; // What readers are told to wait before they come again.

type StreamDeps = Pick<RestDeps, "storage" | "clock" | "signals">;

type Reader = {
	deps: StreamDeps;
	open: OpenAnswer;
	/** Aborted when the reader has left, or the server is about to stop. */
	gone: AbortSignal;
	cursor: EventCursor;
	services: Services;
	checkedMs: number;
	writtenMs: number;
};

/** Resolves when the reader has left, may not read any more, or the server is about to stop. */
export async function streamEvents(
	deps: StreamDeps,
	open: OpenAnswer,
	start: { cursor: EventCursor; services: Services },
): Promise<void> {
	const leaving = new AbortController();
	const leave = () => leaving.abort();
	open.response.once("close", leave);
	open.closing.addEventListener("abort", leave, { once: true });
	if (open.closing.aborted || open.response.destroyed) {
		leave();
	}
	const startMs = deps.clock.monotonicMs();
	try {
		await serve({ deps, open, gone: leaving.signal, ...start, checkedMs: startMs, writtenMs: startMs });
	} finally {
		open.response.off("close", leave);
		open.closing.removeEventListener("abort", leave);
	}
}

async function serve(reader: Reader): Promise<void> {
	const { clock, signals } = reader.deps;
	let wakeUp = new AbortController();
	const stopListening = signals.listen("events", () => wakeUp.abort());
	try {
		// An id without data is where the reader stands, so that one cut off before the first event resumes right here.
		let isOpen = await write(reader, `retry: ${retryMs}\nid: ${toId(reader.cursor)}\n\n`);
		while (isOpen && !reader.gone.aborted && (await mayStillRead(reader))) {
			wakeUp = new AbortController();
			const events = await nextEvents(reader);
			isOpen = await tell(reader, events);
			if (events.length < batchSize) {
				await sleep(clock, pollMs, AbortSignal.any([reader.gone, wakeUp.signal]));
			}
		}
	} finally {
		stopListening();
	}
}

/** Asked again and again: a session ends, a right is taken away, a user is disabled. */
async function mayStillRead(reader: Reader): Promise<boolean> {
	const nowMs = reader.deps.clock.monotonicMs();
	if (nowMs - reader.checkedMs < checkMs) {
		return true;
	}
	const caller = await reader.open.callerNow();
	if (caller === undefined) {
		return false;
	}
	reader.services = servicesOf(caller);
	reader.checkedMs = nowMs;
	return true;
}

function servicesOf(caller: Principal): Services {
	return visibleServices({ visible: (access, type) => visibleObjects(caller.grants, access, type) }, readers);
}

function nextEvents({ deps: { storage }, cursor, services }: Reader): Promise<StoredEvent[]> {
	return eventsAfter(storage.db, storage.dialect, cursor, { limit: batchSize, serviceIds: services });
}

/** The events, or now and then a comment that keeps the connection. False: the reader does not listen any more. */
async function tell(reader: Reader, events: readonly StoredEvent[]): Promise<boolean> {
	const isSilent = events.length === 0;
	if (isSilent && reader.deps.clock.monotonicMs() - reader.writtenMs < heartbeatMs) {
		return true;
	}
	const isOpen = await write(reader, isSilent ? ":\n\n" : events.map(toText).join(""));
	reader.writtenMs = reader.deps.clock.monotonicMs();
	reader.cursor = events.at(-1)?.cursor ?? reader.cursor;
	return isOpen;
}

/** Resolves when there is room for more. False: the reader is gone, or takes nothing any more. */
async function write({ deps, open: { response }, gone }: Reader, text: string): Promise<boolean> {
	if (response.write(text)) {
		return true;
	}
	const drained = new AbortController();
	const onDrain = () => drained.abort();
	response.once("drain", onDrain);
	await sleep(deps.clock, stuckMs, AbortSignal.any([gone, drained.signal]));
	response.off("drain", onDrain);
	const isStuck = !drained.signal.aborted && !gone.aborted;
	if (isStuck) {
		response.destroy(); // What is still waiting to be sent goes with it.
	}
	return !isStuck && !gone.aborted;
}

function toText(event: StoredEvent): string {
	const id = toId(event.cursor);
	const data = {
		id,
		type: event.type,
		at: toTime(event.at),
		service: event.serviceId,
		message: event.messageId,
		conversation: event.conversationId,
		detail: event.data,
	};
	return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function toId({ tx, seq }: EventCursor): string {
	return `${tx}.${seq}`;
}
