// The simulator against the connector itself: what one sends the other must take, verify and read.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";

import { Agent, request as sendRequest } from "undici";

import type { HttpAnswer, HttpCall, StoredService, Tools, VerifiedRequest } from "#connectors/contract.ts";
import { connector } from "#connectors/telegram/index.ts";
import type { AttemptId, MessageId, RemoteId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage } from "#domain/messages.ts";
import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";

import { startTelegramSimulator, type TelegramSimulator } from "./telegram.ts";

type Stand = {
	simulator: TelegramSimulator;
	service: StoredService;
	events: ChannelEvent[];
	/** What Parley answers instead of what the connector says. */
	answer: { status: number | undefined };
	call(method: string, fields?: object, token?: string): Promise<{ status: number; body: unknown }>;
	send(changes?: Partial<OutboundMessage>): ReturnType<typeof connector.send>;
};

function serviceOf({ account }: TelegramSimulator): StoredService {
	const service: StoredService = {
		id: "018F3A2B4C5D7E6F80910000000000B1" as StoredService["id"],
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
	const simulator = await startTelegramSimulator({ clock: systemClock, random: systemRandom });
	const service = serviceOf(simulator);
	const config = connector.config.parse(service);
	const events: ChannelEvent[] = [];
	const answer: Stand["answer"] = { status: undefined };
	const parley = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const headers = new Headers(
				Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
			);
			const raw = { method: "POST", url: "https://parley.example/", headers, body: Buffer.concat(chunks) };
			assert.ok(connector.inbound.auth.kind === "signature");
			assert.deepEqual(connector.inbound.auth.verify(raw, config, systemClock.now()), { ok: true });
			const read = connector.inbound.parse(raw as unknown as VerifiedRequest, config);
			events.push(...read);
			const reply = connector.inbound.ack(read, config);
			response.writeHead(answer.status ?? reply.status).end(reply.body);
		});
	});
	await new Promise<void>((resolve) => parley.listen(0, "127.0.0.1", resolve));
	simulator.pointAt(`http://127.0.0.1:${(parley.address() as AddressInfo).port}/sms/telegram/1`);
	const agent = new Agent();
	context.after(async () => {
		await simulator.close();
		await agent.destroy();
		parley.closeAllConnections();
		await new Promise((resolve) => parley.close(resolve));
	});
	const http = (call: HttpCall) => answerOf(call, agent);
	const tools = { http, now: () => systemClock.now() } as unknown as Tools;
	const ownToken = config.bot?.token ?? "";
	return {
		simulator,
		service,
		events,
		answer,
		async call(method, fields, token = ownToken) {
			const body = fields === undefined ? {} : { body: JSON.stringify(fields) };
			const headers: Record<string, string> = fields === undefined ? {} : { "content-type": "application/json" };
			const url = `${simulator.origin}/bot${token}/${method}`;
			const told = await http({ method: fields === undefined ? "GET" : "POST", url, headers, ...body });
			assert.ok(told.kind === "answered");
			return { status: told.status, body: JSON.parse(Buffer.from(told.body).toString("utf8")) as unknown };
		},
		send: (changes = {}) => connector.send({ ...messageTo(simulator), ...changes }, config, tools),
	};
}

function messageTo({ account }: TelegramSimulator): OutboundMessage {
	return {
		messageId: "018F3A2B4C5D7E6F8091A2B3C4D5E600" as MessageId,
		attemptId: "018F3A2B4C5D7E6F8091A2B3C4D5E6F7" as AttemptId,
		channel: "telegram",
		ourAddress: account.ourAddress,
		contactAddress: "7000000001",
		text: "Grüße 👍 https://shop.example/1",
		attachments: [],
		validUntil: new Date(systemClock.now().getTime() + 60_000),
		webhookUrl: "https://parley.example/sms/telegram/1",
	};
}

async function answerOf(call: HttpCall, agent: Agent): Promise<HttpAnswer> {
	const { method, headers, body = null } = call;
	const answer = await sendRequest(call.url, { method, headers: { ...headers }, body, dispatcher: agent });
	const entries = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
	const bytes = new Uint8Array(await answer.body.arrayBuffer());
	return { kind: "answered", status: answer.statusCode, headers: new Headers(entries), body: bytes };
}

