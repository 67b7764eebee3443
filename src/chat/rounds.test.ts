import assert from "node:assert/strict";
import { sql } from "kysely";
import { findAgent, freshAgent, saveAgent } from "#storage/chat-agents.ts";
import { deleteOldChatSessions, endChatSessions, setAliveUntil } from "#storage/chat-sessions.ts";
import { findSupervision, saveSupervision } from "#storage/chat-supervisions.ts";
import { Overloaded } from "#storage/group-commit.ts";
import { deleteUser } from "#storage/people.ts";
import type { Storage } from "#storage/storage.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { type TurnsScene, turnsScene } from "#test/turns-scene.ts";
import { type Apart, openApart } from "./apart.ts";
import { defaultPresence } from "./presences.ts";
import { accept } from "./moves/waiting.ts";
import { end } from "./moves/talking.ts";
import { offerWaiting } from "./offering.ts";
import { returnLost, runClocks } from "./rounds.ts";
import { endFallen } from "./supervisions.ts";

const apartOf = (scene: TurnsScene) => openApart(scene, "It failed.", (objectId) => ({ objectId }));

/** A chat that the agent has. */
async function served(scene: TurnsScene, userId: string): Promise<string> {
	const chatId = await scene.chat("support@desk.test");
	await offerWaiting(scene, apartOf(scene));
	const acted = await scene.act((turn) => turn.move(chatId, accept(userId), [userId]));
	assert.ok(acted.ok);
	return chatId;
}

/** A round does one thing with each chat; when it ended a visitor's is gone from their sight first. */
async function runOut(scene: TurnsScene, chats: Apart): Promise<void> {
	await runClocks(scene, chats);
	await runClocks(scene, chats);
}

const remove = (storage: Storage, userId: string) => storage.write((tx) => deleteUser(tx, userId));
const legs = async (scene: TurnsScene, chatId: string) =>
	(await scene.find(chatId)).legs.map(({ userId, state }) => [userId, state]);

onBothDialects("the wrap-up of a deleted user runs out, and others are offered chats", async (open) => {
	const scene = turnsScene(await open());
	const queueId = await scene.queue("support", { wrapUpSeconds: 60 });
	const mia = await scene.agent("mia", [queueId]);
	const ended = await served(scene, mia);
	await scene.act((turn) => turn.move(ended, end("agent", mia), [mia]));
	await remove(scene.storage, mia);
	scene.clock.advance(61_000);
	await runOut(scene, apartOf(scene));
	assert.deepEqual(await legs(scene, ended), []);
	assert.deepEqual(scene.logged, []);
});

onBothDialects("a deleted user's chats go back to their queue at once, a disabled one's too", async (open) => {
	const scene = turnsScene(await open());
	const queueId = await scene.queue("support");
	const mia = await scene.agent("mia", [queueId]);
	const [first, second] = [await served(scene, mia), await served(scene, mia)];
	const leo = await scene.agent("leo", [queueId]);
	const third = await served(scene, leo);
	await remove(scene.storage, mia);
	await scene.storage.db.updateTable("users").set({ enabled: 0 }).where("id", "=", leo).execute();
	await returnLost(scene, apartOf(scene), scene.clock.now().getTime());
	for (const chatId of [first, second, third]) {
		const { state, isFront } = await scene.find(chatId);
		assert.deepEqual([state, isFront, await legs(scene, chatId)], ["queued", true, []]);
	}
	const eva = await scene.agent("eva", [queueId]);
	await offerWaiting(scene, apartOf(scene));
	assert.deepEqual(await legs(scene, first), [[eva, "offered"]]);
	assert.deepEqual(scene.logged, []);
});

onBothDialects("who was ready and is lost is not ready when they come again", async (open) => {
	const scene = turnsScene(await open());
	const mia = await scene.user("mia");
	const sessionId = await scene.arrive(mia);
	await scene.storage.write((tx) => saveAgent(tx, { ...freshAgent(mia, defaultPresence), workStatus: "ready" }));
	await scene.storage.write((tx) => setAliveUntil(tx, [sessionId], scene.clock.now()));
	const startedAt = scene.clock.now().getTime();
	const status = async () => (await findAgent(scene.storage.db, mia))?.workStatus;
	scene.clock.advance(59_000);
	await returnLost(scene, apartOf(scene), startedAt);
	assert.equal(await status(), "ready");
	scene.clock.advance(2000);
	await returnLost(scene, apartOf(scene), startedAt);
	assert.equal(await status(), "not_ready");
});

