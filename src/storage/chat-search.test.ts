import assert from "node:assert/strict";
import { freshChat } from "#chat/beginning.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { appendLine } from "./chat-lines.ts";
import { findChatsSaying } from "./chat-readers.ts";
import { saveChat } from "./chats.ts";
import type { Storage } from "./storage.ts";

/** A chat in which these things were said. */
async function chatOf(
	storage: Storage,
	id: string,
	said: readonly { type: "text" | "note" | "state"; message: string }[],
) {
	const known = { queueAt: () => undefined } as never;
	const given = { channel: "web", destination: "x", originator: "ann@home.test" };
	const chat = freshChat({ now: 1, known, ids: { next: () => id } as never }, given);
	await storage.write(async (tx) => {
		await saveChat(tx, { before: undefined, after: chat, dueAt: null });
		for (const [index, { type, message }] of said.entries()) {
			const about = { originator: "ann@home.test", isSystem: false, audience: "all" as const, at: 1 };
			const rest = { messageId: null, delivery: null, clientMessageId: null };
			await appendLine(
				tx,
				{ chatId: id, id: `${id}-${index}`, seq: index + 1, type, message, ...about, ...rest },
				false,
			);
		}
	});
}

onBothDialects(
	"chats are found by the beginnings of words that were said, in any case and over several lines",
	async (open) => {
		const storage = await open();
		await chatOf(storage, "A", [
			{ type: "text", message: "Where is my PARCEL?" },
			{ type: "note", message: "Grüße aus Köln" },
			{ type: "state", message: '{"state":"JOINED"}' },
		]);
		await chatOf(storage, "B", [{ type: "text", message: "the parcel's late; it's 100% certain" }]);
		const page = { reader: { userId: "M", queues: [] }, before: undefined, limit: 10 };
		await storage.write((tx) =>
			tx
				.insertInto("chat_holders")
				.values(["A", "B"].map((chat_id) => ({ chat_id, user_id: "M" })))
				.execute(),
		);
		const found = async (words: string) => (await findChatsSaying(storage, words, page)).map(({ id }) => id);
		assert.deepEqual(await found("parcel"), ["B", "A"]);
		assert.deepEqual(await found("parc grüsse"), []);
		assert.deepEqual(await found("parc köl"), ["A"]);
		assert.deepEqual(await found("arcel"), []);
		assert.deepEqual(await found("joined"), []);
		assert.deepEqual(await found("100%"), ["B"]);
		for (const hostile of ['"', "parcel' OR", "parcel:* | x", "NEAR(parcel", "%", "", "(((", "\\"]) {
			assert.ok((await found(hostile)).length <= 2);
		}
		await storage.write((tx) => tx.deleteFrom("chats").where("id", "=", "B").execute());
		assert.deepEqual(await found("parcel"), ["A"]);
	},
);
