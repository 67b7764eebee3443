// One's own browser sessions: see where one is signed in, and sign out there.

import { Problem } from "#platform/problems.ts";
import { deleteSessions } from "#storage/sessions.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type Route, route } from "../route.ts";
import { closed, idParams, idSchema, timestamp, toTimestamp } from "../schemas.ts";

const sessionReply = Type.Object(
	{
		id: idSchema,
		createdAt: timestamp,
		lastSeenAt: timestamp,
		expiresAt: timestamp,
		userAgent: Type.String({ description: "What the browser called itself when it signed in." }),
		current: Type.Boolean({ description: "This call came by it." }),
	},
	closed,
);

export const sessionRoutes: readonly Route[] = [
	route({
		method: "GET",
		path: "/sessions",
		summary: "List one's own browser sessions",
		needs: { who: "signedIn" },
		servesBeforeDuty: true,
		reply: Type.Array(sessionReply),
		status: 200,
		async run(ctx) {
			const { userId, sessionId } = ctx.caller();
			const sessions = await ctx.deps.identity.sessions.list(userId);
			return {
				status: 200,
				body: sessions.map(({ id, createdAt, lastSeenAt, expiresAt, userAgent }) => ({
					id,
					createdAt: toTimestamp(createdAt),
					lastSeenAt: toTimestamp(lastSeenAt),
					expiresAt: toTimestamp(expiresAt),
					userAgent,
					current: id === sessionId,
				})),
			};
		},
	}),
	route({
		method: "DELETE",
		path: "/sessions/:id",
		summary: "Sign out one of one's own sessions",
		needs: { who: "signedIn" },
		servesBeforeDuty: true,
		params: idParams,
		status: 204,
		async run(ctx) {
			const { userId, login } = ctx.caller();
			const { id } = ctx.params;
			await ctx.write(async (tx) => {
				if ((await deleteSessions(tx, userId, { id })) === 0) {
					throw new Problem("not_found", "You have no session with this id.");
				}
				const what = { objectType: "user", objectId: userId, objectName: login };
				await recordChange(tx, ctx, { action: "signOut", ...what, before: { session: id } });
			});
			return { status: 204 };
		},
	}),
	route({
		method: "DELETE",
		path: "/sessions",
		summary: "Sign out everywhere",
		description: "All of one's own sessions, this one too.",
		needs: { who: "signedIn" },
		servesBeforeDuty: true,
		status: 204,
		async run(ctx) {
			const { userId, login } = ctx.caller();
			await ctx.write(async (tx) => {
				const sessions = await deleteSessions(tx, userId);
				const what = { objectType: "user", objectId: userId, objectName: login };
				await recordChange(tx, ctx, { action: "signOutEverywhere", ...what, before: { sessions } });
			});
			return { status: 204 };
		},
	}),
];
