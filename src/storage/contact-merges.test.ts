import assert from "node:assert/strict";
import { addChat, holdings, merge, ownerOf, undo, writes } from "#test/merge-scene.ts";
import { addService, enqueue, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { countChats, mergeSide } from "./contact-facts.ts";
import { findMerge, mergeContacts, mergesOf, undoMerge } from "./contact-merges.ts";
import { findContact, findConversations } from "./conversation-lists.ts";
import { closeConversation } from "./conversations.ts";

const [mobile, office, home] = ["+491511", "+493099", "+494444"];

/** Three who wrote, the first without a name. */
async function three(stage: Stage): Promise<[string, string, string]> {
	await writes(stage, { address: mobile });
	await writes(stage, { address: office, name: "Ann Öst" });
	await writes(stage, { address: home, name: "Bo" });
	return [await ownerOf(stage, mobile), await ownerOf(stage, office), await ownerOf(stage, home)];
}

const addressesOf = async ({ storage }: Stage, id: string) =>
	(await findContact(storage.db, id, "every"))?.addresses.map(({ address }) => address).toSorted();

onBothDialects("a merge moves everything, and its undo gives it back", async (open) => {
	const stage = await setStage(await open());
	const { db } = stage.storage;
	const [kept, other] = await three(stage);
	await addChat(stage, other);
	await addChat(stage, other, false);
	const before = await holdings(stage);
	assert.equal((await merge(stage, kept, other, "M1")).ok, true);
	assert.deepEqual(await addressesOf(stage, kept), [mobile, office].toSorted());
	assert.equal((await findContact(db, kept, "every"))?.name, "Ann Öst", "who has no name takes the other's");
	assert.equal(await findContact(db, other, "every"), undefined);
	assert.deepEqual((await mergeSide(db, kept))?.conversations, 2);
	assert.equal(await countChats(db, kept), 2);
	const [shown] = await mergesOf(db, kept);
	assert.deepEqual(
		[shown?.otherName, shown?.by, shown?.reason, shown?.standsBecause],
		["Ann Öst", "mia", "the same person", null],
	);
	assert.equal((await undo(stage, kept, "M1")).ok, true);
	assert.deepEqual(await holdings(stage), before);
	assert.deepEqual((await findMerge(db, kept, "M1"))?.undoneBy, "leo");
	assert.deepEqual(await undo(stage, kept, "M1"), { ok: false, why: "undone" });
});

onBothDialects("what comes later from either address threads to the kept contact", async (open) => {
	const stage = await setStage(await open());
	const { db } = stage.storage;
	const [kept, other] = await three(stage);
	const [, theirs] = await findConversations(db, { services: "every" }, { limit: 10 });
	await merge(stage, kept, other, "M1");
	await writes(stage, { address: office });
	const going = await findConversations(db, { services: "every", contactId: kept }, { limit: 10 });
	assert.deepEqual(going.find(({ id }) => id === theirs?.id)?.messages, 2, "the open conversation goes on");
	await writes(stage, { address: office, ours: "+493099999" });
	await enqueue(stage, { contact: office });
	await addChat(stage, kept);
	const rows = await db.selectFrom("messages").select("contact_id").where("contact_address", "=", office).execute();
	assert.deepEqual(new Set(rows.map((row) => row.contact_id)), new Set([kept]));
	assert.equal(rows.length, 4);
});

onBothDialects(
	"after the undo what was said since at an address goes back with it; all else stays with the kept contact",
	async (open) => {
		const stage = await setStage(await open());
		const { db } = stage.storage;
		const [kept, other] = await three(stage);
		await merge(stage, kept, other, "M1");
		await writes(stage, { address: office });
		await writes(stage, { address: office, ours: "+493099999" });
		await addChat(stage, kept);
		await writes(stage, { address: mobile, ours: "+493088888" });
		const staying = await addChat(stage, kept);
		const free = await addChat(stage, kept, false);
		await undo(stage, kept, "M1");
		const conversations = await findConversations(db, { services: "every" }, { limit: 10 });
		for (const { contactAddress, contactId } of conversations) {
			assert.equal(contactId, { [mobile]: kept, [office]: other }[contactAddress] ?? (await ownerOf(stage, home)));
		}
		const messages = await db.selectFrom("messages").select(["contact_address", "contact_id"]).execute();
		for (const row of messages) {
			assert.equal(row.contact_id, await ownerOf(stage, row.contact_address));
		}
		assert.equal(await countChats(db, other), 1);
		const chats = await db.selectFrom("chats").select("id").where("contact_id", "=", kept).orderBy("id").execute();
		assert.deepEqual(
			chats.map(({ id }) => id),
			[staying, free],
		);
		await writes(stage, { address: office });
		await writes(stage, { address: mobile });
		assert.deepEqual(await addressesOf(stage, other), [office]);
		const last = await db.selectFrom("messages").select("contact_id").orderBy("id", "desc").limit(2).execute();
		assert.deepEqual(
			last.map((row) => row.contact_id),
			[kept, other],
		);
	},
);

onBothDialects("a closed conversation of the one taken in opens again for the right contact", async (open) => {
	const stage = await setStage(await open());
	const [kept, other] = await three(stage);
	const [, theirs] = await findConversations(stage.storage.db, { services: "every" }, { limit: 10 });
	await stage.storage.write((tx) => closeConversation(tx, theirs?.id ?? "", stage.clock.now()));
	await merge(stage, kept, other, "M1");
	stage.clock.advance(30 * 86_400_000);
	await writes(stage, { address: office });
	const [fresh] = await findConversations(stage.storage.db, { services: "every" }, { limit: 1 });
	assert.deepEqual([fresh?.contactId, fresh?.previousId], [kept, theirs?.id]);
	await undo(stage, kept, "M1");
	const [back] = await findConversations(stage.storage.db, { services: "every" }, { limit: 1 });
	assert.deepEqual([back?.id, back?.contactId], [fresh?.id, other]);
});

onBothDialects("a chain of merges is undone from its end, and two into one in any order", async (open) => {
	const stage = await setStage(await open());
	const [one, two, last] = await three(stage);
	const before = await holdings(stage);
	await merge(stage, two, one, "M1");
	const between = await holdings(stage);
	await merge(stage, last, two, "M2");
	assert.deepEqual(await addressesOf(stage, last), [mobile, office, home].toSorted());
	assert.deepEqual(await undo(stage, two, "M1"), { ok: false, why: "mergedAgain" });
	assert.equal((await findMerge(stage.storage.db, two, "M1"))?.standsBecause, "mergedAgain");
	assert.deepEqual(await merge(stage, last, one), { ok: false, why: "merged" });
	assert.deepEqual(await merge(stage, last, two), { ok: false, why: "merged" });
	assert.deepEqual(await merge(stage, one, last), { ok: false, why: "keptMerged" });
	await undo(stage, last, "M2");
	assert.deepEqual(await holdings(stage), between);
	await undo(stage, two, "M1");
	assert.deepEqual(await holdings(stage), before);
	await merge(stage, one, two, "M3");
	await merge(stage, one, last, "M4");
	await undo(stage, one, "M3");
	await undo(stage, one, "M4");
	assert.deepEqual(await holdings(stage), before);
});

onBothDialects("what cannot be merged is refused, and nothing moves", async (open) => {
	const stage = await setStage(await open());
	const { storage, ids, clock, serviceId } = stage;
	const [kept, other] = await three(stage);
	const elsewhere = ids.next<string>();
	await addService(storage, elsewhere, clock.now());
	await writes({ ...stage, serviceId: elsewhere }, { address: office });
	const before = await holdings(stage);
	const tries = (keptId: string, otherId: string, managed: "every" | string[]) =>
		storage.write((tx) =>
			mergeContacts(tx, { id: ids.next(), keptId, otherId, by: "mia", reason: "x", now: clock.now() }, managed),
		);
	const why = async (...given: Parameters<typeof tries>) => {
		const result = await tries(...given);
		return result.ok ? undefined : result.why;
	};
	assert.equal(await why(kept, kept, "every"), "same");
	assert.equal(await why(kept, "0".repeat(32), "every"), "otherUnknown", "erased, or never there");
	assert.equal(await why("0".repeat(32), other, "every"), "keptUnknown");
	assert.equal(await why(kept, other, []), "keptUnknown");
	assert.equal(await why(kept, other, [elsewhere]), "keptUnknown");
	assert.equal(await why(other, kept, [elsewhere]), "otherUnknown");
	assert.equal(await why(kept, other, [serviceId]), "otherPartly");
	assert.equal(await why(other, kept, [serviceId]), "keptPartly");
	assert.deepEqual(await holdings(stage), before);
	assert.equal(await why(kept, other, [serviceId, elsewhere]), undefined);
});

onBothDialects("of those who merge at once one comes first, and the others are told", async (open) => {
	const stage = await setStage(await open());
	const [one, two, last] = await three(stage);
	const before = await holdings(stage);
	const races: [kept: string, other: string][][] = [
		// Twice the same, and the same contact into two others.
		[
			[one, two],
			[last, two],
			[one, two],
		],
		// Each into the other.
		[
			[one, two],
			[two, one],
		],
	];
	for (const race of races) {
		const tries = race.map(([kept, other]) => ({ id: stage.ids.next<string>(), kept, other }));
		const results = await Promise.all(tries.map(({ id, kept, other }) => merge(stage, kept, other, id)));
		const [won, ...others] = tries.filter((_, index) => results[index]?.ok === true);
		assert.ok(won);
		assert.deepEqual(others, []);
		const refusals = results.flatMap((result) => (result.ok ? [] : [result.why]));
		assert.ok(refusals.every((why) => ["merged", "otherMerged", "keptMerged"].includes(why)));
		const undone = await Promise.all([undo(stage, won.kept, won.id), undo(stage, won.kept, won.id)]);
		assert.equal(undone.filter(({ ok }) => ok).length, 1);
		assert.deepEqual(await holdings(stage), before);
	}
});

onBothDialects(
	"what was erased since is not given back, and the record of an erased contact goes with it",
	async (open) => {
		const stage = await setStage(await open());
		const { storage, clock } = stage;
		const [kept, other, last] = await three(stage);
		await merge(stage, kept, other, "M1");
		await storage.db.deleteFrom("contact_addresses").where("address", "=", office).execute();
		assert.deepEqual(await undo(stage, kept, "M1"), { ok: false, why: "erased" });
		assert.equal((await findMerge(storage.db, kept, "M1"))?.standsBecause, "erased");
		await merge(stage, kept, last, "M2");
		const undoing = { id: "M2", keptId: kept, by: "leo", now: clock.now() };
		assert.deepEqual(await storage.write((tx) => undoMerge(tx, undoing, [])), { ok: false, why: "unknown" });
		await storage.db.deleteFrom("contacts").where("id", "=", last).execute();
		assert.deepEqual(await undo(stage, kept, "M2"), { ok: false, why: "unknown" });
	},
);

onBothDialects(
	"while people write and are written to, merges and undos leave nothing with the wrong contact",
	async (open) => {
		const stage = await setStage(await open());
		const { db } = stage.storage;
		const [kept, other, last] = await three(stage);
		const owners = new Map([
			[office, other],
			[mobile, kept],
			[home, last],
		]);
		for (let round = 0; round < 8; round++) {
			const id = stage.ids.next<string>();
			const ours = `+49307777${round}`;
			const talk = (line: string) => [
				writes(stage, { address: office, ours: `${ours}${line}` }),
				writes(stage, { address: mobile, ours: `${ours}${line}` }),
				enqueue(stage, { contact: office }),
				writes(stage, { address: office }),
			];
			const [merged] = await Promise.all([merge(stage, kept, other, id), ...talk("1")]);
			const [undone] = await Promise.all([undo(stage, kept, id), ...talk("2")]);
			assert.deepEqual([merged.ok, undone.ok], [true, true]);
			const conversations = await db.selectFrom("conversations").select(["contact_address", "contact_id"]).execute();
			const messages = await db
				.selectFrom("messages")
				.select(["contact_address", "contact_id"])
				.where("contact_id", "is not", null)
				.execute();
			for (const row of [...conversations, ...messages]) {
				assert.equal(row.contact_id, owners.get(row.contact_address));
			}
		}
	},
);
