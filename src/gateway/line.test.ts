import assert from "node:assert/strict";
import { once } from "node:events";
import test, { type TestContext } from "node:test";
import type { ChannelEvent } from "#domain/messages.ts";
import { type TestClock, testClock } from "#test/scene.ts";
import { asking, connected, frame, type Peer, toyLine } from "#test/toy-line.ts";
import { Line, type LineParts } from "./line.ts";

type Scene = { line: Line; peer: Peer; clock: TestClock; seen: string[]; ours: import("node:net").Socket };

async function greeting(t: TestContext, over: Partial<LineParts> = {}): Promise<Scene> {
	const clock = testClock();
	const { ours, peer } = await connected(t);
	const seen: string[] = [];
	const line = new Line(ours, {
		protocol: toyLine,
		clock,
		answerTimeoutMs: 5000,
		opening: "o1",
		record: (_frame, events) => {
			seen.push(keysOf(events));
			return Promise.resolve(true);
		},
		alive: () => seen.push("alive"),
		failed: (error) => seen.push(String(error)),
		...over,
	});
	return { line, peer, clock, seen, ours };
}

const keysOf = (events: readonly ChannelEvent[]) => events.map(({ dedupKey }) => dedupKey).join();

async function open(t: TestContext, over: Partial<LineParts> = {}): Promise<Scene> {
	const scene = await greeting(t, over);
	const greeted = scene.line.greet();
	scene.peer.say(frame("g", (await scene.peer.at(0)).number));
	assert.deepEqual(await greeted, { ok: true });
	return scene;
}

/** Another length for frames of the kind E only. */
const lengthOfE = (length: number | undefined) => (bytes: Uint8Array) =>
	bytes[1] === 0x45 ? length : toyLine.frameLength(bytes);

const kindsOf = (peer: Peer) => peer.heard.map(({ kind }) => kind).join("");

test("nothing is sent before the greeting is answered, and answers find their question whatever their order", async (t) => {
	const { line, peer } = await greeting(t);
	const greeted = line.greet();
	const early = await line.ask(asking("early"));
	assert.deepEqual([early.kind, "why" in early && early.why], ["notSent", "closed"]);
	assert.equal(line.isOpen, false);
	peer.say(frame("g", (await peer.at(0)).number));
	assert.deepEqual(await greeted, { ok: true });
	const [one, two] = [line.ask(asking("one")), line.ask(asking("two"))];
	const asked = [await peer.at(1), await peer.at(2)];
	peer.say(...asked.toReversed().map(({ number, text }) => frame("a", number, `to ${text}`)));
	for (const [answer, says] of [
		[await one, "to one"],
		[await two, "to two"],
	] as const) {
		assert.ok(answer.kind === "answered");
		assert.equal(Buffer.from(answer.frame.subarray(3)).toString(), says);
	}
	assert.equal(kindsOf(peer), "GAA");
});

test("a refused greeting ends the line with the provider's reason", async (t) => {
	const { line, peer } = await greeting(t);
	const greeted = line.greet();
	peer.say(frame("x", (await peer.at(0)).number));
	const refusal = { finding: "credentials_refused", code: "credentials", detail: "The provider does not know us." };
	assert.deepEqual(await greeted, { ok: false, ...refusal });
	assert.deepEqual(await line.ended, refusal);
});

test("a greeting that is not answered in time, or cut, is the provider's trouble", async (t) => {
	const late = await greeting(t);
	const waited = late.line.greet();
	await late.peer.at(0);
	late.clock.advance(5000);
	assert.match(JSON.stringify(await waited), /greeting_unanswered.*unreachable/);
	const cut = await greeting(t);
	const broken = cut.line.greet();
	await cut.peer.at(0);
	cut.peer.socket.resetAndDestroy();
	assert.match(JSON.stringify(await broken), /connection_reset.*unreachable/);
});

test("no more wait for an answer than the window lets, and the next goes when one is answered", async (t) => {
	const { line, peer } = await open(t);
	const answers = ["1", "2", "3"].map((text) => line.ask(asking(text)));
	const first = await peer.at(1);
	await peer.at(2);
	assert.equal(kindsOf(peer), "GAA");
	peer.say(frame("a", first.number));
	assert.equal((await answers[0])?.kind, "answered");
	assert.equal((await peer.at(3)).text, "3");
});

