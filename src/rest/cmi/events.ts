// GET /events: what happens to messages and conversations, as it happens (server-sent events, HTML Living Standard
// section 9.2). The ledger is the source: a reader that comes back with Last-Event-ID misses nothing and gets nothing twice.

import { Problem } from "#platform/problems.ts";
import { type EventCursor, newestEvent } from "#storage/events.ts";
import type { RestDeps } from "../deps.ts";
import { type Route, route } from "../route.ts";
import { needs, readers, visibleServices } from "./access.ts";
import { streamEvents } from "./event-stream.ts";
import { eventsQuery } from "./schemas.ts";

const streamsMax = 20; // Open streams of one user, on this node.

const headers = {
	"content-type": "text/event-stream; charset=utf-8",
	"cache-control": "no-store, no-transform",
	"x-accel-buffering": "no", // nginx would hold events back.
	connection: "close", // Left idle after the stream, it would hold up the end of the server.
};

const description =
	`Server-sent events. \`id\` is where the reader stands, \`event\` the type (message.received, message.matched,
message.parked, message.retried, message.queued, message.state, attachment.state, conversation.started, conversation.reopened,
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
