import assert from "node:assert/strict";
import { codeOf } from "#domain/delivery.ts";
import { arrivalOf, enqueue, messageEvent, setStage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { recordArrivals } from "./arrivals.ts";
import { dependentsOf, giveUpParts } from "./service-dependents.ts";

onBothDialects("what hangs on a service is counted, and nothing of another service", async (open) => {
	const stage = await setStage(await open());
	const { storage, serviceId } = stage;
	const none = { waitingParts: 0, unfinishedEvents: 0, openConversations: 0, quarantined: 0 };
	assert.deepEqual(await dependentsOf(storage.db, serviceId), none);
	await enqueue(stage, { parts: 2 });
	await enqueue(stage, { contact: "+491" });
	await storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, [messageEvent("1"), messageEvent("2")])]));
	assert.deepEqual(await dependentsOf(storage.db, serviceId), {
		waitingParts: 3,
		unfinishedEvents: 2,
		openConversations: 2,
		quarantined: 0,
	});
	assert.deepEqual(await dependentsOf(storage.db, "F".repeat(32)), none);
});

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
