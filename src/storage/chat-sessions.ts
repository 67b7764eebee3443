// Who is logged in to the Chat Server, and who is there: sessions of agents and visitors, and until when each has a socket
// open somewhere. A node renews what it holds; when it dies, the others see the time run out.

import type { ExpressionBuilder, Selectable } from "kysely";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";

/** So long after a request somebody without a socket counts as there. */
export const aliveByRequestMs = 60_000;

export type ChatSessionKind = "agent" | "visitor";

export type ChatSession = {
	id: string;
	kind: ChatSessionKind;
	userId: string;
	createdAt: Date;
	lastSeenAt: Date;
	expiresAt: Date;
	/** It was opened by an API token. */
	isByToken: boolean;
	/** Counts as there until then. */
	aliveUntil: Date;
};

/** What an agent's session hangs on. */
export type AgentProof = {
	passwordChangedAt: Date | null;
	browserSessionId?: string | undefined;
	apiTokenHash?: Uint8Array | undefined;
};

export type NewChatSession = Omit<ChatSession, "isByToken"> & {
	tokenHash: Uint8Array;
	proof?: AgentProof;
	networkMac?: Uint8Array;
};

export async function insertChatSession(tx: Tx, session: NewChatSession): Promise<void> {
	const { proof } = session;
	await tx
		.insertInto("chat_sessions")
		.values({
			token_hash: session.tokenHash,
			id: session.id,
			kind: session.kind,
			user_id: session.userId,
			created_at: session.createdAt.getTime(),
			last_seen_at: session.lastSeenAt.getTime(),
			expires_at: session.expiresAt.getTime(),
			alive_until: session.aliveUntil.getTime(),
			ended_at: null,
			password_changed_at: proof?.passwordChangedAt?.getTime() ?? 0,
			browser_session_id: proof?.browserSessionId ?? null,
			api_token_hash: proof?.apiTokenHash ?? null,
			network_mac: session.networkMac ?? null,
		})
		.execute();
}

/** The session, if it can still be used. */
export async function findChatSession(
	db: Db,
	by: { tokenHash: Uint8Array } | { id: string },
	now: Date,
): Promise<ChatSession | undefined> {
	const row = await db
		.selectFrom("chat_sessions as s")
		.selectAll("s")
		.where((eb) => ("id" in by ? eb("s.id", "=", by.id) : eb("s.token_hash", "=", by.tokenHash)))
		.where((eb) => isUsable(eb, now.getTime()))
		.executeTakeFirst();
	return row === undefined ? undefined : toChatSession(row);
}

/** Those of the ids whose sessions can still be used. */
export async function usableChatSessions(db: Db, ids: readonly string[], now: Date): Promise<Set<string>> {
	const found = new Set<string>();
	for (let from = 0; from < ids.length; from += idsAtOnce) {
		const rows = await db
			.selectFrom("chat_sessions as s")
			.select("s.id")
			.where("s.id", "in", ids.slice(from, from + idsAtOnce))
			.where((eb) => isUsable(eb, now.getTime()))
			.execute();
		rows.forEach(({ id }) => found.add(id));
	}
	return found;
}

/** Those of the agents who are logged in by a session that can still be used, wherever their sockets are. */
export async function agentsLoggedIn(db: Db, userIds: readonly string[], now: Date): Promise<Set<string>> {
	if (userIds.length === 0) {
		return new Set();
	}
	const rows = await db
		.selectFrom("chat_sessions as s")
		.select("s.user_id")
		.distinct()
		.where("s.kind", "=", "agent")
		.where("s.user_id", "in", userIds)
		.where((eb) => isUsable(eb, now.getTime()))
		.execute();
	return new Set(rows.map(({ user_id }) => user_id));
}

const idsAtOnce = 5000; // SQLite takes 32 766 values in a statement.

type Aliased = Tables & { s: Tables["chat_sessions"] };

