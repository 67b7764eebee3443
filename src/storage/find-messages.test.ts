// Goal: from any id reach the message in one search, and words are found as far back as is told, and not before.

import assert from "node:assert/strict";
import { arrivalOf, enqueue, messageEvent, receiptEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { sendAll } from "#test/cmi-stage.ts";
import { recordArrivals } from "./arrivals.ts";
import { messagesKnownAs, messagesSaying } from "./find-messages.ts";

const all = { services: "every" } as const;

async function idsKnownAs(stage: Stage, text: string): Promise<string[]> {
	return (await messagesKnownAs(stage.storage.db, all, text, { limit: 10 })).map(({ id }) => id);
}

async function receive(stage: Stage, text: string, over: { address?: string; id?: string } = {}): Promise<string> {
	const { address = "+4915112345", id = text } = over;
	const arrival = arrivalOf(stage, [messageEvent(id, { text, contact: { address } })]);
	await stage.storage.write((tx) => recordArrivals(tx, [arrival]));
	return arrival.events[0]?.id ?? "";
}

onBothDialects("a message of ours is reached from each of its ids and from its contact's address", async (open) => {
	const stage = await setStage(await open());
	const { db } = stage.storage;
	const { messageId, partIds } = await enqueue(stage, { contact: "+4930123456" });
	await enqueue(stage, { contact: "+4930999999" });
	await sendAll(stage, "wamid.A%_=");
	const arrival = arrivalOf(stage, [receiptEvent("1", { target: { by: "remote", remoteId: "wamid.A%_=1" as never } })]);
	await stage.storage.write((tx) => recordArrivals(tx, [arrival]));
	await db.updateTable("inbox").set({ message_id: messageId }).where("kind", "=", "receipt").execute();
	const message = await db.selectFrom("messages").selectAll().where("id", "=", messageId).executeTakeFirstOrThrow();
	const attempt = await db.selectFrom("attempts").select("id").where("message_id", "=", messageId).executeTakeFirst();
	const remote = await db.selectFrom("remote_ids").selectAll().where("message_id", "=", messageId).executeTakeFirst();
	const file = { message_id: messageId, position: 0, service_id: stage.serviceId, file_id: stage.ids.next<string>() };
	const waiting = { state: "kept", reason: null, detail: null, not_before: 0, attempts: 0, lease_until: 0, epoch: 0 };
	await db
		.insertInto("attachments")
		.values({ ...file, ...waiting } as never)
		.execute();
	const known = {
		message: messageId,
		"message in small letters": messageId.toLowerCase(),
		part: partIds[0],
		attempt: attempt?.id,
		"the provider's id": remote?.remote_id,
		conversation: message.conversation_id,
		contact: message.contact_id,
		file: file.file_id,
		receipt: arrival.events[0]?.id,
		"request of the receipt": arrival.request.id,
		address: "+4930123456",
		"address as people write it": " 0049 (0)30 / 123-456 ",
	};
	for (const [what, text] of Object.entries(known)) {
		assert.deepEqual(await idsKnownAs(stage, text ?? ""), [messageId], what);
	}
	for (const text of [stage.serviceId, "wamid.A", "wamid.A%%=1", "+493012345", "hello", "0".repeat(32)]) {
		assert.deepEqual(await idsKnownAs(stage, text), [], text);
	}
});

onBothDialects(
	"what came in is reached by its request, the provider's id and its address before it is matched",
	async (open) => {
		const stage = await setStage(await open());
		const arrival = arrivalOf(stage, [messageEvent("first"), messageEvent("second", { contact: { address: "Anna" } })]);
		await stage.storage.write((tx) => recordArrivals(tx, [arrival]));
		await receive(stage, "later");
		const [first, second] = arrival.events.map(({ id }) => id);
		assert.deepEqual(await idsKnownAs(stage, arrival.request.id), [second, first]);
		assert.deepEqual(await idsKnownAs(stage, "second"), [second]);
		assert.deepEqual(await idsKnownAs(stage, "anna"), [second]);
		await stage.storage.db
			.updateTable("inbox")
			.set({ state: "parked" })
			.where("id", "=", second ?? "")
			.execute();
		assert.deepEqual(await idsKnownAs(stage, "ANNA"), [second]);
	},
);

async function textsSaying(stage: Stage, words: string): Promise<string[]> {
	return (await messagesSaying(stage.storage.db, all, words, { limit: 10 })).messages.map(({ text }) => text);
}

onBothDialects("words are found in any order and case, and what LIKE would read means itself", async (open) => {
	const stage = await setStage(await open());
	for (const text of ["Grüße aus MÜNCHEN", "100% sure", "100 times sure", "snake_case", "snakeXcase", "a!b"]) {
		await receive(stage, text);
	}
	assert.deepEqual(await textsSaying(stage, "münchen grüße"), ["Grüße aus MÜNCHEN"]);
	assert.deepEqual(await textsSaying(stage, "100%"), ["100% sure"]);
	assert.deepEqual(await textsSaying(stage, "snake_CASE"), ["snake_case"]);
	assert.deepEqual(await textsSaying(stage, "A!B"), ["a!b"]);
	assert.deepEqual(await textsSaying(stage, "SURE 100"), ["100 times sure", "100% sure"]);
	assert.deepEqual(await textsSaying(stage, "sure snake"), []);
	await receive(stage, "from afar", { address: "+4989555123" });
	assert.deepEqual(await textsSaying(stage, "(089) 555-123"), ["from afar"], "a number without its country");
	assert.equal((await textsSaying(stage, "+49 30 12345")).length, 7, "our own address");
});

onBothDialects("a search ends after so many messages, says where, and goes on from there", async (open) => {
	const stage = await setStage(await open());
	const ids: string[] = [];
	for (let number = 0; number < 10; number++) {
		ids.push(await receive(stage, number === 1 ? "the needle" : `straw ${number}`));
	}
	const look = (after?: string, filter: object = {}) =>
		messagesSaying(stage.storage.db, { ...all, ...filter }, "needle", {
			limit: 5,
			after,
			slices: { rows: 2, most: 2 },
		});
	const first = await look();
	assert.deepEqual([first.messages.length, first.endedAt], [0, ids[6]]);
	const second = await look(first.endedAt);
	assert.deepEqual([second.messages.length, second.endedAt], [0, ids[2]]);
	const third = await look(second.endedAt);
	assert.deepEqual([third.messages.map(({ id }) => id), third.endedAt], [[ids[1]], undefined]);
	const late = new Date(stage.clock.now().getTime() + 3_600_000);
	assert.deepEqual(await look(undefined, { since: late }), { messages: [], endedAt: undefined });
	assert.equal((await look(undefined, { services: [stage.serviceId] })).endedAt, ids[6]);
	assert.deepEqual(await look(undefined, { services: ["0".repeat(32)] }), { messages: [], endedAt: undefined });
	const full = await messagesSaying(stage.storage.db, all, "straw", { limit: 3, slices: { rows: 2, most: 2 } });
	assert.deepEqual(
		[full.messages.map(({ text }) => text), full.endedAt],
		[["straw 9", "straw 8", "straw 7"], undefined],
	);
});
