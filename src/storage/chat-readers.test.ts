import assert from "node:assert/strict";
import type { Chat, Leg } from "#domain/chats.ts";
import { freshChat } from "#chat/beginning.ts";
import { goBackBefore } from "#test/older-schema.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { appendLine } from "./chat-lines.ts";
import { earlierChats, findChatsSaying, readableChat, type Reader } from "./chat-readers.ts";
import { saveChat } from "./chats.ts";
import { migrate } from "./migrate.ts";
import type { Storage } from "./storage.ts";

function chat(id: string, change: Partial<Chat> = {}): Chat {
	const known = { queueAt: () => undefined } as never;
	const given = { channel: "web", destination: "x", originator: "ann@home.test" };
	const fresh = freshChat({ now: 1, known, ids: { next: () => id } as never }, given);
	return { ...fresh, visitorId: "V", state: "ended", ...change };
}

const leg = (userId: string, change: Partial<Leg> = {}): Leg => ({
	userId,
	role: "agent",
	state: "accepted",
	origin: "allocation",
	since: 1,
	until: null,
	queueId: null,
	...change,
});

/** In which somebody spoke of a parcel. */
async function save(storage: Storage, one: Chat): Promise<void> {
	const line = { type: "text" as const, message: "my parcel", originator: "ann", isSystem: false, at: 1 };
	const rest = { audience: "all" as const, messageId: null, delivery: null, clientMessageId: null };
	await storage.write(async (tx) => {
		await saveChat(tx, { before: undefined, after: one, dueAt: null });
		await appendLine(tx, { chatId: one.id, id: `${one.id}-1`, seq: 1, ...line, ...rest }, false);
	});
}

async function change(storage: Storage, before: Chat, after: Chat): Promise<void> {
	await storage.write((tx) => saveChat(tx, { before, after, dueAt: null }));
}

const mia: Reader = { userId: "mia", queues: [] };

onBothDialects("pages of found chats are full of those that one may read, whatever else there is", async (open) => {
	const storage = await open();
	const number = (index: number): string => String(index).padStart(3, "0");
	for (let index = 0; index < 60; index += 1) {
		await save(
			storage,
			chat(number(index), index < 10 ? { lastAgentId: "mia" } : { queueId: index < 55 ? "Q" : null }),
		);
	}
	const found = async (reader: Reader, before?: string) =>
		(await findChatsSaying(storage, "parcel", { reader, before, limit: 8 })).map(({ id }) => id);
	assert.deepEqual(await found(mia), [9, 8, 7, 6, 5, 4, 3, 2].map(number));
	assert.deepEqual(await found(mia, number(2)), [1, 0].map(number));
	assert.deepEqual(await found({ ...mia, queues: ["Q"] }), [54, 53, 52, 51, 50, 49, 48, 47].map(number));
	assert.deepEqual((await found({ userId: "leo", queues: "every" }))[0], number(54));
	assert.deepEqual(await found({ userId: "leo", queues: ["other"] }), []);
	const page = { reader: mia, before: undefined, limit: 3 };
	const ofContact = await earlierChats(storage.db, chat(number(59)), page);
	assert.deepEqual(
		ofContact.map(({ id }) => id),
		[9, 8, 7].map(number),
	);
	const next = await earlierChats(storage.db, chat(number(59)), { ...page, before: number(7) });
	assert.deepEqual(next[0]?.id, number(6));
});

onBothDialects("a chat stays readable for everybody who had it or was asked in, and for nobody else", async (open) => {
	const storage = await open();
	const offered = chat("A", { state: "queued", legs: [leg("eva", { state: "offered" })] });
	await save(storage, offered);
	const withMia = chat("A", {
		state: "served",
		agentId: "mia",
		legs: [leg("mia"), leg("boss", { role: "supervisor" })],
	});
	await change(storage, offered, withMia);
	const asking = chat("A", {
		...withMia,
		legs: [...withMia.legs, leg("kim", { role: "consulted", origin: "consult" })],
	});
	await change(storage, withMia, asking);
	const withLeo = chat("A", { state: "served", agentId: "leo", legs: [leg("leo")] });
	await change(storage, asking, withLeo);
	await change(storage, withLeo, chat("A", { lastAgentId: "leo" }));
	for (const [userId, may] of Object.entries({ mia: true, kim: true, leo: true, eva: false, boss: false })) {
		assert.equal((await readableChat(storage.db, "A", { userId, queues: [] })) !== undefined, may, userId);
	}
});

onBothDialects(
	"of chats from before it was noted, the last agent and those who still have them are known",
	async (open, dialect) => {
		const storage = await open();
		await save(storage, chat("A", { lastAgentId: "mia" }));
		await save(
			storage,
			chat("B", { state: "served", agentId: "leo", legs: [leg("leo"), leg("mia", { role: "consulted" })] }),
		);
		await goBackBefore(storage.db, "0005-chat-holders");
		await migrate(storage.db, dialect);
		const rows = await storage.db
			.selectFrom("chat_holders")
			.selectAll()
			.orderBy("chat_id")
			.orderBy("user_id")
			.execute();
		assert.deepEqual(
			rows.map(({ chat_id, user_id }) => [chat_id, user_id]),
			[
				["A", "mia"],
				["B", "leo"],
				["B", "mia"],
			],
		);
	},
);
