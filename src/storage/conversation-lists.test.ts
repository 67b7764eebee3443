import assert from "node:assert/strict";
import { addService, enqueue, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { findContact, findContacts, findConversation, findConversations } from "./conversation-lists.ts";
import { contactFor } from "./contacts.ts";
import { closeConversation } from "./conversations.ts";

async function withOtherService(stage: Stage): Promise<Stage> {
	const serviceId: string = stage.ids.next();
	await addService(stage.storage, serviceId, stage.clock.now());
	return { ...stage, serviceId };
}

onBothDialects(
	"conversations are filtered, newest first, by pages that nothing added meanwhile moves",
	async (open) => {
		const stage = await setStage(await open());
		const { db } = stage.storage;
		const other = await withOtherService(stage);
		for (const contact of ["+491", "+492", "+493"]) {
			await enqueue(stage, { contact });
			stage.clock.advance(1000);
		}
		await enqueue(other, { contact: "+491" });
		const all = await findConversations(db, { services: "every" }, { limit: 10 });
		assert.deepEqual(
			all.map(({ contactAddress }) => contactAddress),
			["+491", "+493", "+492", "+491"],
		);
		const [, third, second] = all;
		assert.ok(second && third);
		const mine = { services: [stage.serviceId] };
		const page = await findConversations(db, mine, { limit: 1, after: third.id });
		assert.deepEqual(
			page.map(({ id }) => id),
			[second.id],
		);
		await stage.storage.write((tx) => closeConversation(tx, second.id, stage.clock.now()));
		const idsOf = async (filter: Partial<Parameters<typeof findConversations>[1]>) =>
			(await findConversations(db, { ...mine, ...filter }, { limit: 10 })).map(({ id }) => id);
		assert.deepEqual(await idsOf({ state: "closed" }), [second.id]);
		assert.deepEqual(await idsOf({ contactId: third.contactId }), [third.id]);
		assert.deepEqual(await idsOf({ groupId: third.groupId }), [third.id]);
		assert.deepEqual(await idsOf({ since: second.openedAt, until: third.openedAt }), [second.id]);
		assert.deepEqual(await idsOf({ channel: "whatsapp" }), []);
		assert.deepEqual(await idsOf({ services: [] }), []);
		const closed = await findConversation(db, second.id);
		assert.deepEqual([closed?.state, closed?.version, closed?.messages], ["closed", 2, 1]);
	},
);

onBothDialects(
	"a contact is seen only through services that are visible, and only by addresses used there",
	async (open) => {
		const stage = await setStage(await open());
		const { storage, clock, ids } = stage;
		const other = await withOtherService(stage);
		await enqueue(stage, { contact: "+491" });
		await enqueue(other, { contact: "+492" });
		const now = clock.now();
		const one = await storage.write((tx) =>
			contactFor(tx, "sms", { address: "+491", name: "Ann Öst" }, { id: ids.next(), now }),
		);
		const two = await storage.write((tx) => contactFor(tx, "sms", { address: "+492" }, { id: ids.next(), now }));
		await storage.db
			.insertInto("contact_addresses")
			.values({ channel: "sms", scope: "", address_key: "+499", address: "+499", contact_id: one })
			.execute();
		const mine = { services: [stage.serviceId] };
		const found = await findContacts(storage.db, mine, { limit: 10 });
		assert.deepEqual(
			found.map(({ id, addresses }) => [id, addresses.map(({ address }) => address)]),
			[[one, ["+491"]]],
		);
		assert.equal(await findContact(storage.db, two, mine.services), undefined);
		assert.equal((await findContact(storage.db, one, "every"))?.addresses.length, 2);
		const count = async (filter: Partial<Parameters<typeof findContacts>[1]>) =>
			(await findContacts(storage.db, { ...mine, ...filter }, { limit: 10 })).length;
		assert.equal(await count({ name: "ann*" }), 1);
		assert.equal(await count({ name: "%" }), 0);
		assert.equal(await count({ address: "+491" }), 1);
		assert.equal(await count({ address: "+492" }), 0);
		assert.equal(await count({ channel: "sms" }), 1);
		assert.equal(await count({ channel: "whatsapp" }), 0);
		const pages = await findContacts(storage.db, { services: "every" }, { limit: 1 });
		const rest = await findContacts(storage.db, { services: "every" }, { limit: 10, after: pages[0]?.id });
		assert.deepEqual([pages[0]?.id, rest.map(({ id }) => id)], [two, [one]]);
	},
);
