import assert from "node:assert/strict";
import test from "node:test";
import { defaultCalendar } from "#domain/chat-configuration.ts";
import { onBothDialects, openTemporarySqlite } from "#test/storage-on-both.ts";
import { type TurnsScene, turnsScene } from "#test/turns-scene.ts";
import { openApart } from "./apart.ts";
import { offer } from "./moves/waiting.ts";
import { moveOnWaiting, startOverflow } from "./overflow.ts";

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

/** From now on, and always. */
async function close({ storage, clock, ids }: TurnsScene, queueId: string): Promise<void> {
	const at = clock.now().getTime();
	const settings = JSON.stringify({ isOpenElse: false, hours: [] });
	const about = { kind: "serviceTimes" as const, queue_id: queueId, calendar_id: defaultCalendar.id, prompt_type: "" };
	const row = { id: ids.next<string>(), ...about, settings, version: 1, created_at: at, updated_at: at };
	await storage.write((tx) => tx.insertInto("schedules").values(row).execute());
}

onBothDialects("what a full queue cannot take goes to the first one behind it that can", async (open) => {
	const scene = turnsScene(await open());
	const [last] = await queuesInARow(scene, {}, { size: 1 }, { size: 1 });
	await scene.chat("queue1@desk.test");
	await scene.chat("queue2@desk.test");
	const moved = await scene.find(await scene.chat("queue2@desk.test"));
	assert.deepEqual([moved.state, moved.queueId, moved.destination], ["queued", last, "queue2@desk.test"]);
});

onBothDialects("what comes to a closed queue goes behind it, and past a closed one there", async (open) => {
	const scene = turnsScene(await open());
	const [last, middle = "", own = ""] = await queuesInARow(scene, {}, {}, {});
	await close(scene, own);
	assert.equal((await scene.find(await scene.chat("queue2@desk.test"))).queueId, middle);
	await close(scene, middle);
	assert.equal((await scene.find(await scene.chat("queue2@desk.test"))).queueId, last);
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

onBothDialects("what is being offered is not moved, nor anything into a closed queue", async (open) => {
	const scene = turnsScene(await open());
	const [behind = "", own = ""] = await queuesInARow(scene, {}, { overflowAfterSeconds: 60 });
	const mia = await scene.agent("mia", [own]);
	const offered = await scene.chat("queue1@desk.test");
	await scene.act((turn) => turn.move(offered, offer(mia), [mia]));
	scene.clock.advance(61_000);
	await round(scene);
	const { queueId, legs } = await scene.find(offered);
	assert.deepEqual([queueId, legs.length], [own, 1]);
	const late = await scene.chat("queue1@desk.test");
	await close(scene, behind);
	scene.clock.advance(61_000);
	await round(scene);
	assert.equal((await scene.find(late)).queueId, own);
});

/** Rounds by the clock, second by second; `turns` counts what was tried. */
async function running(t: test.TestContext, size: number) {
	const scene = turnsScene(await openTemporarySqlite(t));
	const [behind] = await queuesInARow(scene, { size }, { overflowAfterSeconds: 1 });
	const first = await scene.chat("queue1@desk.test");
	let turns = 0;
	const counted = {
		take: <T>(work: Parameters<typeof scene.turns.take<T>>[0]) => {
			turns += 1;
			return scene.turns.take(work);
		},
	};
	const worker = startOverflow({ ...scene, turns: counted });
	t.after(() => worker.stop());
	return {
		scene,
		behind,
		first,
		turns: () => turns,
		async pass(seconds: number): Promise<void> {
			for (let second = 0; second < seconds; second += 1) {
				scene.clock.advance(1000);
				await scene.storage.ping();
				await new Promise((resolve) => setTimeout(resolve, 5));
			}
		},
	};
}

test("after a start agents have time to come back before anything is moved", async (t) => {
	const { scene, behind, first, pass } = await running(t, -1);
	const own = (await scene.find(first)).queueId;
	await pass(9);
	assert.equal((await scene.find(first)).queueId, own);
	await pass(3);
	assert.equal((await scene.find(first)).queueId, behind);
});

test("a queue behind that stays full costs no turn", async (t) => {
	const { scene, behind, first, pass, turns } = await running(t, 1);
	await scene.chat("queue0@desk.test");
	await pass(30);
	assert.equal(turns(), 0);
	assert.notEqual((await scene.find(first)).queueId, behind);
});
