import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { Problem } from "#platform/problems.ts";
import { secretBox } from "#platform/secret-box.ts";
import { findConversation } from "#storage/conversation-lists.ts";
import { findFiles, insertFile } from "#storage/files.ts";
import { findMessage } from "#storage/messages.ts";
import { listServices } from "#storage/services.ts";
import type { Storage } from "#storage/storage.ts";
import { traceOf } from "#storage/trace.ts";
import { connectors } from "#test/cmi-stage.ts";
import { setStage, type Stage } from "#test/scene.ts";
import { onBothDialects, openTemporarySqlite } from "#test/storage-on-both.ts";
import { type ComposeWork, enqueueLetter, prepareLetter } from "./enqueue.ts";
import { openSenders, type Senders } from "./senders.ts";

const contact = "+4915112345";
type OutgoingStage = Stage & { senders: Senders };

async function stageOn(storage: Storage): Promise<OutgoingStage> {
	const stage = await setStage(storage);
	const box = secretBox(new Map([["k1", new Uint8Array(32)]]), "k1", stage.random);
	return { ...stage, senders: openSenders((type) => connectors[type])({ clock: stage.clock, secretBox: box }) };
}

async function stageOf(t: TestContext): Promise<OutgoingStage> {
	return stageOn(await openTemporarySqlite(t));
}

/** Written in a chat, by nobody unless said. */
async function write(stage: OutgoingStage, work: Partial<ComposeWork> = {}, createdBy = "system") {
	const { storage, clock, ids } = stage;
	const [service] = await listServices(storage.db);
	assert.ok(service);
	const wanted = { to: contact, text: "hello" };
	const whole = { sender: stage.senders.of(service), wanted, conversation: undefined, files: new Map(), ...work };
	const letter = await prepareLetter(storage.db, whole, clock.now());
	return storage.write((tx) => enqueueLetter(tx, letter, { now: clock.now(), ids, createdBy, by: "chat" }));
}

onBothDialects(
	"a prompt that nobody wrote is stored like any message; its trace tells of the Chat Server",
	async (open) => {
		const stage = await stageOn(await open());
		const { db } = stage.storage;
		const { id, conversationId } = await write(stage);
		const stored = await findMessage(db, id);
		assert.ok(stored);
		assert.deepEqual(
			[stored.createdBy, stored.state, stored.text, stored.receivedAt, stored.conversationId, stored.sequence],
			["system", "queued", "hello", stage.clock.now(), conversationId, 1],
		);
		assert.deepEqual(
			(await traceOf(db, stored)).map(({ who, what, detail }) => [who, what, detail["createdBy"]]),
			[["Chat Server", "message.queued", "system"]],
		);
		const started = db.selectFrom("events").select("data").where("type", "=", "conversation.started");
		const { data } = await started.executeTakeFirstOrThrow();
		assert.equal((JSON.parse(data) as { by: string }).by, "chat");
	},
);

test("an agent's answer goes to the conversation's contact, with the files the agent may send and no others", async (t) => {
	const stage = await stageOf(t);
	const { storage, clock, ids } = stage;
	const first = await write(stage);
	const conversation = await findConversation(storage.db, first.conversationId);
	const known = { contentType: "image/png", filename: "a.png" };
	const file = { ...known, id: ids.next<string>(), content: new Uint8Array([1]), createdBy: "agent" };
	const expiresAt = new Date(clock.now().getTime() + 1000);
	await storage.write((tx) => insertFile(tx, { ...file, createdAt: clock.now(), expiresAt }));
	const work = { conversation, wanted: { attachments: [{ id: file.id }] } };
	await assert.rejects(
		write(stage, work, "agent"),
		(error) => error instanceof Problem && error.code === "invalid_body",
	);
	const files = new Map([[file.id, { ...known, fileId: file.id, size: 1 }]]);
	const message = await write(stage, { ...work, files }, "agent");
	assert.deepEqual(
		[message.conversationId, message.sequence, message.contactAddress, message.createdBy],
		[first.conversationId, 2, contact, "agent"],
	);
	const [kept] = await findFiles(storage.db, [file.id], clock.now());
	assert.equal(kept?.expiresAt, null, "it stays with the message");
});
