// The simulator against the connector itself: what one sends the other must take, verify and read. Signatures are
// recomputed here from the bytes, so that a shared mistake shows.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";

import { Agent, request as sendRequest } from "undici";

import type { HttpAnswer, HttpCall, StoredService, Tools, VerifiedRequest } from "#connectors/contract.ts";
import { connector } from "#connectors/whatsapp/index.ts";
import type { AttemptId, MessageId, RemoteId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage, ReceiptEvent } from "#domain/messages.ts";
import { type Clock, systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";

import { startWhatsAppSimulator, type WhatsAppSimulator } from "./whatsapp.ts";

type Received = { method: string; url: string; headers: Headers; body: Buffer };
type Stand = {
	simulator: WhatsAppSimulator;
	service: StoredService;
	received: Received[];
	events: ChannelEvent[];
	tools: Tools;
	passTime(ms: number): void;
};

const attemptId = "018F3A2B4C5D7E6F8091A2B3C4D5E6F7" as AttemptId;
const startedAt = new Date("2026-11-26T12:00:00.000Z");
const hourMs = 3_600_000;
const contact = "+16505551234";

function serviceOf({ account }: WhatsAppSimulator): StoredService {
	const service: StoredService = {
		id: "018F3A2B4C5D7E6F80910000000000A7" as StoredService["id"],
		serviceConnection: account.serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings: account.settings,
		authentications: account.authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
	};
	assert.deepEqual(connector.config.check?.(service), []);
	return service;
}

async function stand(context: TestContext): Promise<Stand> {
	let nowMs = startedAt.getTime();
	const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs, after: systemClock.after };
	const simulator = await startWhatsAppSimulator({ clock, random: systemRandom });
	const service = serviceOf(simulator);
	const config = connector.config.parse(service);
	const received: Received[] = [];
	const events: ChannelEvent[] = [];
	const parley = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const headers = new Headers(
				Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
			);
			const url = `https://parley.example${request.url ?? ""}`;
			const raw = { method: request.method ?? "", url, headers, body: Buffer.concat(chunks) };
			received.push(raw);
			const greeting = connector.inbound.handshake?.(raw, config);
			if (greeting === undefined) {
				assert.ok(connector.inbound.auth.kind === "signature");
				assert.deepEqual(connector.inbound.auth.verify(raw, config, clock.now()), { ok: true });
				events.push(...connector.inbound.parse(raw as unknown as VerifiedRequest, config));
			}
			const reply = greeting ?? connector.inbound.ack([], config);
			response.writeHead(reply.status, { "content-type": reply.contentType ?? "" }).end(reply.body);
		});
	});
	await new Promise<void>((resolve) => parley.listen(0, "127.0.0.1", resolve));
	const { port } = parley.address() as AddressInfo;
	simulator.pointAt(`http://127.0.0.1:${port}/sms/whatsapp/1`);
	const agent = new Agent({ headersTimeout: 500 });
	context.after(async () => {
		await simulator.close();
		await agent.destroy();
		parley.closeAllConnections();
		await new Promise((resolve) => parley.close(resolve));
	});
	const none = () => assert.fail("WhatsApp fetches no tokens");
	const tools = {
		http: (call: HttpCall) => answerOf(call, agent),
		token: none,
		dropToken: none,
		now: () => clock.now(),
	};
	return { simulator, service, received, events, tools, passTime: (ms) => (nowMs += ms) };
}

async function answerOf(call: HttpCall, agent: Agent): Promise<HttpAnswer> {
	try {
		const { method, headers, body = null } = call;
		const answer = await sendRequest(call.url, { method, headers: { ...headers }, body, dispatcher: agent });
		const entries = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
		const bytes = new Uint8Array(await answer.body.arrayBuffer());
		return { kind: "answered", status: answer.statusCode, headers: new Headers(entries), body: bytes };
	} catch (error) {
		const isTimeout = (error as { code?: string }).code === "UND_ERR_HEADERS_TIMEOUT";
		return { kind: "unclear", why: isTimeout ? "timeout" : "reset" };
	}
}

