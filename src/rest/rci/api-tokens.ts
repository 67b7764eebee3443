// API tokens: a program's way to call REST as a user, without that user's password. Shown once, always with an end.

import { apiTokenPrefix } from "#identity/tokens.ts";
import { makeApiToken, tokenDaysMax } from "#identity/api-tokens.ts";
import { Problem } from "#platform/problems.ts";
import { type ApiToken, deleteApiToken, findApiToken, insertApiToken, listApiTokens } from "#storage/sessions.ts";
import { findCredentials } from "#storage/people.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { limitDefault, limitMax } from "../lists.ts";
import { recordChange } from "../record-change.ts";
import { type Answer, type AnyContext, type Route, route } from "../route.ts";
import {
	allowedSchema,
	closed,
	givenTimestamp,
	idParams,
	idSchema,
	line,
	orNull,
	timestamp,
	toTimestamp,
} from "../schemas.ts";
import { demandNotAbove } from "./handing-out.ts";

const dayMs = 24 * 3_600_000;
const tokenDaysDefault = 90;

const fields = {
	id: idSchema,
	name: Type.String(),
	userId: idSchema,
	prefix: Type.String({ description: "The first characters, to tell tokens apart." }),
	createdAt: timestamp,
	expiresAt: timestamp,
	lastUsedAt: orNull(timestamp),
	allowed: allowedSchema,
};
const tokenReply = Type.Object(fields, closed);
const newTokenReply = Type.Object(
	{ ...fields, token: Type.String({ description: `Shown this once; begins with ${apiTokenPrefix}.` }) },
	closed,
);

export const apiTokenRoutes: readonly Route[] = [
	route({
		method: "GET",
		path: "/apiTokens",
		summary: "List API tokens",
		description: "One's own, and those of others that the caller may view.",
		needs: { who: "signedIn" },
		query: Type.Object(
			{
				limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax, default: limitDefault })),
				offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })),
				userId: Type.Optional(idSchema),
			},
			closed,
		),
		reply: Type.Array(tokenReply),
		status: 200,
		async run(ctx) {
			const { limit = limitDefault, offset = 0, userId } = ctx.query;
			const tokens = await listApiTokens(ctx.deps.storage.db, {
				limit,
				offset,
				visible: { ids: ctx.visible("view", "apiToken"), ownerId: ctx.caller().userId },
				...(userId === undefined ? {} : { userId }),
			});
			return { status: 200, body: tokens.map((token) => toObject(ctx, token)) };
		},
	}),
	route({
		method: "POST",
		path: "/apiTokens",
		summary: "Make an API token",
		description: `For oneself, or for an external user whose rights the caller holds too. At most ${tokenDaysMax} days; ${tokenDaysDefault} unless told otherwise.`,
		needs: { who: "holders", rights: [{ objectType: "apiToken", access: "create", on: "every" }] },
		body: Type.Object(
			{
				name: line(100, "What it is for."),
				expiresAt: Type.Optional(givenTimestamp),
				userId: Type.Optional(idSchema),
			},
			closed,
		),
		reply: newTokenReply,
		status: 201,
		idempotent: true,
		answersSecret: true,
		async run(ctx) {
			const { deps } = ctx;
			const caller = ctx.caller();
			if (caller.via === "token") {
				throw new Problem("forbidden", "An API token cannot make API tokens; sign in with a password.");
			}
			const expiresAt = endOf(ctx.body.expiresAt, deps.clock.now());
			const { name, userId = caller.userId } = ctx.body;
			return ctx.write(async (tx) => {
				await demandMayActAs(ctx, tx, userId);
				const { token, row } = makeApiToken(deps, { userId, name, expiresAt });
				await insertApiToken(tx, row);
				await record(tx, ctx, { action: "create", token: row });
				const body = { ...toObject(ctx, row), token };
				return { status: 201, location: `/apiTokens/${row.id}`, body } satisfies Answer;
			});
		},
	}),
	route({
		method: "GET",
		path: "/apiTokens/:id",
		summary: "Read an API token's description",
		needs: { who: "signedIn" },
		params: idParams,
		reply: tokenReply,
		status: 200,
		async run(ctx) {
			const token = await demandToken(ctx, ctx.deps.storage.db, ctx.params.id, ["view"]);
			return { status: 200, body: toObject(ctx, token) };
		},
	}),
	route({
		method: "DELETE",
		path: "/apiTokens/:id",
		summary: "Delete an API token",
		description: "One's own always; another's with View and Delete. It stops working at once.",
		needs: { who: "signedIn" },
		params: idParams,
		status: 204,
		async run(ctx) {
			await ctx.write(async (tx) => {
				const token = await demandToken(ctx, tx, ctx.params.id, ["view", "delete"]);
				await deleteApiToken(tx, token.id);
				await record(tx, ctx, { action: "delete", token });
			});
			return { status: 204 };
		},
	}),
];

function endOf(given: string | undefined, now: Date): Date {
	const end = given === undefined ? new Date(now.getTime() + tokenDaysDefault * dayMs) : new Date(given);
	const isInRange = end.getTime() > now.getTime() && end.getTime() <= now.getTime() + tokenDaysMax * dayMs;
	if (!isInRange) {
		const message = `Name a time in the future, at most ${tokenDaysMax} days ahead.`;
		throw new Problem("invalid_body", message, [{ pointer: "/expiresAt", message }]);
	}
	return end;
}

/** A token is the user: for a person only that person makes one. */
async function demandMayActAs(ctx: Pick<AnyContext, "caller" | "demand">, tx: Tx, userId: string): Promise<void> {
	if (ctx.caller().userId === userId) {
		return;
	}
	ctx.demand("modify", "user", userId);
	const user = await findCredentials(tx, { id: userId });
	if (user === undefined) {
		throw new Problem("not_found", "There is no user with this id.");
	}
	if (!user.externalUser) {
		throw new Problem("forbidden", "Only people themselves make tokens for their accounts.");
	}
	await demandNotAbove(ctx, tx, userId);
}

async function demandToken(
	ctx: Pick<AnyContext, "caller" | "demand">,
	db: Db,
	id: string,
	accesses: readonly ("view" | "delete")[],
): Promise<ApiToken> {
	const token = await findApiToken(db, id);
	if (token?.userId !== ctx.caller().userId) {
		for (const access of accesses) {
			ctx.demand(access, "apiToken", id);
		}
	}
	if (token === undefined) {
		throw new Problem("not_found", "There is no API token with this id.");
	}
	return token;
}

function toObject(ctx: Pick<AnyContext, "allowed" | "caller">, token: ApiToken) {
	const isOwn = token.userId === ctx.caller().userId;
	return {
		id: token.id,
		name: token.name,
		userId: token.userId,
		prefix: token.prefix,
		createdAt: toTimestamp(token.createdAt),
		expiresAt: toTimestamp(token.expiresAt),
		lastUsedAt: toTimestamp(token.lastUsedAt),
		allowed: isOwn ? ["view" as const, "delete" as const] : ctx.allowed("apiToken", token.id),
	};
}

function record(
	tx: Tx,
	ctx: Parameters<typeof recordChange>[1],
	{ action, token }: { action: "create" | "delete"; token: ApiToken },
): Promise<void> {
	const object = { name: token.name, userId: token.userId, expiresAt: toTimestamp(token.expiresAt) };
	return recordChange(tx, ctx, {
		action,
		objectType: "apiToken",
		objectId: token.id,
		objectName: token.name,
		...(action === "create" ? { after: object, secretsChanged: { token: "set" } } : { before: object }),
	});
}
