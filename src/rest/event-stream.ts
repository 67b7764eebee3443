// One reader of a stream of events (HTML Living Standard section 9.2): written to as long as it takes what is written, stays
// connected and may read. Events are read from where they are stored, never kept for a reader, so a slow one costs no memory.

import type { Principal } from "#identity/principal.ts";
import { sleep } from "#platform/clock.ts";
import type { Lane } from "#storage/signals.ts";
import type { RestDeps } from "./deps.ts";
import type { OpenAnswer } from "./route.ts";

const pollMs = 1000;
const heartbeatMs = 15_000; // Proxies cut connections that are silent for longer, often after 30 or 60 s.
const checkMs = 10_000; // Whether the caller still counts; with the poll between, well within 15 s.
const stuckMs = 60_000; // A reader that takes nothing for so long is cut off.
const retryMs = 2000; // What readers are told to wait before they come again.

export type StreamDeps = Pick<RestDeps, "storage" | "clock" | "signals">;

/** What one reader is told. */
export type StreamSource = {
	/** Nudged where something may be new. */
	lane: Lane;
	/** The id of where the reader begins. */
	start: string;
	/** What comes next; nothing more is asked for before it has left. `isAll` false: there may be more at once. */
	next(): Promise<{ events: readonly StreamEvent[]; isAll: boolean }>;
	/** Who the caller is by now: what they may be told may be another. */
	know(caller: Principal): void;
};

/** Without an id: a reader that comes back is told of it anew. */
export type StreamEvent = { id?: string; type: string; data: Readonly<Record<string, unknown>> };

type Reader = {
	deps: StreamDeps;
	open: OpenAnswer;
	source: StreamSource;
	/** Aborted when the reader has left, or the server is about to stop. */
	gone: AbortSignal;
	checkedMs: number;
	writtenMs: number;
};

/** Resolves when the reader has left, may not read any more, or the server is about to stop. */
export async function serveStream(deps: StreamDeps, open: OpenAnswer, source: StreamSource): Promise<void> {
	const leaving = new AbortController();
	const leave = () => leaving.abort();
	open.response.once("close", leave);
	open.closing.addEventListener("abort", leave, { once: true });
	if (open.closing.aborted || open.response.destroyed) {
		leave();
	}
	const startMs = deps.clock.monotonicMs();
	try {
		await serve({ deps, open, source, gone: leaving.signal, checkedMs: startMs, writtenMs: startMs });
	} finally {
		open.response.off("close", leave);
		open.closing.removeEventListener("abort", leave);
	}
}

async function serve(reader: Reader): Promise<void> {
	const { source, deps } = reader;
	let wakeUp = new AbortController();
	const stopListening = deps.signals.listen(source.lane, () => wakeUp.abort());
	try {
		// An id without data is where the reader stands, so that one cut off before the first event resumes right here.
		let isOpen = await write(reader, `retry: ${retryMs}\nid: ${source.start}\n\n`);
		while (isOpen && !reader.gone.aborted && (await mayStillRead(reader))) {
			wakeUp = new AbortController();
			const { events, isAll } = await source.next();
			isOpen = await tell(reader, events);
			if (isAll) {
				await sleep(deps.clock, pollMs, AbortSignal.any([reader.gone, wakeUp.signal]));
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
	reader.source.know(caller);
	reader.checkedMs = nowMs;
	return true;
}

/** The events, or now and then a comment that keeps the connection. False: the reader does not listen any more. */
async function tell(reader: Reader, events: readonly StreamEvent[]): Promise<boolean> {
	const isSilent = events.length === 0;
	if (isSilent && reader.deps.clock.monotonicMs() - reader.writtenMs < heartbeatMs) {
		return true;
	}
	const isOpen = await write(reader, isSilent ? ":\n\n" : events.map(toText).join(""));
	reader.writtenMs = reader.deps.clock.monotonicMs();
	return isOpen;
}

function toText({ id, type, data }: StreamEvent): string {
	return `${id === undefined ? "" : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
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
