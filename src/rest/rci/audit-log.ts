// The audit log: who changed what and when, and whether the log itself is whole.

import { type StoredAuditEntry, listAudit, verifyAudit } from "#storage/audit.ts";
import { type Static, Type } from "typebox";
import { limitDefault, limitMax } from "../lists.ts";
import { type Needs, type Route, route } from "../route.ts";
import { closed, givenTimestamp, idSchema, line, orNull, timestamp, toMoment, toTimestamp } from "../schemas.ts";

const needs: Needs = { who: "holders", rights: [{ objectType: "auditLog", access: "view", on: "every" }] };

const word = Type.String({ minLength: 1, maxLength: 100 });
const filters = Type.Object(
	{
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax, default: limitDefault })),
		cursor: Type.Optional(
			Type.String({ pattern: "^\\d{1,15}$", description: "From the header Link of the page before." }),
		),
		userId: Type.Optional(idSchema),
		actor: Type.Optional(line(400, "Logon name as the log has it; also of users that were deleted, or of `system`.")),
		action: Type.Optional(word),
		objectType: Type.Optional(word),
		objectId: Type.Optional(idSchema),
		since: Type.Optional(givenTimestamp),
		until: Type.Optional(givenTimestamp),
	},
	closed,
);

const entryReply = Type.Object(
	{
		seq: Type.Integer(),
		at: timestamp,
		userId: orNull(idSchema),
		actor: Type.String(),
		via: Type.String(),
		action: Type.String(),
		objectType: Type.String(),
		objectId: orNull(Type.String()),
		objectName: orNull(Type.String()),
		changes: Type.Record(
			Type.String(),
			Type.Object({ before: Type.Optional(Type.Unknown()), after: Type.Optional(Type.Unknown()) }, closed),
			{ description: "Field → before and after; of secrets only whether one is set." },
		),
	},
	closed,
);

export const auditLogRoutes: readonly Route[] = [
	route({
		method: "GET",
		path: "/auditLog",
		summary: "Read the audit log, newest first",
		needs,
		query: filters,
		reply: Type.Array(entryReply),
		status: 200,
		async run(ctx) {
			const { limit = limitDefault, cursor, since, until, ...equal } = ctx.query;
			const entries = await listAudit(ctx.deps.storage.db, {
				...equal,
				limit,
				before: cursor === undefined ? undefined : Number(cursor),
				since: since === undefined ? undefined : toMoment(since, "invalid_query", "/since"),
				until: until === undefined ? undefined : toMoment(until, "invalid_query", "/until"),
			});
			const last = entries.at(-1);
			const body = entries.map(toObject);
			return last === undefined || entries.length < limit
				? { status: 200, body }
				: { status: 200, body, headers: { link: nextLink(ctx.query, last.seq) } };
		},
	}),
	route({
		method: "GET",
		path: "/auditLog/verification",
		summary: "Check that no entry of the audit log was changed, removed or inserted",
		needs,
		reply: Type.Object(
			{
				whole: Type.Boolean(),
				rows: Type.Integer({ description: "Entries that were read." }),
				brokenAt: orNull(Type.Integer({ description: "The first entry that does not fit." })),
			},
			closed,
		),
		status: 200,
		async run(ctx) {
			const verdict = await verifyAudit(ctx.deps.storage.db, (...pieces) => ctx.deps.mac("audit", ...pieces));
			const brokenAt = verdict.whole ? null : verdict.brokenAt;
			return { status: 200, body: { whole: verdict.whole, rows: verdict.rows, brokenAt } };
		},
	}),
];

/** Relative, so that it holds under whatever name the server is reached (RFC 8288 section 3). */
function nextLink(query: Static<typeof filters>, seq: number): string {
	const next = new URLSearchParams();
	for (const [name, value] of Object.entries({ ...query, cursor: seq })) {
		next.set(name, String(value));
	}
	return `<?${next.toString()}>; rel="next"`;
}

function toObject(entry: StoredAuditEntry) {
	return { ...entry, at: toTimestamp(entry.at) };
}
