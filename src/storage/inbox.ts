// Received requests and their events. Recording is the promise behind every 2xx: request, events and messages are in one
// transaction, each event once (unique dedup key), and the caller answers only after the commit.

import { sql } from "kysely";
import { chainKey } from "#domain/chains.ts";
import type { ActivityEvent, MessageEvent, ReceiptEvent, UnreadableEvent } from "#domain/messages.ts";
import { appendEvents } from "./events.ts";
import type { Tx } from "./storage.ts";

export type KeptEvent = MessageEvent | ReceiptEvent | ActivityEvent | UnreadableEvent;

export type ArrivedRequest = {
	id: string;
	serviceId: string;
	receivedAt: Date;
	method: string;
	url: string;
	headers: Readonly<Record<string, string>>;
	body: Uint8Array;
	verdict: string;
	remoteAddress: string | null;
};

export type Arrival = {
	request: ArrivedRequest;
	/** Of a signed request that carries one. */
	nonce: string | undefined;
	/** Each with the ids made for it; `messageId` only where the event is a message. */
	events: readonly { inboxId: string; messageId: string; event: KeptEvent }[];
};

/** `replay`: the nonce was used before, yet the request brings something new; nothing of it was stored. */
export type Recorded = { kind: "stored"; fresh: number; duplicates: number; differing: number } | { kind: "replay" };

const rowsPerInsert = 400; // SQLite takes 32,766 values per statement; the widest row here has 21.

export async function recordArrivals(tx: Tx, arrivals: readonly Arrival[]): Promise<Recorded[]> {
	const firstUses = await claimNonces(tx, arrivals);
	const fresh = new Map<Arrival, number>();
	for (const arrival of arrivals.filter((candidate) => firstUses.has(candidate))) {
		fresh.set(arrival, 0);
	}
	await insertArrivals(tx, [...fresh.keys()], fresh);
	const results: Recorded[] = [];
	for (const arrival of arrivals) {
		results.push(await toRecorded(tx, arrival, fresh.get(arrival)));
	}
	return results;
}

/** The arrivals whose nonce is new (or that have none). Of two with the same nonce in one group, the first. */
async function claimNonces(tx: Tx, arrivals: readonly Arrival[]): Promise<ReadonlySet<Arrival>> {
	const withNonce = new Map<string, Arrival>();
	for (const arrival of arrivals) {
		const key = `${arrival.request.serviceId} ${arrival.nonce}`;
		if (arrival.nonce !== undefined && !withNonce.has(key)) {
			withNonce.set(key, arrival);
		}
	}
	const firstUses = new Set(arrivals.filter((arrival) => arrival.nonce === undefined));
	if (withNonce.size > 0) {
		const taken = await tx
			.insertInto("nonces")
			.values(
				[...withNonce.values()].map(({ request, nonce }) => ({
					service_id: request.serviceId,
					nonce: nonce ?? "",
					seen_at: request.receivedAt.getTime(),
				})),
			)
			.onConflict((conflict) => conflict.columns(["service_id", "nonce"]).doNothing())
			.returning(["service_id", "nonce"])
			.execute();
		for (const { service_id: serviceId, nonce } of taken) {
			const arrival = withNonce.get(`${serviceId} ${nonce}`);
			if (arrival !== undefined) {
				firstUses.add(arrival);
			}
		}
	}
	return firstUses;
}

async function insertArrivals(tx: Tx, arrivals: readonly Arrival[], fresh: Map<Arrival, number>): Promise<void> {
	const items = arrivals.flatMap((arrival) => arrival.events.map((item) => ({ arrival, ...item })));
	const stored = new Set<string>();
	for (const some of chunks(items)) {
		const rows = await tx
			.insertInto("inbox")
			.values(some.map(toInboxRow))
			.onConflict((conflict) => conflict.columns(["service_id", "dedup_key"]).doNothing())
			.returning("id")
			.execute();
		rows.forEach(({ id }) => stored.add(id));
	}
	const freshItems = items.filter(({ inboxId }) => stored.has(inboxId));
	for (const { arrival } of freshItems) {
		fresh.set(arrival, (fresh.get(arrival) ?? 0) + 1);
	}
	const requests = arrivals.filter((arrival) => fresh.get(arrival) !== 0).map(({ request }) => toRequestRow(request));
	for (const some of chunks(requests)) {
		await tx.insertInto("inbound_requests").values(some).execute();
	}
	await insertMessages(tx, freshItems);
}

