import assert from "node:assert/strict";
import { freshChat } from "#chat/beginning.ts";
import { arrivalOf, enqueue, messageEvent, receiptEvent, setStage, type Stage } from "#test/scene.ts";
import type { RemoteId } from "#domain/ids.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { recordArrivals } from "./arrivals.ts";
import { insertAttachment } from "./chat-attachments.ts";
import { appendLine } from "./chat-lines.ts";
import { saveVisitor } from "./chat-visitors.ts";
import { saveChat } from "./chats.ts";
import { appendEvents } from "./events.ts";
import { endInboxClaim, claimMessages } from "./inbox.ts";
import { insertFile } from "./files.ts";
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

/** A visitor's chat with a line and a file. */
async function chatOf({ storage, clock, ids }: Stage, visitorId: string, more: object): Promise<string> {
	const now = clock.now().getTime();
	const known = { queueAt: () => undefined } as never;
	const given = { channel: "web", destination: "x", originator: visitorId, visitorId, ...more };
	const chat = freshChat({ now, known, ids }, given);
	const about = { chatId: chat.id, originator: "customer" as const, until: now };
	const file = {
		contentType: "text/plain",
		filename: "a.txt",
		createdAt: clock.now(),
		createdBy: null,
		expiresAt: null,
	};
	const fileId = ids.next<string>();
	await storage.write(async (tx) => {
		const chatAddress = visitorId;
		const nothing = { alias: "", language: null, capabilities: {}, provenId: null };
		await saveVisitor(tx, { id: visitorId, chatAddress, ...nothing, seenAt: now });
		await saveChat(tx, { before: undefined, after: chat, dueAt: null });
		const line = { id: ids.next<string>(), seq: 1, type: "text" as const, message: "hello", originator: visitorId };
		const rest = { isSystem: false, audience: "all" as const, at: now, messageId: null, delivery: null };
		await appendLine(tx, { chatId: chat.id, ...line, ...rest, clientMessageId: null }, false);
		await insertFile(tx, { ...file, id: fileId, content: Buffer.from("abc") });
		const facts = { filename: "a.txt", size: 3, contentType: "text/plain", byUser: visitorId };
		await insertAttachment(tx, { ...about, ...facts, id: ids.next(), fileId });
	});
	return chat.id;
}

onBothDialects("chats go when their end is old, with lines, files and visitors; what goes on stays", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock } = stage;
	const end = () => ({ state: "ended", endedAt: clock.now().getTime() });
	await chatOf(stage, "gone", end());
	const live = await chatOf(stage, "live", {});
	const since = clock.now().getTime();
	const leg = { userId: stage.ids.next(), role: "agent", state: "wrapUp", origin: "pick", since, until: null };
	const wrapped = await chatOf(stage, "wrapped", { ...end(), legs: [leg] });
	const endedLater = await chatOf(stage, "later", {});
	clock.advance(dayMs);
	await storage.db
		.updateTable("chats")
		.set({ state: "ended", ended_at: clock.now().getTime() })
		.where("id", "=", endedLater)
		.execute();
	clock.advance(364 * dayMs + 1000);
	const young = await chatOf(stage, "young", end());
	await deleteOld(storage, rules, clock.now());
	const chats = await storage.db.selectFrom("chats").select("id").orderBy("id").execute();
	assert.deepEqual(
		chats.map(({ id }) => id),
		[live, wrapped, endedLater, young],
	);
	for (const table of ["chat_lines", "chat_attachments", "files", "chat_visitors"] as const) {
		const rows = await storage.db.selectFrom(table).select("id").execute();
		assert.equal(rows.length, 4, table);
	}
});
