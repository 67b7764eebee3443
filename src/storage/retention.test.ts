import assert from "node:assert/strict";
import { arrivalOf, enqueue, messageEvent, receiptEvent, setStage } from "#test/scene.ts";
import type { RemoteId } from "#domain/ids.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { recordArrivals } from "./arrivals.ts";
import { appendEvents } from "./events.ts";
import { endInboxClaim, claimMessages } from "./inbox.ts";
import { deleteOld } from "./retention.ts";

const rules = { requestDays: 30, messageDays: 365, quarantineDays: 7, eventDays: 30 };
const dayMs = 86_400_000;

onBothDialects("what is over goes, what is still work stays however old it is, and messages stay", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock } = stage;
	await storage.write((tx) =>
		recordArrivals(tx, [arrivalOf(stage, [messageEvent("done")], "n1"), arrivalOf(stage, [messageEvent("work")])]),
	);
	const claims = await storage.alone("inbox", (tx) => claimMessages(tx, { now: clock.now(), leaseMs: 1, limit: 1 }));
	const [first] = claims;
	assert.ok(first);
	const event = { at: clock.now(), type: "message.matched", serviceId: stage.serviceId, conversationId: null } as const;
	await storage.write(async (tx) => {
		await endInboxClaim(tx, first, { state: "done" }, clock.now());
		await appendEvents(tx, [
			{ ...event, messageId: "1", data: {} },
			{ ...event, messageId: "2", data: {} },
		]);
	});
	const counts = async () => {
		const tables = ["inbox", "inbound_requests", "events", "nonces", "messages"] as const;
		const found = tables.map((table) =>
			storage.db
				.selectFrom(table)
				.select((eb) => eb.fn.countAll<number>().as("n"))
				.executeTakeFirstOrThrow(),
		);
		return (await Promise.all(found)).map(({ n }) => Number(n));
	};
	clock.advance(30 * dayMs - 1);
	await deleteOld(storage, rules, clock.now());
	assert.deepEqual(await counts(), [2, 2, 2, 0, 2], "nothing but the nonce is over");
	clock.advance(2);
	await deleteOld(storage, rules, clock.now());
	await deleteOld(storage, rules, clock.now());
	assert.deepEqual(await counts(), [1, 1, 0, 0, 2]);
});

onBothDialects("parked receipts go when they are over, parked messages stay for a person", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock } = stage;
	const target = { by: "remote", remoteId: "of another program" as RemoteId } as const;
	await storage.write((tx) =>
		recordArrivals(tx, [arrivalOf(stage, [messageEvent("m1"), receiptEvent("r1", { target })])]),
	);
	await storage.db.updateTable("inbox").set({ state: "parked" }).execute();
	clock.advance(30 * dayMs + 1);
	await deleteOld(storage, rules, clock.now());
	const rows = await storage.db.selectFrom("inbox").select("kind").execute();
	assert.deepEqual(
		rows.map(({ kind }) => kind),
		["message"],
	);
});

onBothDialects(
	"messages go after their days with all that hangs on them; what is still queued or unmatched stays",
	async (open) => {
		const stage = await setStage(await open());
		const { storage, clock } = stage;
		await storage.write((tx) =>
			recordArrivals(tx, [arrivalOf(stage, [messageEvent("old"), messageEvent("unmatched")])]),
		);
		await storage.db.updateTable("messages").set({ state: "matched" }).where("remote_id", "=", "old").execute();
		const queued = await enqueue(stage, { validForMs: 999 * dayMs });
		clock.advance(365 * dayMs + 1000);
		const young = await enqueue(stage, { contact: "+4915199999" });
		await deleteOld(storage, rules, clock.now());
		const left = await storage.db.selectFrom("messages").select(["id", "remote_id"]).orderBy("id").execute();
		assert.deepEqual(
			left.map(({ id, remote_id: remoteId }) => remoteId ?? id),
			["unmatched", queued.messageId, young.messageId],
		);
		const orphans = await storage.db.selectFrom("inbox").select("dedup_key").execute();
		assert.deepEqual(
			orphans.map(({ dedup_key: key }) => key),
			["message:unmatched"],
		);
	},
);