/** An agent's ends with the account, the password, and with what it was opened by. */
function isUsable(eb: ExpressionBuilder<Aliased, "s">, nowMs: number) {
	const isAgents = eb.and([
		eb.exists(
			eb
				.selectFrom("users as u")
				.select("u.id")
				.whereRef("u.id", "=", "s.user_id")
				.where("u.enabled", "=", 1)
				.whereRef((user) => user.fn.coalesce("u.password_changed_at", user.lit(0)), "=", "s.password_changed_at"),
		),
		eb.or([
			eb("s.browser_session_id", "is", null),
			eb.exists(
				eb
					.selectFrom("sessions as b")
					.select("b.id")
					.whereRef("b.id", "=", "s.browser_session_id")
					.where("b.expires_at", ">", nowMs),
			),
		]),
		eb.or([
			eb("s.api_token_hash", "is", null),
			eb.exists(
				eb
					.selectFrom("api_tokens as t")
					.select("t.id")
					.whereRef("t.token_hash", "=", "s.api_token_hash")
					.where("t.expires_at", ">", nowMs),
			),
		]),
	]);
	return eb.and([
		eb("s.ended_at", "is", null),
		eb("s.expires_at", ">", nowMs),
		eb.or([eb("s.kind", "=", "visitor"), isAgents]),
	]);
}

/** Seen now, and there until then at least. */
export async function touchChatSession(tx: Tx, id: string, at: Date, aliveUntil?: Date): Promise<void> {
	await tx.updateTable("chat_sessions").set({ last_seen_at: at.getTime() }).where("id", "=", id).execute();
	if (aliveUntil !== undefined) {
		await tx
			.updateTable("chat_sessions")
			.set({ alive_until: aliveUntil.getTime() })
			.where("id", "=", id)
			.where("ended_at", "is", null)
			.where("alive_until", "<", aliveUntil.getTime())
			.execute();
	}
}

/** Until when these count as there, unless somebody says so again. Sessions that ended are not. */
export async function setAliveUntil(tx: Tx, ids: readonly string[], until: Date): Promise<void> {
	if (ids.length > 0) {
		await tx
			.updateTable("chat_sessions")
			.set({ alive_until: until.getTime() })
			.where("id", "in", [...ids])
			.where("ended_at", "is", null)
			.execute();
	}
}

/** An agent at an open socket is not idle, so the browser's session they logged in by is not either. */
export async function touchBrowserSessions(tx: Tx, chatSessionIds: readonly string[], at: Date): Promise<void> {
	if (chatSessionIds.length > 0) {
		await tx
			.updateTable("sessions")
			.set({ last_seen_at: at.getTime() })
			.where("id", "in", (eb) =>
				eb
					.selectFrom("chat_sessions")
					.select("browser_session_id")
					.where("id", "in", [...chatSessionIds])
					.where("browser_session_id", "is not", null)
					.$narrowType<{ browser_session_id: string }>(),
			)
			.execute();
	}
}

/** They cannot be used any more, and nobody is there by them. */
export async function endChatSessions(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
	if (ids.length > 0) {
		await tx
			.updateTable("chat_sessions")
			.set((eb) => ({
				ended_at: now.getTime(),
				alive_until: eb
					.case()
					.when("alive_until", "<", now.getTime())
					.then(eb.ref("alive_until"))
					.else(now.getTime())
					.end(),
			}))
			.where("id", "in", [...ids])
			.where("ended_at", "is", null)
			.execute();
	}
}

export type Abandoned = { id: string; kind: ChatSessionKind; userId: string; isExpired: boolean };

