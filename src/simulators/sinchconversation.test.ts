// The simulator against the connector: what one sends the other must take, verify and read.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";

import { Agent, request as sendRequest } from "undici";

import type { HttpAnswer, HttpCall, StoredService, TokenAnswer, Tools, VerifiedRequest } from "#connectors/contract.ts";
import { connector } from "#connectors/sinchconversation/index.ts";
import type { AttemptId, MessageId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage, ReceiptEvent } from "#domain/messages.ts";
import type { Clock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";

import { goodManners, type Treatment } from "./simulator.ts";
import { type SinchConversationSimulator, startSinchConversationSimulator } from "./sinchconversation.ts";

type Config = ReturnType<typeof connector.config.parse>;
type Received = { headers: Record<string, string>; nonce: string | undefined };
type Stand = {
	simulator: SinchConversationSimulator;
	config: Config;
	tools: Tools;
	received: Received[];
	events: ChannelEvent[];
	passTime(ms: number): void;
};

const attemptId = "018F3A2B4C5D7E6F8091A2B3C4D5E6F7" as AttemptId;
const startedAt = new Date("2026-11-24T12:00:00.000Z");

type TestClock = Clock & {
	pass(ms: number): void;
	/** Aborted as soon as the simulator begins to wait: our side loses its patience first, and no test sleeps. */
	patience(): AbortSignal;
};

/** A clock that stands still until told. A wait ends at once, after our side has given up. */
function steadyClock(): TestClock {
	let nowMs = startedAt.getTime();
	let patience = new AbortController();
	return {
		now: () => new Date(nowMs),
		monotonicMs: () => nowMs,
		after(_delayMs, run) {
			patience.abort();
			patience = new AbortController();
			const soon = setImmediate(run);
			return () => clearImmediate(soon);
		},
		pass: (ms) => {
			nowMs += ms;
		},
		patience: () => patience.signal,
	};
}

function configOf({ account }: SinchConversationSimulator, settings: Record<string, unknown> = {}): Config {
	const service: StoredService = {
		id: "018F3A2B4C5D7E6F80910000000000F1" as StoredService["id"],
		serviceConnection: account.serviceConnection,
		authenticationUrl: account.authenticationUrl ?? null,
		authenticationScope: null,
		settings: { ...account.settings, ...settings },
		authentications: account.authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
	};
	assert.deepEqual(connector.config.check?.(service), []);
	return connector.config.parse(service);
}

/** Tools on real sockets. A failed connection is `notSent` only when it was never made. */
function toolsOn(agent: Agent, clock: TestClock): Tools {
	const kept = new Map<string, Extract<TokenAnswer, { ok: true }>>();
	return {
		http: (call) => httpOn(agent, call, clock.patience()),
		async token(key, fetchToken) {
			const old = kept.get(key);
			if (old !== undefined && old.expiresAt.getTime() - 60_000 > clock.now().getTime()) {
				return old;
			}
			const fresh = await fetchToken();
			if (fresh.ok) {
				kept.set(key, fresh);
			}
			return fresh;
		},
		dropToken(key, accessToken) {
			if (kept.get(key)?.accessToken === accessToken) {
				kept.delete(key);
			}
		},
		now: () => clock.now(),
	};
}

async function httpOn(agent: Agent, { url, body, ...call }: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
	try {
		const answer = await sendRequest(url, { ...call, body: body ?? null, dispatcher: agent, signal });
		const headers = new Headers(
			Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]),
		);
		return { kind: "answered", status: answer.statusCode, headers, body: await answer.body.bytes() };
	} catch (error) {
		const code = (error as { code?: string }).code;
		if (code === "ECONNREFUSED") {
			return { kind: "notSent", why: "refused" };
		}
		return { kind: "unclear", why: signal.aborted ? "timeout" : "reset" };
	}
}

async function stand(context: TestContext, httpUser?: { login: string; password: string }): Promise<Stand> {
	const clock = steadyClock();
	const simulator = await startSinchConversationSimulator({ clock, random: systemRandom });
	const config = configOf(simulator);
	const received: Received[] = [];
	const events: ChannelEvent[] = [];
	const parley = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const body = Buffer.concat(chunks);
			const headers = Object.fromEntries(
				Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
			);
			const url = `https://parley.example${request.url ?? ""}`;
			const raw = { method: request.method ?? "", url, headers: new Headers(headers), body };
			assert.ok(connector.inbound.auth.kind === "signature");
			const verdict = connector.inbound.auth.verify(raw, config, clock.now());
			received.push({ headers, nonce: verdict.ok ? verdict.nonce : undefined });
			const said = verdict.ok ? connector.inbound.parse(raw as unknown as VerifiedRequest, config) : [];
			events.push(...said);
			response.writeHead(verdict.ok ? connector.inbound.ack(said, config).status : 401).end();
		});
	});
	await new Promise<void>((resolve) => parley.listen(0, "127.0.0.1", resolve));
	const parleyUrl = `http://127.0.0.1:${(parley.address() as AddressInfo).port}/sms/sinchconversation/1`;
	simulator.pointAt(parleyUrl, httpUser);
	const agent = new Agent();
	context.after(async () => {
		await simulator.close();
		await agent.destroy();
		parley.closeAllConnections();
		await new Promise((resolve) => parley.close(resolve));
	});
	const tools = toolsOn(agent, clock);
	return { simulator, config, tools, received, events, passTime: (ms) => clock.pass(ms) };
}

