// Goal: for each provider the whole way — configured by REST, a signed webhook in, matched, answered through the API,
// receipts back — and what goes wrong on it, seen from both ends.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { connectorOf } from "#connectors/registry.ts";
import { systemClock } from "#platform/clock.ts";
import { noSignals } from "#storage/signals.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { seededRandom } from "#test/scene.ts";
import { type Api, configure, type MessageObject, messages, startParley, until, untilState } from "#test/parley.ts";

async function start(t: TestContext, type: string): Promise<Simulator> {
	const run = simulators[type];
	assert.ok(run);
	const simulator = await run({ clock: systemClock, random: seededRandom(7) });
	t.after(() => simulator.close());
	return simulator;
}

function send(api: Api, simulator: Simulator, serviceId: string, text: string): Promise<MessageObject> {
	const body = { service: serviceId, from: simulator.account.ourAddress, to: simulator.somebody, text };
	return api.call<MessageObject>("POST", "/RI/cmi/messages", body);
}

/** The last that a provider of this type ever tells about a message. */
function furthestOf(type: string): string {
	return connectorOf(type)?.capabilities.receipts.at(-1) ?? "sent";
}

/**
 * Whether anything can tell what became of a message whose answer never came. A provider on a line has no field that would
 * bring our attempt id back: without its answer nobody knows the message's id.
 */
function hasProof(type: string): boolean {
	const connector = connectorOf(type);
	if (connector?.line !== undefined) {
		return false;
	}
	return connector?.lookup !== undefined || (connector?.capabilities.receipts.length ?? 0) > 0;
}

/** Until upkeep has fetched the keys under which a provider signs, it is asked to come again. */
function beforeKeys(type: string): number | undefined {
	return connectorOf(type)?.upkeep === undefined ? undefined : 503;
}

for (const type of Object.keys(simulators)) {
	test(`${type}: in, matched, answered, reported as far as it goes, traceable`, async (t) => {
		const api = await startParley(t);
		const simulator = await start(t, type);
		const service = await configure(api, simulator);

		const said = await simulator.contactWrites({ from: simulator.somebody, text: "Hello 👋 Grüße" });
		assert.ok(said.status >= 200 && said.status <= 299, said.body);
		const question = await until(async () => {
			const [message] = await messages(api, `service=${service.id}&direction=in&state=matched`);
			return message;
		}, "the message is matched");
		assert.equal(question.text, "Hello 👋 Grüße");

		const answer = await send(api, simulator, service.id, "Good day — how can we help?");
		assert.equal(answer.conversation, question.conversation);
		await untilState(api, answer.id, furthestOf(type));
		assert.deepEqual(
			// The Conversation API prints numbers without the plus.
			simulator.taken.map(({ text, to }) => ({ text, to: to.replace("+", "") })),
			[{ text: "Good day — how can we help?", to: simulator.somebody.replace("+", "") }],
		);
		assert.deepEqual(simulator.refusals, []);
		const trace = await api.call<{ at: string; what: string }[]>("GET", `/RI/cmi/messages/${answer.id}/trace`);
		assert.ok(trace.length >= 5, "queued, attempt, sent and receipts are in the trace");
		assert.deepEqual(
			trace.map(({ at }) => at),
			trace.map(({ at }) => at).toSorted((a, b) => (a < b ? -1 : 1)),
		);
	});

	test(`${type}: repeated, reordered and too early webhooks change nothing`, async (t) => {
		const api = await startParley(t);
		const simulator = await start(t, type);
		const service = await configure(api, simulator);
		simulator.manners = { ...simulator.manners, times: 3, reversed: true, receiptsFirst: true };
		await simulator.contactWrites({ from: simulator.somebody, text: "once" });
		const answer = await send(api, simulator, service.id, "back");
		await untilState(api, answer.id, furthestOf(type));
		await simulator.settled();
		// Where a webhook only makes us ask, the message comes a moment later.
		await until(async () => (await messages(api, `service=${service.id}&direction=in`))[0], "the message is there");
		const incoming = await messages(api, `service=${service.id}&direction=in`);
		assert.equal(incoming.length, 1);
		assert.equal(simulator.taken.length, 1);
		assert.deepEqual(
			simulator.webhooks.filter(({ status }) => (status < 200 || status > 299) && status !== beforeKeys(type)),
			[],
		);
		assert.equal((await api.call<MessageObject>("GET", `/RI/cmi/messages/${answer.id}`)).state, furthestOf(type));
	});

	test(`${type}: an answer that never came is settled by proof and never becomes a second text`, async (t) => {
		const api = await startParley(t);
		const simulator = await start(t, type);
		const service = await configure(api, simulator, { unknownWaitSeconds: 2 });
		await simulator.contactWrites({ from: simulator.somebody, text: "hi" });
		simulator.script = [{ kind: "resetAfter" }];
		const answer = await send(api, simulator, service.id, "only once");
		// Where nothing can tell, it is held for a person.
		await untilState(api, answer.id, hasProof(type) ? furthestOf(type) : "held");
		assert.equal(simulator.taken.length, 1);
	});

	test(`${type}: without proof the message is held for a person, who may send it again, marked`, async (t) => {
		const api = await startParley(t);
		const simulator = await start(t, type);
		const service = await configure(api, simulator, { unknownWaitSeconds: 1 });
		await simulator.contactWrites({ from: simulator.somebody, text: "hi" });
		simulator.manners = { ...simulator.manners, receipts: [] };
		// Nothing reaches the provider's books, so nobody can ever tell.
		simulator.script = [{ kind: "answer", status: 502, body: "oops" }];
		const answer = await send(api, simulator, service.id, "is it there?");
		await untilState(api, answer.id, "held");
		assert.equal(simulator.taken.length, 0);
		await api.call("POST", `/RI/cmi/parked/${answer.id}/retry`);
		const again = await untilState(api, answer.id, "sent");
		assert.equal(again.possibleDuplicate, true);
		assert.equal(simulator.taken.length, 1);
	});

	test(`${type}: a throttle is obeyed and the message arrives`, async (t) => {
		const api = await startParley(t);
		const simulator = await start(t, type);
		const service = await configure(api, simulator);
		await simulator.contactWrites({ from: simulator.somebody, text: "hi" });
		simulator.script = [{ kind: "answer", status: 429, body: "{}", headers: { "retry-after": "1" } }];
		const answer = await send(api, simulator, service.id, "later");
		const read = await untilState(api, answer.id, furthestOf(type));
		assert.deepEqual([read.attempts, simulator.taken.length], [2, 1]);
	});
}

test("the whole way works with signals switched off: polling is the truth", async (t) => {
	const api = await startParley(t, { signals: noSignals });
	const simulator = await start(t, "sinchconversation");
	const service = await configure(api, simulator);
	await simulator.contactWrites({ from: simulator.somebody, text: "hi" });
	await until(async () => (await messages(api, `service=${service.id}&state=matched`))[0], "matched by polling");
	const answer = await send(api, simulator, service.id, "hello");
	await untilState(api, answer.id, "read");
});
