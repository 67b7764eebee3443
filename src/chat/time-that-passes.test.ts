// What time does to chats, and what of it does not count: a talk is no waiting, and a node that is down hears nobody.

import assert from "node:assert/strict";
import { waitingFigures, waitsOfToday } from "#storage/chat-figures.ts";
import { chatSettingDefaults } from "#storage/chat-configuration.ts";
import { saveChatSettings } from "#storage/chat-settings.ts";
import { queueDefaults } from "#storage/queues.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { type TurnsScene, turnsScene } from "#test/turns-scene.ts";
import { openApart } from "./apart.ts";
import { accept, lose } from "./moves/waiting.ts";
import { moved } from "./moves/move.ts";
import { offerWaiting } from "./offering.ts";
import { runClocks, runLateClocks, startPresenceRounds } from "./rounds.ts";
import { openTurns, type Turns } from "./turns.ts";

const apartOf = (scene: TurnsScene) => openApart(scene, "It failed.", (objectId) => ({ objectId }));

async function offered(scene: TurnsScene): Promise<string> {
	const chatId = await scene.chat("support@desk.test");
	await offerWaiting(scene, apartOf(scene));
	return chatId;
}

onBothDialects("a chat that an agent lost waits anew for the figures, and keeps its age in the queue", async (open) => {
	const scene = turnsScene(await open());
	const queueId = await scene.queue("support");
	const mia = await scene.agent("mia", [queueId]);
	const chatId = await offered(scene);
	const began = scene.clock.now().getTime();
	scene.clock.advance(5000);
	await scene.act((turn) => turn.move(chatId, accept(mia), [mia]));
	scene.clock.advance(1_800_000);
	await scene.act((turn) => turn.move(chatId, lose(mia), [mia]));
	const now = scene.clock.now();
	assert.deepEqual((await waitingFigures(scene.storage.db)).get(queueId), { count: 1, oldest: now.getTime() });
	assert.equal((await waitsOfToday(scene.storage.db, now)).get(queueId), 5000);
	const chat = await scene.find(chatId);
	assert.deepEqual([chat.waitingSince, chat.queuedAt, chat.waitedMs], [began, now.getTime(), 5000]);
});

/** The node stops, and starts after so long. */
function restart(scene: TurnsScene, afterMs: number): TurnsScene & { turns: Turns } {
	scene.clock.advance(afterMs);
	return { ...scene, turns: openTurns(scene, "desk.test") };
}

onBothDialects("while the node is down nobody is silent, nobody leaves and no offer is missed", async (open) => {
	const scene = turnsScene(await open());
	const queueId = await scene.queue("support", { inactivityMinutes: 1, idleWarningMinutes: 0, offerSeconds: 20 });
	const mia = await scene.agent("mia", [queueId]);
	const talk = await offered(scene);
	await scene.act((turn) => turn.move(talk, accept(mia), [mia]));
	const offer = await offered(scene);
	const left = await offered(scene);
	await scene.act((turn) => turn.move(left, accept(mia), [mia]));
	await scene.act((turn) => turn.move(left, (chat) => moved({ ...chat, goneSince: turn.now })));
	const again = restart(scene, 3_600_000);
	const states = async () => Promise.all([talk, offer, left].map(async (id) => (await scene.find(id)).state));
	const legs = async () => (await scene.find(offer)).legs.map(({ state }) => state);
	await runClocks(again, apartOf(scene));
	assert.deepEqual([await states(), await legs()], [["served", "queued", "served"], ["offered"]]);
	scene.clock.advance(11_000);
	await runClocks(again, apartOf(scene));
	assert.deepEqual(await legs(), [], "who does not come back has missed it");
	scene.clock.advance(60_000);
	await runClocks(again, apartOf(scene));
	assert.deepEqual((await states())[0], "ended", "from then on silence counts");
});

/** As an administrator saves it. */
async function save({ storage }: TurnsScene, queueId: string, settings: object): Promise<void> {
	const row = storage.db.updateTable("queues").set({ settings: JSON.stringify({ ...queueDefaults, ...settings }) });
	await row.where("id", "=", queueId).execute();
}

for (const before of [0, 600]) {
	onBothDialects(`silence counts as it is set now, where it was ${before || "no"} minutes before`, async (open) => {
		const scene = turnsScene(await open());
		const queueId = await scene.queue("support", { inactivityMinutes: before });
		const mia = await scene.agent("mia", [queueId]);
		const startedAt = scene.clock.now().getTime();
		const chatId = await offered(scene);
		await scene.act((turn) => turn.move(chatId, accept(mia), [mia]));
		const wait = async (minutes: number) => {
			scene.clock.advance(minutes * 60_000);
			await runLateClocks(scene, apartOf(scene), startedAt);
			await runClocks(scene, apartOf(scene));
			const { state, isWarned } = await scene.find(chatId);
			return [state, isWarned];
		};
		await wait(60);
		await save(scene, queueId, { inactivityMinutes: 10, idleWarningMinutes: 5 });
		assert.deepEqual(await wait(1), ["served", true]);
		assert.deepEqual(await wait(4), ["served", true], "the contact has the time that they were told");
		assert.deepEqual(await wait(1), ["ended", true]);
	});
}

onBothDialects("a running node looks by itself for what is late", async (open) => {
	const scene = turnsScene(await open());
	await scene.queue("support");
	const chatId = await scene.chat("support@desk.test");
	const rounds = startPresenceRounds(scene); // It sees that the visitor is gone, and the other rounds do not run.
	for (let minute = 0; minute < 200 && (await scene.find(chatId)).state === "queued"; minute++) {
		scene.clock.advance(61_000);
		await new Promise((resolve) => setImmediate(resolve));
	}
	await rounds.stop();
	assert.equal((await scene.find(chatId)).endedBy, "contact");
});

onBothDialects("a visitor may be gone as long as is set now", async (open) => {
	const scene = turnsScene(await open());
	await scene.queue("support");
	const startedAt = scene.clock.now().getTime();
	const chatId = await scene.chat("support@desk.test");
	await scene.act((turn) => turn.move(chatId, (chat) => moved({ ...chat, goneSince: turn.now })));
	await scene.storage.write((tx) => saveChatSettings(tx, { ...chatSettingDefaults, visitorGoneSeconds: 10 }, 0));
	const stateAfter = async (ms: number) => {
		scene.clock.advance(ms);
		await runLateClocks(scene, apartOf(scene), startedAt);
		return (await scene.find(chatId)).state;
	};
	assert.deepEqual([await stateAfter(9000), await stateAfter(1000)], ["queued", "ended"]);
});

onBothDialects("what is late after a start is not looked at again and again", async (open) => {
	const scene = turnsScene(await open());
	const queueId = await scene.queue("support", { inactivityMinutes: 10 });
	const mia = await scene.agent("mia", [queueId]);
	const chatId = await offered(scene);
	await scene.act((turn) => turn.move(chatId, accept(mia), [mia]));
	const { version } = await scene.find(chatId);
	const again = restart(scene, 3_600_000);
	await runLateClocks(again, apartOf(scene), scene.clock.now().getTime());
	assert.equal((await scene.find(chatId)).version, version);
});
