// GET /events: what happens to messages and conversations, as it happens (server-sent events, HTML Living Standard
// section 9.2). The ledger is the source: a reader that comes back with Last-Event-ID misses nothing and gets nothing twice.

import type { Principal } from "#identity/principal.ts";
import { Problem } from "#platform/problems.ts";
import { visibleObjects } from "#rights/decide.ts";
import { type EventCursor, eventsAfter, newestEvent, type StoredEvent } from "#storage/events.ts";
import type { RestDeps } from "../deps.ts";
import { type EventFeed, type EventText, eventStreams, streamsMax } from "../event-stream.ts";
import { type Route, route } from "../route.ts";
import { needs, readers, type Services, visibleServices } from "./access.ts";
import { eventsQuery } from "./schemas.ts";
import { toTime } from "./views.ts";

const description =
	`Server-sent events. \`id\` is where the reader stands, \`event\` the type (message.received, message.matched,
message.parked, message.retried, message.queued, message.state, attachment.state, conversation.started, conversation.reopened,
conversation.closed) and \`data\` a JSON object: id, type, at, service, message, conversation (ids, or null) and detail
(states, codes and reasons; never texts or addresses). Only messaging services that you may read. With the header
Last-Event-ID the stream goes on after that event; without, it starts now, or where \`since\` says. A comment comes at least
every 15 s. At most ${streamsMax} streams per user.`.replaceAll("\n", " ");

/** Each set of routes counts its own streams. */
export function eventRoutes(): readonly Route[] {
	const streams = eventStreams();
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
				const start = await startOf(ctx.deps, ctx.lastEventId ?? ctx.query.since);
				return streams.answer(ctx, ledgerFeed(ctx.deps, start, visibleServices(ctx, readers)));
			},
		}),
	];
}

export function ledgerFeed({ storage }: Pick<RestDeps, "storage">, start: EventCursor, visible: Services): EventFeed {
	let cursor = start;
	let services = visible;
	return {
		lane: "events",
		id: () => toId(cursor),
		async next(limit) {
			const events = await eventsAfter(storage.db, storage.dialect, cursor, { limit, serviceIds: services });
			cursor = events.at(-1)?.cursor ?? cursor;
			return events.map(toText);
		},
		readFor(caller: Principal) {
			services = visibleServices({ visible: (access, type) => visibleObjects(caller.grants, access, type) }, readers);
		},
	};
}

function toText(event: StoredEvent): EventText {
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
	return { id, event: event.type, data };
}

function toId({ tx, seq }: EventCursor): string {
	return `${tx}.${seq}`;
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