test("what the connector sends is taken: texts, files, replies, to people and groups", async (context) => {
	const { simulator, send } = await stand(context);
	const url = "https://parley.example/sms/richcontent/t/a.png";
	const outcomes = [
		await send(),
		await send({ contactAddress: "-1001234567890", replyTo: "-1001234567890/4" as RemoteId }),
		...(await Promise.all(
			["image/png", "image/gif", "video/mp4", "audio/mpeg", "audio/ogg", "application/pdf"].map((contentType) =>
				send({ text: "", attachments: [{ url, contentType }] }),
			),
		)),
	];
	assert.deepEqual(simulator.refusals, []);
	const ids = outcomes.flatMap((outcome) => (outcome.kind === "accepted" ? outcome.remoteIds : []));
	assert.deepEqual(ids.toSorted(), simulator.taken.map(({ remoteId }) => remoteId).toSorted());
	assert.deepEqual(
		simulator.taken.slice(0, 3).map(({ to, text }) => [to, text]),
		[
			["7000000001", "Grüße 👍 https://shop.example/1"],
			["-1001234567890", "Grüße 👍 https://shop.example/1"],
			["7000000001", url],
		],
	);
});

test("what a contact writes, sends and presses is read, and the end of the press is told", async (context) => {
	const { simulator, events } = await stand(context);
	const from = simulator.somebody;
	assert.equal((await simulator.contactWrites({ from, text: "Olá 👋", name: "Ana" })).status, 200);
	await simulator.contactWrites({ from: "-1001234567890", text: "all of us", name: "Friends" });
	await simulator.contactWrites({ from, text: "look", mediaUrls: ["https://a.example/1", "https://a.example/2"] });
	await simulator.press({ from, messageId: 3, text: "Blue", data: "colour:blue" });
	const told = events.map((event) =>
		event.kind === "message" ? [event.contact.address, event.contact.name, event.text, event.attachments.length] : [],
	);
	assert.deepEqual(told, [
		[from, "Ana", "Olá 👋", 0],
		["-1001234567890", "Friends", "all of us", 0],
		[from, "Somebody", "look", 1],
		[from, "Somebody", "", 1],
		[from, "Somebody", "Blue", 0],
	]);
	const [first, , , , press] = events;
	assert.ok(first?.kind === "message" && press?.kind === "message");
	assert.equal(simulator.webhooks[0]?.remoteId, first.remoteId);
	assert.equal(press.choice, "colour:blue");
	assert.deepEqual(simulator.answeredPresses, [press.remoteId.replace("callback/", "")]);
	assert.equal(new Set(events.map(({ dedupKey }) => dedupKey)).size, events.length);
});

test("a file is found by the id in the attachment's address, with the token put into it", async (context) => {
	const { simulator, events, service, call } = await stand(context);
	await simulator.contactWrites({ from: "+7000000001", text: "", mediaUrls: ["https://a.example/1"] });
	const [event] = events;
	const url = new URL(event?.kind === "message" ? (event.attachments[0]?.url ?? "") : "");
	assert.equal(url.href.startsWith(`${service.serviceConnection}/getFile?`), true);
	const asked = await call("getFile", { file_id: url.searchParams.get("file_id") });
	const { result } = asked.body as { result: { file_path: string } };
	const token = service.authentications[0]?.secrets[0] ?? "";
	const file = await sendRequest(`${simulator.origin}/file/bot${token}/${result.file_path}`);
	assert.equal(await file.body.text(), "https://a.example/1");
	assert.equal((await call("getFile", { file_id: "none" })).status, 400);
});

test("whoever blocked the bot and groups that moved are refused in Telegram's words", async (context) => {
	const { simulator, send } = await stand(context);
	simulator.blocked.add(7_000_000_001);
	simulator.moved.set(-4001, -1001234567890);
	const blocked = await send();
	assert.deepEqual([blocked.kind, "code" in blocked && blocked.code], ["rejected", "opted_out"]);
	const moved = await send({ contactAddress: "-4001" });
	assert.ok(moved.kind === "rejected" && moved.detail.includes("-1001234567890"));
	assert.equal(simulator.taken.length, 0);
});

