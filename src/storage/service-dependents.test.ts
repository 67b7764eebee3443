import assert from "node:assert/strict";
import { codeOf } from "#domain/delivery.ts";
import { arrivalOf, enqueue, messageEvent, setStage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { recordArrivals } from "./arrivals.ts";
import { replaceGrants } from "./grants.ts";
import { dependentsOf, giveUpParts } from "./service-dependents.ts";

onBothDialects("what hangs on a service is counted, and nothing of another service", async (open) => {
	const stage = await setStage(await open());
	const { storage, serviceId } = stage;
	const none = { waitingParts: 0, unfinishedEvents: 0, openConversations: 0, parked: 0, quarantined: 0, grants: 0 };
	assert.deepEqual(await dependentsOf(storage.db, serviceId), none);
	await enqueue(stage, { parts: 2 });
	await enqueue(stage, { contact: "+491" });
	await storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, [messageEvent("1"), messageEvent("2")])]));
	const holder = { kind: "role", id: stage.ids.next<string>() } as const;
	const use = { objectType: "messagingService", access: ["use"] } as const;
	const grants = [serviceId, null, "F".repeat(31) + "0"].map((objectId) => ({ ...use, objectId }));
	await storage.write((tx) => replaceGrants(tx, holder, grants, () => stage.ids.next()));
	const park = { state: "parked", finished_at: 0 } as const;
	await storage.db.updateTable("inbox").set(park).where("dedup_key", "=", "message:2").execute();
	await storage.db.insertInto("quarantine").values(refusedAt(serviceId)).execute();
	assert.deepEqual(await dependentsOf(storage.db, serviceId), {
		waitingParts: 3,
		unfinishedEvents: 1,
		openConversations: 2,
		parked: 1,
		quarantined: 1,
		grants: 1,
	});
	assert.deepEqual(await dependentsOf(storage.db, "F".repeat(32)), none);
});

function refusedAt(serviceId: string) {
	const request = { sealed: new Uint8Array(1), bytes: 1, body_hash: "", remote_address: null };
	const why = { reason: "signature_mismatch", wish: "none" as const, received_at: 0, checked_at: 0 };
	return { id: "A".repeat(32), service_id: serviceId, ...request, ...why };
}

onBothDialects(
	"queued and held parts fail with an event each; one that is being sent is left to its claim",
	async (open) => {
		const stage = await setStage(await open());
		const { storage, serviceId, clock } = stage;
		const { partIds, messageId } = await enqueue(stage, { parts: 3 });
		const [queued = "", held = "", sending = ""] = partIds;
		const move = (id: string, state: "held" | "sending") =>
			storage.db
				.updateTable("outbox")
				.set({ state: codeOf(state) })
				.where("id", "=", id)
				.execute();
		await move(held, "held");
		await move(sending, "sending");
		const before = await storage.db.selectFrom("events").selectAll().execute();
		assert.equal(await storage.write((tx) => giveUpParts(tx, serviceId, clock.now())), 2);
		const states = await storage.db.selectFrom("outbox").select(["id", "state", "error_detail"]).execute();
		const stateOf = (id: string) => ({ ...states.find((row) => row.id === id) });
		assert.deepEqual(stateOf(queued), { id: queued, state: 0, error_detail: "The messaging service was deleted." });
		assert.equal(stateOf(held).state, codeOf("failed"));
		assert.equal(stateOf(sending).state, codeOf("sending"));
		const all = await storage.db.selectFrom("events").selectAll().orderBy("seq").execute();
		const events = all.slice(before.length).map((row) => ({
			type: row.type,
			messageId: row.message_id,
			hasConversation: row.conversation_id !== null,
			data: JSON.parse(row.data) as unknown,
		}));
		const change = { type: "message.state", messageId, hasConversation: true };
		assert.deepEqual(events, [
			{ ...change, data: { part: 1, from: "queued", to: "failed", code: "config" } },
			{ ...change, data: { part: 2, from: "held", to: "failed", code: "config" } },
		]);
		assert.equal(await storage.write((tx) => giveUpParts(tx, serviceId, clock.now())), 0);
	},
);
