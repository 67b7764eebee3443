import assert from "node:assert/strict";
import { onBothDialects } from "#test/storage-on-both.ts";
import { type TurnsScene, turnsScene } from "#test/turns-scene.ts";
import { openApart } from "./apart.ts";
import { moveOn, offer } from "./moves/waiting.ts";
import { moveOnWaiting } from "./overflow.ts";

const round = (scene: TurnsScene) =>
	moveOnWaiting(
		scene,
		openApart(scene, "It failed.", (objectId) => ({ objectId })),
	);

/** Each queue overflows into the one before it. */
async function queuesInARow(scene: TurnsScene, ...settings: readonly Parameters<TurnsScene["queue"]>[1][]) {
	const ids: string[] = [];
	for (const [index, one] of settings.entries()) {
		ids.push(await scene.queue(`queue${index}`, { ...one, overflowQueueId: ids.at(-1) ?? null }));
	}
	return ids;
}

onBothDialects("what a full queue cannot take goes to the first one behind it that can", async (open) => {
	const scene = turnsScene(await open());
	const [last] = await queuesInARow(scene, {}, { size: 1 }, { size: 1 });
	await scene.chat("queue1@desk.test");
	await scene.chat("queue2@desk.test");
	const moved = await scene.find(await scene.chat("queue2@desk.test"));
	assert.deepEqual([moved.state, moved.queueId, moved.destination], ["queued", last, "queue2@desk.test"]);
});

onBothDialects("where nobody behind can take it, it ends with the reason of its own queue", async (open) => {
	const scene = turnsScene(await open());
	const [, own] = await queuesInARow(scene, { size: 1 }, { size: 1 });
	await scene.chat("queue0@desk.test");
	await scene.chat("queue1@desk.test");
	const { state, failure, queueId } = await scene.find(await scene.chat("queue1@desk.test"));
	assert.deepEqual([state, failure, queueId], ["ended", "queue_full", own]);
});

onBothDialects("who waits too long goes on when there is room, with their age, and once", async (open) => {
	const scene = turnsScene(await open());
	const [behind, own] = await queuesInARow(scene, { size: 1 }, { overflowAfterSeconds: 60 });
	const first = await scene.chat("queue1@desk.test");
	scene.clock.advance(1000);
	const second = await scene.chat("queue1@desk.test");
	const before = await scene.find(first);
	scene.clock.advance(58_000);
	await round(scene);
	assert.equal((await scene.find(first)).queueId, own, "not before its time");
	scene.clock.advance(30_000);
	await round(scene);
	await round(scene);
	const after = await scene.find(first);
	assert.deepEqual(
		[after.queueId, after.waitingSince, after.queuedAt],
		[behind, before.waitingSince, before.queuedAt],
		"it is as old as it was",
	);
	assert.equal((await scene.find(second)).queueId, own, "there is room for one");
	assert.deepEqual(scene.logged, []);
});

onBothDialects("what is being offered is not moved, also where the offer came in the last moment", async (open) => {
	const scene = turnsScene(await open());
	const [behind = "", own = ""] = await queuesInARow(scene, {}, { overflowAfterSeconds: 60 });
	const mia = await scene.agent("mia", [own]);
	const chatId = await scene.chat("queue1@desk.test");
	await scene.act((turn) => turn.move(chatId, offer(mia), [mia]));
	scene.clock.advance(61_000);
	await round(scene);
	const { queueId, legs } = await scene.find(chatId);
	assert.deepEqual([queueId, legs.length], [own, 1]);
	const moved = await scene.act((turn) => {
		const queue = turn.known.queue(behind);
		assert.ok(queue !== undefined);
		return turn.move(chatId, moveOn({ queue, isOpen: true, waiting: 0, place: 1 }));
	});
	assert.equal(moved.ok, false);
});