test("a call is checked as strictly as documented, and refused in the shape of the Bot API", async (context) => {
	const { simulator, call } = await stand(context);
	const good = { chat_id: 7_000_000_001, text: "x" };
	const refused: readonly (readonly [method: string, fields: object | undefined, status: number])[] = [
		["sendMessage", { ...good, chat_id: "+49151" }, 400],
		["sendMessage", { ...good, chat_id: 0 }, 400],
		["sendMessage", { chat_id: 1 }, 400],
		["sendMessage", { ...good, text: " " }, 400],
		["sendMessage", { ...good, text: "x".repeat(4097) }, 400],
		["sendMessage", { ...good, parse_mode: "HTML" }, 400],
		["sendMessage", { ...good, reply_parameters: { message_id: "5" } }, 400],
		["sendMessage", { ...good, reply_parameters: {} }, 400],
		["sendPhoto", { chat_id: 1, photo: "file:///etc/passwd" }, 400],
		["sendPhoto", { chat_id: 1, photo: "https://a.example/", caption: "c".repeat(1025) }, 400],
		["sendTelepathy", good, 404],
		["setWebhook", { url: "http://plain.example/" }, 400],
		["setWebhook", { url: "https://a.example/", secret_token: "two words" }, 400],
		["getFile", undefined, 400],
	];
	for (const [method, fields, status] of refused) {
		const answer = await call(method, fields);
		assert.equal(answer.status, status, `${method} ${JSON.stringify(fields)}`);
		const { ok, error_code, description } = answer.body as Record<string, unknown>;
		assert.deepEqual([ok, error_code, typeof description], [false, status, "string"]);
	}
	assert.equal((await call("sendMessage", good, "123:abc")).status, 401);
	assert.equal((await call("getMe", undefined, "nonsense")).status, 401);
	assert.equal(simulator.taken.length, 0);
	assert.equal(simulator.refusals.length, refused.length + 2);
	assert.equal((await call("SENDmessage", good)).status, 200, "names of methods are read in any case");
});

test("a webhook that is set anew gets its own secret and list; what is not taken waits and says why", async (context) => {
	const { simulator, call, answer } = await stand(context);
	const info = async () => ((await call("getWebhookInfo")).body as { result: Record<string, unknown> }).result;
	assert.deepEqual([(await info())["pending_update_count"], (await info())["allowed_updates"]], [0, undefined]);
	answer.status = 401;
	assert.equal((await simulator.contactWrites({ from: "7000000001", text: "hi" })).status, 401);
	const told = await info();
	assert.equal(told["pending_update_count"], 1);
	assert.equal(told["last_error_message"], "Wrong response from the webhook: 401 Unauthorized");
	await call("setWebhook", { url: "https://a.example/hook", secret_token: "n3w", allowed_updates: ["message"] });
	const anew = await info();
	assert.deepEqual([anew["url"], anew["allowed_updates"]], ["https://a.example/hook", ["message"]]);
	await call("deleteWebhook", {});
	assert.equal((await info())["url"], "");
	assert.equal(((await call("getMe")).body as { result: { is_bot: boolean } }).result.is_bot, true);
});

test("the script and the manners of every simulator hold here too", async (context) => {
	const { simulator, events, send } = await stand(context);
	simulator.script = [
		{ kind: "answer", status: 429, body: '{"ok":false,"error_code":429,"parameters":{"retry_after":3}}' },
	];
	const throttled = await send();
	assert.ok(throttled.kind === "retry" && throttled.code === "throttled" && throttled.notBefore !== undefined);
	simulator.script = [{ kind: "garbage" }];
	assert.equal((await send()).kind, "unknown");
	assert.equal(simulator.taken.length, 1);
	simulator.manners = { ...simulator.manners, times: 3 };
	await simulator.contactWrites({ from: "7000000001", text: "thrice" });
	assert.deepEqual([events.length, new Set(events.map(({ dedupKey }) => dedupKey)).size], [3, 1]);
});
