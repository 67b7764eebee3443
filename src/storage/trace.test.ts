import assert from "node:assert/strict";
import { claimSends, sendAll, settleSend } from "#test/cmi-stage.ts";
import { arrivalOf, enqueue, messageEvent, receiptEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { ReceiptEvent } from "#domain/messages.ts";
import { matchBatch } from "#matcher/start.ts";
import { silentLog } from "#platform/log.ts";
import { appendEvents } from "./events.ts";
import { recordArrivals } from "./arrivals.ts";
import { endInboxClaim, claimMessages, claimReceipts } from "./inbox.ts";
import { findMessage } from "./messages.ts";
import { claimUnknowns, decideHeld, endUnknown, markLapsed } from "./outbox-recovery.ts";
import { discardParked, findOneParked, retryParked } from "./parked.ts";
import { applyReceipt } from "./receipts.ts";
import { noSignals } from "./signals.ts";
import { type TraceEntry, traceOf } from "./trace.ts";

async function trace(stage: Stage, messageId: string): Promise<TraceEntry[]> {
	const message = await findMessage(stage.storage.db, messageId);
	assert.ok(message);
	return traceOf(stage.storage.db, message);
}

const facts = (entry: TraceEntry) =>
	entry.what === "message.state"
		? `${entry.who}: ${String(entry.detail["from"])} → ${String(entry.detail["to"])}`
		: `${entry.who}: ${entry.what}`;

async function receiveReceipt(stage: Stage, receipt: ReceiptEvent): Promise<void> {
	const { storage, clock, ids } = stage;
	await storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, [receipt])]));
	const [claim] = await storage.alone("inbox", (tx) =>
		claimReceipts(tx, { now: clock.now(), leaseMs: 20_000, limit: 1 }),
	);
	assert.ok(claim?.event.kind === "receipt");
	const event = claim.event;
	await storage.write(async (tx) => {
		const result = await applyReceipt(tx, claim, event, { now: clock.now(), newId: () => ids.next() });
		assert.equal(result.kind, "applied");
		await endInboxClaim(tx, claim, { state: "done" }, clock.now());
	});
}

onBothDialects(
	"a message that was retried, lost sight of, held and sent again tells it all, in order",
	async (open) => {
		const stage = await setStage(await open());
		const { clock, storage } = stage;
		const { messageId } = await enqueue(stage);
		const tick = () => clock.advance(1000);
		tick();
		const [refused] = await claimSends(stage);
		assert.ok(refused);
		tick();
		await settleSend(stage, refused, {
			to: "queued",
			notBefore: clock.now(),
			code: "throttled",
			detail: "Slow down.",
			possibleDuplicate: false,
		});
		tick();
		const [unclear] = await claimSends(stage);
		assert.ok(unclear);
		tick();
		await settleSend(stage, unclear, {
			to: "sending",
			unknownSince: clock.now(),
			code: "unreachable",
			detail: "Cut off.",
		});
		tick();
		const [unknown] = await storage.write((tx) =>
			claimUnknowns(tx, { serviceId: stage.serviceId, since: clock.now(), now: clock.now(), leaseMs: 1000, limit: 10 }),
		);
		assert.ok(unknown);
		await storage.write((tx) =>
			endUnknown(tx, unknown, { to: "held", code: "unreachable", detail: "Nobody knows." }, clock.now()),
		);
		tick();
		assert.equal(await storage.write((tx) => decideHeld(tx, messageId, { do: "send" }, clock.now())), 1);
		tick();
		await sendAll(stage, "remote-");
		tick();
		const target = { by: "remote", remoteId: "remote-1" as RemoteId } as const;
		await receiveReceipt(stage, receiptEvent("x", { target, status: "delivered" }));
		const entries = await trace(stage, messageId);
		assert.deepEqual(entries.map(facts), [
			"RESTful Interfaces: message.queued",
			"SMS Server: attempt.started",
			"SMS Server: queued → sending",
			"SMS Server: attempt.finished",
			"SMS Server: sending → queued",
			"SMS Server: attempt.started",
			"SMS Server: queued → sending",
			"SMS Server: attempt.finished",
			"SMS Server: sending → held",
			"RESTful Interfaces: held → queued",
			"SMS Server: attempt.started",
			"SMS Server: queued → sending",
			"SMS Server: attempt.finished",
			"SMS Server: sending → sent",
			"SMS Server: request.received",
			"SMS Server: event.stored",
			"Provider: receipt",
			"SMS Server: sent → delivered",
			"SMS Server: event.finished",
		]);
		const [first, second, third] = entries
			.filter(({ what }) => what === "attempt.finished")
			.map(({ detail }) => detail);
		assert.deepEqual(
			[first, second, third].map((detail) => [detail?.["number"], detail?.["outcome"], detail?.["code"]]),
			[
				[1, "retry", "throttled"],
				[2, "unknown", "unreachable"],
				[3, "accepted", null],
			],
		);
		assert.deepEqual(first?.["exchange"], { status: 503 });
		assert.equal((first?.["decision"] as { to: string } | undefined)?.to, "queued");
		const receipt = entries.find(({ what }) => what === "receipt");
		assert.deepEqual([receipt?.detail["status"], receipt?.detail["effect"]], ["delivered", "moved"]);
		assert.deepEqual(
			entries.map(({ at }) => at.getTime()),
			entries.map(({ at }) => at.getTime()).toSorted((a, b) => a - b),
		);
		assert.deepEqual(await trace(stage, messageId), entries, "the order is the same each time");
	},
);

