// Server-sent events (HTML Living Standard section 9.2). One reader of a feed: written to as long as it takes what is written,
// stays connected and may read. Events are read from a table, never kept for a reader, so a slow one costs no memory.

import type { Principal } from "#identity/principal.ts";
import { sleep } from "#platform/clock.ts";
import { Problem } from "#platform/problems.ts";
import type { Lane } from "#storage/signals.ts";
import type { RestDeps } from "./deps.ts";
import type { Answer, AnyContext, OpenAnswer } from "./route.ts";

export const streamsMax = 20; // Open streams of one user, on this node and of one interface.

const headers = {
	"content-type": "text/event-stream; charset=utf-8",
	"cache-control": "no-store, no-transform",
	"x-accel-buffering": "no", // nginx would hold events back.
	connection: "close", // Left idle after the stream, it would hold up the end of the server.
};

export type EventText = { id: string; event: string; data: unknown };

/** Where events come from. It stands behind the last event it gave. */
export type EventFeed = {
	/** A hint that there may be more; asking is what finds out. */
	lane: Lane;
	/** Where it stands. */
	id(): string;
	/** What the caller may know of what came next, at most `limit`. */
	next(limit: number): Promise<readonly EventText[]>;
	/** The caller, as they are by now. */
	readFor(caller: Principal): void;
};

const batchSize = 100; // Events per read; nothing more is read before they have left.
const pollMs = 1000;
const heartbeatMs = 15_000; // Proxies cut connections that are silent for longer, often after 30 or 60 s.
const checkMs = 10_000; // Whether the caller still counts; with the poll between, well within 15 s.
const stuckMs = 60_000; // A reader that takes nothing for so long is cut off.
const retryMs = 2000; // What readers are told to wait before they come again.

/** Counts the open streams of each user of one interface. */
export function eventStreams() {
	const openStreams = new Map<string, number>();
	return {
		/** The answer that stays open, or the problem that there are too many. */
		answer({ deps, caller }: Pick<AnyContext, "deps" | "caller">, feed: EventFeed): Answer {
			const { userId } = caller();
			refuseMany(openStreams, userId);
			const stream = (open: OpenAnswer) => counted(openStreams, userId, () => streamEvents(deps, open, feed));
			return { status: 200, headers, stream };
		},
	};
}

function refuseMany(openStreams: ReadonlyMap<string, number>, userId: string): void {
	if ((openStreams.get(userId) ?? 0) >= streamsMax) {
		throw new Problem("overloaded", `You have ${streamsMax} event streams open; close one.`, undefined, {
			headers: { "retry-after": "15" },
		});
	}
}

async function counted(openStreams: Map<string, number>, userId: string, run: () => Promise<void>): Promise<void> {
	const before = openStreams.get(userId) ?? 0;
	if (before >= streamsMax) {
		return; // Several came at the same moment.
	}
	openStreams.set(userId, before + 1);
	try {
		await run();
	} finally {
		const left = (openStreams.get(userId) ?? 1) - 1;
		if (left === 0) {
			openStreams.delete(userId);
		} else {
			openStreams.set(userId, left);
		}
	}
}

type Reader = {
	deps: Pick<RestDeps, "clock" | "signals">;
	open: OpenAnswer;
	/** Aborted when the reader has left, or the server is about to stop. */
	gone: AbortSignal;
	feed: EventFeed;
	checkedMs: number;
	writtenMs: number;
};

/** Resolves when the reader has left, may not read any more, or the server is about to stop. */
export async function streamEvents(deps: Reader["deps"], open: OpenAnswer, feed: EventFeed): Promise<void> {
	const leaving = new AbortController();
	const leave = () => leaving.abort();
	open.response.once("close", leave);
	open.closing.addEventListener("abort", leave, { once: true });
	if (open.closing.aborted || open.response.destroyed) {
		leave();
	}
	const startMs = deps.clock.monotonicMs();
	try {
		await serve({ deps, open, gone: leaving.signal, feed, checkedMs: startMs, writtenMs: startMs });
	} finally {
		open.response.off("close", leave);
		open.closing.removeEventListener("abort", leave);
	}
}

async function serve(reader: Reader): Promise<void> {
	const { clock, signals } = reader.deps;
	let wakeUp = new AbortController();
	const stopListening = signals.listen(reader.feed.lane, () => wakeUp.abort());
	try {
		// An id without data is where the reader stands, so that one cut off before the first event resumes right here.
		let isOpen = await write(reader, `retry: ${retryMs}\nid: ${reader.feed.id()}\n\n`);
		while (isOpen && !reader.gone.aborted && (await mayStillRead(reader))) {
			wakeUp = new AbortController();
			const events = await reader.feed.next(batchSize);
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
	reader.feed.readFor(caller);
	reader.checkedMs = nowMs;
	return true;
}

/** The events, or now and then a comment that keeps the connection. False: the reader does not listen any more. */
async function tell(reader: Reader, events: readonly EventText[]): Promise<boolean> {
	const isSilent = events.length === 0;
	if (isSilent && reader.deps.clock.monotonicMs() - reader.writtenMs < heartbeatMs) {
		return true;
	}
	const isOpen = await write(reader, isSilent ? ":\n\n" : events.map(toText).join(""));
	reader.writtenMs = reader.deps.clock.monotonicMs();
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

function toText({ id, event, data }: EventText): string {
	return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
