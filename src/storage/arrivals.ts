// What webhooks bring, recorded: the promise behind every 2xx. Request, events and messages are in one transaction, each
// event once (unique dedup key), and the caller answers only after the commit.

import { chainKey } from "#domain/chains.ts";
import type { ActivityEvent, MessageEvent, ReceiptEvent, UnreadableEvent } from "#domain/messages.ts";
import { awaitFiles } from "./attachments.ts";
import { insertInto, type Row } from "./many.ts";
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
	/**
	 * Each with the id made for it; a message and its row in the inbox share it. `fileIds`: one for each attachment, of a
	 * message that has any.
	 */
	events: readonly { id: string; event: KeptEvent; fileIds?: readonly string[] }[];
};

/** `replay`: the nonce was used before, yet the request brings something new; nothing of it was stored. */
export type Recorded = { kind: "stored"; fresh: number; duplicates: number; differing: number } | { kind: "replay" };

export async function recordArrivals(tx: Tx, arrivals: readonly Arrival[]): Promise<Recorded[]> {
	const firstUses = await claimNonces(tx, arrivals);
	const items = arrivals
		.filter((arrival) => firstUses.has(arrival))
		.flatMap((arrival) => arrival.events.map((event) => ({ request: arrival.request, ...event })));
	const kept = await tx.many.run<{ id: string }>(insertInbox, items.map(toInboxRow));
	const fresh = new Set(kept.map(({ id }) => id));
	const freshItems = items.filter(({ id }) => fresh.has(id));
	await tx.many.run(insertRequests, [...new Set(freshItems.map(({ request }) => request))].map(toRequestRow));
	await tx.many.run(
		insertMessages,
		freshItems.flatMap((item) => (item.event.kind === "message" ? [toMessageRow(item, item.event)] : [])),
	);
	const attached = freshItems.filter(({ fileIds }) => fileIds !== undefined);
	if (attached.length > 0) {
		await awaitFiles(
			tx,
			attached.map(({ request, id, fileIds = [] }) => ({ messageId: id, ...request, fileIds })),
		);
	}
	const results: Recorded[] = [];
	for (const arrival of arrivals) {
		results.push(await toRecorded(tx, arrival, { fresh, isReplay: !firstUses.has(arrival) }));
	}
	return results;
}

/** The arrivals whose nonce is new (or that have none). Of two with the same nonce in one group, the first. */
async function claimNonces(tx: Tx, arrivals: readonly Arrival[]): Promise<ReadonlySet<Arrival>> {
	const withNonce = new Map<string, Arrival>();
	for (const arrival of arrivals) {
		const key = nonceKey(arrival.request.serviceId, arrival.nonce ?? "");
		if (arrival.nonce !== undefined && !withNonce.has(key)) {
			withNonce.set(key, arrival);
		}
	}
	const firstUses = new Set(arrivals.filter((arrival) => arrival.nonce === undefined));
	const taken = await tx.many.run<{ service_id: string; nonce: string }>(
		insertNonces,
		[...withNonce.values()].map(({ request, nonce = "" }) => ({
			service_id: request.serviceId,
			nonce,
			seen_at: request.receivedAt.getTime(),
		})),
	);
	for (const { service_id: serviceId, nonce } of taken) {
		const arrival = withNonce.get(nonceKey(serviceId, nonce));
		if (arrival !== undefined) {
			firstUses.add(arrival);
		}
	}
	return firstUses;
}

function nonceKey(serviceId: string, nonce: string): string {
	return `${serviceId} ${nonce}`;
}

async function toRecorded(
	tx: Tx,
	arrival: Arrival,
	found: { fresh: ReadonlySet<string>; isReplay: boolean },
): Promise<Recorded> {
	const old = arrival.events.filter(({ id }) => !found.fresh.has(id));
	if (old.length === 0) {
		return { kind: "stored", fresh: arrival.events.length, duplicates: 0, differing: 0 };
	}
	const known = await knownEvents(tx, arrival.request, old);
	if (found.isReplay && old.some(({ event }) => !known.has(event.dedupKey))) {
		return { kind: "replay" };
	}
	const differing = old.filter(({ event }) => known.get(event.dedupKey) !== contentOf(event));
	return {
		kind: "stored",
		fresh: arrival.events.length - old.length,
		duplicates: old.length,
		differing: differing.length,
	};
}

const keysPerQuery = 400; // SQLite takes 32,766 values per statement; a webhook may bring thousands of events.

