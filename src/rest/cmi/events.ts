// GET /events: what happens to messages and conversations, as it happens (server-sent events, HTML Living Standard
// section 9.2). The ledger is the source: a reader that comes back with Last-Event-ID misses nothing and gets nothing twice.

import { Problem } from "#platform/problems.ts";
import { eventSightOf } from "#rights/event-sight.ts";
import { type EventCursor, eventTypes, newestEvent } from "#storage/events.ts";
import type { RestDeps } from "../deps.ts";
import { serveStream } from "../event-stream.ts";
import { openStreams, streamsMax } from "../open-streams.ts";
import { type Route, route } from "../route.ts";
import { listeners, needs } from "./access.ts";
import { ledgerSource } from "./event-source.ts";
import { eventsQuery } from "./schemas.ts";

const description =
	`Server-sent events. \`id\` is where the reader stands, \`event\` the type (${eventTypes.join(", ")}) and \`data\` a JSON object:
id, type, at, service, message, conversation (ids, or null) and detail (states, codes and reasons; never texts or addresses). Only
messaging services that you may read; of requests, only those whose quarantine you may see: how many were put there at once
(requests), or that one was asked for, refused again, released or deleted (to); of chats of no service, only those of queues on which
you hold Messaging or Manage Contact History. With the header Last-Event-ID the stream goes on after that event; without, it starts
now, or where \`since\` says. A comment comes at least every 15 s. At most ${streamsMax} streams per user.`.replaceAll(
		"\n",
		" ",
	);

/** Each set of routes counts its own streams. */
export function eventRoutes(): readonly Route[] {
	const streams = openStreams();
	return [
		route({
			method: "GET",
			path: "/events",
			summary: "Streams what happens to messages, conversations and refused requests.",
			description,
			needs: needs(listeners, "some"),
			query: eventsQuery,
			status: 200,
			async run(ctx) {
				const { userId, grants } = ctx.caller();
				streams.refuseMany(userId);
				const cursor = await startOf(ctx.deps, ctx.lastEventId ?? ctx.query.since);
				const sight = eventSightOf(grants);
				return streams.answer(userId, (open) => serveStream(ctx.deps, open, ledgerSource(ctx.deps, { cursor, sight })));
			},
		}),
	];
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
