// Goal: the simulator refuses what Wavy refuses and reports as Wavy reports, and it and the connector understand each other
// on both channels.

import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { Agent, request as sendRequest } from "undici";
import type { HttpAnswer, HttpCall, RawRequest, StoredService, Tools, VerifiedRequest } from "#connectors/contract.ts";
import { connector } from "#connectors/wavy/index.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import { goodManners } from "./simulator.ts";
import { startWavySimulator, type WavySimulator } from "./wavy.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;

type Arrived = { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer };
type Place = {
	simulator: WavySimulator;
	arrived: Arrived[];
	url: string;
	config: ReturnType<typeof connector.config.parse>;
	tools: Tools;
	agent: Agent;
};

async function stand(t: TestContext, status = 200): Promise<Place> {
	const arrived: Arrived[] = [];
	const server = createServer((request, response) => {
		void readArrived(request).then((one) => {
			arrived.push(one);
			response.writeHead(status).end();
		});
	});
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms/wavy/1`;
	const simulator = await startWavySimulator({ clock: systemClock, random: systemRandom });
	const agent = new Agent({ headersTimeout: 5000 });
	t.after(async () => {
		await simulator.close();
		await agent.destroy();
		server.closeAllConnections();
		server.close();
	});
	simulator.pointAt(url);
	return { simulator, arrived, url, config: configFor(simulator), tools: toolsOver(agent), agent };
}

async function readArrived(request: IncomingMessage): Promise<Arrived> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) {
		chunks.push(chunk as Buffer);
	}
	const { method = "", url: path = "", headers } = request;
	return { method, path, headers, body: Buffer.concat(chunks) };
}

function configFor({ account }: WavySimulator) {
	const stored: StoredService = {
		id: "S" as ServiceId,
		serviceConnection: account.serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings: account.settings,
		authentications: account.authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
	};
	assert.deepEqual(connector.config.check?.(stored), []);
	return connector.config.parse(stored);
}

function toolsOver(dispatcher: Agent): Tools {
	return {
		http: (call) => callOnce(call, dispatcher),
		token: () => assert.fail("Wavy needs no access token"),
		dropToken: () => assert.fail("Wavy needs no access token"),
		now: () => systemClock.now(),
	};
}

async function callOnce({ url, headers, ...call }: HttpCall, dispatcher: Agent): Promise<HttpAnswer> {
	try {
		const answer = await sendRequest(url, { ...call, headers: { ...headers }, dispatcher });
		const body = new Uint8Array(await answer.body.arrayBuffer());
		return { kind: "answered", status: answer.statusCode, headers: new Headers(), body };
	} catch (error) {
		return { kind: "unclear", why: String(error).includes("Timeout") ? "timeout" : "reset" };
	}
}

function messageFrom(simulator: WavySimulator, over: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as MessageId,
		attemptId,
		channel: "whatsapp",
		ourAddress: simulator.account.ourAddress,
		contactAddress: "whatsapp:+5519900001111",
		text: "Olá 👍",
		attachments: [],
		validUntil: new Date(systemClock.now().getTime() + 600_000),
		webhookUrl: "http://127.0.0.1:1/sms/wavy/1",
		...over,
	};
}

const bySms = { channel: "sms", ourAddress: "28128", contactAddress: "+5519900001111" };

function read({ arrived, url, config }: Place): readonly ChannelEvent[] {
	return arrived.flatMap(({ method, path, body }) => {
		const raw: RawRequest = { method, url: new URL(url).origin + path, headers: new Headers(), body };
		return connector.inbound.parse(raw as VerifiedRequest, config);
	});
}

test("a WhatsApp message is taken with our attempt id, and its snapshots come back to that attempt", async (t) => {
	const place = await stand(t);
	const { simulator, config, tools } = place;
	const outcome = await connector.send(messageFrom(simulator), config, tools);
	await simulator.settled();
	assert.ok(outcome.kind === "accepted");
	const [remoteId] = outcome.remoteIds;
	assert.deepEqual(
		simulator.taken.map((taken) => [taken.remoteId, taken.attemptId, taken.to, taken.text]),
		[[remoteId, attemptId, "5519900001111", "Olá 👍"]],
	);
	assert.deepEqual(
		read(place).map((event) => event.kind === "receipt" && [event.status, event.target]),
		["sent", "delivered", "read"].map((status) => [status, { by: "remote", remoteId, attemptId }]),
	);
	assert.deepEqual(simulator.refusals, []);
});

test("a text message has two callbacks, none for read, and a failure comes with the delivery report", async (t) => {
	const place = await stand(t);
	const { simulator, config, tools } = place;
	assert.equal((await connector.send(messageFrom(simulator, bySms), config, tools)).kind, "accepted");
	await simulator.settled();
	simulator.manners = { ...goodManners, receipts: ["sent", "failed"] };
	await connector.send(messageFrom(simulator, bySms), config, tools);
	await simulator.settled();
	const statuses = read(place).map((event) => (event.kind === "receipt" ? event.status : event.kind));
	assert.deepEqual(statuses, ["sent", "delivered", "sent", "failed"]);
	assert.deepEqual(simulator.refusals, []);
});

test("media and templates are taken as the connector sends them", async (t) => {
	const { simulator, config, tools } = await stand(t);
	const attachments = [{ url: "https://a.example/1.pdf", contentType: "application/pdf", filename: "1.pdf" }];
	const template = { id: "ns/aviso", language: "pt_BR", parameters: { 1: "Ana" } };
	for (const over of [
		{ text: "", attachments },
		{ text: "", template },
	]) {
		const outcome = await connector.send(messageFrom(simulator, over), config, tools);
		assert.equal(outcome.kind, "accepted");
	}
	assert.deepEqual(simulator.refusals, []);
});

test("what contacts write arrives whole on both channels, media one by one, by POST and by query", async (t) => {
	const place = await stand(t);
	const { simulator } = place;
	const from = "+5519900001111";
	await simulator.contactWrites({ from, text: "Olá & 👍", name: "Ana" });
	await simulator.contactWrites({
		from,
		text: "two",
		mediaUrls: ["https://a.example/1.jpg", "https://a.example/2.pdf"],
	});
	await simulator.contactWrites({ from: `sms:${from}`, text: "by SMS", remoteId: "sms-1" });
	await simulator.contactWritesByQuery({ from: `sms:${from}`, text: "1 + 1 & ção?" });
	await simulator.tell({ total: 1, data: [{ id: "strange" }] });
	const events = read(place);
	assert.deepEqual(
		events.map((event) => event.kind === "message" && [event.channel, event.contact.address, event.text]),
		[
			["whatsapp", "whatsapp:+5519900001111", "Olá & 👍"],
			["whatsapp", "whatsapp:+5519900001111", "two"],
			["whatsapp", "whatsapp:+5519900001111", ""],
			["sms", "+5519900001111", "by SMS"],
			["sms", "+5519900001111", "1 + 1 & ção?"],
			false,
		],
	);
	assert.deepEqual(
		events.flatMap((event) =>
			event.kind === "message" ? event.attachments.map(({ contentType }) => contentType) : [],
		),
		["image/jpg", "application/pdf"],
	);
});

test("calls carry the HTTP user from the start, and a webhook that is refused is told", async (t) => {
	const { simulator, arrived, url } = await stand(t, 403);
	simulator.pointAt(url, { login: "provider", password: "p:ss" });
	const sent = await simulator.contactWrites({ from: "+5519900001111", text: "hi" });
	assert.equal(sent.status, 403);
	assert.equal(arrived[0]?.headers.authorization, `Basic ${Buffer.from("provider:p:ss").toString("base64")}`);
});

const sms = { destination: "5519900001111", messageText: "hi", correlationId: "c1" };
const destinations = [{ destination: "+55(19) 900001111", correlationId: "c1", recipientType: "individual" }];
const whatsapp = { destinations, message: { ttl: 30, messageText: "hi" } };
const medium = { type: "JPG", url: "https://a.example/1.jpg" };

type Ask = { path?: string; headers?: Readonly<Record<string, string>>; body: unknown };

async function ask({ simulator, agent }: Place, { path = "/v1/send-sms", headers, body }: Ask) {
	const [user] = simulator.account.authentications;
	const answer = await sendRequest(simulator.origin + path, {
		dispatcher: agent,
		method: "POST",
		headers: {
			UserName: user?.authenticationId ?? "",
			AuthenticationToken: user?.password ?? "",
			"Content-Type": "application/json",
			...headers,
		},
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
	return { status: answer.statusCode, body: (await answer.body.json()) as Readonly<Record<string, unknown>> };
}

test("headers are taken in every spelling, wrong ones and a wrong path are refused with the provider's error", async (t) => {
	const place = await stand(t);
	const [user] = place.simulator.account.authentications;
	for (const [name, secret] of [
		["username", "authenticationtoken"],
		["UserName", "AuthenticationToken"],
		["userName", "authenticationToken"],
		["USERNAME", "AUTHENTICATIONTOKEN"],
	] as const) {
		const headers = { [name]: user?.authenticationId ?? "", [secret]: user?.password ?? "" };
		const answer = await sendRequest(`${place.simulator.origin}/v1/send-sms`, {
			dispatcher: place.agent,
			method: "POST",
			headers: { ...headers, "content-type": "application/json" },
			body: JSON.stringify(sms),
		});
		assert.equal(answer.statusCode, 200, name);
		await answer.body.dump();
	}
	const refused = await ask(place, { headers: { AuthenticationToken: "wrong" }, body: sms });
	assert.equal(refused.status, 401);
	assert.equal(refused.body["errorCode"], 401);
	assert.match(String(refused.body["errorMessage"]), /^Authentication Error/);
	assert.equal((await ask(place, { path: "/v1/other", body: sms })).status, 404);
	assert.equal(place.simulator.refusals.length, 2);
});

const wrongSms: readonly unknown[] = [
	"not json",
	"[]",
	{ ...sms, extra: 1 },
	{ ...sms, destination: "+5519900001111" },
	{ ...sms, destination: 5_519_900_001_111 },
	{ ...sms, messageText: "" },
	{ ...sms, messageText: "x".repeat(1281) },
	{ ...sms, correlationId: "x".repeat(65) },
	{ ...sms, extraInfo: "x".repeat(256) },
	{ ...sms, expiresInMinutes: 0 },
	{ ...sms, expiresInMinutes: 5, expiresAt: 1 },
	{ ...sms, scheduledAt: 1, delayedInMinutes: 40 },
];
const wrongWhatsapp: readonly unknown[] = [
	{},
	{ ...whatsapp, extra: 1 },
	{ ...whatsapp, destinations: [] },
	{ ...whatsapp, destinations: [...destinations, ...destinations] },
	{ ...whatsapp, destinations: [{ destination: "Ana" }] },
	{ ...whatsapp, destinations: [{ ...destinations[0], recipientType: "crowd" }] },
	{ ...whatsapp, destinations: [{ ...destinations[0], correlationId: "x".repeat(65) }] },
	{ ...whatsapp, message: { ttl: 31, messageText: "hi" } },
	{ ...whatsapp, message: { ttl: 0.5, messageText: "hi" } },
	{ ...whatsapp, message: { ttl: 1 } },
	{ ...whatsapp, message: { messageText: "hi", image: medium } },
	{ ...whatsapp, message: { messageText: "hi", colour: "red" } },
	{ ...whatsapp, message: { image: { ...medium, url: "file:///etc/passwd" } } },
	{ ...whatsapp, message: { image: { ...medium, data: "AAAA" } } },
	{ ...whatsapp, message: { image: { url: medium.url } } },
	{ ...whatsapp, message: { hsm: { namespace: "n", elementName: "e", parameters: [] } } },
	{ ...whatsapp, message: { hsm: { namespace: "n", elementName: "e", languageCode: "pt", parameters: { 1: "a" } } } },
];

test("what Wavy's pages do not allow is refused with 400 and takes nothing", async (t) => {
	const place = await stand(t);
	for (const [path, bodies] of [
		["/v1/send-sms", wrongSms],
		["/v1/whatsapp/send", wrongWhatsapp],
	] as const) {
		for (const body of bodies) {
			assert.equal((await ask(place, { path, body })).status, 400, JSON.stringify(body).slice(0, 200));
		}
	}
	assert.equal((await ask(place, { headers: { "Content-Type": "text/plain" }, body: sms })).status, 400);
	assert.deepEqual(place.simulator.taken, []);
	assert.equal((await ask(place, { path: "/v1/whatsapp/send", body: whatsapp })).status, 200);
	assert.equal(place.simulator.taken.length, 1);
});

test("a message whose answer was lost is found by the search, which takes one request a second", async (t) => {
	const { simulator, config, tools } = await stand(t);
	simulator.script = [{ kind: "resetAfter" }];
	const message = messageFrom(simulator, bySms);
	assert.equal((await connector.send(message, config, tools)).kind, "unknown");
	const found = await connector.lookup?.(message, systemClock.now(), config, tools);
	assert.deepEqual(found, { kind: "accepted", remoteIds: [simulator.taken[0]?.remoteId] });
	const again = await connector.lookup?.(message, systemClock.now(), config, tools);
	assert.equal(again?.kind, "unknown");
	assert.deepEqual(
		simulator.refusals.map(({ status }) => status),
		[429],
	);
});

test("the script is followed: before the message is taken, after it, and with an answer nobody can read", async (t) => {
	const { simulator, config, tools } = await stand(t);
	simulator.script = [
		{ kind: "answer", status: 420 },
		{ kind: "resetBefore" },
		{ kind: "resetAfter" },
		{ kind: "garbage" },
	];
	const kinds: string[] = [];
	for (let count = 0; count < 5; count++) {
		kinds.push((await connector.send(messageFrom(simulator), config, tools)).kind);
	}
	assert.deepEqual(kinds, ["retry", "unknown", "unknown", "unknown", "accepted"]);
	assert.equal(simulator.taken.length, 3);
});

test("a webhook is sent as often and in the order that the manners say", async (t) => {
	const place = await stand(t);
	place.simulator.manners = { ...goodManners, times: 2, reversed: true };
	await connector.send(messageFrom(place.simulator), place.config, place.tools);
	await place.simulator.settled();
	const statuses = read(place).map((event) => (event.kind === "receipt" ? event.status : event.kind));
	assert.deepEqual(statuses, ["read", "read", "delivered", "delivered", "sent", "sent"]);
	assert.equal(new Set(read(place).map(({ dedupKey }) => dedupKey)).size, 3);
});
