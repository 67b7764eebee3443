// Everything that ever happened to one message, assembled from the rows that tell of it, in one order: time, then cause
// before effect, then id. Nothing is written for it; what retention removed is missing from it.

import { sql } from "kysely";
import type { Db } from "./storage.ts";
import { eventsOfMessage, type EventType, type StoredEvent } from "./events.ts";
import type { StoredMessage } from "./messages.ts";
import { discarded } from "./parked.ts";

/** The product's parts as its operators know them. */
export type TraceActor = "SMS Server" | "Chain Matcher" | "Chat Server" | "RESTful Interfaces" | "Provider";

export type TraceEntry = {
	at: Date;
	what: string;
	who: TraceActor;
	detail: Readonly<Record<string, unknown>>;
};

/** Of two entries of one millisecond the lower rank comes first; then the lower id. */
type Ranked = TraceEntry & { rank: number; id: string };

const ranks = {
	request: 0,
	stored: 1,
	created: 2,
	attempt: 3,
	claimed: 4,
	answer: 5,
	receipt: 6,
	ledger: 7,
	finished: 8,
} as const;

export async function traceOf(db: Db, message: StoredMessage): Promise<TraceEntry[]> {
	const [inbox, receipts, attempts, events] = await Promise.all([
		inboxOf(db, message.id),
		receiptsOf(db, message.id),
		attemptsOf(db, message.id),
		eventsOfMessage(db, message.id),
	]);
	const received = [...inbox, ...(await inboxByIds(db, missingIds(inbox, receipts)))];
	const requests = await requestsByIds(db, requestIdsOf(message, received));
	return inOrder([
		...requests.map(fromRequest),
		...received.flatMap(fromInbox),
		...receipts.map(fromReceipt),
		...attempts.flatMap(fromAttempt),
		...events.map((event) => fromEvent(event, message)),
		...decisionWithoutEvent(message, events),
	]);
}

function inOrder(entries: readonly Ranked[]): TraceEntry[] {
	const sorted = entries.toSorted(
		(a, b) => a.at.getTime() - b.at.getTime() || a.rank - b.rank || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
	);
	return sorted.map(({ at, what, who, detail }) => ({ at, what, who, detail }));
}

function inboxOf(db: Db, messageId: string) {
	return db
		.selectFrom("inbox")
		.selectAll()
		.where(sql<boolean>`id = ${messageId} OR (message_id = ${messageId} AND kind <> 'message')`)
		.execute();
}

type InboxRow = Awaited<ReturnType<typeof inboxOf>>[number];

function inboxByIds(db: Db, ids: readonly string[]): Promise<InboxRow[]> {
	return ids.length === 0
		? Promise.resolve([])
		: db
				.selectFrom("inbox")
				.selectAll()
				.where("id", "in", [...ids])
				.execute();
}

function receiptsOf(db: Db, messageId: string) {
	return db
		.selectFrom("receipts")
		.innerJoin("outbox", "outbox.id", "receipts.part_id")
		.selectAll("receipts")
		.select("outbox.part")
		.where("receipts.message_id", "=", messageId)
		.execute();
}

type ReceiptRow = Awaited<ReturnType<typeof receiptsOf>>[number];

function attemptsOf(db: Db, messageId: string) {
	return db
		.selectFrom("attempts")
		.innerJoin("outbox", "outbox.id", "attempts.part_id")
		.selectAll("attempts")
		.select("outbox.part")
		.where("attempts.message_id", "=", messageId)
		.execute();
}

type AttemptRow = Awaited<ReturnType<typeof attemptsOf>>[number];

/** A receipt for several parts, or a watermark, is an inbox row that does not name this message. */
function missingIds(inbox: readonly InboxRow[], receipts: readonly ReceiptRow[]): string[] {
	const known = new Set(inbox.map((row) => row.id));
	return [...new Set(receipts.map((row) => row.inbox_id))].filter((id) => !known.has(id));
}

function requestIdsOf(message: StoredMessage, inbox: readonly InboxRow[]): string[] {
	return [
		...new Set([...(message.requestId === null ? [] : [message.requestId]), ...inbox.map((row) => row.request_id)]),
	];
}

async function requestsByIds(db: Db, ids: readonly string[]) {
	if (ids.length === 0) {
		return [];
	}
	return db
		.selectFrom("inbound_requests")
		.select(["id", "received_at", "method", "url", "headers", "verdict", "remote_address"])
		.where("id", "in", [...ids])
		.execute();
}

type RequestRow = Awaited<ReturnType<typeof requestsByIds>>[number];

function fromRequest(row: RequestRow): Ranked {
	return {
		at: new Date(row.received_at),
		rank: ranks.request,
		id: row.id,
		what: "request.received",
		who: "SMS Server",
		detail: {
			requestId: row.id,
			method: row.method,
			url: row.url,
			headers: JSON.parse(row.headers) as unknown,
			verdict: row.verdict,
			remoteAddress: row.remote_address,
		},
	};
}

