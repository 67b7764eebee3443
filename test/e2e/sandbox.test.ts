// Goal: an administrator who has just installed Parley tries everything with simulated providers: a contact writes, is
// answered, and answers back; and no address is open for it but those of the simulators, and only while they run.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import {
	type Api,
	childParley,
	type InProcess,
	type MessageObject,
	messages,
	startParley,
	strangerWith,
	until,
	untilState,
} from "#test/parley.ts";

type SandboxObject = {
	available: boolean;
	unavailableBecause: string | null;
	running: boolean;
	types: { type: string; label: string; usual: boolean }[];
	services: { type: string; serviceId: string; name: string; running: boolean; fault: string }[];
	personas: { id: string; name: string }[];
};
type ServiceDetails = { id: string; name: string; serviceConnection: string; state: string };

const sandbox = "/RI/rci/sandbox";
/** Nothing private may be called but what the sandbox opens; the world knows Parley by another name. */
const closed = ["--public-base-url", "https://parley.example", "--outbound-allow", ""];

function start(t: TestContext, argv: readonly string[] = []): Promise<InProcess> {
	return startParley(t, { argv: [...closed, ...argv] });
}

async function serviceOf(api: Api, type: string): Promise<string> {
	const { services } = await api.call<SandboxObject>("GET", sandbox);
	const found = services.find((one) => one.type === type);
	assert.ok(found?.running, `the sample of ${type} runs`);
	return found.serviceId;
}

/** A contact writes, is answered by an agent, reads that, and answers back. */
async function converse(api: Api, service: string, question = "Can we help you?"): Promise<string> {
	const text = "Where is my lamp?";
	const said = await api.call<{ persona: string; status: number }>("POST", `${sandbox}/messages`, { service, text });
	assert.ok(said.persona === "anna" && said.status >= 200 && said.status <= 299, JSON.stringify(said));
	const asked = await untilIncoming(api, service, text);
	const answer = await api.call<MessageObject>("POST", "/RI/cmi/messages", {
		service,
		conversation: asked.conversation,
		text: question,
	});
	const furthest = await furthestOf(api, service);
	await untilState(api, answer.id, furthest);
	const back = await until(async () => {
		const all = await messages(api, `service=${service}&direction=in&state=matched`);
		return all.find((one) => one.text !== text && one.conversation === asked.conversation);
	}, "the contact answers back in the same conversation");
	return back.text;
}

function untilIncoming(api: Api, service: string, text: string): Promise<MessageObject> {
	return until(async () => {
		const all = await messages(api, `service=${service}&direction=in&state=matched`);
		return all.find((one) => one.text === text);
	}, "the contact's message is in a conversation");
}

async function furthestOf(api: Api, service: string): Promise<string> {
	const { type } = await api.call<{ type: string }>("GET", `/RI/rci/messagingServices/${service}`);
	const { capabilities } = await api.call<{ capabilities: { receipts: string[] } }>(
		"GET",
		`/RI/rci/messagingServiceTypes/${type}`,
	);
	return capabilities.receipts.at(-1) ?? "sent";
}

test("every type of the sandbox: a contact writes, is answered, reads it and answers back", async (t) => {
	const api = await start(t);
	const { types, running } = await api.call<SandboxObject>("GET", sandbox);
	assert.equal(running, false);
	const started = await api.call<SandboxObject>("POST", sandbox, { types: types.map(({ type }) => type) });
	assert.deepEqual([started.running, started.services.length], [true, types.length]);
	const answers = await Promise.all(started.services.map(({ serviceId }) => converse(api, serviceId)));
	assert.ok(
		answers.every((text) => text.includes("lamp")),
		JSON.stringify(answers),
	);
});

test("in two threads, as it is served, the usual types work without being named, and starting twice changes nothing", async (t) => {
	const parley = await childParley(t, closed);
	await parley.start();
	const { api } = parley;
	const { services } = await api.call<SandboxObject>("POST", sandbox, {});
	assert.deepEqual(services.map(({ type }) => type).toSorted(), [
		"facebook",
		"sinchconversation",
		"smshttp",
		"twilio",
		"whatsapp",
	]);
	assert.ok(services.every(({ name, running }) => name.startsWith("Sandbox: ") && running));
	await converse(api, await serviceOf(api, "whatsapp"));
	const before = await api.call<unknown>("GET", "/RI/rci/messagingServices");
	assert.deepEqual((await api.call<SandboxObject>("POST", sandbox, {})).services, services);
	assert.deepEqual(await api.call<unknown>("GET", "/RI/rci/messagingServices"), before);
});