type Item = { arrival: Arrival; inboxId: string; messageId: string; event: KeptEvent };

async function insertMessages(tx: Tx, items: readonly Item[]): Promise<void> {
	const messages = items.flatMap((item) => (item.event.kind === "message" ? [toMessageRow(item, item.event)] : []));
	for (const some of chunks(messages)) {
		await tx.insertInto("messages").values(some).execute();
		await appendEvents(
			tx,
			some.map((row) => ({
				at: new Date(row.received_at),
				type: "message.received",
				serviceId: row.service_id,
				messageId: row.id,
				conversationId: null,
				data: { requestId: row.request_id },
			})),
		);
	}
}

async function toRecorded(tx: Tx, arrival: Arrival, fresh: number | undefined): Promise<Recorded> {
	if (fresh === arrival.events.length) {
		return { kind: "stored", fresh, duplicates: 0, differing: 0 };
	}
	const eventOf = await knownEvents(tx, arrival);
	if (fresh === undefined && arrival.events.some(({ event }) => !eventOf.has(event.dedupKey))) {
		return { kind: "replay" };
	}
	const differing = arrival.events.filter(({ event }) => eventOf.get(event.dedupKey) !== JSON.stringify(event)).length;
	return { kind: "stored", fresh: fresh ?? 0, duplicates: arrival.events.length - (fresh ?? 0), differing };
}

/** What is stored under the keys of this arrival. */
async function knownEvents(tx: Tx, { request, events }: Arrival): Promise<ReadonlyMap<string, string>> {
	const eventOf = new Map<string, string>();
	for (const some of chunks(events)) {
		const rows = await tx
			.selectFrom("inbox")
			.select(["dedup_key", "event"])
			.where("service_id", "=", request.serviceId)
			.where(
				"dedup_key",
				"in",
				some.map(({ event }) => event.dedupKey),
			)
			.execute();
		rows.forEach((row) => eventOf.set(row.dedup_key, row.event));
	}
	return eventOf;
}

function toRequestRow(request: ArrivedRequest) {
	return {
		id: request.id,
		service_id: request.serviceId,
		received_at: request.receivedAt.getTime(),
		method: request.method,
		url: request.url,
		headers: JSON.stringify(request.headers),
		body: request.body,
		verdict: request.verdict,
		remote_address: request.remoteAddress,
	};
}

function toInboxRow({ arrival, inboxId, messageId, event }: Item) {
	const receivedAt = arrival.request.receivedAt.getTime();
	const isWork = event.kind === "message" || event.kind === "receipt";
	return {
		id: inboxId,
		service_id: arrival.request.serviceId,
		request_id: arrival.request.id,
		dedup_key: event.dedupKey,
		kind: event.kind,
		state: isWork ? ("received" as const) : event.kind === "unreadable" ? ("parked" as const) : ("done" as const),
		lane: event.kind === "message" ? chainKey(chainOf(arrival, event)) : "",
		event: JSON.stringify(event),
		message_id: event.kind === "message" ? messageId : null,
		remote_id: event.kind === "receipt" && event.target.by === "remote" ? event.target.remoteId : null,
		received_at: receivedAt,
		not_before: receivedAt,
		attempts: 0,
		lease_until: 0,
		epoch: 0,
		reason: event.kind === "unreadable" ? event.reason : null,
		finished_at: isWork ? null : receivedAt,
	};
}

function chainOf(arrival: Arrival, event: MessageEvent) {
	return {
		serviceId: arrival.request.serviceId,
		channel: event.channel,
		ourAddress: event.ourAddress,
		contactAddress: event.contact.address,
	};
}

function toMessageRow({ arrival, messageId }: Item, event: MessageEvent) {
	const receivedAt = arrival.request.receivedAt.getTime();
	const { attachments, location, replyTo, choice, metadata } = event;
	return {
		id: messageId,
		direction: "in" as const,
		service_id: arrival.request.serviceId,
		channel: event.channel,
		our_address: event.ourAddress,
		contact_address: event.contact.address,
		contact_id: null,
		conversation_id: null,
		sequence: null,
		state: "received" as const,
		state_at: receivedAt,
		text: event.text,
		content: JSON.stringify({ attachments, location, replyTo, choice, metadata, contactName: event.contact.name }),
		remote_id: event.remoteId,
		request_id: arrival.request.id,
		received_at: receivedAt,
		provider_at: event.at?.getTime() ?? null,
		valid_until: null,
		decision: null,
		created_by: null,
	};
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
	for (let start = 0; start < items.length; start += rowsPerInsert) {
		yield items.slice(start, start + rowsPerInsert);
	}
}