/** When it was stored, and when the work on it ended. */
function fromInbox(row: InboxRow): Ranked[] {
	const facts = { inboxId: row.id, kind: row.kind };
	const stored: Ranked = {
		at: new Date(row.received_at),
		rank: ranks.stored,
		id: row.id,
		what: "event.stored",
		who: "SMS Server",
		detail: { ...facts, requestId: row.request_id, dedupKey: row.dedup_key, attempts: row.attempts, state: row.state },
	};
	if (row.finished_at === null) {
		return [{ ...stored, detail: { ...stored.detail, reason: row.reason } }];
	}
	return [
		stored,
		{
			at: new Date(row.finished_at),
			rank: ranks.finished,
			id: row.id,
			what: "event.finished",
			who: whoFinished(row),
			detail: { ...facts, attempts: row.attempts, state: row.state, reason: row.reason },
		},
	];
}

function whoFinished(row: InboxRow): TraceActor {
	if (row.reason === discarded) {
		return "RESTful Interfaces";
	}
	return row.kind === "message" ? "Chain Matcher" : "SMS Server";
}

function fromReceipt(row: ReceiptRow): Ranked {
	return {
		at: new Date(row.received_at),
		rank: ranks.receipt,
		id: `${row.id} ${row.part}`,
		what: "receipt",
		who: "Provider",
		detail: {
			part: row.part,
			status: row.status,
			effect: row.effect,
			providerTime: toTime(row.provider_at),
			code: row.code,
			detail: row.detail,
			inboxId: row.inbox_id,
		},
	};
}

/** The start, and the answer where one came. Without an answer the start tells what is held to be true. */
function fromAttempt(row: AttemptRow): Ranked[] {
	const facts = { attemptId: row.id, part: row.part, number: row.number };
	const result = { outcome: row.outcome, code: row.code, detail: row.detail };
	const started: Ranked = {
		at: new Date(row.started_at),
		rank: ranks.attempt,
		id: row.id,
		what: "attempt.started",
		who: "SMS Server",
		detail: facts,
	};
	if (row.finished_at === null) {
		return [{ ...started, detail: { ...facts, ...result } }];
	}
	return [
		started,
		{
			at: new Date(row.finished_at),
			rank: ranks.answer,
			id: row.id,
			what: "attempt.finished",
			who: "SMS Server",
			detail: { ...facts, ...result, exchange: fromJson(row.exchange), decision: fromJson(row.decision) },
		},
	];
}

function fromEvent(event: StoredEvent, message: StoredMessage): Ranked {
	return {
		at: event.at,
		rank: rankOf(event),
		id: String(event.cursor.seq).padStart(20, "0"),
		what: event.type,
		who: whoWrote(event),
		detail: {
			...event.data,
			...(event.type === "message.matched" ? { conversation: event.conversationId, decision: message.decision } : {}),
			...(event.type === "message.queued" ? { createdBy: message.createdBy } : {}),
		},
	};
}

function rankOf(event: StoredEvent): number {
	if (event.type === "message.released" || event.type === "message.received" || event.type === "message.queued") {
		return ranks.created;
	}
	return event.data["to"] === "sending" ? ranks.claimed : ranks.ledger;
}

const writers: Readonly<Record<EventType, TraceActor>> = {
	"message.received": "SMS Server",
	"message.matched": "Chain Matcher",
	"message.parked": "Chain Matcher",
	"message.retried": "RESTful Interfaces",
	"message.released": "RESTful Interfaces",
	"message.queued": "RESTful Interfaces",
	"message.state": "SMS Server",
	"message.leftOut": "Chat Server",
	"attachment.state": "SMS Server",
	"request.quarantined": "SMS Server",
	"request.changed": "SMS Server",
	"conversation.started": "Chain Matcher",
	"conversation.reopened": "Chain Matcher",
	"conversation.closed": "RESTful Interfaces",
	"contact.optedOut": "Chain Matcher",
	"contact.optedIn": "Chain Matcher",
	"chat.started": "Chat Server",
	"chat.offered": "Chat Server",
	"chat.accepted": "Chat Server",
	"chat.transferred": "Chat Server",
	"chat.returned": "Chat Server",
	"chat.ended": "Chat Server",
	"chat.handled": "Chat Server",
	"chat.message": "Chat Server",
};

function whoWrote(event: StoredEvent): TraceActor {
	if (event.data["source"] === "provider") {
		return "SMS Server";
	}
	const { by } = event.data;
	if (by === "chat") {
		return "Chat Server";
	}
	return by === "person" ? "RESTful Interfaces" : writers[event.type];
}

/** The ledger is kept for a shorter time than messages: the decision then stands at the message's last change. */
function decisionWithoutEvent(message: StoredMessage, events: readonly StoredEvent[]): Ranked[] {
	if (message.decision === null || events.some((event) => event.type === "message.matched")) {
		return [];
	}
	const detail = { conversation: message.conversationId, decision: message.decision };
	return [{ at: message.stateAt, rank: ranks.ledger, id: "", what: "message.matched", who: "Chain Matcher", detail }];
}

function fromJson(text: string | null): unknown {
	return text === null ? null : (JSON.parse(text) as unknown);
}

function toTime(ms: number | null): string | null {
	return ms === null ? null : new Date(ms).toISOString();
}
