import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { appendChange, type StoredTell } from "#storage/chat-changes.ts";
import type { Log } from "#platform/log.ts";
import { noSignals } from "#storage/signals.ts";
import { testClock } from "#test/scene.ts";
import { openTemporarySqlite } from "#test/storage-on-both.ts";
import { openFeed } from "./feed.ts";

/** Two hearers, A and B; what is made out of a chat for B fails as often as is said, for the reason that is given. */
async function feedStage(t: TestContext, fault: { times: number; error: Error }) {
	const storage = await openTemporarySqlite(t);
	const clock = testClock();
	const logged: string[] = [];
	const note = (text: string): void => void logged.push(text);
	const log: Log = { debug: note, info: note, warn: note, error: note };
	let left = fault.times;
	const faulty: typeof storage = {
		...storage,
		remembered(key, read) {
			left -= 1;
			return left >= 0 ? Promise.reject(fault.error) : storage.remembered(key, read);
		},
	};
	const windows = () => Promise.resolve(() => undefined) as never;
	const feed = await openFeed({
		storage: faulty,
		signals: noSignals,
		clock,
		log,
		host: "desk.test",
		windows,
		queuePlaceOf: () => null,
	});
	t.after(() => feed.stop());
	const told: string[] = [];
	for (const user of ["A", "B"]) {
		feed.listen(
			user,
			({ transactions }) => told.push(...transactions.map(({ uri }) => `${user} ${uri.split("/").at(-1)}`)),
			() => told.push(`${user} misses`),
		);
	}
	const say = (name: string): StoredTell => ({
		to: "A",
		steps: [{ kind: "leaf", method: "POST", path: `/interactions/X/transcript/messages/${name}`, value: {} }],
	});
	const appears = { kind: "appears", chatId: "X", status: "incoming", channelStatus: "unknown", upTo: 1 };
	const commit = (tells: readonly StoredTell[]) => storage.alone("chats", (tx) => appendChange(tx, tells, clock.now()));
	await commit([say("M1"), { to: "B", steps: [appears] }]);
	await commit([say("M2")]);
	return {
		told,
		logged,
		commit: (name: string) => commit([say(name)]),
		figure: (to: string) => feed.say(to, [{ method: "PUT", uri: "/users/me/figure", subscribed_resource: 1 }]),
		/** Until so much is told, or so many rounds were tried. */
		async pass(count: number, roundsMax = 100): Promise<void> {
			for (let rounds = 0; told.length < count && rounds < roundsMax; rounds += 1) {
				clock.advance(5000);
				await storage.ping();
				await new Promise((resolve) => setImmediate(resolve));
			}
		},
	};
}

test("a change that could not be made out for one hearer is told once to the others", async (t) => {
	const stage = await feedStage(t, { times: 1, error: new Error("Something passes by.") });
	await stage.pass(2);
	assert.deepEqual(stage.told, ["A M1", "A M2"]);
});

test("what can never be made out is left out, its hearer begins anew, and the others go on", async (t) => {
	const stage = await feedStage(t, { times: Number.POSITIVE_INFINITY, error: new Error("A mistake of ours.") });
	await stage.pass(3);
	assert.deepEqual(stage.told, ["B misses", "A M1", "A M2"]);
	assert.equal(stage.logged.filter((text) => text.startsWith("A change could not be told")).length, 1);
});

test("nothing is left out while the database is away", async (t) => {
	const away = Object.assign(new Error("The database is away."), { code: "08006" });
	const stage = await feedStage(t, { times: 30, error: away });
	await stage.pass(2, 1000);
	assert.deepEqual(stage.told, ["A M1", "A M2"]);
});

test("a figure that was counted after commits is told after them, and to nobody who does not listen", async (t) => {
	const stage = await feedStage(t, { times: 0, error: new Error("None.") });
	stage.figure("A");
	stage.figure("C");
	await stage.pass(3);
	assert.deepEqual(stage.told, ["A M1", "A M2", "A figure"]);
});

test("a figure is told without waiting for the next look at the changes", async (t) => {
	const stage = await feedStage(t, { times: 0, error: new Error("None.") });
	await stage.pass(2);
	stage.figure("B");
	for (let turn = 0; turn < 50; turn += 1) {
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.deepEqual(stage.told, ["A M1", "A M2", "B figure"]);
});

test("a figure waits until all changes before it are told, however many they are", async (t) => {
	const stage = await feedStage(t, { times: 0, error: new Error("None.") });
	for (let n = 3; n <= 250; n += 1) {
		await stage.commit(`M${n}`);
	}
	stage.figure("A");
	await stage.pass(251);
	assert.equal(stage.told.length, 251);
	assert.equal(stage.told.at(-1), "A figure");
});