function send(place: Stand, changes: Partial<OutboundMessage> = {}, settings: Record<string, unknown> = {}) {
	const message: OutboundMessage = {
		messageId: "018F3A2B4C5D7E6F8091A2B3C4D5E600" as MessageId,
		attemptId,
		channel: "whatsapp",
		ourAddress: place.simulator.account.ourAddress,
		contactAddress: contact,
		text: "Grüße 👍 https://shop.example/1",
		attachments: [],
		validUntil: new Date(startedAt.getTime() + 48 * hourMs),
		contactLastWroteAt: place.tools.now(),
		webhookUrl: "https://parley.example/sms/whatsapp/1",
		...changes,
	};
	return connector.send(message, connector.config.parse({ ...place.service, settings }), place.tools);
}

function receiptsOf({ events }: Stand): ReceiptEvent[] {
	return events.filter((event) => event.kind === "receipt");
}

test("a message is taken, and its statuses bring the attempt back", async (t) => {
	const place = await stand(t);
	const outcome = await send(place);
	await place.simulator.settled();
	const [taken] = place.simulator.taken;
	assert.ok(taken !== undefined && outcome.kind === "accepted");
	assert.deepEqual(outcome.remoteIds, [taken.remoteId]);
	assert.deepEqual(
		[taken.attemptId, taken.to, taken.text],
		[attemptId, "16505551234", "Grüße 👍 https://shop.example/1"],
	);
	assert.deepEqual(
		receiptsOf(place).map(({ status, target }) => [status, target]),
		["sent", "delivered", "read"].map((status) => [status, { by: "remote", remoteId: taken.remoteId, attemptId }]),
	);
	assert.deepEqual(place.simulator.refusals, []);
});

test("a failure that is told later has its fault", async (t) => {
	const place = await stand(t);
	place.simulator.manners = { ...place.simulator.manners, receipts: ["sent", "failed"] };
	await send(place);
	await place.simulator.settled();
	const [, failed] = receiptsOf(place);
	assert.deepEqual(
		[failed?.status, failed?.fault?.code, failed?.fault?.providerCode],
		["failed", "recipient", "131026"],
	);
});

test("everything that the connector can send is taken as documented", async (t) => {
	const place = await stand(t);
	const link = "https://parley.example/sms/richcontent/t/a";
	const files = ["image/png", "image/webp", "audio/ogg", "video/mp4", "application/pdf"].map((contentType) => ({
		text: "",
		attachments: [{ url: link, contentType, filename: "a.bin" }],
	}));
	const parameters = { "1": "A-17", "header.image": link, "button.0.url": "17", "button.1.payload": "YES" };
	const kinds: readonly Partial<OutboundMessage>[] = [
		...files,
		{ text: "x".repeat(4096) },
		{ replyTo: "wamid.HBgL" as RemoteId },
		{ contactAddress: "US.13491208655302741918" },
		{ text: "", template: { id: "hello_world", language: "en_US" } },
		{ text: "", template: { id: "order_shipped", language: "pt-BR", parameters } },
		{
			text: "",
			template: { id: "order_named", language: "de", parameters: { order_id: "A-17", "button.2.code": "S" } },
		},
	];
	for (const changes of kinds) {
		const outcome = await send(place, changes);
		assert.equal(outcome.kind, "accepted", JSON.stringify([changes, outcome]));
	}
	assert.equal((await send(place, {}, { proveAppSecret: true, previewLinks: true })).kind, "accepted");
	assert.equal(place.simulator.taken.length, kinds.length + 1);
});

