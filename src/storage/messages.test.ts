import assert from "node:assert/strict";
import { claimSends, sendAll, settleSend } from "#test/cmi-stage.ts";
import { addService, arrivalOf, enqueue, messageEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { recordArrivals } from "./arrivals.ts";
import { findMessage, findMessages, type MessageFilter, messagesOfConversation } from "./messages.ts";

const everything: MessageFilter = { services: "every" };

async function receive(stage: Stage, ...remoteIds: string[]): Promise<void> {
	await stage.storage.write((tx) =>
		recordArrivals(tx, [
			arrivalOf(
				stage,
				remoteIds.map((id) => messageEvent(id)),
			),
		]),
	);
}

const textsOf = async (stage: Stage, filter: MessageFilter, order: "asc" | "desc" = "asc") =>
	(await findMessages(stage.storage.db, filter, { order, limit: 100 })).map(({ text }) => text);

onBothDialects(
	"the state of an outgoing message is that of its slowest part, read and filtered alike",
	async (open) => {
		const stage = await setStage(await open());
		const { messageId } = await enqueue(stage, { parts: 2 });
		const [first] = await claimSends(stage);
		assert.ok(first);
		stage.clock.advance(1000);
		await settleSend(stage, first, { to: "sent", remoteIds: ["r1", "r2"], at: stage.clock.now() });
		const half = await findMessage(stage.storage.db, messageId);
		assert.equal(half?.state, "queued");
		assert.deepEqual(
			half.parts.map(({ part, state, remoteIds, attempts }) => ({ part, state, remoteIds, attempts })),
			[
				{ part: 1, state: "sent", remoteIds: ["r1", "r2"], attempts: 1 },
				{ part: 2, state: "queued", remoteIds: [], attempts: 0 },
			],
		);
		for (const [state, found] of [
			["queued", 1],
			["sent", 0],
			["received", 0],
		] as const) {
			assert.equal((await textsOf(stage, { ...everything, state })).length, found, state);
		}
		const [second] = await claimSends(stage);
		assert.ok(second);
		const next = { to: "failed", code: "recipient", detail: "No such number." } as const;
		await settleSend(stage, second, next);
		const failed = await findMessage(stage.storage.db, messageId);
		assert.deepEqual(
			[failed?.state, failed?.error, failed?.attempts, failed?.remoteIds],
			["failed", { code: "recipient", detail: "No such number." }, 2, ["r1", "r2"]],
		);
		assert.equal((await textsOf(stage, { ...everything, state: "failed" })).length, 1);
	},
);

onBothDialects("a message that waits for its retry tells why, and forgets it once it is sent", async (open) => {
	const stage = await setStage(await open());
	const { messageId } = await enqueue(stage);
	const [claim] = await claimSends(stage);
	assert.ok(claim);
	const notBefore = stage.clock.now();
	await settleSend(stage, claim, {
		to: "queued",
		notBefore,
		code: "throttled",
		detail: "Slow down.",
		possibleDuplicate: false,
	});
	const waiting = await findMessage(stage.storage.db, messageId);
	assert.deepEqual([waiting?.state, waiting?.error?.code, waiting?.possibleDuplicate], ["queued", "throttled", false]);
	await sendAll(stage, "r");
	const sent = await findMessage(stage.storage.db, messageId);
	assert.deepEqual([sent?.state, sent?.error, sent?.attempts, sent?.remoteIds], ["sent", null, 2, ["r1"]]);
});

onBothDialects("filters narrow, and services that are not visible have no messages", async (open) => {
	const stage = await setStage(await open());
	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	await receive(stage, "a");
	stage.clock.advance(60_000);
	const since = stage.clock.now();
	await receive({ ...stage, serviceId: other }, "b");
	await enqueue(stage, { contact: "+4915100000" });
	assert.deepEqual(await textsOf(stage, everything), ["text a", "text b", "hello"]);
	assert.deepEqual(await textsOf(stage, everything, "desc"), ["hello", "text b", "text a"]);
	assert.deepEqual(await textsOf(stage, { services: [other] }), ["text b"]);
	assert.deepEqual(await textsOf(stage, { services: [] }), []);
	assert.deepEqual(await textsOf(stage, { ...everything, direction: "out" }), ["hello"]);
	assert.deepEqual(await textsOf(stage, { ...everything, since }), ["text b", "hello"]);
	assert.deepEqual(await textsOf(stage, { ...everything, until: since }), ["text a"]);
	assert.deepEqual(await textsOf(stage, { ...everything, state: "received" }), ["text a", "text b"]);
	assert.deepEqual(await textsOf(stage, { ...everything, channel: "whatsapp" }), []);
	const [out] = await findMessages(stage.storage.db, { ...everything, direction: "out" }, { order: "asc", limit: 1 });
	assert.ok(out?.conversationId && out.contactId);
	assert.deepEqual(await textsOf(stage, { ...everything, conversationId: out.conversationId }), ["hello"]);
	assert.deepEqual(await textsOf(stage, { ...everything, contactId: out.contactId }), ["hello"]);
});

onBothDialects("paging by id loses and repeats nothing, whatever is added meanwhile", async (open) => {
	const stage = await setStage(await open());
	await receive(stage, "a", "b", "c", "d");
	const { db } = stage.storage;
	const [first, second] = await findMessages(db, everything, { order: "desc", limit: 2 });
	await receive(stage, "e");
	const rest = await findMessages(db, everything, { order: "desc", limit: 10, after: second?.id });
	assert.deepEqual(
		[first, second, ...rest].map((message) => message?.text),
		["text d", "text c", "text b", "text a"],
	);
	const [oldest] = await findMessages(db, everything, { order: "asc", limit: 1 });
	const newer = await findMessages(db, everything, { order: "asc", limit: 10, after: oldest?.id });
	assert.deepEqual(
		newer.map(({ text }) => text),
		["text b", "text c", "text d", "text e"],
	);
});

onBothDialects("a conversation's messages come in its order", async (open) => {
	const stage = await setStage(await open());
	const { messageId } = await enqueue(stage);
	await enqueue(stage, { parts: 2 });
	await enqueue(stage);
	const conversationId = (await findMessage(stage.storage.db, messageId))?.conversationId ?? "";
	const all = await messagesOfConversation(stage.storage.db, conversationId, { after: 0, limit: 10 });
	assert.deepEqual(
		all.map(({ sequence, parts }) => [sequence, parts.length]),
		[
			[1, 1],
			[2, 2],
			[3, 1],
		],
	);
	const later = await messagesOfConversation(stage.storage.db, conversationId, { after: 1, limit: 1 });
	assert.deepEqual(
		later.map(({ sequence }) => sequence),
		[2],
	);
});
