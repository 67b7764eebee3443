// GET /events: which objects of the configuration were changed, as it happens. The audit log is the source, so that an event
// comes with its change or not at all, and a reader that comes back with Last-Event-ID misses none.

import { type Grant, type ObjectType, objectTypes } from "#domain/rights.ts";
import { Problem } from "#platform/problems.ts";
import { decide } from "#rights/decide.ts";
import { auditAfter, newestAudit, type StoredAuditEntry } from "#storage/audit.ts";
import type { RestDeps } from "../deps.ts";
import { type EventFeed, eventStreams, streamsMax } from "../event-stream.ts";
import { type Route, route } from "../route.ts";
import { toTimestamp } from "../schemas.ts";

const description =
	`Server-sent events named \`changed\`: \`data\` is a JSON object with at, action, objectType and objectId (or null), of
objects that you may view; what was changed is read from the object itself. With the header Last-Event-ID the stream goes on
after that event; without, it starts now. A comment comes at least every 15 s. At most ${streamsMax} streams per user.`.replaceAll(
		"\n",
		" ",
	);

/** Each set of routes counts its own streams. */
export function configurationEventRoutes(): readonly Route[] {
	const streams = eventStreams();
	return [
		route({
			method: "GET",
			path: "/events",
			summary: "Streams which objects of the configuration are changed",
			description,
			needs: { who: "signedIn" },
			status: 200,
			async run(ctx) {
				const start = await startOf(ctx.deps, ctx.lastEventId);
				return streams.answer(ctx, auditFeed(ctx.deps, start, ctx.caller()));
			},
		}),
	];
}

type Reading = { userId: string; grants: readonly Grant[] };

function auditFeed({ storage }: Pick<RestDeps, "storage">, start: number, reader: Reading): EventFeed {
	let seq = start;
	let reading = reader;
	return {
		lane: "events",
		id: () => String(seq),
		async next(limit) {
			const entries = await auditAfter(storage.db, seq, limit);
			seq = entries.at(-1)?.seq ?? seq;
			return entries.filter((entry) => mayKnow(reading, entry)).map(toText);
		},
		readFor(caller) {
			reading = caller;
		},
	};
}

/** What one may view, and what is about oneself. */
function mayKnow({ userId, grants }: Reading, { objectType, objectId }: StoredAuditEntry): boolean {
	if (objectType === "user" && objectId === userId) {
		return true;
	}
	const known = objectTypes.find((type: ObjectType) => type === objectType);
	const on = objectId === null ? "every" : { id: objectId };
	return known !== undefined && decide(grants, "view", { objectType: known, on }).allowed;
}

function toText({ seq, at, action, objectType, objectId }: StoredAuditEntry) {
	return { id: String(seq), event: "changed", data: { at: toTimestamp(at), action, objectType, objectId } };
}

async function startOf({ storage }: Pick<RestDeps, "storage">, where: string | undefined): Promise<number> {
	if (where === undefined) {
		return newestAudit(storage.db);
	}
	if (!/^\d{1,15}$/.test(where)) {
		const message = "must be the id of an event of this stream";
		throw new Problem("invalid_query", "Last-Event-ID is not an id of this stream.", [
			{ pointer: "/Last-Event-ID", message },
		]);
	}
	return Number(where);
}