/** What is stored under the keys of these events, each as `contentOf` tells it. */
async function knownEvents(
	tx: Tx,
	request: ArrivedRequest,
	events: Arrival["events"],
): Promise<ReadonlyMap<string, string>> {
	const known = new Map<string, string>();
	for (let start = 0; start < events.length; start += keysPerQuery) {
		const rows = await tx
			.selectFrom("inbox")
			.leftJoin("messages", "messages.id", "inbox.message_id")
			.select(["inbox.dedup_key", "inbox.kind", "inbox.event"])
			.select(["channel", "our_address", "contact_address", "text", "content", "messages.remote_id", "provider_at"])
			.where("inbox.service_id", "=", request.serviceId)
			.where(
				"inbox.dedup_key",
				"in",
				events.slice(start, start + keysPerQuery).map(({ event }) => event.dedupKey),
			)
			.execute();
		for (const row of rows) {
			known.set(row.dedup_key, row.kind === "message" ? JSON.stringify(messageColumns.map((c) => row[c])) : row.event);
		}
	}
	return known;
}

const messageColumns = [
	"channel",
	"our_address",
	"contact_address",
	"text",
	"content",
	"remote_id",
	"provider_at",
] as const;

/** What makes two events of one key the same. */
function contentOf(event: KeptEvent): string {
	if (event.kind !== "message") {
		return JSON.stringify(event);
	}
	const row = contentRow(event);
	return JSON.stringify(messageColumns.map((column) => row[column]));
}

type Item = { request: ArrivedRequest } & Arrival["events"][number];

const insertNonces = insertInto("nonces", "service_id, nonce, seen_at", {
	unlessKnown: "service_id, nonce",
	returning: "service_id, nonce",
});

const insertRequests = insertInto(
	"inbound_requests",
	"id, service_id, received_at, method, url, headers, body, verdict, remote_address",
);

function toRequestRow(request: ArrivedRequest): Row {
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

const inboxColumns =
	"id, service_id, request_id, dedup_key, kind, state, lane, event, message_id, remote_id, received_at, not_before, " +
	"attempts, lease_until, epoch, reason, finished_at";
const insertInbox = insertInto("inbox", inboxColumns, { unlessKnown: "service_id, dedup_key", returning: "id" });

/** A message's content is in its own row; every other event is kept here as it came. */
function toInboxRow({ request, id, event }: Item): Row {
	const receivedAt = request.receivedAt.getTime();
	const isWork = event.kind === "message" || event.kind === "receipt" || isConsent(event);
	return {
		id,
		service_id: request.serviceId,
		request_id: request.id,
		dedup_key: event.dedupKey,
		kind: event.kind,
		state: isWork ? "received" : event.kind === "unreadable" ? "parked" : "done",
		lane: event.kind === "message" ? chainKey(chainOf(request, event)) : "",
		event: event.kind === "message" ? "" : JSON.stringify(event),
		message_id: event.kind === "message" ? id : null,
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

/** An activity that tells what a contact wants: to be kept as their consent. */
export function isConsent(event: KeptEvent): boolean {
	return event.kind === "activity" && event.consent !== undefined && event.contact !== undefined;
}

function chainOf(request: ArrivedRequest, event: MessageEvent) {
	return {
		serviceId: request.serviceId,
		channel: event.channel,
		ourAddress: event.ourAddress,
		contactAddress: event.contact.address,
	};
}

const insertMessages = insertInto(
	"messages",
	`id, direction, service_id, state, state_at, request_id, received_at, ${messageColumns.join(", ")}`,
);

function toMessageRow({ request, id }: Item, event: MessageEvent): Row {
	const receivedAt = request.receivedAt.getTime();
	return {
		id,
		direction: "in",
		service_id: request.serviceId,
		state: "received",
		state_at: receivedAt,
		request_id: request.id,
		received_at: receivedAt,
		...contentRow(event),
	};
}

function contentRow(event: MessageEvent) {
	const { attachments, location, replyTo, choice, metadata, contact } = event;
	const content = { attachments, location, replyTo, choice, metadata, contactName: contact.name };
	return {
		channel: event.channel,
		our_address: event.ourAddress,
		contact_address: contact.address,
		text: event.text,
		content: JSON.stringify(contact.scope === undefined ? content : { ...content, contactScope: contact.scope }),
		remote_id: event.remoteId,
		provider_at: event.at?.getTime() ?? null,
	};
}
