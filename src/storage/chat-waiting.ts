// Chats that wait, queue by queue: however many wait in one that nobody serves, they are in nobody's way.

import { expressionBuilder, sql } from "kysely";
import type { Chat, Pass } from "#domain/chats.ts";
import type { Tables } from "./schema.ts";
import type { Db } from "./storage.ts";

/** What decides who is offered it, and when. */
export type WaitingChat = {
	chatId: string;
	queueId: string;
	isFront: boolean;
	waitingSince: number;
	preferredAgentId: string | null;
	preferredUntil: number | null;
	passes: readonly Pass[];
};

// Written out and not given as a value: SQLite takes an index of some rows only where it can read that they are these.
const isQueued = sql<boolean>`chats.state = 'queued'`;

function isNotOffered() {
	const { not, exists, selectFrom } = expressionBuilder<Tables, "chats">();
	const offers = selectFrom("chat_legs")
		.select("chat_legs.chat_id")
		.whereRef("chat_legs.chat_id", "=", "chats.id")
		.where("chat_legs.state", "=", "offered");
	return not(exists(offers));
}

/** Those that wait in the queue and are not being offered. */
function freeIn(db: Db, queueId: string) {
	return db.selectFrom("chats").where("queue_id", "=", queueId).where(isQueued).where(isNotOffered());
}

/** The queues in which at least one chat waits that is not being offered. */
export async function queuesWithWaiting(db: Db): Promise<string[]> {
	const rows = await db
		.selectFrom("queues")
		.select("queues.id")
		.where(({ exists, selectFrom }) =>
			exists(
				selectFrom("chats")
					.select("chats.id")
					.whereRef("chats.queue_id", "=", "queues.id")
					.where(isQueued)
					.where(isNotOffered()),
			),
		)
		.execute();
	return rows.map(({ id }) => id);
}

/** Those of the queue that are not being offered, as they are to be served: at the front first, then the oldest. */
export async function waitingIn(
	db: Db,
	queueId: string,
	{ limit, except }: { limit: number; except: readonly string[] },
): Promise<WaitingChat[]> {
	const rows = await freeIn(db, queueId)
		.select(["id", "is_front", "waiting_since", "preferred_agent_id", "preferred_until", "passes"])
		.$if(except.length > 0, (query) => query.where("id", "not in", except))
		.orderBy("is_front", "desc")
		.orderBy("waiting_since")
		.orderBy("id")
		.limit(limit)
		.execute();
	return rows.map((row) => ({
		chatId: row.id,
		queueId,
		isFront: row.is_front === 1,
		waitingSince: row.waiting_since,
		preferredAgentId: row.preferred_agent_id,
		preferredUntil: row.preferred_until,
		passes: JSON.parse(row.passes) as Pass[],
	}));
}

export type TooLong = { now: number; before: number; limit: number; except: readonly string[] };

/**
 * Those of the queue that have waited since `before` or longer, are not being offered, and wait for no agent of their own any
 * more; the longest waiting first.
 */
export async function waitingTooLong(
	db: Db,
	queueId: string,
	{ now, before, limit, except }: TooLong,
): Promise<string[]> {
	const rows = await freeIn(db, queueId)
		.select("id")
		.where("queued_at", "<=", before)
		.where(({ eb, or }) => or([eb("preferred_until", "is", null), eb("preferred_until", "<=", now)]))
		.$if(except.length > 0, (query) => query.where("id", "not in", except))
		.orderBy("queued_at")
		.orderBy("id")
		.limit(limit)
		.execute();
	return rows.map(({ id }) => id);
}

/** What a queue's size counts. */
export async function countWaiting(db: Db, queueId: string): Promise<number> {
	const { count } = await freeIn(db, queueId)
		.select(({ fn }) => fn.countAll<number>().as("count"))
		.executeTakeFirstOrThrow();
	return Number(count);
}

/** Those that somebody who serves the queues may see waiting, in the same order. */
export async function waitingInAny(db: Db, queueIds: readonly string[], limit: number) {
	if (queueIds.length === 0) {
		return [];
	}
	const rows = await db
		.selectFrom("chats")
		.select(["id", "queue_id", "originator", "contact_name", "queued_at", "channel"])
		.where("queue_id", "in", queueIds)
		.where(isQueued)
		.orderBy("is_front", "desc")
		.orderBy("waiting_since")
		.orderBy("id")
		.limit(limit)
		.execute();
	return rows.map((row) => ({
		id: row.id,
		queueId: row.queue_id,
		originator: row.originator,
		contactName: row.contact_name,
		queuedAt: row.queued_at,
		channel: row.channel,
	}));
}

/** What decides where a chat stands among others. */
export type Arriving = Pick<Chat, "id" | "isFront" | "waitingSince">;

/** `waiting`: what a queue's size counts · `place`: what the chat has or would have among them, from 1 on. */
export type Standing = { waiting: number; place: number };

/** Beside those that wait in the queue and are not being offered. Counted alike by `placesOfVisitors`. */
export async function standingIn(db: Db, queueId: string, { id, isFront, waitingSince }: Arriving): Promise<Standing> {
	const isBefore = sql<boolean>`(-chats.is_front, chats.waiting_since, chats.id) < (${isFront ? -1 : 0}, ${waitingSince}, ${id})`;
	const { waiting, before } = await freeIn(db, queueId)
		.select(({ fn }) => [fn.countAll<number>().as("waiting"), fn.countAll<number>().filterWhere(isBefore).as("before")])
		.executeTakeFirstOrThrow();
	return { waiting: Number(waiting), place: Number(before) + 1 };
}

/** Of all chats of web visitors that wait and are not being offered, in one statement. */
export async function placesOfVisitors(db: Db): Promise<{ chatId: string; visitorId: string; place: number }[]> {
	const inTurn = sql<number>`row_number() OVER (PARTITION BY queue_id ORDER BY is_front DESC, waiting_since, id)`;
	const waiting = db
		.selectFrom("chats")
		.select(["id", "visitor_id", inTurn.as("place")])
		.where(isQueued)
		.where(isNotOffered());
	const rows = await db
		.selectFrom(waiting.as("waiting"))
		.select(["id", "visitor_id", "place"])
		.where("visitor_id", "is not", null)
		.execute();
	return rows.map(({ id, visitor_id, place }) => ({ chatId: id, visitorId: visitor_id ?? "", place: Number(place) }));
}