test("when the line breaks, what was written is unclear and what was not is certainly not sent", async (t) => {
	const { line, peer } = await open(t);
	const answers = ["1", "2", "3"].map((text) => line.ask(asking(text)));
	await peer.at(2);
	peer.socket.resetAndDestroy();
	const [one, two, three] = await Promise.all(answers);
	assert.deepEqual([one, two], Array(2).fill({ kind: "unclear", why: "reset" }));
	assert.equal(three?.kind, "notSent");
	assert.equal((await line.ask(asking("4"))).kind, "notSent");
});

test("an answer that is late is unclear, comes to nobody, and the line goes on", async (t) => {
	const { line, peer, clock } = await open(t);
	const one = line.ask(asking("1"));
	const { number } = await peer.at(1);
	clock.advance(5000);
	assert.deepEqual(await one, { kind: "unclear", why: "timeout" });
	const two = line.ask(asking("2"));
	const next = await peer.at(2);
	peer.say(frame("a", number, "late"), frame("a", next.number, "right"));
	const answer = await two;
	assert.ok(answer.kind === "answered");
	assert.equal(Buffer.from(answer.frame.subarray(3)).toString(), "right");
});

test("more than may wait is refused at once", async (t) => {
	const { line } = await open(t);
	const asked = Array.from({ length: 2 + 256 + 1 }, (_, index) => line.ask(asking(String(index))));
	const last = await asked.at(-1);
	assert.deepEqual([last?.kind, last !== undefined && "why" in last && last.why], ["notSent", "full"]);
});

test("what is told is answered when it is stored and not before, and with a refusal when it is not", async (t) => {
	const stored = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
	const order: string[] = [];
	const { peer } = await open(t, {
		record: (_frame, events) => stored[order.push(keysOf(events)) - 1]?.promise ?? Promise.resolve(true),
	});
	peer.say(frame("T", 7, "a"), frame("T", 8, "b"), frame("E", 9));
	assert.equal((await peer.at(1)).kind, "e");
	assert.deepEqual(order, ["message:a", "message:b"]);
	stored[1]?.resolve(false);
	assert.deepEqual(await peer.at(2), { kind: "r", number: 8, text: "" });
	stored[0]?.resolve(true);
	assert.deepEqual(await peer.at(3), { kind: "t", number: 7, text: "" });
});

