// Goal: what only a line has — it is cut, refused, changed, stopped — seen from both ends of the whole program.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import { type SmppSimulator, startSmppSimulator } from "#simulators/smpp.ts";
import { type Api, configure, type MessageObject, messages, startParley, until, untilState } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";

const contact = "+4915112345678";

async function smsc(t: TestContext): Promise<SmppSimulator> {
	const simulator = await startSmppSimulator({ clock: systemClock, random: seededRandom(11) });
	t.after(() => simulator.close());
	return simulator;
}

function send(api: Api, service: { id: string }, simulator: SmppSimulator, text: string): Promise<MessageObject> {
	const body = { service: service.id, from: simulator.account.ourAddress, to: contact, text };
	return api.call<MessageObject>("POST", "/RI/cmi/messages", body);
}

type ServiceState = { state: string; stateBecause: string };
const stateOf = (api: Api, { id }: { id: string }) => api.call<ServiceState>("GET", `/RI/rci/messagingServices/${id}`);

test("a long text goes in parts that a telephone joins, each with its own receipt", async (t) => {
	const api = await startParley(t);
	const simulator = await smsc(t);
	const service = await configure(api, simulator);
	const text = `${"All work and no play makes Jack a dull boy. ".repeat(9)}😀 ${"Жа ".repeat(50)}`.trim();
	const answer = await send(api, service, simulator, text);
	await untilState(api, answer.id, "delivered");
	assert.ok(simulator.taken.length > 3);
	assert.equal(simulator.taken.map((part) => part.text).join(""), text);
	assert.deepEqual(simulator.refusals, []);
});

test("a line that the provider ends, and one that is cut, is opened again; nothing is lost either way", async (t) => {
	const api = await startParley(t);
	const simulator = await smsc(t);
	const service = await configure(api, simulator);
	await simulator.whenBound();
	await simulator.unbindAll();
	const said = await simulator.contactWrites({ from: contact, text: "after the unbind" });
	assert.equal(said.status, 200);
	simulator.cutAll();
	const answer = await send(api, service, simulator, "after the cut");
	await untilState(api, answer.id, "delivered");
	assert.equal(simulator.binds, 3);
	await until(async () => (await messages(api, `service=${service.id}&state=matched`))[0], "the message is matched");
	assert.deepEqual(simulator.refusals, []);
});

test("a refused bind shows as unauthorised, messages wait, and the right password sends them", async (t) => {
	const api = await startParley(t);
	const simulator = await smsc(t);
	simulator.bindStatus = 0x0e;
	const service = await configure(api, simulator);
	const answer = await send(api, service, simulator, "later");
	const refused = await until(async () => {
		const state = await stateOf(api, service);
		return state.state === "unauthorised" ? state : undefined;
	}, "the service is unauthorised");
	assert.match(refused.stateBecause, /0x0E \(ESME_RINVPASWD\)/);
	assert.equal((await api.call<MessageObject>("GET", `/RI/cmi/messages/${answer.id}`)).state, "queued");
	simulator.bindStatus = undefined;
	await api.call("PATCH", `/RI/rci/messagingServices/${service.id}`, { name: "Renamed" });
	await untilState(api, answer.id, "delivered");
	await until(async () => (await stateOf(api, service)).state === "ready" || undefined, "the service is ready");
});

type Check = { finishedAt: string | null; steps: { step: string; ok: boolean; code: string }[] };

async function checked(api: Api, service: { id: string }): Promise<Check> {
	const path = `/RI/rci/messagingServices/${service.id}`;
	const { id } = await api.call<{ id: string }>("POST", `${path}/check`);
	return until(async () => {
		const check = await api.call<Check>("GET", `${path}/checks/${id}`);
		return check.finishedAt === null ? undefined : check;
	}, "the check is finished");
}

test("a check looks at the line, and tries it where it is closed", async (t) => {
	const api = await startParley(t);
	const simulator = await smsc(t);
	simulator.bindStatus = 0x0f;
	const service = await configure(api, simulator);
	const refused = await checked(api, service);
	assert.deepEqual(
		refused.steps.map(({ step, code }) => `${step} ${code}`),
		["address ok", "dns ok", "tls not_encrypted", "credentials user_refused"],
	);
	simulator.bindStatus = undefined;
	const open = await checked(api, service);
	assert.deepEqual(
		open.steps.map(({ step, ok }) => `${step} ${ok}`),
		["address true", "dns true", "tls true", "credentials true"],
	);
	assert.ok(simulator.binds > 0);
});

test("receipts that spell the id in decimal are matched where the service says so", async (t) => {
	const api = await startParley(t);
	const simulator = await smsc(t);
	simulator.receiptIds = "decimal";
	simulator.receiptTlvs = false;
	const service = await configure(api, simulator, { messageIds: "decimalInReceipts" });
	const answer = await send(api, service, simulator, "decimal");
	await untilState(api, answer.id, "delivered");
});

test("no more submits than the window wait for an answer", async (t) => {
	const api = await startParley(t);
	const simulator = await smsc(t);
	const service = await configure(api, simulator, { window: 2 });
	simulator.script = Array.from({ length: 8 }, () => ({ kind: "stall", delayMs: 100 }));
	const sent = await Promise.all(
		Array.from({ length: 8 }, (_, index) =>
			api.call<MessageObject>("POST", "/RI/cmi/messages", {
				service: service.id,
				from: simulator.account.ourAddress,
				to: `+49151123456${String(index).padStart(2, "0")}`,
				text: `number ${index}`,
			}),
		),
	);
	await Promise.all(sent.map(({ id }) => untilState(api, id, "delivered")));
	assert.ok(simulator.mostUnanswered <= 2, `${simulator.mostUnanswered} waited`);
	assert.equal(simulator.taken.length, 8);
});

test("stopping waits for what was sent, unbinds, and the next start binds anew", async (t) => {
	const parley = await startParley(t);
	const simulator = await smsc(t);
	const service = await configure(parley, simulator);
	simulator.script = [{ kind: "stall", delayMs: 500 }];
	simulator.manners = { ...simulator.manners, again: { everyMs: 200, timesMax: 50 } };
	const answer = await send(parley, service, simulator, "just in time");
	await until(() => Promise.resolve(simulator.taken[0]), "it is taken");
	await parley.stop();
	assert.equal(simulator.boundCount, 0);
	assert.deepEqual(simulator.refusals, []);
	const again = await parley.again();
	await untilState(again, answer.id, "delivered");
	assert.equal(simulator.taken.length, 1);
});

test("nothing comes in by HTTP", async (t) => {
	const api = await startParley(t);
	const simulator = await smsc(t);
	const service = await configure(api, simulator);
	const answer = await api.ask("POST", `/sms/smpp/${service.id}`, { id: 1 });
	assert.equal(answer.status, 401);
});

test("a service that is pointed at another host tells it no password", async (t) => {
	const api = await startParley(t);
	const [first, second] = [await smsc(t), await smsc(t)];
	const service = await configure(api, first);
	await first.whenBound();
	const changed = await api.call<{ state: string; authentications: { passwordSet: boolean }[] }>(
		"PATCH",
		`/RI/rci/messagingServices/${service.id}`,
		{ serviceConnection: second.account.serviceConnection },
	);
	assert.deepEqual([changed.state, changed.authentications.map(({ passwordSet }) => passwordSet)], ["draft", [false]]);
	await until(() => Promise.resolve(first.boundCount === 0 || undefined), "the line to the first host is closed");
	assert.deepEqual([second.binds, second.refusals], [0, []]);
});
