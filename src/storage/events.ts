// The ledger of what happened to messages and conversations: written in the transaction of the change itself, read by
// the trace, the event stream and the event webhooks.

import { type RawBuilder, sql } from "kysely";
import type { Dialect } from "./dialect.ts";
import { insertInto } from "./many.ts";
import type { Db, Tx } from "./storage.ts";

export const eventTypes = [
	"message.received",
	"message.matched",
	"message.parked",
	"message.retried",
	"message.released",
	"message.queued",
	"message.state",
	"message.leftOut",
	"attachment.state",
	"request.quarantined",
	"request.changed",
	"conversation.started",
	"conversation.reopened",
	"conversation.closed",
	"contact.optedOut",
	"contact.optedIn",
	"chat.started",
	"chat.offered",
	"chat.accepted",
	"chat.transferred",
	"chat.returned",
	"chat.ended",
	"chat.handled",
	"chat.message",
] as const;
export type EventType = (typeof eventTypes)[number];

export type LedgerEvent = {
	at: Date;
	type: EventType;
	serviceId: string;
	messageId: string | null;
	conversationId: string | null;
	/** Ids, states, codes and reasons; never texts or addresses. */
	data: Readonly<Record<string, unknown>>;
};

/** Who had it done, by logon name, and why, in their words. */
export type PersonsAct = { user?: string; because?: string };

/** Both stay in the ledger: the trace shows them, the stream leaves them out. */
export function byPerson({ user, because }: PersonsAct): Readonly<Record<string, string>> {
	return {
		by: "person",
		...(user === undefined ? {} : { user }),
		...(because === undefined ? {} : { because }),
	};
}

export async function appendEvents(tx: Tx, events: readonly LedgerEvent[]): Promise<void> {
	await tx.many.run(
		insertEvents,
		events.map((event) => ({
			at: event.at.getTime(),
			type: event.type,
			service_id: event.serviceId,
			message_id: event.messageId,
			conversation_id: event.conversationId,
			data: JSON.stringify(event.data),
		})),
	);
}

const insertEvents = insertInto("events", "at, type, service_id, message_id, conversation_id, data");

/** Where a reader of the stream stands. */
export type EventCursor = { tx: number; seq: number };

export type StoredEvent = LedgerEvent & { cursor: EventCursor };

/**
 * The next events after the cursor, oldest first. On PostgreSQL a transaction that is still open may yet add rows with
 * lower numbers than those already visible, so only transactions below the oldest open one are read.
 */
export async function eventsAfter(
	db: Db,
	dialect: Dialect,
	cursor: EventCursor,
	options: { limit: number; serviceIds: "every" | readonly string[] },
): Promise<StoredEvent[]> {
	const { serviceIds } = options;
	const rows = await db
		.selectFrom("events")
		.selectAll()
		.where(isAfter(dialect, cursor))
		.where(isSettled(dialect))
		.$if(typeof serviceIds !== "string", (query) => query.where("service_id", "in", [...(serviceIds as string[]), ""]))
		.orderBy((eb) => eb.ref(orderOf(dialect)))
		.orderBy("seq")
		.limit(options.limit)
		.execute();
	return rows.map(fromRow);
}

/** The position after everything that is readable now. */
export async function newestEvent(db: Db, dialect: Dialect): Promise<EventCursor> {
	const row = await db
		.selectFrom("events")
		.select(["tx", "seq"])
		.where(isSettled(dialect))
		.orderBy((eb) => eb.ref(orderOf(dialect)), "desc")
		.orderBy("seq", "desc")
		.limit(1)
		.executeTakeFirst();
	return row ?? { tx: 0, seq: 0 };
}

export async function eventsOfMessage(db: Db, messageId: string): Promise<StoredEvent[]> {
	const rows = await db.selectFrom("events").selectAll().where("message_id", "=", messageId).orderBy("seq").execute();
	return rows.map(fromRow);
}

/** What is told of an event, in the stream and by webhooks. A person's words are for the trace. */
export function toEventObject({ cursor, at, type, data, ...ids }: StoredEvent) {
	const { user: _user, because: _because, ...detail } = data;
	return {
		id: `${cursor.tx}.${cursor.seq}`,
		type,
		at: at.toISOString(),
		service: ids.serviceId,
		message: ids.messageId,
		conversation: ids.conversationId,
		detail,
	};
}

/** What a webhook brings, as Standard Webhooks recommends. */
export function toEventBody(type: string, at: Date, data: Readonly<Record<string, unknown>>): string {
	return JSON.stringify({ type, timestamp: at.toISOString(), data });
}

/** Null: of no queue. Never empty. */
export type QueuesOf = (event: StoredEvent) => readonly (string | null)[];

/**
 * The queues of chats' events: those an event names, the one it was to come to or left last, else where the chat is by now.
 */
export async function queuesOfChats(db: Db, events: readonly StoredEvent[]): Promise<QueuesOf> {
	const ofChats = events.filter(({ type }) => type.startsWith("chat."));
	const chatIds = [...new Set(ofChats.flatMap(({ data }) => textOr(data["chat"])))];
	const rows =
		chatIds.length === 0
			? []
			: await db.selectFrom("chats").select(["id", "queue_id"]).where("id", "in", chatIds).execute();
	const present = new Map(rows.map((row) => [row.id, row.queue_id]));
	return ({ type, data }) => {
		const named = [...textOr(data["queue"]), ...textOr(data["fromQueue"])];
		const queues = named.length > 0 ? named : textOr(data["chat"]).flatMap((id) => textOr(present.get(id)));
		return type.startsWith("chat.") && queues.length > 0 ? queues : [null];
	};
}

function textOr(value: unknown): string[] {
	return typeof value === "string" ? [value] : [];
}

function isAfter(dialect: Dialect, cursor: EventCursor): RawBuilder<boolean> {
	return dialect === "sqlite"
		? sql<boolean>`seq > ${cursor.seq}`
		: sql<boolean>`(tx, seq) > (${cursor.tx}, ${cursor.seq})`;
}

/** SQLite has one writer, whose numbers are the order; it has no index with the transaction, which is 0 there. */
function orderOf(dialect: Dialect): "tx" | "seq" {
	return dialect === "sqlite" ? "seq" : "tx";
}

function isSettled(dialect: Dialect): RawBuilder<boolean> {
	return dialect === "sqlite"
		? sql<boolean>`1 = 1`
		: sql<boolean>`tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`;
}

function fromRow(row: {
	seq: number;
	tx: number;
	at: number;
	type: string;
	service_id: string;
	message_id: string | null;
	conversation_id: string | null;
	data: string;
}): StoredEvent {
	return {
		cursor: { tx: row.tx, seq: row.seq },
		at: new Date(row.at),
		type: row.type as EventType,
		serviceId: row.service_id,
		messageId: row.message_id,
		conversationId: row.conversation_id,
		data: JSON.parse(row.data) as Record<string, unknown>,
	};
}
