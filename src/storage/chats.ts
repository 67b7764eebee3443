// Chats with their legs: read as one value, written back where they differ. Whoever writes runs in `storage.alone("chats")`,
// so a chat that was read is the chat that is changed.

import { type Insertable, type Selectable, sql } from "kysely";
import type { Chat, Leg, Pass } from "#domain/chats.ts";
import type { ChatTables } from "./schema-chats.ts";
import type { Db, Tx } from "./storage.ts";

type Row = Selectable<ChatTables["chats"]>;

export async function findChat(db: Db, id: string): Promise<Chat | undefined> {
	const [chat] = await readChats(db, [id]);
	return chat;
}

/** In no particular order; those that do not exist are left out. */
export async function readChats(db: Db, ids: readonly string[]): Promise<Chat[]> {
	if (ids.length === 0) {
		return [];
	}
	const rows = await db.selectFrom("chats").selectAll().where("id", "in", ids).execute();
	return withLegs(db, rows);
}

export async function liveChatOf(db: Db, conversationId: string): Promise<Chat | undefined> {
	const rows = await db
		.selectFrom("chats")
		.selectAll()
		.where("conversation_id", "=", conversationId)
		.where("state", "<>", "ended")
		.execute();
	const [chat] = await withLegs(db, rows);
	return chat;
}

/** The newest of a conversation, whatever became of it. */
export async function lastChatOf(db: Db, conversationId: string): Promise<Chat | undefined> {
	const rows = await db
		.selectFrom("chats")
		.selectAll()
		.where("conversation_id", "=", conversationId)
		.orderBy("id", "desc")
		.limit(1)
		.execute();
	const [chat] = await withLegs(db, rows);
	return chat;
}

