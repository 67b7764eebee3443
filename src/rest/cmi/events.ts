// GET /events: what happens to messages and conversations, as it happens (server-sent events, HTML Living Standard
// section 9.2). The ledger is the source: a reader that comes back with Last-Event-ID misses nothing and gets nothing twice.

import { Problem } from "#platform/problems.ts";
import { visibleObjects } from "#rights/decide.ts";
import { type EventCursor, eventsAfter, newestEvent, type StoredEvent } from "#storage/events.ts";
import type { Principal } from "#identity/principal.ts";
import { sleep } from "#platform/clock.ts";
import type { RestDeps } from "../deps.ts";
import { type OpenAnswer, type Route, route } from "../route.ts";
import { needs, readers, type Services, visibleServices } from "./access.ts";
import { eventsQuery } from "./schemas.ts";
import { toTime } from "./views.ts";

const streamsMax = 20; // Open streams of one user, on this node.
const batchSize = 100; // Events per read; nothing more is read before they have left.
const pollMs = 1000;
const heartbeatMs = 15_000; // Proxies cut connections that are silent for longer, often after 30 or 60 s.
const checkMs = 10_000; // Whether the caller still counts; at the latest heartbeatMs after a right is gone.
const stuckMs = 60_000; // A reader that takes nothing for so long is cut off.
const retryMs = 2000; // What readers are told to wait before they come again.

const headers = {
	"content-type": "text/event-stream; charset=utf-8",
	"cache-control": "no-store, no-transform",
	"x-accel-buffering": "no", // nginx would hold events back.
};

const description =
	`Server-sent events. \`id\` is where the reader stands, \`event\` the type (message.received, message.matched,
message.parked, message.retried, message.queued, message.state, conversation.started, conversation.reopened,
conversation.closed) and \`data\` a JSON object: id, type, at, service, message, conversation (ids, or null) and detail
(states, codes and reasons; never texts or addresses). Only messaging services that you may read. With the header
Last-Event-ID the stream goes on after that event; without, it starts now, or where \`since\` says. A comment comes at least
every 15 s. At most ${streamsMax} streams per user.`.replaceAll("\n", " ");

/** Each set of routes counts its own streams. */
export function eventRoutes(): readonly Route[] {
	const openStreams = new Map<string, number>();
	return [
		route({
			method: "GET",
			path: "/events",
			summary: "Streams what happens to messages and conversations.",
			description,
			needs: needs(readers, "some"),
			query: eventsQuery,
			status: 200,
			async run(ctx) {
				const { userId } = ctx.caller();
				refuseMany(openStreams, userId);
				const start = await startOf(ctx.deps, ctx.lastEventId ?? ctx.query.since);
				const services = visibleServices(ctx, readers);
				return {
					status: 200,
					headers,
					stream: (open) =>
						counted(openStreams, userId, () => streamEvents(ctx.deps, open, { cursor: start, services })),
				};
			},
		}),
	];
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

async function startOf({ storage }: RestDeps, where: string | undefined): Promise<EventCursor> {
	if (where === undefined) {
		return newestEvent(storage.db, storage.dialect);
	}
	if (where === "begin") {
		return { tx: 0, seq: 0 };
	}
	const [, tx, seq] = /^(\d{1,15})\.(\d{1,15})$/.exec(where) ?? [];
	if (tx === undefined || seq === undefined) {
		const message = "must be the id of an event of this stream";
		throw new Problem("invalid_query", "Last-Event-ID is not an id of this stream.", [
			{ pointer: "/Last-Event-ID", message },
		]);
	}
	return { tx: Number(tx), seq: Number(seq) };
}

type Position = { cursor: EventCursor; services: Services };

async function streamEvents(deps: RestDeps, open: OpenAnswer, start: Position): Promise<void> {
	const gone = new AbortController();
	const leave = () => gone.abort();
	open.response.once("close", leave);
	open.closing.addEventListener("abort", leave, { once: true });
	if (open.closing.aborted || open.response.destroyed) {
		leave();
	}
	try {
		await tell(deps, open, { ...start, gone: gone.signal });
	} finally {
		open.response.off("close", leave);
		open.closing.removeEventListener("abort", leave);
	}
}

async function tell(deps: RestDeps, open: OpenAnswer, start: Position & { gone: AbortSignal }): Promise<void> {
	const { clock, signals } = deps;
	const { gone } = start;
	let { cursor, services } = start;
	let wakeUp = new AbortController();
	const stopListening = signals.listen("events", () => wakeUp.abort());
	let checkedAt = clock.monotonicMs();
	let writtenAt = checkedAt;
	try {
		// An id without data is where the reader stands, so that one cut off before the first event resumes right here.
		let isOpen = await write(deps, open, gone, `retry: ${retryMs}\nid: ${toId(cursor)}\n\n`);
		while (isOpen && !gone.aborted) {
			wakeUp = new AbortController();
			if (clock.monotonicMs() - checkedAt >= checkMs) {
				const caller = await open.callerNow();
				if (caller === undefined) {
					return;
				}
				services = servicesOf(caller);
				checkedAt = clock.monotonicMs();
			}
			const events = await readBatch(deps, { cursor, services });
			const isSilent = events.length === 0 && clock.monotonicMs() - writtenAt >= heartbeatMs;
			if (events.length > 0 || isSilent) {
				isOpen = await write(deps, open, gone, isSilent ? ":\n\n" : events.map(toText).join(""));
				writtenAt = clock.monotonicMs();
			}
			cursor = events.at(-1)?.cursor ?? cursor;
			if (events.length < batchSize) {
				await sleep(clock, pollMs, AbortSignal.any([gone, wakeUp.signal]));
			}
		}
	} finally {
		stopListening();
	}
}

function servicesOf(caller: Principal): Services {
	return visibleServices({ visible: (access, type) => visibleObjects(caller.grants, access, type) }, readers);
}

function readBatch({ storage }: RestDeps, { cursor, services }: Position): Promise<StoredEvent[]> {
	return eventsAfter(storage.db, storage.dialect, cursor, { limit: batchSize, serviceIds: services });
}

/** Resolves when there is room for more. False: the reader is gone, or takes nothing any more. */
async function write({ clock }: RestDeps, { response }: OpenAnswer, gone: AbortSignal, text: string): Promise<boolean> {
	if (response.write(text)) {
		return true;
	}
	const drained = new AbortController();
	const onDrain = () => drained.abort();
	response.once("drain", onDrain);
	await sleep(clock, stuckMs, AbortSignal.any([gone, drained.signal]));
	response.off("drain", onDrain);
	if (!drained.signal.aborted && !gone.aborted) {
		response.destroy(); // What is still waiting to be sent goes with it.
	}
	return drained.signal.aborted && !gone.aborted;
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
