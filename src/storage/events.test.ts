import assert from "node:assert/strict";
import { setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { appendEvents, type EventCursor, eventsAfter, newestEvent } from "./events.ts";
import type { Tx } from "./storage.ts";

const begin: EventCursor = { tx: 0, seq: 0 };

function append(stage: Stage, tx: Tx, reason: string, serviceId = stage.serviceId): Promise<void> {
	const about = { type: "message.state" as const, serviceId, messageId: null, conversationId: null };
	return appendEvents(tx, [{ at: stage.clock.now(), ...about, data: { reason } }]);
}

async function read(stage: Stage, cursor: EventCursor, serviceIds: "every" | readonly string[] = "every", limit = 10) {
	const { db, dialect } = stage.storage;
	const events = await eventsAfter(db, dialect, cursor, { limit, serviceIds });
	return { reasons: events.map(({ data }) => data["reason"]), end: events.at(-1)?.cursor ?? cursor };
}

onBothDialects("a reader goes on where it stopped, and reads only its services", async (open) => {
	const stage = await setStage(await open());
	const { storage } = stage;
	assert.deepEqual(await newestEvent(storage.db, storage.dialect), begin);
	await storage.write((tx) => append(stage, tx, "1"));
	await storage.write((tx) => append(stage, tx, "hidden", "OTHER"));
	await storage.write(async (tx) => {
		await append(stage, tx, "2");
		await append(stage, tx, "3");
	});
	const first = await read(stage, begin, [stage.serviceId], 2);
	assert.deepEqual(first.reasons, ["1", "2"]);
	assert.deepEqual((await read(stage, first.end, [stage.serviceId])).reasons, ["3"]);
	const { end } = await read(stage, begin);
	assert.deepEqual({ ...(await newestEvent(storage.db, storage.dialect)) }, end);
	assert.deepEqual((await read(stage, end)).reasons, []);
});

onBothDialects("a transaction that commits late is not run past", async (open, dialect) => {
	const stage = await setStage(await open());
	const { storage } = stage;
	if (dialect === "sqlite") {
		return; // It has one writer, so none is late.
	}
	const early = Promise.withResolvers<void>();
	const mayCommit = Promise.withResolvers<void>();
	const late = storage.write(async (tx) => {
		await append(stage, tx, "late");
		early.resolve();
		await mayCommit.promise;
	});
	await early.promise;
	await storage.write((tx) => append(stage, tx, "fast"));
	const before = await read(stage, begin);
	assert.deepEqual(before.reasons, [], "what is behind an open transaction waits for it");
	mayCommit.resolve();
	await late;
	assert.deepEqual((await read(stage, before.end)).reasons, ["late", "fast"]);
});
