// What stands for a user without a password: browser sessions, API tokens, and the one-time token of the first start.
// Of every token only the SHA-256 is stored; 256 random bits need no slow hash.

import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";

export type Session = {
	id: string;
	userId: string;
	createdAt: Date;
	lastSeenAt: Date;
	/** The absolute end, however busy the session is. */
	expiresAt: Date;
	userAgent: string;
};

export type ApiToken = {
	id: string;
	userId: string;
	name: string;
	prefix: string;
	createdAt: Date;
	expiresAt: Date;
	lastUsedAt: Date | null;
};

export async function insertSession(tx: Tx, session: Session & { tokenHash: Uint8Array }): Promise<void> {
	await tx
		.insertInto("sessions")
		.values({
			token_hash: session.tokenHash,
			id: session.id,
			user_id: session.userId,
			created_at: session.createdAt.getTime(),
			last_seen_at: session.lastSeenAt.getTime(),
			expires_at: session.expiresAt.getTime(),
			user_agent: session.userAgent,
		})
		.execute();
}

export async function findSession(db: Db, tokenHash: Uint8Array): Promise<Session | undefined> {
	const row = await db.selectFrom("sessions").selectAll().where("token_hash", "=", tokenHash).executeTakeFirst();
	return row === undefined ? undefined : toSession(row);
}

/** Sessions that can still be used, newest first. */
export async function sessionsOf(db: Db, userId: string, alive: { now: Date; idleMs: number }): Promise<Session[]> {
	const rows = await db
		.selectFrom("sessions")
		.selectAll()
		.where("user_id", "=", userId)
		.where("expires_at", ">", alive.now.getTime())
		.where("last_seen_at", ">", alive.now.getTime() - alive.idleMs)
		.orderBy("created_at", "desc")
		.execute();
	return rows.map(toSession);
}

export async function touchSession(tx: Tx, id: string, at: Date): Promise<void> {
	await tx.updateTable("sessions").set({ last_seen_at: at.getTime() }).where("id", "=", id).execute();
}

/** One session of the user, or all of them but `except`. Tells how many there were. */
export async function deleteSessions(
	tx: Tx,
	userId: string,
	which: { id: string } | { except?: string | undefined } = {},
): Promise<number> {
	const query = tx.deleteFrom("sessions").where("user_id", "=", userId);
	const narrowed =
		"id" in which
			? query.where("id", "=", which.id)
			: which.except === undefined
				? query
				: query.where("id", "!=", which.except);
	const result = await narrowed.executeTakeFirst();
	return Number(result.numDeletedRows);
}

export async function deleteDeadSessions(tx: Tx, alive: { now: Date; idleMs: number }): Promise<void> {
	await tx
		.deleteFrom("sessions")
		.where((eb) =>
			eb.or([
				eb("expires_at", "<=", alive.now.getTime()),
				eb("last_seen_at", "<=", alive.now.getTime() - alive.idleMs),
			]),
		)
		.execute();
}

export async function insertApiToken(tx: Tx, token: ApiToken & { tokenHash: Uint8Array }): Promise<void> {
	await tx
		.insertInto("api_tokens")
		.values({
			id: token.id,
			user_id: token.userId,
			name: token.name,
			token_hash: token.tokenHash,
			prefix: token.prefix,
			created_at: token.createdAt.getTime(),
			expires_at: token.expiresAt.getTime(),
			last_used_at: null,
		})
		.execute();
}

export async function findApiTokenByHash(db: Db, tokenHash: Uint8Array): Promise<ApiToken | undefined> {
	const row = await db.selectFrom("api_tokens").selectAll().where("token_hash", "=", tokenHash).executeTakeFirst();
	return row === undefined ? undefined : toApiToken(row);
}

export async function findApiToken(db: Db, id: string): Promise<ApiToken | undefined> {
	const row = await db.selectFrom("api_tokens").selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : toApiToken(row);
}

/** Expired ones too: their owner should see why a call is refused. `visible`: the owner's, and those with these ids. */
export async function listApiTokens(
	db: Db,
	page: {
		userId?: string;
		visible: { ids: "every" | readonly string[]; ownerId: string };
		limit: number;
		offset: number;
	},
): Promise<ApiToken[]> {
	const { userId, visible } = page;
	let query = db.selectFrom("api_tokens").selectAll().orderBy("id").limit(page.limit).offset(page.offset);
	if (userId !== undefined) {
		query = query.where("user_id", "=", userId);
	}
	const { ids, ownerId } = visible;
	if (ids !== "every") {
		query = query.where((eb) =>
			ids.length === 0 ? eb("user_id", "=", ownerId) : eb.or([eb("user_id", "=", ownerId), eb("id", "in", [...ids])]),
		);
	}
	return (await query.execute()).map(toApiToken);
}

export async function touchApiToken(tx: Tx, id: string, at: Date): Promise<void> {
	await tx.updateTable("api_tokens").set({ last_used_at: at.getTime() }).where("id", "=", id).execute();
}

export async function deleteApiToken(tx: Tx, id: string): Promise<void> {
	await tx.deleteFrom("api_tokens").where("id", "=", id).execute();
	await tx.deleteFrom("grants").where("object_type", "=", "apiToken").where("object_id", "=", id).execute();
}

/** Replaces the bootstrap token, so that only the newest printed address works. */
export async function replaceBootstrap(tx: Tx, tokenHash: Uint8Array, expiresAt: Date): Promise<void> {
	await clearBootstrap(tx);
	await tx.insertInto("bootstrap").values({ id: 1, token_hash: tokenHash, expires_at: expiresAt.getTime() }).execute();
}

export async function readBootstrap(db: Db): Promise<{ tokenHash: Uint8Array; expiresAt: Date } | undefined> {
	const row = await db.selectFrom("bootstrap").selectAll().executeTakeFirst();
	return row === undefined ? undefined : { tokenHash: row.token_hash, expiresAt: new Date(row.expires_at) };
}

/** How many there were: of two that use the token at the same time, only one removes it. */
export async function clearBootstrap(tx: Tx): Promise<number> {
	const result = await tx
		.deleteFrom("bootstrap")
		.where(sql<boolean>`1 = 1`)
		.executeTakeFirst();
	return Number(result.numDeletedRows);
}

function toSession(row: Selectable<Tables["sessions"]>): Session {
	return {
		id: row.id,
		userId: row.user_id,
		createdAt: new Date(row.created_at),
		lastSeenAt: new Date(row.last_seen_at),
		expiresAt: new Date(row.expires_at),
		userAgent: row.user_agent,
	};
}

function toApiToken(row: Selectable<Tables["api_tokens"]>): ApiToken {
	return {
		id: row.id,
		userId: row.user_id,
		name: row.name,
		prefix: row.prefix,
		createdAt: new Date(row.created_at),
		expiresAt: new Date(row.expires_at),
		lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at),
	};
}