test("a provider that tells faster than can be stored is not read for a while", async (t) => {
	const stored = Promise.withResolvers<boolean>();
	let told = 0;
	const { peer, ours } = await open(t, {
		record: () => {
			told += 1;
			return stored.promise;
		},
	});
	peer.say(...Array.from({ length: 64 }, (_, index) => frame("T", index + 1, String(index))));
	while (told < 64) {
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.equal(ours.isPaused(), true);
	stored.resolve(true);
	await peer.at(64);
	assert.equal(ours.isPaused(), false);
});

test("what is told before the greeting is answered is not believed", async (t) => {
	const believed = Promise.withResolvers<string>();
	const { line, peer } = await greeting(t, {
		record: () => {
			believed.resolve("believed");
			return Promise.resolve(true);
		},
	});
	const greeted = line.greet().then(({ ok }) => ok);
	await peer.at(0);
	peer.say(frame("T", 7, "a"));
	assert.equal(await Promise.race([believed.promise, greeted]), false);
});

test("frames come in pieces and several at once, the greeting's answer with what is told behind it too", async (t) => {
	const { line, peer, seen } = await greeting(t);
	const greeted = line.greet();
	const bytes = Buffer.concat([frame("g", (await peer.at(0)).number), frame("T", 1, "a"), frame("T", 2, "b")]);
	for (const byte of bytes) {
		peer.socket.write(Buffer.of(byte));
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.deepEqual(await greeted, { ok: true });
	await peer.at(2);
	assert.deepEqual(seen, ["message:a", "message:b"]);
	const both = await greeting(t);
	const answered = both.line.greet();
	both.peer.say(frame("g", (await both.peer.at(0)).number), frame("T", 1, "c"));
	assert.deepEqual(await answered, { ok: true });
	await both.peer.at(1);
	assert.deepEqual(both.seen, ["message:c"]);
});

test("a quiet line is asked whether it is there; one that does not answer is over", async (t) => {
	const { line, peer, clock, seen } = await open(t);
	clock.advance(30_000);
	peer.say(frame("e", (await peer.at(1)).number));
	while (seen.length === 0) {
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.deepEqual(seen, ["alive"]);
	clock.advance(30_000);
	await peer.at(2);
	clock.advance(5000);
	assert.match((await line.ended).detail, /not answer any more/);
});

test("a line on which something comes is not asked", async (t) => {
	const { peer, clock, seen } = await open(t);
	clock.advance(20_000);
	peer.say(frame("T", 1, "a"));
	await peer.at(1);
	clock.advance(20_000);
	assert.equal(kindsOf(peer), "Gt");
	clock.advance(10_000);
	assert.equal((await peer.at(2)).kind, "E");
	assert.deepEqual(seen, ["message:a"]);
});

test("what is no frame, and a frame over which the connector throws, end the line and nothing else", async (t) => {
	const garbage = await open(t);
	garbage.peer.say(Buffer.of(0xff, 0xff));
	assert.match((await garbage.line.ended).detail, /no frame/);
	const empty = await open(t, { protocol: { ...toyLine, frameLength: lengthOfE(0) } });
	empty.peer.say(frame("E", 1));
	assert.match((await empty.line.ended).detail, /no frame/);
	const long = await open(t, { protocol: { ...toyLine, frameLength: lengthOfE(65_537) } });
	long.peer.say(frame("E", 1));
	assert.match((await long.line.ended).detail, /no frame/);
	const bug = await open(t);
	const pending = bug.line.ask(asking("1"));
	await bug.peer.at(1);
	bug.peer.say(frame("!", 1));
	assert.match((await bug.line.ended).detail, /connector failed/);
	assert.deepEqual([await pending, bug.seen], [{ kind: "unclear", why: "reset" }, ["TypeError: a bug"]]);
});

test("a beginning without an end is not kept beyond the longest frame", async (t) => {
	const { line, peer, ours } = await open(t, { protocol: { ...toyLine, frameLength: lengthOfE(undefined) } });
	const read = Promise.withResolvers<{ detail: string }>();
	let unread = 65_537;
	ours.on("data", (bytes: Buffer) => {
		unread -= bytes.length;
		if (unread === 0) {
			setImmediate(() => read.resolve({ detail: "All of it was read, and kept." }));
		}
	});
	peer.say(Buffer.alloc(unread, "E"));
	assert.match((await Promise.race([line.ended, read.promise])).detail, /no frame/);
});

test("the provider's farewell is answered, and the line is over", async (t) => {
	const { line, peer } = await open(t);
	peer.say(frame("B", 9));
	assert.deepEqual(await peer.at(1), { kind: "b", number: 9, text: "" });
	assert.match((await line.ended).detail, /ended the line/);
});

test("closing waits for what was asked and for what is being stored, sends no more, and says farewell", async (t) => {
	const stored = Promise.withResolvers<boolean>();
	const { line, peer, ours } = await open(t, { record: () => stored.promise });
	const asked = ["1", "2", "3"].map((text) => line.ask(asking(text)));
	const first = await peer.at(1);
	const second = await peer.at(2);
	peer.say(frame("T", 5, "a"));
	const closing = line.close();
	assert.equal((await asked[2])?.kind, "notSent");
	assert.equal((await line.ask(asking("4"))).kind, "notSent");
	peer.say(frame("a", first.number), frame("a", second.number));
	assert.deepEqual(
		(await Promise.all(asked.slice(0, 2))).map(({ kind }) => kind),
		["answered", "answered"],
	);
	const farewell = await peer.at(3);
	assert.equal(farewell.kind, "B");
	peer.say(frame("b", farewell.number), frame("E", 9));
	assert.equal((await peer.at(4)).kind, "e");
	assert.equal(ours.writableEnded, false, "what is not stored yet is not answered yet");
	stored.resolve(true);
	assert.equal((await peer.at(5)).kind, "t");
	await once(peer.socket, "end");
	peer.socket.end();
	await closing;
	assert.match((await line.ended).detail, /./);
});

test("a provider that answers neither questions nor the farewell holds nobody up for ever", async (t) => {
	const { line, peer, clock } = await open(t);
	const asked = line.ask(asking("1"));
	await peer.at(1);
	const closing = line.close();
	clock.advance(5000);
	assert.deepEqual(await asked, { kind: "unclear", why: "timeout" });
	assert.equal((await peer.at(2)).kind, "B");
	clock.advance(2000);
	await closing;
});

test("a provider that asks and asks and reads no answer is cut off", async (t) => {
	const wordy = { ...toyLine, hear: () => ({ kind: "asked" as const, reply: Buffer.alloc(50_000) }) };
	const { line, peer } = await greeting(t, { protocol: wordy });
	peer.socket.pause();
	const flood = Buffer.concat(Array.from({ length: 4000 }, () => frame("E", 1)));
	peer.say(flood);
	assert.match((await line.ended).detail, /does not read/);
});