function messageTo(simulator: SinchConversationSimulator, change: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "018F3A2B4C5D7E6F8091000000000001" as MessageId,
		attemptId,
		channel: "whatsapp",
		ourAddress: simulator.account.ourAddress,
		contactAddress: "46732000000",
		text: "Grüße 👋",
		attachments: [],
		validUntil: new Date(startedAt.getTime() + 3_600_000),
		webhookUrl: "https://parley.example/sms/sinchconversation/1",
		...change,
	};
}

function receiptsIn(events: readonly ChannelEvent[]): ReceiptEvent[] {
	return events.filter((event) => event.kind === "receipt");
}

test("a message is taken, and its receipts come back with our attempt id", async (context) => {
	const { simulator, config, tools, events } = await stand(context);
	const outcome = await connector.send(messageTo(simulator), config, tools);
	await simulator.settled();
	const [taken] = simulator.taken;
	assert.deepEqual(simulator.refusals, []);
	assert.deepEqual(outcome, { kind: "accepted", remoteIds: [taken?.remoteId], at: startedAt });
	assert.deepEqual([taken?.attemptId, taken?.to, taken?.text], [attemptId, "46732000000", "Grüße 👋"]);
	const receipts = receiptsIn(events);
	assert.deepEqual(
		receipts.map(({ status }) => status),
		["sent", "delivered", "read"],
	);
	for (const { target } of receipts) {
		assert.deepEqual(target, { by: "remote", remoteId: taken?.remoteId, attemptId });
	}
	assert.deepEqual(
		simulator.webhooks.map(({ status }) => status),
		[200, 200, 200],
	);
});

test("every content that the connector sends is taken, in both processing modes", async (context) => {
	const { simulator, tools } = await stand(context);
	simulator.manners = { ...goodManners, receipts: [] };
	const attachments = [{ url: "https://parley.example/sms/richcontent/t/a.pdf", filename: "a.pdf" }];
	const template = { id: "order_shipped", language: "en-US", parameters: { "1": "A-17" } };
	const changes: Partial<OutboundMessage>[] = [
		{},
		{ text: "", attachments },
		{ text: "", template },
		{ ourAddress: `${simulator.appId}@sms.sinchconversation.com` },
		{ ourAddress: `${simulator.appId}@facebook.sinchconversation.com`, contactAddress: "2742085512340733" },
	];
	for (const processingMode of ["DISPATCH", "CONVERSATION"]) {
		const config = configOf(simulator, { processingMode, smsSender: "12345" });
		for (const change of changes) {
			assert.equal((await connector.send(messageTo(simulator, change), config, tools)).kind, "accepted");
		}
	}
	assert.deepEqual(simulator.refusals, []);
	assert.equal(simulator.taken.length, 10);
});

test("a failed receipt tells why", async (context) => {
	const { simulator, config, tools, events } = await stand(context);
	simulator.manners = { ...goodManners, receipts: ["sent", "failed"] };
	await connector.send(messageTo(simulator), config, tools);
	await simulator.settled();
	const [, failed] = receiptsIn(events);
	assert.deepEqual([failed?.status, failed?.fault?.code], ["failed", "recipient"]);
});

test("a contact's text and media arrive as messages on the app's address", async (context) => {
	const { simulator, events } = await stand(context);
	const mediaUrls = ["https://media.example/1.jpg", "https://media.example/2.jpg"];
	await simulator.contactWrites({ from: "+46732000000", text: "Hi!", remoteId: "01EXACTLYTHISONE0000000000" });
	assert.equal((await simulator.contactWrites({ from: "46732000000", text: "Look", mediaUrls })).status, 200);
	const messages = events.filter((event) => event.kind === "message");
	assert.deepEqual(
		messages.map(({ text }) => text),
		["Hi!", "Look", ""],
	);
	assert.deepEqual(
		messages.flatMap(({ attachments }) => attachments.map(({ url }) => url)),
		mediaUrls,
	);
	assert.equal(messages[0]?.remoteId, "01EXACTLYTHISONE0000000000");
	for (const message of messages) {
		assert.equal(message.ourAddress, simulator.account.ourAddress);
		assert.equal(message.contact.address, "46732000000");
	}
});