test("after a restart it does not run; started again, the same services and conversations go on", async (t) => {
	const first = await start(t);
	const types = ["twilio", "whatsapp"];
	await first.call("POST", sandbox, { types });
	const [twilio, whatsapp] = [await serviceOf(first, "twilio"), await serviceOf(first, "whatsapp")];
	await converse(first, twilio);
	await converse(first, whatsapp);
	await first.stop();

	const api = await first.again();
	const restarted = await api.call<SandboxObject>("GET", sandbox);
	assert.deepEqual(
		[restarted.running, ...restarted.services.map(({ type, running }) => `${type} ${running}`)],
		[false, "twilio false", "whatsapp false"],
	);
	const early = await api.ask("POST", `${sandbox}/messages`, { service: twilio, text: "Hello?" });
	assert.deepEqual([early.status, await codeOf(early)], [409, "conflict"]);
	await api.call("POST", sandbox, { types });
	assert.deepEqual([await serviceOf(api, "twilio"), await serviceOf(api, "whatsapp")], [twilio, whatsapp]);
	for (const service of [twilio, whatsapp]) {
		const text = "It is me again.";
		await api.call("POST", `${sandbox}/messages`, { service, text });
		const again = await untilIncoming(api, service, text);
		const [earlier] = await messages(api, `service=${service}&direction=out`);
		assert.equal(again.conversation, earlier?.conversation);
	}
});

test("stopping deletes the samples and their users, and nothing else", async (t) => {
	const api = await start(t);
	const own = { type: "whatsapp", name: "Sandbox: WhatsApp (Cloud API)" };
	const mine = await api.call<ServiceDetails>("POST", "/RI/rci/messagingServices", own);
	const usersBefore = await api.call<{ id: string }[]>("GET", "/RI/rci/users");
	const { services } = await api.call<SandboxObject>("POST", sandbox, { types: ["whatsapp", "smshttp"] });
	assert.ok(services.some(({ name }) => name === "Sandbox: WhatsApp (Cloud API) 2"));
	assert.equal((await api.ask("DELETE", sandbox)).status, 204);
	const left = await api.call<ServiceDetails[]>("GET", "/RI/rci/messagingServices");
	assert.deepEqual(
		left.map(({ id }) => id),
		[mine.id],
	);
	assert.deepEqual(await api.call<{ id: string }[]>("GET", "/RI/rci/users"), usersBefore);
	const after = await api.call<SandboxObject>("GET", sandbox);
	assert.deepEqual([after.running, after.services], [false, []]);
	assert.equal((await api.ask("DELETE", sandbox)).status, 204);
});

test("a provider that refuses our credentials makes the service say so, and is good again afterwards", async (t) => {
	const api = await start(t);
	await api.call("POST", sandbox, { types: ["sinchconversation"] });
	const service = await serviceOf(api, "sinchconversation");
	await converse(api, service);
	const fault = (name: string) => api.call("POST", `${sandbox}/faults`, { service, fault: name });
	await fault("wrongCredentials");
	const [asked] = await messages(api, `service=${service}&direction=in`);
	const answer = await api.call<MessageObject>("POST", "/RI/cmi/messages", {
		service,
		conversation: asked?.conversation,
		text: "Does this arrive?",
	});
	await untilError(api, answer.id, "credentials");
	const untilService = (state: string) =>
		until(async () => {
			const found = await api.call<ServiceDetails>("GET", `/RI/rci/messagingServices/${service}`);
			return found.state === state ? true : undefined;
		}, `the service is ${state}`);
	await untilService("unauthorised");
	assert.equal((await api.call<SandboxObject>("GET", sandbox)).services[0]?.fault, "wrongCredentials");
	await fault("none");
	assert.equal((await api.call<SandboxObject>("GET", sandbox)).services[0]?.fault, "none");
	await untilState(api, answer.id, "read");
	await untilService("ready");
});

