import assert from "node:assert/strict";
import { sql } from "kysely";
import { waitingInAny } from "#storage/chat-waiting.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { type TurnsScene, turnsScene } from "#test/turns-scene.ts";
import { openApart } from "./apart.ts";
import { pick } from "./moves/waiting.ts";
import { offerWaiting } from "./offering.ts";

const apartOf = (scene: TurnsScene) => openApart(scene, "It failed.", (objectId) => ({ objectId }));
const offeredTo = async (scene: TurnsScene, chatId: string) =>
	(await scene.find(chatId)).legs.filter(({ state }) => state === "offered").map(({ userId }) => userId);

/** So many more like it, older by a second. */
async function copies({ storage, ids }: TurnsScene, chatId: string, count: number): Promise<void> {
	const row = await storage.db.selectFrom("chats").selectAll().where("id", "=", chatId).executeTakeFirstOrThrow();
	const rows = Array.from({ length: count }, () => {
		const id: string = ids.next();
		return { ...row, id, original_id: id, visitor_id: null, waiting_since: row.waiting_since - 1000 };
	});
	await storage.write(async (tx) => {
		for (let from = 0; from < count; from += 500) {
			await tx
				.insertInto("chats")
				.values(rows.slice(from, from + 500))
				.execute();
		}
	});
}

onBothDialects("a queue that nobody serves is in nobody's way, however many wait in it", async (open) => {
	const scene = turnsScene(await open());
	const support = await scene.queue("support", { priority: 500 });
	await scene.queue("dead", { priority: 1 });
	await scene.queue("hunted", { priority: 1, allocation: "huntGroup" });
	await copies(scene, await scene.chat("dead@desk.test"), 3000);
	await copies(scene, await scene.chat("hunted@desk.test"), 100);
	const chatId = await scene.chat("support@desk.test");
	const mia = await scene.agent("mia", [support]);
	await offerWaiting(scene, apartOf(scene));
	assert.deepEqual(await offeredTo(scene, chatId), [mia]);
	const seen = await waitingInAny(scene.storage.db, [support], 100);
	assert.deepEqual(
		seen.map(({ id }) => id),
		[chatId],
	);
});

onBothDialects("behind many that wait for somebody else, one that does not is found", async (open) => {
	const scene = turnsScene(await open());
	const support = await scene.queue("support");
	const mia = await scene.agent("mia", [support]);
	const kept = await scene.chat("support@desk.test");
	const until = scene.clock.now().getTime() + 60_000;
	await scene.storage.db
		.updateTable("chats")
		.set({ passes: JSON.stringify([{ userId: mia, at: until - 61_000 }]) })
		.where("id", "=", kept)
		.execute();
	await copies(scene, kept, 1500);
	const chatId = await scene.chat("support@desk.test");
	await offerWaiting(scene, apartOf(scene));
	assert.deepEqual(await offeredTo(scene, chatId), [mia]);
});

onBothDialects("one chat that cannot be offered takes nobody's place", async (open) => {
	const scene = turnsScene(await open());
	const support = await scene.queue("support");
	await saveSettings(scene, { chatsPerAgent: 1 });
	const [spoilt, other] = [await scene.chat("support@desk.test"), await scene.chat("support@desk.test")];
	const mia = await scene.agent("mia", [support]);
	await scene.storage.db.updateTable("chats").set({ attached: "{" }).where("id", "=", spoilt).execute();
	const offers = apartOf(scene);
	await offerWaiting(scene, offers);
	await offerWaiting(scene, offers);
	assert.deepEqual(await offeredTo(scene, other), [mia]);
	assert.deepEqual(scene.logged, ["It failed."]);
});

onBothDialects("who has as many chats as are set is offered none, and may still pick one", async (open) => {
	const scene = turnsScene(await open());
	const support = await scene.queue("support");
	await saveSettings(scene, { chatsPerAgent: 1 });
	const [first, second] = [await scene.chat("support@desk.test"), await scene.chat("support@desk.test")];
	const mia = await scene.agent("mia", [support]);
	await offerWaiting(scene, apartOf(scene));
	await offerWaiting(scene, apartOf(scene));
	assert.deepEqual([await offeredTo(scene, first), await offeredTo(scene, second)], [[mia], []]);
	assert.ok((await scene.act((turn) => turn.move(second, pick(mia), [mia]))).ok, "as a person decides it");
});

async function saveSettings({ storage }: TurnsScene, settings: object): Promise<void> {
	const row = { id: 1, settings: JSON.stringify(settings), identity_secret: null, version: 1 };
	await storage.db.insertInto("chat_settings").values(row).execute();
}

onBothDialects("the chats of a queue are read in their order by an index", async (open, dialect) => {
	const scene = turnsScene(await open());
	await scene.queue("support");
	await copies(scene, await scene.chat("support@desk.test"), 2000);
	await sql.raw("ANALYZE").execute(scene.storage.db);
	const text =
		"SELECT id FROM chats WHERE queue_id = 'x' AND chats.state = 'queued' ORDER BY is_front DESC, waiting_since, id LIMIT 50";
	const explain = dialect === "sqlite" ? "EXPLAIN QUERY PLAN" : "EXPLAIN";
	const plan = JSON.stringify((await sql.raw(`${explain} ${text}`).execute(scene.storage.db)).rows);
	assert.match(plan, /chats_waiting/);
	assert.doesNotMatch(plan, /TEMP B-TREE|Sort/);
});