/** Those in the tree of the visitor: those that go on, and the newest of those that ended. */
export async function chatsOfVisitor(db: Db, visitorId: string): Promise<Chat[]> {
	const ended = await db
		.selectFrom("chats")
		.selectAll()
		.where("visitor_id", "=", visitorId)
		.where("is_shown", "=", 1)
		.where("state", "=", "ended")
		.orderBy("id", "desc")
		.limit(endedShownMax)
		.execute();
	const shown = [...(await withLegs(db, ended)), ...(await liveChatsOfVisitor(db, visitorId))];
	return shown.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

const endedShownMax = 10;

export async function liveChatsOfVisitor(db: Db, visitorId: string): Promise<Chat[]> {
	const rows = await db
		.selectFrom("chats")
		.selectAll()
		.where("visitor_id", "=", visitorId)
		.where("state", "<>", "ended")
		.orderBy("id")
		.execute();
	return withLegs(db, rows);
}

/** Those that the visitor began after that moment, whatever became of them. */
export async function countChatsBegun(db: Db, visitorId: string, afterMs: number): Promise<number> {
	const { count } = await db
		.selectFrom("chats")
		.select(({ fn }) => fn.countAll<number>().as("count"))
		.where("visitor_id", "=", visitorId)
		.where("created_at", ">", afterMs)
		.executeTakeFirstOrThrow();
	return Number(count);
}

/** Whom the visitor talked to last; null: to nobody yet. */
export async function lastAgentOfVisitor(db: Db, visitorId: string): Promise<string | null> {
	const row = await db
		.selectFrom("chats")
		.select("last_agent_id")
		.where("visitor_id", "=", visitorId)
		.where("last_agent_id", "is not", null)
		.orderBy("id", "desc")
		.limit(1)
		.executeTakeFirst();
	return row?.last_agent_id ?? null;
}

/** Those in the tree of the user: with a leg. */
export async function chatsOfUser(db: Db, userId: string): Promise<Chat[]> {
	const rows = await db
		.selectFrom("chats")
		.selectAll()
		.where("id", "in", (eb) => eb.selectFrom("chat_legs").select("chat_id").where("user_id", "=", userId))
		.orderBy("id")
		.execute();
	return withLegs(db, rows);
}

/** Users who have chats, whatever they do with them. `isUser`: their account is there and enabled. */
export async function usersWithChats(db: Db): Promise<{ userId: string; isUser: boolean }[]> {
	const rows = await db
		.selectFrom("chat_legs")
		.leftJoin("users", (join) => join.onRef("users.id", "=", "chat_legs.user_id").on("users.enabled", "=", 1))
		.select(["chat_legs.user_id", "users.id"])
		.distinct()
		.execute();
	return rows.map(({ user_id, id }) => ({ userId: user_id, isUser: id !== null }));
}

/** Of web visitors, those that have not ended. */
export async function waitingVisitorChats(
	db: Db,
): Promise<{ id: string; visitorId: string; goneSince: number | null }[]> {
	const rows = await db
		.selectFrom("chats")
		.select(["id", "visitor_id", "gone_since"])
		.where("state", "<>", "ended")
		.where("visitor_id", "is not", null)
		.execute();
	return rows.map(({ id, visitor_id, gone_since }) => ({ id, visitorId: visitor_id ?? "", goneSince: gone_since }));
}

/** @param except those that are left alone */
export async function dueChats(
	db: Db,
	{ now, limit, except }: { now: number; limit: number; except: readonly string[] },
): Promise<string[]> {
	const rows = await db
		.selectFrom("chats")
		.select("id")
		.where("due_at", "is not", null)
		.where("due_at", "<=", now)
		.$if(except.length > 0, (query) => query.where("id", "not in", except))
		.orderBy("due_at")
		.limit(limit)
		.execute();
	return rows.map(({ id }) => id);
}

/** Those whose end depends on what is set and not only on what happened: an agent has them, or their visitor is gone. */
export async function chatsThatMayEnd(db: Db): Promise<Chat[]> {
	// Written out, as in `chat-waiting.ts`, so that those that ended are not looked at.
	const served = await db
		.selectFrom("chats")
		.selectAll()
		.where(sql<boolean>`state = 'served'`)
		.execute();
	const left = await db
		.selectFrom("chats")
		.selectAll()
		.where(sql<boolean>`state = 'queued'`)
		.where("gone_since", "is not", null)
		.execute();
	return withLegs(db, [...served, ...left]);
}

/** How many chats each of the users has: offered, going on or in wrap-up. */
export async function chatsPerUser(db: Db): Promise<Map<string, number>> {
	const rows = await db
		.selectFrom("chat_legs")
		.select(["user_id", ({ fn }) => fn.countAll<number>().as("count")])
		.where("role", "<>", "supervisor")
		.groupBy("user_id")
		.execute();
	return new Map(rows.map(({ user_id, count }) => [user_id, Number(count)]));
}

/** The same of one user. */
export async function chatsOfOne(db: Db, userId: string): Promise<number> {
	const { count } = await db
		.selectFrom("chat_legs")
		.select(({ fn }) => fn.countAll<number>().as("count"))
		.where("user_id", "=", userId)
		.where("role", "<>", "supervisor")
		.executeTakeFirstOrThrow();
	return Number(count);
}

export async function withLegs(db: Db, rows: readonly Row[]): Promise<Chat[]> {
	if (rows.length === 0) {
		return [];
	}
	const ids = rows.map(({ id }) => id);
	const legs = await db.selectFrom("chat_legs").selectAll().where("chat_id", "in", ids).orderBy("since").execute();
	const byChat = Map.groupBy(legs, ({ chat_id }) => chat_id);
	return rows.map((row) => toChat(row, (byChat.get(row.id) ?? []).map(toLeg)));
}

function toLeg(row: Selectable<ChatTables["chat_legs"]>): Leg {
	const { user_id: userId, role, state, origin, since, until, queue_id: queueId } = row;
	return { userId, role, state, origin, since, until, queueId };
}

function toChat(row: Row, legs: readonly Leg[]): Chat {
	return {
		id: row.id,
		originalId: row.original_id,
		previousId: row.previous_id,
		conversationId: row.conversation_id,
		serviceId: row.service_id,
		contactId: row.contact_id,
		visitorId: row.visitor_id,
		channel: row.channel,
		direction: row.direction,
		queueId: row.queue_id,
		destination: row.destination,
		state: row.state,
		agentId: row.agent_id,
		originator: row.originator,
		contactName: row.contact_name,
		language: row.language,
		title: row.title,
		attached: JSON.parse(row.attached) as Record<string, unknown>,
		attachedByAgents: JSON.parse(row.attached_by_agents) as Record<string, unknown>,
		createdAt: row.created_at,
		waitingSince: row.waiting_since,
		queuedAt: row.queued_at,
		waitedMs: row.waited_ms,
		isFront: row.is_front === 1,
		preferredAgentId: row.preferred_agent_id,
		preferredUntil: row.preferred_until,
		passes: JSON.parse(row.passes) as Pass[],
		legs,
		servedAt: row.served_at,
		endedAt: row.ended_at,
		endedBy: row.ended_by,
		lastAgentId: row.last_agent_id,
		failure: row.failure,
		reason: row.reason,
		lastLineAt: row.last_line_at,
		isWarned: row.is_warned === 1,
		goneSince: row.gone_since,
		isShown: row.is_shown === 1,
		lines: row.lines,
		version: row.version,
	};
}

function toRow(chat: Chat, dueAt: number | null): Insertable<ChatTables["chats"]> {
	return {
		id: chat.id,
		original_id: chat.originalId,
		previous_id: chat.previousId,
		conversation_id: chat.conversationId,
		service_id: chat.serviceId,
		contact_id: chat.contactId,
		visitor_id: chat.visitorId,
		channel: chat.channel,
		direction: chat.direction,
		queue_id: chat.queueId,
		destination: chat.destination,
		state: chat.state,
		agent_id: chat.agentId,
		originator: chat.originator,
		contact_name: chat.contactName,
		language: chat.language,
		title: chat.title,
		attached: JSON.stringify(chat.attached),
		attached_by_agents: JSON.stringify(chat.attachedByAgents),
		created_at: chat.createdAt,
		waiting_since: chat.waitingSince,
		queued_at: chat.queuedAt,
		waited_ms: chat.waitedMs,
		is_front: chat.isFront ? 1 : 0,
		preferred_agent_id: chat.preferredAgentId,
		preferred_until: chat.preferredUntil,
		passes: JSON.stringify(chat.passes),
		served_at: chat.servedAt,
		ended_at: chat.endedAt,
		ended_by: chat.endedBy,
		last_agent_id: chat.lastAgentId,
		failure: chat.failure,
		reason: chat.reason,
		last_line_at: chat.lastLineAt,
		is_warned: chat.isWarned ? 1 : 0,
		gone_since: chat.goneSince,
		is_shown: chat.isShown ? 1 : 0,
		lines: chat.lines,
		due_at: dueAt,
		version: chat.version,
	};
}

/** @param before undefined: the chat is new */
export async function saveChat(
	tx: Tx,
	{ before, after, dueAt }: { before: Chat | undefined; after: Chat; dueAt: number | null },
): Promise<void> {
	const row = toRow(after, dueAt);
	await (before === undefined
		? tx.insertInto("chats").values(row).execute()
		: tx.updateTable("chats").set(row).where("id", "=", after.id).execute());
	await saveLegs(tx, before?.legs ?? [], after);
	await addHolders(tx, before, after);
}

/** Once somebody had a chat it stays so, whoever has it next. */
async function addHolders(tx: Tx, before: Chat | undefined, after: Chat): Promise<void> {
	const known = holdersIn(before);
	const fresh = [...holdersIn(after)].filter((userId) => !known.has(userId));
	if (fresh.length > 0) {
		await tx
			.insertInto("chat_holders")
			.values(fresh.map((user_id) => ({ chat_id: after.id, user_id })))
			.onConflict((conflict) => conflict.doNothing())
			.execute();
	}
}

function holdersIn(chat: Chat | undefined): Set<string> {
	const legs = (chat?.legs ?? []).filter(({ role, state }) => role !== "supervisor" && state !== "offered");
	const ids = [chat?.agentId ?? null, chat?.lastAgentId ?? null, ...legs.map(({ userId }) => userId)];
	return new Set(ids.filter((id) => id !== null));
}

async function saveLegs(tx: Tx, before: readonly Leg[], { id, legs }: Chat): Promise<void> {
	const known = new Map(before.map((leg) => [leg.userId, leg]));
	const gone = before.filter(({ userId }) => !legs.some((leg) => leg.userId === userId));
	if (gone.length > 0) {
		const users = gone.map(({ userId }) => userId);
		await tx.deleteFrom("chat_legs").where("chat_id", "=", id).where("user_id", "in", users).execute();
	}
	for (const leg of legs.filter((one) => known.get(one.userId) !== one)) {
		const { userId, role, state, origin, since, until, queueId } = leg;
		const row = { role, state, origin, since, until, queue_id: queueId };
		await tx
			.insertInto("chat_legs")
			.values({ chat_id: id, user_id: userId, ...row })
			.onConflict((conflict) => conflict.columns(["chat_id", "user_id"]).doUpdateSet(row))
			.execute();
	}
}

/** What others than its contact added to a chat; the whole of it. */
export async function addAttached(tx: Tx, id: string, attached: Chat["attachedByAgents"]): Promise<void> {
	await tx
		.updateTable("chats")
		.set((eb) => ({ attached_by_agents: JSON.stringify(attached), version: eb("version", "+", 1) }))
		.where("id", "=", id)
		.execute();
}