test("no address of this machine is open but those of the simulators, and only while they run", async (t) => {
	const api = await start(t);
	let calls = 0;
	const bystander = createServer((_request, response) => {
		calls += 1;
		response.end("{}");
	}).listen(0, "127.0.0.1");
	t.after(() => bystander.close());
	await new Promise((resolve) => bystander.once("listening", resolve));
	const other = `http://127.0.0.1:${(bystander.address() as AddressInfo).port}`;
	const blocked = async (when: string, serviceConnection: string): Promise<void> => {
		const { detail } = await untilError(api, await sendVia(api, when, serviceConnection), "config");
		assert.match(detail, /not allowed/, when);
	};

	await blocked("before", other);
	await api.call("POST", sandbox, { types: ["whatsapp"] });
	const whatsapp = await serviceOf(api, "whatsapp");
	const { serviceConnection: simulator } = await api.call<ServiceDetails>(
		"GET",
		`/RI/rci/messagingServices/${whatsapp}`,
	);
	await blocked("another port", other);
	await blocked("the simulator's port by a name", simulator.replace("127.0.0.1", "localhost"));
	await blocked("the simulator's port at another address", simulator.replace("127.0.0.1", "127.0.0.2"));
	// A stranger to the simulator, but heard by it.
	const heard = await sendVia(api, "the simulator itself", simulator);
	await until(async () => {
		const { error } = await api.call<MessageObject>("GET", `/RI/cmi/messages/${heard}`);
		return error !== null && error.code !== "config" ? error : undefined;
	}, "the simulator was called");
	await api.call("DELETE", sandbox);
	await blocked("afterwards", simulator);
	assert.equal(calls, 0);
});

test("who may not make messaging services cannot start it, nor use somebody else's sample", async (t) => {
	const api = await start(t);
	await api.call("POST", sandbox, { types: ["whatsapp", "facebook"] });
	const service = await serviceOf(api, "whatsapp");
	const stranger = await strangerWith(api, await serviceOf(api, "facebook"));
	const asked = await Promise.all([
		stranger.ask("POST", sandbox, {}),
		stranger.ask("DELETE", sandbox),
		stranger.ask("POST", `${sandbox}/messages`, { service, text: "Hello" }),
		stranger.ask("POST", `${sandbox}/faults`, { service, fault: "down" }),
	]);
	assert.deepEqual(
		asked.map(({ status }) => status),
		[403, 403, 403, 403],
	);
	const { services } = await stranger.call<SandboxObject>("GET", sandbox);
	assert.deepEqual(
		services.map(({ type }) => type),
		["facebook"],
	);
});

test("what is not there is said in a sentence: a type, a persona, a service that is no sample", async (t) => {
	const api = await start(t);
	const own = await api.call<ServiceDetails>("POST", "/RI/rci/messagingServices", { type: "twilio", name: "Own" });
	await api.call("POST", sandbox, { types: ["whatsapp"] });
	const service = await serviceOf(api, "whatsapp");
	const asked: [path: string, body: unknown, status: number, says: RegExp][] = [
		["", { types: ["pigeon"] }, 400, /does not simulate pigeon/],
		["/messages", { service, text: "Hello", from: "zoe" }, 400, /anna, ben, chen/],
		["/messages", { service: own.id, text: "Hello" }, 404, /no messaging service of the sandbox/],
		["/faults", { service: own.id, fault: "down" }, 404, /no messaging service of the sandbox/],
	];
	for (const [path, body, status, says] of asked) {
		const answer = await api.ask("POST", sandbox + path, body);
		assert.equal(answer.status, status);
		assert.match(await answer.text(), says);
	}
});

for (const [argv, says] of [
	[["--sandbox", "false"], /setting sandbox to true/],
	[["--serve", "rest,matcher"], /no gateway/],
] as const) {
	test(`with ${argv.join(" ")} it is not offered, and says why`, async (t) => {
		const api = await start(t, argv);
		const { available, unavailableBecause, types } = await api.call<SandboxObject>("GET", sandbox);
		assert.deepEqual([available, types], [false, []]);
		assert.match(unavailableBecause ?? "", says);
		const answer = await api.ask("POST", sandbox, {});
		assert.equal(answer.status, 409);
		assert.match(await answer.text(), says);
		assert.equal((await api.ask("DELETE", sandbox)).status, 204);
	});
}

/** A message by a service of one's own that leads there. */
async function sendVia(api: Api, name: string, serviceConnection: string): Promise<string> {
	const address = `${serviceConnection}/send?to={{to}}&id={{id}}`;
	const authentications = [{ authenticationId: "user", password: "secret" }];
	const fields = { type: "smshttp", name, serviceConnection: address, authentications };
	const service = await api.call<ServiceDetails>("POST", "/RI/rci/messagingServices", fields);
	const body = { service: service.id, from: "+15550001111", to: "+447700900101", text: "Hello" };
	return (await api.call<MessageObject>("POST", "/RI/cmi/messages", body)).id;
}

function untilError(api: Api, id: string, code: string): Promise<{ code: string; detail: string }> {
	return until(async () => {
		const { error } = await api.call<MessageObject>("GET", `/RI/cmi/messages/${id}`);
		return error?.code === code ? error : undefined;
	}, `the message meets ${code}`);
}

async function codeOf(answer: Response): Promise<string> {
	return ((await answer.json()) as { code: string }).code;
}