/** Sessions past their end, and those nobody used since the time given; the longest gone first. */
export async function abandonedChatSessions(
	db: Db,
	when: { now: Date; unusedSince: Date },
	limit: number,
): Promise<Abandoned[]> {
	const [nowMs, sinceMs] = [when.now.getTime(), when.unusedSince.getTime()];
	const rows = await db
		.selectFrom("chat_sessions")
		.select(["id", "kind", "user_id", "expires_at"])
		.where("ended_at", "is", null)
		.where((eb) =>
			eb.or([eb("expires_at", "<=", nowMs), eb.and([eb("last_seen_at", "<=", sinceMs), wasLeft(eb, sinceMs)])]),
		)
		.orderBy("alive_until")
		.limit(limit)
		.execute();
	return rows.map((row) => ({ id: row.id, kind: row.kind, userId: row.user_id, isExpired: row.expires_at <= nowMs }));
}

/** What a request alone keeps there does not count: it was a use, and had its time. */
function wasLeft(eb: ExpressionBuilder<Tables, "chat_sessions">, sinceMs: number) {
	return eb.or([eb("alive_until", "<=", sinceMs), eb("alive_until", "<=", eb("last_seen_at", "+", aliveByRequestMs))]);
}

export async function deleteOldChatSessions(tx: Tx, endedBefore: Date): Promise<void> {
	await tx.deleteFrom("chat_sessions").where("ended_at", "<", endedBefore.getTime()).execute();
}

/** How many sessions began from there, those that ended since included. */
export async function countVisitorsFrom(db: Db, networkMac: Uint8Array, since: Date): Promise<number> {
	const { count } = await db
		.selectFrom("chat_sessions")
		.select(({ fn }) => fn.countAll<number>().as("count"))
		.where("network_mac", "=", networkMac)
		.where("created_at", ">", since.getTime())
		.executeTakeFirstOrThrow();
	return Number(count);
}

/** Until when each was there last, or will be. Known for a day after their last session ended, and not longer. */
export async function lastAlive(db: Db, kind: ChatSessionKind): Promise<Map<string, Date>> {
	const rows = await db
		.selectFrom("chat_sessions")
		.select(({ fn }) => ["user_id", fn.max<number>("alive_until").as("until")])
		.where("kind", "=", kind)
		.groupBy("user_id")
		.execute();
	return new Map(rows.map(({ user_id, until }) => [user_id, new Date(Number(until))]));
}

/** Who has a socket open on some node. */
export async function presentUsers(db: Db, kind: ChatSessionKind, now: Date): Promise<string[]> {
	const rows = await db
		.selectFrom("chat_sessions")
		.select("user_id")
		.distinct()
		.where("kind", "=", kind)
		.where("alive_until", ">", now.getTime())
		.execute();
	return rows.map((row) => row.user_id);
}

export async function insertChatTicket(
	tx: Tx,
	ticket: { hash: Uint8Array; sessionId: string; expiresAt: Date },
	now: Date,
): Promise<void> {
	await tx.deleteFrom("chat_tickets").where("expires_at", "<=", now.getTime()).execute();
	const expires_at = ticket.expiresAt.getTime();
	await tx
		.insertInto("chat_tickets")
		.values({ ticket_hash: ticket.hash, session_id: ticket.sessionId, expires_at })
		.execute();
}

/** The session the ticket stands for. It counts once: of two who bring it, the row goes to one. */
export async function takeChatTicket(tx: Tx, hash: Uint8Array, now: Date): Promise<string | undefined> {
	const row = await tx
		.deleteFrom("chat_tickets")
		.where("ticket_hash", "=", hash)
		.returning(["session_id", "expires_at"])
		.executeTakeFirst();
	return row === undefined || row.expires_at <= now.getTime() ? undefined : row.session_id;
}

function toChatSession(row: Selectable<Tables["chat_sessions"]>): ChatSession {
	return {
		id: row.id,
		kind: row.kind,
		userId: row.user_id,
		createdAt: new Date(row.created_at),
		lastSeenAt: new Date(row.last_seen_at),
		expiresAt: new Date(row.expires_at),
		isByToken: row.api_token_hash !== null,
		aliveUntil: new Date(row.alive_until),
	};
}
