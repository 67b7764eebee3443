import assert from "node:assert/strict";
import test from "node:test";
import { exactMax } from "#domain/queue-places.ts";
import { placesOfVisitors, standingIn } from "#storage/chat-waiting.ts";
import { onBothDialects, openTemporarySqlite } from "#test/storage-on-both.ts";
import { type TurnsScene, turnsScene } from "#test/turns-scene.ts";
import { accept, decline, lose, offer } from "./moves/waiting.ts";
import { changedPlaces, startPlaces } from "./places.ts";
import type { Transaction } from "./resource.ts";

const placed = (...places: readonly (readonly [string, number])[]) =>
	new Map(places.map(([chatId, place]) => [chatId, { visitorId: `of ${chatId}`, place }]));

test("told is who has another place, and who has none any more", () => {
	const before = placed(["A", 1], ["B", 2], ["C", 3], ["D", 4]);
	const after = placed(["C", 1], ["B", 2], ["D", 3], ["E", 4]);
	assert.deepEqual(
		changedPlaces(before, after).map(({ visitorId, place }) => [visitorId, place]),
		[
			["of A", null],
			["of C", 1],
			["of D", 3],
			["of E", 4],
		],
	);
	assert.deepEqual(changedPlaces(after, after), []);
});

/** The chats by their places, queue by queue. */
async function order({ storage }: TurnsScene): Promise<string[]> {
	const places = await placesOfVisitors(storage.db);
	return places.toSorted((a, b) => a.place - b.place).map(({ chatId, place }) => `${place} ${chatId}`);
}

async function act({ act: take }: TurnsScene, chatId: string, move: ReturnType<typeof offer>): Promise<void> {
	const acted = await take((turn) => turn.move(chatId, move));
	assert.ok(acted.ok, JSON.stringify(acted));
}

onBothDialects(
	"places go by front, then by age, without those being offered; for one they are the same",
	async (open) => {
		const scene = turnsScene(await open());
		const queueId = await scene.queue("support");
		await scene.queue("other", { priority: 0 });
		const mia = await scene.agent("mia", [queueId]);
		const chats: string[] = [];
		for (const _ of [1, 2, 3, 4]) {
			chats.push(await scene.chat("support@desk.test"));
			scene.clock.advance(1000);
		}
		const [a = "", b = "", c = "", d = ""] = chats;
		const elsewhere = await scene.chat("other@desk.test");
		const ofSupport = async () => (await order(scene)).filter((one) => !one.includes(elsewhere));
		assert.deepEqual(await ofSupport(), [`1 ${a}`, `2 ${b}`, `3 ${c}`, `4 ${d}`]);
		assert.ok(
			(await order(scene)).includes(`1 ${elsewhere}`),
			"another queue has places of its own, whatever its priority",
		);
		await act(scene, c, offer(mia));
		assert.deepEqual(await ofSupport(), [`1 ${a}`, `2 ${b}`, `3 ${d}`]);
		await act(scene, c, decline(mia, "rejected"));
		assert.deepEqual(await ofSupport(), [`1 ${a}`, `2 ${b}`, `3 ${c}`, `4 ${d}`]);
		await act(scene, d, offer(mia));
		await act(scene, d, accept(mia));
		await act(scene, d, lose(mia));
		assert.deepEqual(await ofSupport(), [`1 ${d}`, `2 ${a}`, `3 ${b}`, `4 ${c}`], "who had an agent is at the front");
		for (const [index, id] of [d, a, b, c].entries()) {
			assert.deepEqual(await standingIn(scene.storage.db, queueId, await scene.find(id)), {
				waiting: 4,
				place: index + 1,
			});
		}
		const comes = { ...(await scene.find(b)), id: "0".repeat(32), isFront: false };
		assert.equal(
			(await standingIn(scene.storage.db, queueId, comes)).place,
			3,
			"by its age, where it comes from elsewhere",
		);
	},
);

/** Many wait, and all of them listen; `told` is who was told what since it was looked at last. */
async function crowd(t: Parameters<typeof openTemporarySqlite>[0], count: number) {
	const scene = turnsScene(await openTemporarySqlite(t));
	const mia = await scene.agent("mia", [await scene.queue("support")]);
	const chats: string[] = [];
	for (let n = 0; n < count; n += 1) {
		chats.push(await scene.chat("support@desk.test"));
	}
	let reads = 0;
	const db = new Proxy(scene.storage.db, {
		get(real, name) {
			reads += name === "selectFrom" ? 1 : 0;
			const value: unknown = Reflect.get(real, name);
			return typeof value === "function" ? (value.bind(real) as unknown) : value;
		},
	});
	let listening: string[] = [];
	const said: unknown[] = [];
	const feed = {
		say: (_to: string, transactions: readonly Transaction[]) =>
			void said.push(...transactions.map(({ subscribed_resource: place }) => place)),
		listening: () => listening,
	};
	const places = startPlaces({ ...scene, storage: { ...scene.storage, db }, feed });
	t.after(() => places.stop());
	return {
		scene,
		mia,
		chats,
		places,
		reads: () => reads,
		listen: () => void (listening = ["somebody"]),
		/** After so many seconds in which the rounds could run. */
		async told(seconds: number): Promise<unknown[]> {
			for (let second = 0; second < seconds; second += 1) {
				scene.clock.advance(1000);
				await scene.storage.ping();
				await new Promise((resolve) => setImmediate(resolve));
			}
			return said.splice(0);
		},
	};
}

test("it is counted while somebody listens, once for all who ask, and nobody is told the same again", async (t) => {
	const { scene, mia, chats, places, reads, listen, told } = await crowd(t, 3);
	const [first = "", second = ""] = chats;
	assert.deepEqual([await told(10), reads()], [[], 0], "nobody listens");
	await Promise.all(Array.from({ length: 50 }, () => places.counted()));
	const once = reads();
	await places.counted();
	assert.ok(reads() === once && once <= 3, `${reads()} reads for fifty who ask, and one a moment later`);
	assert.deepEqual([places.of(first), places.of("nobody's")], [1, null]);
	assert.deepEqual(await told(0), [1, 2, 3], "those who listen are told, whoever asked");
	listen();
	assert.deepEqual(await told(12), [], "nothing has changed");
	assert.ok(reads() <= 6 * once, `${reads()} reads in twelve seconds`);
	await act(scene, first, offer(mia));
	assert.deepEqual(await told(4), [null, 1, 2]);
	assert.deepEqual([places.of(first), places.of(second)], [null, 1]);
});

test("however many wait, one who leaves moves a hundred at most", async (t) => {
	const { scene, mia, chats, listen, told, places } = await crowd(t, exactMax + 50);
	listen();
	const all = await told(6);
	assert.equal(all.length, exactMax + 50);
	assert.deepEqual([all.at(exactMax - 1), all.at(exactMax), all.at(-1)], [exactMax, exactMax + 1, exactMax + 1]);
	await act(scene, chats[0] ?? "", offer(mia));
	const moved = await told(6);
	assert.deepEqual(moved, [null, ...Array.from({ length: exactMax }, (_, index) => index + 1)]);
	assert.equal(places.of(chats.at(-1) ?? ""), exactMax + 1);
});