onBothDialects("an attempt whose sender died shows in its start what is held to be true", async (open) => {
	const stage = await setStage(await open());
	const { messageId } = await enqueue(stage);
	await claimSends(stage);
	stage.clock.advance(30_000);
	await stage.storage.write((tx) => markLapsed(tx, stage.clock.now()));
	const attempt = (await trace(stage, messageId)).find(({ what }) => what === "attempt.started");
	assert.deepEqual([attempt?.detail["outcome"], attempt?.detail["code"]], ["unknown", "unreachable"]);
});

onBothDialects(
	"a received message tells of its request, its parking, the retry and the matcher's reason",
	async (open) => {
		const stage = await setStage(await open());
		const { storage, clock, ids } = stage;
		const arrival = arrivalOf(stage, [messageEvent("a")]);
		const messageId = arrival.events[0]?.id ?? "";
		await storage.write((tx) => recordArrivals(tx, [arrival]));
		clock.advance(1000);
		const [claim] = await storage.alone("inbox", (tx) =>
			claimMessages(tx, { now: clock.now(), leaseMs: 20_000, limit: 1 }),
		);
		assert.ok(claim);
		await storage.write(async (tx) => {
			await endInboxClaim(tx, claim, { state: "parked", reason: "It could not be matched." }, clock.now());
			const about = { serviceId: stage.serviceId, messageId, conversationId: null };
			await appendEvents(tx, [{ at: clock.now(), type: "message.parked", ...about, data: {} }]);
		});
		assert.equal((await trace(stage, messageId)).at(-1)?.what, "event.finished");
		clock.advance(1000);
		const parked = await findOneParked(storage.db, claim.id);
		assert.ok(parked);
		assert.equal(await storage.write((tx) => retryParked(tx, parked, clock.now())), true);
		clock.advance(1000);
		await matchBatch({ storage, signals: noSignals, clock, ids, log: silentLog, settings: { leaseMs: 20_000 } });
		const entries = await trace(stage, messageId);
		assert.deepEqual(entries.map(facts), [
			"SMS Server: request.received",
			"SMS Server: event.stored",
			"SMS Server: message.received",
			"Chain Matcher: message.parked",
			"RESTful Interfaces: message.retried",
			"Chain Matcher: message.matched",
			"Chain Matcher: event.finished",
		]);
		const [request] = entries;
		assert.deepEqual(
			[request?.detail["verdict"], request?.detail["headers"]],
			["ok", { "content-type": "application/json" }],
		);
		const matched = entries.find(({ what }) => what === "message.matched");
		assert.equal((matched?.detail["decision"] as { rule: string } | undefined)?.rule, "start");
		await storage.db.deleteFrom("events").execute();
		assert.deepEqual(
			(await trace(stage, messageId)).map(({ what }) => what),
			["request.received", "event.stored", "message.matched", "event.finished"],
			"what retention took is missing, the decision is not",
		);
	},
);

onBothDialects("an event that a person discarded says so", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock } = stage;
	const arrival = arrivalOf(stage, [messageEvent("a")]);
	const [event] = arrival.events;
	assert.ok(event);
	await storage.write((tx) => recordArrivals(tx, [arrival]));
	await storage.db.updateTable("inbox").set({ state: "parked", reason: "x" }).execute();
	clock.advance(1000);
	assert.equal(await storage.write((tx) => discardParked(tx, event.id, clock.now())), true);
	assert.equal(await storage.write((tx) => discardParked(tx, event.id, clock.now())), false);
	const last = (await trace(stage, event.id)).at(-1);
	assert.deepEqual(
		[last?.what, last?.who, last?.detail["reason"]],
		["event.finished", "RESTful Interfaces", "discarded"],
	);
});
