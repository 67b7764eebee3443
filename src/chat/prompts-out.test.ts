import assert from "node:assert/strict";
import { appendLine } from "#storage/chat-lines.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { type TurnsScene, turnsScene } from "#test/turns-scene.ts";
import { openApart } from "./apart.ts";
import { sendPrompts } from "./prompts-out.ts";

/** Written as a move writes it for a provider's contact. */
async function say({ storage, ids, clock, find }: TurnsScene, chatId: string, message: string): Promise<void> {
	const at = clock.now().getTime();
	const spoken = { type: "text", message, originator: "Contact Center", isSystem: true, audience: "all", at } as const;
	const line = { ...spoken, chatId, id: ids.next<string>(), messageId: null, delivery: null, clientMessageId: null };
	const seq = (await find(chatId)).lines + 1;
	await storage.write((tx) => appendLine(tx, { ...line, seq }, true));
	await storage.db.updateTable("chats").set({ lines: seq }).where("id", "=", chatId).execute();
}

onBothDialects("a prompt that fails by a bug holds up its own chat only, and is tried again later", async (open) => {
	const scene = turnsScene(await open());
	await scene.queue("support");
	const [spoilt, other] = [await scene.chat("support@desk.test"), await scene.chat("support@desk.test")];
	for (const [chatId, text] of [
		[spoilt, "Welcome"],
		[spoilt, "Wait"],
		[other, "Welcome, too"],
	] as const) {
		await say(scene, chatId, text);
	}
	const asked: string[] = [];
	let isMended = false;
	const prepare = (chat: { id: string }, { text }: { text?: string }) => {
		asked.push(text ?? "");
		return chat.id === other || isMended
			? Promise.resolve({ ok: false, answer: { status: 403 } } as const)
			: Promise.reject(new TypeError("What is stored cannot be read."));
	};
	const chats = openApart(scene, "It failed.", (objectId) => ({ objectId }));
	const round = () => sendPrompts({ ...scene, messenger: { prepare } }, chats);
	await round();
	await round();
	assert.deepEqual(asked, ["Welcome", "Welcome, too"]);
	assert.deepEqual(scene.logged, ["It failed."]);
	isMended = true;
	scene.clock.advance(31_000);
	await round();
	assert.deepEqual(asked.slice(2), ["Welcome", "Wait"]);
	await round();
	assert.equal(asked.length, 4, "each goes once");
});