test("any other callback can be told and is understood", async (context) => {
	const { simulator, events } = await stand(context);
	const optIn = { request_id: "r-1", channel: "WHATSAPP", identity: "46732000000", status: "OPT_IN_SUCCEEDED" };
	await simulator.tell({ opt_in_notification: optIn });
	assert.deepEqual(
		events.map((event) => event.kind === "activity" && event.name),
		["opt_in"],
	);
});

test("manners: repeated, reversed, before the answer, and each second repetition to the byte", async (context) => {
	const { simulator, config, tools, events, received } = await stand(context);
	simulator.manners = { ...goodManners, times: 3, reversed: true, receiptsFirst: true };
	await connector.send(messageTo(simulator), config, tools);
	const receipts = receiptsIn(events);
	assert.equal(receipts.length, 9, "all were there before the answer");
	const one = ["read", "delivered", "sent"];
	assert.deepEqual(
		receipts.map(({ status }) => status),
		one.flatMap((status) => [status, status, status]),
	);
	assert.equal(new Set(receipts.map(({ dedupKey }) => dedupKey)).size, 3);
	const nonces = received.map(({ nonce }) => nonce);
	assert.equal(new Set(nonces).size, 6);
	assert.equal(nonces[0], nonces[1]);
});

test("each treatment gives the outcome that is certain", async (context) => {
	const { simulator, config, tools, events } = await stand(context);
	const table: [Treatment, string, number][] = [
		[{ kind: "answer", status: 429, headers: { "retry-after": "7" } }, "retry throttled", 0],
		[{ kind: "answer", status: 500 }, "unknown unreachable", 0],
		[{ kind: "answer", status: 503 }, "retry unreachable", 0],
		[{ kind: "resetBefore" }, "unknown unreachable", 0],
		[{ kind: "resetAfter" }, "unknown unreachable", 1],
		[{ kind: "stall", delayMs: 60_000 }, "unknown unreachable", 1],
		[{ kind: "garbage" }, "unknown protocol", 1],
	];
	for (const [treatment, expected, taken] of table) {
		const before = simulator.taken.length;
		const receiptsBefore = receiptsIn(events).length;
		simulator.script = [treatment];
		const outcome = await connector.send(messageTo(simulator), config, tools);
		await simulator.settled();
		assert.equal(
			outcome.kind === "accepted" ? "accepted" : `${outcome.kind} ${outcome.code}`,
			expected,
			treatment.kind,
		);
		assert.equal(simulator.taken.length - before, taken, treatment.kind);
		assert.equal(receiptsIn(events).length - receiptsBefore, taken * 3, treatment.kind);
	}
	assert.deepEqual(simulator.refusals, []);
});

test("a forgotten token is replaced, and the message taken exactly once", async (context) => {
	const { simulator, config, tools } = await stand(context);
	await connector.send(messageTo(simulator), config, tools);
	simulator.forgetTokens();
	assert.equal((await connector.send(messageTo(simulator), config, tools)).kind, "accepted");
	assert.equal(simulator.taken.length, 2);
	assert.deepEqual(
		simulator.refusals.map(({ status }) => status),
		[401],
	);
});

test("a token is good for the time it was told to be", async (context) => {
	const { simulator, config, tools, passTime } = await stand(context);
	await connector.send(messageTo(simulator), config, tools);
	passTime(3_598_000);
	const validUntil = new Date("2026-11-25T12:00:00Z");
	assert.equal((await connector.send(messageTo(simulator, { validUntil }), config, tools)).kind, "accepted");
	assert.deepEqual(simulator.refusals, [], "it was refreshed a minute before its end");
});

test("a wrong key secret and a wrong project are told apart", async (context) => {
	const { simulator, config, tools } = await stand(context);
	const apps = config.apps.map((app) => ({ ...app, keySecret: "wrong" }));
	const refused = await connector.send(messageTo(simulator), { ...config, apps }, tools);
	assert.ok(refused.kind === "retry" && refused.code === "credentials");
	const sendUrl = config.sendUrl.replace(simulator.projectId, "another");
	const lost = await connector.send(messageTo(simulator), { ...config, sendUrl }, tools);
	assert.ok(lost.kind === "rejected" && lost.code === "config");
	assert.deepEqual(simulator.taken, []);
});

test("with an HTTP user the callbacks carry its credentials at once", async (context) => {
	const { simulator, received } = await stand(context, { login: "sinch", password: "pässword" });
	await simulator.contactWrites({ from: "46732000000", text: "Hi!" });
	const given = received[0]?.headers["authorization"] ?? "";
	assert.equal(Buffer.from(given.replace("Basic ", ""), "base64").toString("utf8"), "sinch:pässword");
});
