// A stage for tests of storage, matcher and gateway: a clock that moves when told to, seeded chance, and the rows that
// make a messaging service, arrivals and outgoing messages.

import { chainKey } from "#domain/chains.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { MessageEvent, ReceiptEvent } from "#domain/messages.ts";
import type { Clock } from "#platform/clock.ts";
import { idsFrom, type Ids } from "#platform/ids.ts";
import type { Random } from "#platform/random.ts";
import { contactFor } from "#storage/contacts.ts";
import { nextPlace, readChain, startConversation } from "#storage/conversations.ts";
import type { Arrival, KeptEvent } from "#storage/arrivals.ts";
import { lockShared } from "#storage/lock.ts";
import { enqueueMessage } from "#storage/outbox.ts";
import type { Storage } from "#storage/storage.ts";

export type TestClock = Clock & {
	advance(ms: number): void;
	/** How many wait for their time. */
	timers(): number;
};

/** Timers run when time is advanced past them, in order. */
export function testClock(start = "2026-01-02T12:00:00.000Z"): TestClock {
	let nowMs = Date.parse(start);
	const startMs = nowMs;
	let timers: { dueMs: number; run: () => void }[] = [];
	return {
		now: () => new Date(nowMs),
		monotonicMs: () => nowMs - startMs,
		after(delayMs, run) {
			const timer = { dueMs: nowMs + delayMs, run };
			timers.push(timer);
			return () => {
				timers = timers.filter((other) => other !== timer);
			};
		},
		timers: () => timers.length,
		advance(ms) {
			const endMs = nowMs + ms;
			for (;;) {
				const next = timers.filter(({ dueMs }) => dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
				if (next === undefined) {
					break;
				}
				nowMs = Math.max(nowMs, next.dueMs);
				timers = timers.filter((other) => other !== next);
				next.run();
			}
			nowMs = endMs;
		},
	};
}

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
	let state = seed;
	function next(): number {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}
	return { fraction: next, bytes: (size) => Uint8Array.from({ length: size }, () => Math.floor(next() * 256)) };
}

export type Stage = { storage: Storage; clock: TestClock; random: Random; ids: Ids; serviceId: string };

/** An empty database with one messaging service in it. */
export async function setStage(storage: Storage, seed = 1): Promise<Stage> {
	const clock = testClock();
	const random = seededRandom(seed);
	const ids = idsFrom(clock, random);
	const serviceId: string = ids.next();
	await addService(storage, serviceId, clock.now());
	return { storage, clock, random, ids, serviceId };
}

export async function addService(storage: Storage, id: string, now: Date, settings = {}): Promise<void> {
	await storage.db
		.insertInto("messaging_services")
		.values({
			id,
			type: "twilio",
			name: `Service ${id}`,
			name_key: id,
			enabled: 1,
			service_connection: "https://api.example",
			authentication_url: null,
			authentication_scope: null,
			incoming_mode: "enforce",
			settings: JSON.stringify(settings),
			stopped_reason: null,
			version: 1,
			created_at: now.getTime(),
			updated_at: now.getTime(),
		})
		.execute();
}

export function messageEvent(id: string, over: Partial<MessageEvent> = {}): MessageEvent {
	return {
		kind: "message",
		dedupKey: `message:${id}`,
		remoteId: id as RemoteId,
		channel: "sms",
		ourAddress: "+493012345",
		contact: { address: "+4915112345" },
		text: `text ${id}`,
		attachments: [],
		...over,
	};
}

export function receiptEvent(key: string, over: Partial<ReceiptEvent> & Pick<ReceiptEvent, "target">): ReceiptEvent {
	return { kind: "receipt", dedupKey: `receipt:${key}`, status: "delivered", ...over };
}

/** One request with these events. */
export function arrivalOf(stage: Stage, events: readonly KeptEvent[], nonce?: string): Arrival {
	return {
		request: {
			id: stage.ids.next(),
			serviceId: stage.serviceId,
			receivedAt: stage.clock.now(),
			method: "POST",
			url: "https://parley.example/sms/twilio/x",
			headers: { "content-type": "application/json" },
			body: new Uint8Array([123, 125]),
			verdict: "ok",
			remoteAddress: "127.0.0.1",
		},
		nonce,
		events: events.map((event) => ({
			id: stage.ids.next(),
			event,
			...(event.kind === "message" && event.attachments.length > 0
				? { fileIds: event.attachments.map(() => stage.ids.next<string>()) }
				: {}),
		})),
	};
}

/** Enqueues an outgoing message to the contact; returns its id and the ids of its parts. */
export async function enqueue(
	stage: Stage,
	options: { contact?: string; parts?: number; validForMs?: number } = {},
): Promise<{ messageId: string; partIds: string[] }> {
	const { storage, clock, ids, serviceId } = stage;
	const chain = {
		serviceId,
		channel: "sms",
		ourAddress: "+493012345",
		contactAddress: options.contact ?? "+4915112345",
	};
	const now = clock.now();
	const messageId: string = ids.next();
	const partIds: string[] = Array.from({ length: options.parts ?? 1 }, () => ids.next());
	await storage.write(async (tx) => {
		const { open } = await readChain(tx, chain);
		const conversationId = open?.id ?? ids.next<never>();
		if (open === undefined) {
			await lockShared(tx, "contacts");
			const owner = await contactFor(tx, "sms", { address: chain.contactAddress }, { id: ids.next(), now });
			await startConversation(tx, { id: conversationId, chain, contactId: owner, previous: undefined, openedAt: now });
		}
		const { sequence, contactId } = await nextPlace(tx, conversationId, { at: now, direction: "out" });
		const parts = partIds.map((id, index) => ({ id, part: index + 1, text: `part ${index + 1}`, attachments: [] }));
		await enqueueMessage(
			tx,
			{
				id: messageId,
				...chain,
				contactId,
				conversationId,
				sequence,
				lane: chainKey(chain),
				text: "hello",
				content: {},
				validUntil: new Date(now.getTime() + (options.validForMs ?? 86_400_000)),
				createdBy: "test",
				parts: parts as [(typeof parts)[0], ...typeof parts],
			},
			now,
		);
	});
	return { messageId, partIds };
}
