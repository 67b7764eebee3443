import assert from "node:assert/strict";
import { addService, arrivalOf, enqueue, messageEvent, receiptEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import type { RemoteId } from "#domain/ids.ts";
import { codeOf } from "#domain/delivery.ts";
import { recordArrivals } from "./arrivals.ts";
import { findMessage } from "./messages.ts";
import { claimMessages, claimReceipts } from "./inbox.ts";
import { discardParked, findOneParked, findParked, retryParked } from "./parked.ts";

async function park(stage: Stage, arrival: ReturnType<typeof arrivalOf>): Promise<string> {
	const id = arrival.events[0]?.id ?? "";
	const at = stage.clock.now().getTime();
	await stage.storage.write((tx) => recordArrivals(tx, [arrival]));
	await stage.storage.db
		.updateTable("inbox")
		.set({ state: "parked", reason: "why", finished_at: at, attempts: 6 })
		.where("id", "=", id)
		.execute();
	return id;
}

async function hold(stage: Stage, parts: number): Promise<string> {
	const { messageId } = await enqueue(stage, { parts });
	await stage.storage.db
		.updateTable("outbox")
		.set({ state: codeOf("held"), error_detail: "Nobody knows." })
		.where("message_id", "=", messageId)
		.execute();
	return messageId;
}

onBothDialects("parked events and held messages are one list, newest first, each message once", async (open) => {
	const stage = await setStage(await open());
	const { db } = stage.storage;
	const event = await park(stage, arrivalOf(stage, [messageEvent("a")]));
	const message = await hold(stage, 3);
	const serviceId: string = stage.ids.next();
	await addService(stage.storage, serviceId, stage.clock.now());
	const elsewhere = await park({ ...stage, serviceId }, arrivalOf({ ...stage, serviceId }, [messageEvent("b")]));
	const all = await findParked(db, { services: "every", limit: 10 });
	assert.deepEqual(
		all.map(({ id, kind, reason }) => [id, kind, reason]),
		[
			[elsewhere, "received", "why"],
			[message, "held", "Nobody knows."],
			[event, "received", "why"],
		],
	);
	const mine = { services: [stage.serviceId], limit: 1 };
	assert.deepEqual(
		(await findParked(db, mine)).map(({ id }) => id),
		[message],
	);
	assert.deepEqual(
		(await findParked(db, { ...mine, after: message })).map(({ id }) => id),
		[event],
	);
	assert.deepEqual(await findParked(db, { services: [], limit: 1 }), []);
	assert.equal((await findOneParked(db, message))?.kind, "held");
	assert.equal((await findOneParked(db, event))?.attempts, 6);
	assert.equal(await findOneParked(db, stage.ids.next()), undefined);
});

onBothDialects("a parked event that is tried again is work like a new one, once", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock } = stage;
	const target = { by: "remote", remoteId: "r" as RemoteId } as const;
	const message = await findOneParked(storage.db, await park(stage, arrivalOf(stage, [messageEvent("a")])));
	const receipt = await findOneParked(storage.db, await park(stage, arrivalOf(stage, [receiptEvent("b", { target })])));
	assert.ok(message && receipt);
	await storage.db.updateTable("messages").set({ state: "parked" }).execute();
	for (const parked of [message, receipt]) {
		assert.equal(await storage.write((tx) => retryParked(tx, parked, clock.now())), true);
		assert.equal(await storage.write((tx) => retryParked(tx, parked, clock.now())), false);
	}
	for (const claim of [claimMessages, claimReceipts]) {
		const claims = await storage.alone<readonly { attempts: number }[]>("inbox", (tx) =>
			claim(tx, { now: clock.now(), leaseMs: 20_000, limit: 10 }),
		);
		assert.deepEqual(
			claims.map(({ attempts }) => attempts),
			[1],
		);
	}
	assert.equal((await findMessage(storage.db, message.messageId ?? ""))?.state, "received");
});

onBothDialects("a discarded event is gone from the list and no work", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock } = stage;
	const id = await park(stage, arrivalOf(stage, [messageEvent("a")]));
	assert.equal(await storage.write((tx) => discardParked(tx, id, clock.now())), true);
	assert.deepEqual(await findParked(storage.db, { services: "every", limit: 10 }), []);
	const claims = await storage.alone("inbox", (tx) =>
		claimMessages(tx, { now: clock.now(), leaseMs: 20_000, limit: 10 }),
	);
	assert.deepEqual(claims, []);
});