/** One claimed row of the inbox. Every later write of it is fenced by `epoch`. */
export type InboxClaim = {
	id: string;
	serviceId: string;
	requestId: string;
	kind: "message" | "receipt";
	messageId: string | null;
	event: MessageEvent | ReceiptEvent;
	receivedAt: Date;
	attempts: number;
	epoch: number;
};

/**
 * Claims due rows of one kind, oldest first, counting the attempt before any work on it, so that a row that kills the
 * process cannot do so for ever. A message waits while an earlier one of its chain is claimed elsewhere.
 */
export async function claimInbox(
	tx: Tx,
	kind: "message" | "receipt",
	options: { now: Date; leaseMs: number; limit: number },
): Promise<InboxClaim[]> {
	const now = options.now.getTime();
	const ids = await tx
		.selectFrom("inbox")
		.select("id")
		.where("kind", "=", kind)
		.where("state", "in", ["received", "waiting"])
		.where("not_before", "<=", now)
		.where("lease_until", "<=", now)
		.$if(kind === "message", (query) =>
			query.where(
				sql<boolean>`NOT EXISTS (SELECT 1 FROM inbox AS earlier WHERE earlier.lane = inbox.lane AND earlier.id < inbox.id
				AND earlier.state = 'received' AND earlier.kind = 'message' AND (earlier.lease_until > ${now} OR earlier.not_before > ${now}))`,
			),
		)
		.orderBy("not_before")
		.orderBy("id")
		.limit(options.limit)
		.execute();
	if (ids.length === 0) {
		return [];
	}
	const rows = await tx
		.updateTable("inbox")
		.set((eb) => ({
			lease_until: now + options.leaseMs,
			epoch: eb("epoch", "+", 1),
			attempts: eb("attempts", "+", 1),
		}))
		.where(
			"id",
			"in",
			ids.map(({ id }) => id),
		)
		.returningAll()
		.execute();
	// RETURNING has no order of its own.
	return rows.toSorted(byId).map((row) => ({
		id: row.id,
		serviceId: row.service_id,
		requestId: row.request_id,
		kind,
		messageId: row.message_id,
		event: fromEventJson(row.event),
		receivedAt: new Date(row.received_at),
		attempts: row.attempts,
		epoch: row.epoch,
	}));
}

function byId(one: { id: string }, other: { id: string }): number {
	return one.id < other.id ? -1 : 1;
}

/** The event as it was, its dates dates again. */
export function fromEventJson(json: string): MessageEvent | ReceiptEvent {
	return JSON.parse(json, (key, value: unknown) =>
		(key === "at" || key === "upTo") && typeof value === "string" ? new Date(value) : value,
	) as MessageEvent | ReceiptEvent;
}

export type InboxEnd =
	| { state: "done"; messageId?: string }
	| { state: "waiting"; notBefore: Date; reason: string }
	| { state: "received"; notBefore: Date; reason: string }
	| { state: "parked"; reason: string };

/** Ends a claim. False: the claim was lost to somebody else meanwhile, and nothing was written. */
export async function endInboxClaim(
	tx: Tx,
	claim: { id: string; epoch: number },
	end: InboxEnd,
	now: Date,
): Promise<boolean> {
	const isFinal = end.state === "done" || end.state === "parked";
	const { numUpdatedRows } = await tx
		.updateTable("inbox")
		.set({
			state: end.state,
			lease_until: 0,
			not_before: "notBefore" in end ? end.notBefore.getTime() : now.getTime(),
			reason: "reason" in end ? end.reason : null,
			finished_at: isFinal ? now.getTime() : null,
			...(end.state === "done" && end.messageId !== undefined ? { message_id: end.messageId } : {}),
		})
		.where("id", "=", claim.id)
		.where("epoch", "=", claim.epoch)
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

/** Receipts that waited (or were parked) for these remote ids become work again. */
export async function wakeReceipts(tx: Tx, serviceId: string, remoteIds: readonly string[], now: Date): Promise<void> {
	await tx
		.updateTable("inbox")
		.set({ state: "received", not_before: now.getTime(), lease_until: 0, reason: null, finished_at: null })
		.where("service_id", "=", serviceId)
		.where("remote_id", "in", [...remoteIds])
		.where("state", "in", ["waiting", "parked"])
		.where("kind", "=", "receipt")
		.execute();
}