onBothDialects(
	"who left before a standstill of days is lost a while after it, though nothing is known of them",
	async (open) => {
		const scene = turnsScene(await open());
		const queueId = await scene.queue("support");
		const mia = await scene.user("mia", [{ objectType: "queue", objectId: queueId, access: ["serve"] }]);
		const sessionId = await scene.arrive(mia);
		await scene.storage.write((tx) => saveAgent(tx, { ...freshAgent(mia, defaultPresence), workStatus: "ready" }));
		const chatId = await served(scene, mia);
		await scene.storage.write((tx) => endChatSessions(tx, [sessionId], scene.clock.now()));
		scene.clock.advance(2 * 86_400_000);
		const startedAt = scene.clock.now();
		await scene.storage.write((tx) => deleteOldChatSessions(tx, startedAt));
		scene.clock.advance(59_000);
		await returnLost(scene, apartOf(scene), startedAt.getTime());
		assert.deepEqual(await legs(scene, chatId), [[mia, "accepted"]], "she may come back");
		scene.clock.advance(2000);
		await returnLost(scene, apartOf(scene), startedAt.getTime());
		const { state, isFront, agentId } = await scene.find(chatId);
		assert.deepEqual([state, isFront, agentId], ["queued", true, null]);
		assert.deepEqual(scene.logged, []);
	},
);

onBothDialects("a supervisor who is lost follows nobody and has no place in chats any more", async (open) => {
	const scene = turnsScene(await open());
	const queueId = await scene.queue("support");
	const mia = await scene.agent("mia", [queueId]);
	const eva = await scene.user("eva", [{ objectType: "user", objectId: mia, access: ["bargeIn"] }]);
	const sessionId = await scene.arrive(eva);
	const id = scene.ids.next<string>();
	const session = { id, supervisorId: eva, agentId: mia, state: "barge_in", at: 0, isAsked: false } as const;
	await scene.act((turn) => saveSupervision(turn.tx, session));
	const chatId = await served(scene, mia);
	const both = [
		[mia, "accepted"],
		[eva, "accepted"],
	];
	assert.deepEqual(await legs(scene, chatId), both);
	const startedAt = scene.clock.now().getTime();
	await scene.storage.write((tx) => setAliveUntil(tx, [sessionId], scene.clock.now()));
	scene.clock.advance(59_000);
	await returnLost(scene, apartOf(scene), startedAt);
	await endFallen(scene, apartOf(scene));
	assert.deepEqual(await legs(scene, chatId), both, "a page that is loaded anew is no end");
	scene.clock.advance(2000);
	await returnLost(scene, apartOf(scene), startedAt);
	assert.deepEqual(await legs(scene, chatId), [[mia, "accepted"]]);
	assert.equal(await findSupervision(scene.storage.db, session.id), undefined);
	assert.deepEqual(scene.logged, []);
});

onBothDialects(
	"one chat or agent that fails does not keep the others, and is tried again later",
	async (open, dialect) => {
		const scene = turnsScene(await open());
		const queueId = await scene.queue("support", { wrapUpSeconds: 60 });
		const mia = await scene.agent("mia", [queueId]);
		const spoilt = await served(scene, mia);
		const other = await served(scene, mia);
		for (const chatId of [spoilt, other]) {
			await scene.act((turn) => turn.move(chatId, end("agent", mia), [mia]));
		}
		const version = (await scene.find(spoilt)).version;
		await forbid(scene, dialect, spoilt);
		scene.clock.advance(61_000);
		const chats = apartOf(scene);
		await runOut(scene, chats);
		assert.deepEqual(await legs(scene, other), []);
		assert.equal((await scene.find(spoilt)).version, version);
		assert.deepEqual(scene.logged, ["It failed."]);
		await runOut(scene, chats);
		assert.deepEqual(scene.logged, ["It failed."], "it rests");
		await allow(scene, dialect);
		scene.clock.advance(31_000);
		await runOut(scene, chats);
		assert.deepEqual(await legs(scene, spoilt), []);

		const failing = openApart(scene, "It failed.", () => ({}));
		const away = Object.assign(new Error("The database is away."), { code: "08006" });
		await assert.rejects(
			failing.attempt("x", () => Promise.reject(away)),
			away,
			"which would fail for all",
		);
		const full = new Overloaded("More comes than can be written.");
		await assert.rejects(
			failing.attempt("x", () => Promise.reject(full)),
			full,
			"which is no fault of the one",
		);
		assert.deepEqual(failing.resting(), []);
	},
);

/** Changing the chat fails, as by a bug. */
async function forbid({ storage }: TurnsScene, dialect: string, chatId: string): Promise<void> {
	if (dialect === "sqlite") {
		await sql
			.raw(
				`CREATE TRIGGER forbidden BEFORE UPDATE ON chats WHEN old.id = '${chatId}' BEGIN SELECT RAISE(ABORT, 'no'); END`,
			)
			.execute(storage.db);
		return;
	}
	await sql
		.raw(`CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$`)
		.execute(storage.db);
	await sql
		.raw(
			`CREATE TRIGGER forbidden BEFORE UPDATE ON chats FOR EACH ROW WHEN (old.id = '${chatId}') EXECUTE FUNCTION forbid()`,
		)
		.execute(storage.db);
}

async function allow({ storage }: TurnsScene, dialect: string): Promise<void> {
	await sql.raw(`DROP TRIGGER forbidden${dialect === "sqlite" ? "" : " ON chats"}`).execute(storage.db);
}
