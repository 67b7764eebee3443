// Goal: laws of receiving. The same events in any order, any number and any grouping make the same rows: messages once and
// in their conversation, receipts once and at the furthest word, also when they come before the answer to the send.
// Method: one history is delivered in two random ways, with the answers to the sends anywhere in between; then the rows
// are compared with what the history says, on both databases.

import assert from "node:assert/strict";
import fc from "fast-check";
import { canMove, isTerminal, type OutgoingState, stateOf } from "#domain/delivery.ts";
import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { ReceiptEvent, ReceiptTarget } from "#domain/messages.ts";
import { applyBatch } from "#gateway/receipts.ts";
import { matchBatch } from "#matcher/start.ts";
import { silentLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { type KeptEvent, recordArrivals } from "#storage/arrivals.ts";
import { type Claim, claimParts } from "#storage/outbox.ts";
import { settleParts } from "#storage/outbox-moves.ts";
import { noSignals } from "#storage/signals.ts";
import { arrivalOf, enqueue, messageEvent, receiptEvent, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { freshStage } from "./many-stages.ts";
import { runs, seed } from "./runs.ts";

type Status = ReceiptEvent["status"];

/** What really happened: texts of contacts, and what the provider says about each of our sends. Nobody knows the order. */
type History = { texts: number; sends: readonly { words: readonly Status[]; by: "attempt" | "remote" | "both" }[] };

const words = fc.oneof(
	fc.uniqueArray(fc.constantFrom<Status>("sent", "delivered", "read"), { maxLength: 3 }),
	// A provider that says "failed" says nothing better before or after.
	fc.constantFrom<readonly Status[]>(["failed"], ["sent", "failed"]),
);
const history: fc.Arbitrary<History> = fc.record({
	texts: fc.integer({ min: 1, max: 8 }),
	sends: fc.array(fc.record({ words, by: fc.constantFrom("attempt", "remote", "both") }), { maxLength: 4 }),
});

/** How it reaches us: requests with overlapping shares of the events, some requests in one commit; workers run in between. */
type Way = { requests: readonly (readonly number[])[]; together: readonly boolean[]; worksAfter: readonly boolean[] };

const way: fc.Arbitrary<Way> = fc.record({
	requests: fc.array(fc.array(fc.nat(200), { minLength: 1, maxLength: 5 }), { maxLength: 14, size: "max" }),
	together: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
	worksAfter: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
});

/** The answer to send n arrives after so many requests; 99: after all of them. */
const answers = fc.array(fc.constantFrom(0, 1, 2, 5, 99), { minLength: 4, maxLength: 4 });

const contactOf = (n: number) => `+4915100000${n % 3}`;
const sendContact = (n: number) => `+4916200000${n}`;

function eventsOf({ texts, sends }: History, claims: readonly Claim[]): KeptEvent[] {
	const messages = Array.from({ length: texts }, (_, n) =>
		messageEvent(`m${n}`, { contact: { address: contactOf(n) } }),
	);
	const receipts = sends.flatMap(({ words: said, by }, n) =>
		said.map((status) => {
			const target = targetOf(by, claims[n]?.attemptId ?? "", `r${n}`);
			return receiptEvent(`${n} ${status}`, { status, target });
		}),
	);
	return [...messages, ...receipts];
}

function targetOf(by: "attempt" | "remote" | "both", attempt: string, remote: string): ReceiptTarget {
	const attemptId = attempt as AttemptId;
	const remoteId = remote as RemoteId;
	switch (by) {
		case "attempt":
			return { by, attemptId };
		case "remote":
			return { by, remoteId };
		case "both":
			return { by: "remote", remoteId, attemptId };
	}
}

async function sendAll(stage: Stage, count: number): Promise<Claim[]> {
	const { storage, clock, ids, serviceId } = stage;
	for (let n = 0; n < count; n++) {
		await enqueue(stage, { contact: sendContact(n) });
	}
	const options = {
		serviceId,
		limit: 10,
		now: clock.now(),
		leaseMs: 600_000,
		owner: "n",
		newAttemptId: () => ids.next<never>(),
	};
	const claims = await storage.alone("outbox", (tx) => claimParts(tx, options));
	return claims.toSorted((one, other) => (one.contactAddress < other.contactAddress ? -1 : 1));
}

async function accept(stage: Stage, claim: Claim, remoteId: string): Promise<void> {
	const now = stage.clock.now();
	const next = { to: "sent", remoteIds: [remoteId], at: now } as const;
	const outcome = { kind: "accepted", code: null, detail: null } as const;
	assert.deepEqual(await settleParts(stage.storage, [{ claim, outcome, exchange: [], next }], now), [true]);
}

/** Matcher and receipts, until they have nothing to do at this moment. */
async function work(stage: Stage): Promise<void> {
	const common = { ...stage, signals: noSignals, log: silentLog, metrics: openMetrics(), leaseMs: 20_000 };
	await matchBatch({ ...common, settings: { leaseMs: 20_000 } });
	await applyBatch(common);
}

/** Delivers the history that way; whatever the way left out comes at the end. Watches that no state goes back. */
async function deliver(
	stage: Stage,
	what: History,
	{ requests, together, worksAfter }: Way,
	answerAt: readonly number[],
) {
	const claims = await sendAll(stage, what.sends.length);
	const events = eventsOf(what, claims);
	const all = [...requests.map((some) => some.map((n) => n % events.length)), events.map((_event, n) => n)];
	let waiting: ReturnType<typeof arrivalOf>[] = [];
	let seen = await states(stage);
	for (const [index, some] of all.entries()) {
		for (const [n, claim] of claims.entries()) {
			if (answerAt[n] === index) {
				await accept(stage, claim, `r${n}`);
			}
		}
		waiting.push(
			arrivalOf(
				stage,
				some.flatMap((n) => events[n] ?? []),
			),
		);
		if (together[index % together.length] !== true || index === all.length - 1) {
			const commit = waiting;
			await stage.storage.write((tx) => recordArrivals(tx, commit));
			waiting = [];
		}
		if (worksAfter[index % worksAfter.length] === true) {
			await work(stage);
		}
		seen = await assertForward(stage, seen);
		stage.clock.advance(700);
	}
	for (const [n, claim] of claims.entries()) {
		if ((answerAt[n] ?? 99) >= all.length) {
			await accept(stage, claim, `r${n}`);
		}
	}
	for (let rounds = 0; rounds < 3; rounds++) {
		stage.clock.advance(61_000); // The longest that a receipt waits before it is tried again.
		await work(stage);
	}
	await assertForward(stage, seen);
}

type States = ReadonlyMap<string, OutgoingState>;

async function states({ storage }: Stage): Promise<States> {
	const rows = await storage.db.selectFrom("outbox").select(["id", "state"]).execute();
	return new Map(rows.map(({ id, state }) => [id, stateOf(state)]));
}

async function assertForward(stage: Stage, before: States): Promise<States> {
	const after = await states(stage);
	for (const [id, was] of before) {
		const is = after.get(id);
		assert.ok(is !== undefined && (is === was || (canMove(was, is) && !isTerminal(was))), `${was} → ${is}`);
	}
	return after;
}

/** Every row that tells what happened, without ids, times and the order they came in. */
async function rowsOf({ storage }: Stage) {
	const { db } = storage;
	const messages = await db
		.selectFrom("messages")
		.innerJoin("conversations", "conversations.id", "messages.conversation_id")
		.innerJoin("contact_addresses", "contact_addresses.contact_id", "messages.contact_id")
		.select(["messages.direction", "messages.remote_id", "messages.text", "messages.state", "messages.contact_address"])
		.select(["contact_addresses.address", "conversations.messages", "conversations.state as conversation"])
		.execute();
	const parts = await db
		.selectFrom("outbox")
		.innerJoin("messages", "messages.id", "outbox.message_id")
		.select(["messages.contact_address", "outbox.state", "outbox.lease_until", "outbox.unknown_since"])
		.execute();
	const receipts = await db
		.selectFrom("receipts")
		.innerJoin("messages", "messages.id", "receipts.message_id")
		.select(["messages.contact_address", "receipts.status"])
		.execute();
	const inbox = await db.selectFrom("inbox").select(["kind", "dedup_key", "state"]).execute();
	const contacts = await db.selectFrom("contacts").select("name").execute();
	return {
		messages: sorted(messages),
		parts: sorted(parts),
		receipts: sorted(receipts),
		inbox: sorted(inbox),
		contacts,
	};
}

function sorted(rows: readonly object[]): string[] {
	return rows.map((row) => JSON.stringify(row)).toSorted();
}

const furthest: readonly Status[] = ["sent", "delivered", "read", "failed"];

/** What the history says by itself. */
async function assertTrue(stage: Stage, { texts, sends }: History): Promise<void> {
	const found = await stage.storage.db
		.selectFrom("messages")
		.select(["remote_id", "conversation_id", "sequence"])
		.where("direction", "=", "in")
		.execute();
	const wanted = Array.from({ length: texts }, (_, n) => `m${n}`);
	assert.deepEqual(new Set(found.map((row) => row.remote_id)), new Set(wanted));
	assert.equal(found.length, texts);
	assert.equal(new Set(found.map((row) => row.conversation_id)).size, Math.min(texts, 3));
	assert.equal(
		new Set(found.map((row) => `${row.conversation_id} ${row.sequence}`)).size,
		texts,
		"a place taken twice",
	);
	const parts = await stage.storage.db.selectFrom("outbox").select("state").orderBy("id").execute();
	assert.deepEqual(
		parts.map(({ state }) => stateOf(state)),
		sends.map(({ words: said }) => furthest.findLast((word) => said.includes(word)) ?? "sent"),
	);
	const told = await stage.storage.db.selectFrom("receipts").select("id").execute();
	assert.equal(told.length, sends.flatMap(({ words: said }) => said).length, "each receipt counts once");
}

onBothDialects(
	`deliveries in any order, number and grouping make the same rows: those of the history (seed ${seed})`,
	async (open, dialect) => {
		const storage = await open();
		await fc.assert(
			fc.asyncProperty(history, way, way, answers, async (what, one, other, answerAt) => {
				const rows = [];
				for (const taken of [one, other]) {
					const stage = await freshStage(storage);
					await deliver(stage, what, taken, answerAt);
					await assertTrue(stage, what);
					rows.push(await rowsOf(stage));
				}
				assert.deepEqual(rows[0], rows[1]);
			}),
			runs(dialect === "sqlite" ? 40 : 6),
		);
	},
);
