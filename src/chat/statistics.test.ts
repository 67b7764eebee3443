import assert from "node:assert/strict";
import { test } from "node:test";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { turnsScene, type TurnsScene } from "#test/turns-scene.ts";
import type { Transaction } from "./resource.ts";
import { startStatistics } from "./statistics.ts";

test("however many ask at once it is counted once, and who listens is told what has changed since", async (t) => {
	const scene = turnsScene(await openTemporarySqlite(t));
	const queueId = await scene.queue("support");
	const mia = await scene.agent("mia", [queueId]);
	const told: Transaction[] = [];
	let listening: string[] = [];
	let counts = 0;
	const { storage } = scene;
	const counted = new Proxy(storage.db, {
		get(db, name) {
			counts += name === "selectFrom" ? 1 : 0;
			const value: unknown = Reflect.get(db, name);
			return typeof value === "function" ? (value.bind(db) as unknown) : value;
		},
	});
	const feed = {
		say: (_userId: string, transactions: readonly Transaction[]) => void told.push(...transactions),
		listening: () => listening,
	};
	const deps = { ...scene, storage: { ...storage, db: counted }, feed: feed as never };
	const statistics = startStatistics(deps);
	t.after(() => statistics.stop());
	await statistics.now();
	const once = counts;
	scene.clock.advance(60_000);
	counts = 0;
	const many = await Promise.all(Array.from({ length: 50 }, () => statistics.now()));
	assert.ok(counts <= once, "fifty asked");
	assert.ok(many.every((figures) => figures === many[0]));
	await scene.chat("support@desk.test");
	listening = [mia];
	for (let round = 0; round < 50 && told.length === 0; round += 1) {
		scene.clock.advance(5000);
		await storage.ping();
		await new Promise((resolve) => setImmediate(resolve));
	}
	const value = (name: string) => told.find(({ uri }) => uri.endsWith(`/${queueId}/${name}`))?.subscribed_resource;
	assert.deepEqual([value("interactions"), value("agents_waiting")], [1, undefined], "only what has changed");
});

test("who asks while the others are told has what they are told", async (t) => {
	const scene = turnsScene(await openTemporarySqlite(t));
	const queueId = await scene.queue("support");
	const mia = await scene.agent("mia", [queueId]);
	let goOn: () => void = () => undefined;
	let isHeld = false;
	const rights = {
		async now() {
			if (!isHeld) {
				return scene.rights.now();
			}
			// Whoever listens is asked for after this: here the telling stands.
			await new Promise<void>((resolve) => (goOn = resolve));
			return scene.rights.now();
		},
	};
	const feed = { say: () => undefined, listening: () => [mia] };
	const statistics = startStatistics({ ...scene, rights, feed: feed as never });
	t.after(() => statistics.stop());
	const waiting = async () => (await statistics.now())[0]?.interactions;
	assert.equal(await waiting(), 0);
	await scene.chat("support@desk.test");
	isHeld = true;
	scene.clock.advance(60_000);
	const asked = waiting();
	await untilHeld(scene.storage, () => goOn);
	goOn(); // The figures are counted: what stands next is the telling.
	assert.equal(await asked, 1);
	assert.equal(await waiting(), 1);
	isHeld = false;
	goOn();
});

async function untilHeld({ ping }: TurnsScene["storage"], goOn: () => () => void): Promise<void> {
	const before = goOn();
	while (goOn() === before) {
		await ping();
		await new Promise((resolve) => setImmediate(resolve));
	}
}
