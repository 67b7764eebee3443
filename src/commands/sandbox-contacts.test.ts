// Goal: a simulated contact answers once what came in one go, answers nobody else's messages, and does not go on for ever.

import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import test, { type TestContext } from "node:test";
import type { ContactMessage, Simulator, TakenMessage } from "#simulators/simulator.ts";
import { type TestClock, testClock } from "#test/scene.ts";
import { openContacts } from "./sandbox-contacts.ts";
import { personas } from "./sandbox-talk.ts";

function stage(t: TestContext, somebody = "+4915112345678") {
	const clock = testClock();
	const taken: TakenMessage[] = [];
	const written: ContactMessage[] = [];
	const simulator = {
		somebody,
		taken,
		contactWrites(message: ContactMessage) {
			written.push(message);
			return Promise.resolve({ kind: "message", remoteId: "", status: 200, body: "", at: clock.now() });
		},
	} as unknown as Simulator;
	const contacts = openContacts(simulator, personas, clock);
	t.after(() => contacts.close());
	const take = (to: string, text: string) =>
		taken.push({ remoteId: String(taken.length), attemptId: undefined, to, text, at: clock.now() });
	return { clock, contacts, written, take };
}

async function pass(clock: TestClock, ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed += 200) {
		clock.advance(200);
		await turn(); // The look that was due goes on.
	}
}

test("several parts are answered once, a moment after the last one", async (t) => {
	const { clock, written, take } = stage(t);
	take("+447700900101", "Good day.");
	await pass(clock, 1600);
	take("447700900101", "May I have your name?");
	await pass(clock, 1600);
	assert.deepEqual(written, []);
	await pass(clock, 600);
	assert.deepEqual(written, [{ from: "+447700900101", name: "Anna Berger", text: "My name is Anna Berger." }]);
	await pass(clock, 5000);
	assert.equal(written.length, 1);
});

test("a message to somebody else is answered by nobody", async (t) => {
	const { clock, written, take } = stage(t);
	take("+4915112345678", "Who are you?");
	await pass(clock, 5000);
	assert.deepEqual(written, []);
});

test("personas are called as the provider calls people", async (t) => {
	for (const [somebody, from] of [
		["+4915112345678", "+447700900102"],
		["7000000000000001", "7000000000000002"],
		["kim@example.com", "ben@example.com"],
	] as const) {
		const { contacts, written } = stage(t, somebody);
		await contacts.write("ben", "Hello");
		assert.deepEqual(written, [{ from, name: "Ben Okafor", text: "Hello" }]);
		await assert.rejects(contacts.write("zoe", "Hello"), /persona/);
	}
});

test("two programs that answer each other come to an end, until a person writes again", async (t) => {
	const { clock, contacts, written, take } = stage(t);
	const round = async (): Promise<void> => {
		take("+447700900101", "Automatic reply");
		await pass(clock, 2400);
	};
	for (let count = 0; count < 120; count++) {
		await round();
	}
	assert.equal(written.length, 100);
	await contacts.write("anna", "Is there a person?");
	await round();
	assert.equal(written.length, 102);
});