test("what a contact writes arrives signed, with the name and with media that can be asked for", async (t) => {
	const place = await stand(t);
	const mediaUrls = ["https://cdn.example/1.jpg", "https://cdn.example/2.jpg"];
	await place.simulator.contactWrites({ from: contact, text: "Zwei Fotos 📷 ½", name: "Ana", mediaUrls });
	await place.simulator.contactWrites({ from: contact, text: "Hallo", remoteId: "wamid.own" });
	const messages = place.events.filter((event) => event.kind === "message");
	assert.deepEqual(
		messages.map(({ text, attachments, contact: from }) => [text, attachments.length, from.address]),
		[
			["Zwei Fotos 📷 ½", 1, contact],
			["", 1, contact],
			["Hallo", 0, contact],
		],
	);
	assert.deepEqual([messages[0]?.contact.name, messages[2]?.remoteId], ["Ana", "wamid.own"]);
	const token = place.service.authentications[0]?.secrets[0] ?? "";
	const url = messages[0]?.attachments[0]?.url ?? "";
	const ask = (authorization: string) => place.tools.http({ method: "GET", url, headers: { authorization } });
	const [told, refused] = [await ask(`Bearer ${token}`), await ask("Bearer another")];
	assert.ok(told.kind === "answered" && refused.kind === "answered");
	const { url: place1 } = JSON.parse(Buffer.from(told.body).toString()) as { url: string };
	assert.deepEqual([told.status, place1, refused.status], [200, mediaUrls[0], 401]);
});

test("the signature is over the escaped bytes as they travel", async (t) => {
	const place = await stand(t);
	await place.simulator.contactWrites({ from: contact, text: "ü / 👍" });
	const [request] = place.received;
	const appSecret = place.simulator.account.authentications[1]?.password ?? "";
	assert.ok(request !== undefined);
	assert.match(request.body.toString(), /\\u00fc \\\/ \\ud83d\\udc4d/);
	const expected = createHmac("sha256", appSecret).update(request.body).digest("hex");
	assert.equal(request.headers.get("x-hub-signature-256"), `sha256=${expected}`);
});

test("the greeting is answered with its challenge", async (t) => {
	const place = await stand(t);
	const greeted = await place.simulator.greet();
	assert.deepEqual([greeted.status, greeted.body], [200, greeted.remoteId]);
});

test("a batch told by hand is read item by item", async (t) => {
	const place = await stand(t);
	const metadata = { phone_number_id: place.simulator.account.ourAddress };
	const status = { id: "wamid.1", status: "read" };
	const foreign = { field: "messages", value: { metadata: { phone_number_id: "9" }, statuses: [status] } };
	await place.simulator.tell([{ field: "messages", value: { metadata, statuses: [status, 7] } }, foreign]);
	assert.deepEqual(
		place.events.map(({ kind }) => kind),
		["receipt", "unreadable", "foreign"],
	);
});

test("outside the window the provider itself refuses, and a template passes", async (t) => {
	const place = await stand(t);
	await place.simulator.contactWrites({ from: contact, text: "hello" });
	place.passTime(25 * hourMs);
	const outcome = await send(place);
	assert.ok(outcome.kind === "rejected");
	assert.equal(outcome.code, "outside_window");
	assert.deepEqual(
		place.simulator.refusals.map(({ status }) => status),
		[400],
	);
	assert.equal((await send(place, { text: "", template: { id: "t", language: "en" } })).kind, "accepted");
});

test("it misbehaves as the script says", async (t) => {
	const place = await stand(t);
	const error = JSON.stringify({ error: { message: "(#131056) pair rate limit hit", code: 131056 } });
	place.simulator.script = [
		{ kind: "answer", status: 400, body: error },
		{ kind: "resetBefore" },
		{ kind: "resetAfter" },
		{ kind: "garbage" },
	];
	const outcomes = [await send(place), await send(place), await send(place), await send(place), await send(place)];
	assert.deepEqual(
		outcomes.map(({ kind }) => kind),
		["retry", "unknown", "unknown", "unknown", "accepted"],
	);
	assert.equal(place.simulator.taken.length, 3);
});
