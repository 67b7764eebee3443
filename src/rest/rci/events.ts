// GET /events: what changes in the configuration, as it changes (server-sent events). The audit log is the source: it is
// written in the transaction of the change, so a reader that comes back with Last-Event-ID misses nothing.

import { Problem } from "#platform/problems.ts";
import { newestAudit } from "#storage/audit.ts";
import { Type } from "typebox";
import type { RestDeps } from "../deps.ts";
import { serveStream } from "../event-stream.ts";
import { openStreams, streamsMax } from "../open-streams.ts";
import { type Route, route } from "../route.ts";
import { closed } from "../schemas.ts";
import { changeSource } from "./change-source.ts";
import { type KnownStates, knownStates } from "./known-states.ts";

const idPattern = "^\\d{1,15}$";

const description =
	`Server-sent events, of the objects that you may view. \`changed\` is one audited change: id, type, at, objectType, objectId
(null: the only one of its type) and action; the object itself is read by its own route. \`state\` is the state of a messaging
service: type, service, state, because and action, as in its health; at first of every service, then of each that has another,
within about three seconds. With the header Last-Event-ID the changes go on after that one; without, they start now, or after
the id in \`since\`. A comment comes at least every 15 s. At most ${streamsMax} streams per user.`.replaceAll(
		"\n",
		" ",
	);

/** Each set of routes counts its own streams, and computes the states once for all of them. */
export function eventRoutes(): readonly Route[] {
	const streams = openStreams();
	const statesBy = new WeakMap<RestDeps, KnownStates>();
	function statesOf(deps: RestDeps): KnownStates {
		const states = statesBy.get(deps) ?? knownStates(deps);
		statesBy.set(deps, states);
		return states;
	}
	return [
		route({
			method: "GET",
			path: "/events",
			summary: "Streams what changes in the configuration, and the states of messaging services.",
			description,
			needs: { who: "signedIn" },
			query: Type.Object(
				{
					since: Type.Optional(
						Type.String({ pattern: idPattern, description: "Id of a change: from the next one on." }),
					),
				},
				closed,
			),
			status: 200,
			async run(ctx) {
				const caller = ctx.caller();
				streams.refuseMany(caller.userId);
				const seq = await startOf(ctx.deps, ctx.lastEventId ?? ctx.query.since);
				return streams.answer(caller.userId, (open) =>
					serveStream(ctx.deps, open, changeSource(ctx.deps, statesOf(ctx.deps), { seq, caller })),
				);
			},
		}),
	];
}

async function startOf({ storage }: RestDeps, where: string | undefined): Promise<number> {
	const newest = await newestAudit(storage.db);
	if (where === undefined) {
		return newest;
	}
	if (!new RegExp(idPattern).test(where)) {
		const message = "must be the id of a change of this stream";
		throw new Problem("invalid_query", "Last-Event-ID is not an id of this stream.", [
			{ pointer: "/Last-Event-ID", message },
		]);
	}
	return Math.min(Number(where), newest); // Of a log that was put back to an older state: what comes must not be missed.
}
