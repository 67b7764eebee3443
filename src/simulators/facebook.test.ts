// The simulator against the connector itself: what one sends the other must take, verify and read. Signatures and proofs
// are recomputed here from the bytes, so that a shared mistake shows.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";

import { Agent, request as sendRequest } from "undici";

import type { HttpAnswer, HttpCall, StoredService, Tools, VerifiedRequest } from "#connectors/contract.ts";
import { connector } from "#connectors/facebook/index.ts";
import type { AttemptId, MessageId } from "#domain/ids.ts";
import type { ChannelEvent, OutboundMessage, ReceiptEvent } from "#domain/messages.ts";
import { type Clock, systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";

import { type FacebookSimulator, startFacebookSimulator } from "./facebook.ts";
import type { SimulatedAccount, Treatment } from "./simulator.ts";

type Received = { method: string; url: string; headers: Headers; body: Buffer };
type Stand = {
	simulator: FacebookSimulator;
	config: ReturnType<typeof connector.config.parse>;
	received: Received[];
	events: ChannelEvent[];
	tools: Tools;
	passTime(ms: number): void;
};

const attemptId = "018F3A2B4C5D7E6F8091A2B3C4D5E6F7" as AttemptId;
const startedAt = new Date("2026-11-24T12:00:00.000Z");
const hourMs = 3_600_000;

function configOf(account: SimulatedAccount, settings: Record<string, unknown> = {}) {
	const service: StoredService = {
		id: "018F3A2B4C5D7E6F80910000000000F1" as StoredService["id"],
		serviceConnection: account.serviceConnection,
		authenticationUrl: null,
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

function secretOf(simulator: FacebookSimulator, authenticationId: string): string {
	return simulator.account.authentications.find((entry) => entry.authenticationId === authenticationId)?.password ?? "";
}

/** A clock that stands still until told; timers run on the real one. */
function steadyClock(): Clock & { pass(ms: number): void } {
	let nowMs = startedAt.getTime();
	return {
		now: () => new Date(nowMs),
		monotonicMs: () => nowMs,
		after: systemClock.after,
		pass: (ms) => {
			nowMs += ms;
		},
	};
}

async function stand(
	context: TestContext,
	options: { status?: number; httpUser?: { login: string; password: string } } = {},
): Promise<Stand> {
	const clock = steadyClock();
	const simulator = await startFacebookSimulator({ clock, random: systemRandom });
	const config = configOf(simulator.account);
	const received: Received[] = [];
	const events: ChannelEvent[] = [];
	const parley = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const body = Buffer.concat(chunks);
			const headers = new Headers(
				Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
			);
			const raw = { method: request.method ?? "", url: `https://parley.example${request.url ?? ""}`, headers, body };
			received.push(raw);
			const greeting = connector.inbound.handshake?.(raw, config);
			if (greeting === undefined) {
				assert.ok(connector.inbound.auth.kind === "signature");
				assert.deepEqual(connector.inbound.auth.verify(raw, config, clock.now()), { ok: true });
				events.push(...connector.inbound.parse(raw as unknown as VerifiedRequest, config));
			}
			const reply = greeting ?? connector.inbound.ack([], config);
			response.writeHead(options.status ?? reply.status, { "content-type": reply.contentType ?? "" }).end(reply.body);
		});
	});
	await new Promise<void>((resolve) => parley.listen(0, "127.0.0.1", resolve));
	const { port } = parley.address() as AddressInfo;
	simulator.pointAt(`http://127.0.0.1:${port}/sms/facebook/1`, options.httpUser);
	const agent = new Agent({ headersTimeout: 500 });
	context.after(async () => {
		await simulator.close();
		await agent.destroy();
		parley.closeAllConnections();
		await new Promise((resolve) => parley.close(resolve));
	});
	return { simulator, config, received, events, tools: toolsOn(agent, clock), passTime: (ms) => clock.pass(ms) };
}

function toolsOn(agent: Agent, clock: Clock): Tools {
	const http = async (call: HttpCall): Promise<HttpAnswer> => {
		try {
			const answer = await sendRequest(call.url, {
				method: call.method,
				headers: { ...call.headers },
				body: call.body ?? null,
				dispatcher: agent,
			});
			const headers = new Headers(
				Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]),
			);
			return {
				kind: "answered",
				status: answer.statusCode,
				headers,
				body: new Uint8Array(await answer.body.arrayBuffer()),
			};
		} catch (error) {
			const code = (error as { code?: string }).code;
			if (code === "ECONNREFUSED") {
				return { kind: "notSent", why: "refused" };
			}
			return { kind: "unclear", why: code === "UND_ERR_HEADERS_TIMEOUT" ? "timeout" : "reset" };
		}
	};
	const none = () => assert.fail("Facebook fetches no tokens");
	return { http, token: none, dropToken: none, now: () => clock.now() };
}

function messageFrom({ simulator }: Stand, changes: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "018F3A2B4C5D7E6F8091A2B3C4D5E600" as MessageId,
		attemptId,
		channel: "messenger",
		ourAddress: simulator.account.ourAddress,
		contactAddress: "7010000000000001",
		text: "Grüße 👍 https://shop.example/1",
		attachments: [],
		validUntil: new Date(startedAt.getTime() + 24 * hourMs),
		contactLastWroteAt: startedAt,
		webhookUrl: "https://parley.example/sms/facebook/1",
		...changes,
	};
}

function receiptsIn(events: readonly ChannelEvent[]): string[] {
	return events.filter((event): event is ReceiptEvent => event.kind === "receipt").map((event) => event.status);
}

test("a contact's message arrives signed over its bytes and is read as it was written", async (context) => {
	const place = await stand(context);
	const mediaUrls = ["https://cdn.example/a.jpg"];
	const sent = await place.simulator.contactWrites({
		from: "7010000000000001",
		text: "Grüße 👍 a/b",
		mediaUrls,
		remoteId: "m_x",
	});
	const at = new Date("2026-11-24T12:00:00.000Z");
	assert.deepEqual(sent, { kind: "message", remoteId: "m_x", status: 200, body: "EVENT_RECEIVED", at });
	const [webhook] = place.received;
	const text = webhook?.body.toString("latin1") ?? "";
	const sign = (algorithm: string) =>
		createHmac(algorithm, secretOf(place.simulator, "webhook"))
			.update(webhook?.body ?? "")
			.digest("hex");
	assert.equal(webhook?.headers.get("x-hub-signature-256"), `sha256=${sign("sha256")}`);
	assert.equal(webhook?.headers.get("x-hub-signature"), `sha1=${sign("sha1")}`);
	assert.ok(text.includes("Gr\\u00fc\\u00dfe \\ud83d\\udc4d a\\/b"), "Meta escapes slashes and what is not ASCII");
	assert.deepEqual(place.events, [
		{
			kind: "message",
			dedupKey: `message:${place.simulator.account.ourAddress}:m_x`,
			at: startedAt,
			remoteId: "m_x",
			channel: "messenger",
			ourAddress: place.simulator.account.ourAddress,
			contact: { address: "7010000000000001", scope: place.simulator.account.ourAddress },
			text: "Grüße 👍 a/b",
			attachments: [{ url: "https://cdn.example/a.jpg" }],
		},
	]);
});

test("a message of ours is taken, echoed with our attempt id, delivered and read", async (context) => {
	const place = await stand(context);
	const outcome = await connector.send(messageFrom(place), place.config, place.tools);
	await place.simulator.settled();
	const [taken, ...others] = place.simulator.taken;
	assert.deepEqual(others, []);
	assert.deepEqual(outcome, { kind: "accepted", remoteIds: [taken?.remoteId] });
	assert.equal(taken?.attemptId, attemptId);
	assert.equal(taken?.text, "Grüße 👍 https://shop.example/1");
	assert.equal(taken?.to, "7010000000000001");
	assert.deepEqual(receiptsIn(place.events), ["sent", "delivered", "read"]);
	assert.deepEqual(
		place.events.map((event) => event.kind === "receipt" && event.target),
		[
			{ by: "attempt", attemptId, remoteId: taken?.remoteId },
			{ by: "remote", remoteId: taken?.remoteId },
			{
				by: "watermark",
				ourAddress: place.simulator.account.ourAddress,
				contactAddress: "7010000000000001",
				upTo: startedAt,
			},
		],
	);
	assert.deepEqual(
		place.simulator.webhooks.map(({ kind, status }) => [kind, status]),
		[
			["receipt", 200],
			["receipt", 200],
			["receipt", 200],
		],
	);
	assert.deepEqual(place.simulator.refusals, []);
});

test("an attachment, and a person known by reference only, are taken too", async (context) => {
	const place = await stand(context);
	const attachments = [{ url: "https://parley.example/sms/richcontent/t/a.png", contentType: "image/png" }];
	const changes = { text: "", attachments, contactAddress: "user_ref:ref-81" };
	assert.equal((await connector.send(messageFrom(place, changes), place.config, place.tools)).kind, "accepted");
	await place.simulator.settled();
	assert.deepEqual(
		place.simulator.taken.map(({ to, text }) => [to, text]),
		[["user_ref:ref-81", "https://parley.example/sms/richcontent/t/a.png"]],
	);
	assert.deepEqual(receiptsIn(place.events), ["sent", "delivered", "read"]);
});

test("the greeting is answered with its challenge, and refused under another verify token", async (context) => {
	const place = await stand(context);
	const greeted = await place.simulator.greet();
	assert.equal(greeted.kind, "handshake");
	assert.equal(greeted.status, 200);
	assert.equal(greeted.body, greeted.remoteId);
	const wrong = { ...place.config, verifyTokens: ["another"] };
	const [request] = place.received;
	assert.ok(request);
	assert.equal(connector.inbound.handshake?.(request, wrong)?.status, 403);
});

test("manners decide how many receipts come, how often and in which order", async (context) => {
	const place = await stand(context);
	place.simulator.manners = {
		receipts: ["sent", "delivered", "failed"],
		times: 2,
		reversed: true,
		delayMs: 0,
		receiptsFirst: false,
	};
	await connector.send(messageFrom(place), place.config, place.tools);
	await place.simulator.settled();
	assert.deepEqual(receiptsIn(place.events), ["delivered", "delivered", "sent", "sent"]);
	assert.equal(
		new Set(place.events.map((event) => event.dedupKey)).size,
		2,
		"a repeated webhook carries the same keys",
	);
	await place.simulator.contactWrites({ from: "7010000000000001", text: "twice" });
	assert.equal(place.events.filter((event) => event.kind === "message").length, 2);
});

test("receipts may overtake the answer", async (context) => {
	const place = await stand(context);
	place.simulator.manners.receiptsFirst = true;
	const sending = connector.send(messageFrom(place), place.config, {
		...place.tools,
		http: async (call) => {
			const answer = await place.tools.http(call);
			assert.deepEqual(receiptsIn(place.events), ["sent", "delivered", "read"]);
			return answer;
		},
	});
	assert.equal((await sending).kind, "accepted");
});

test("each treatment leads to its outcome, and only those that take the message record it", async (context) => {
	const cases: readonly (readonly [Treatment, string, number])[] = [
		[{ kind: "accept" }, "accepted", 1],
		[{ kind: "resetBefore" }, "unknown", 0],
		[{ kind: "resetAfter" }, "unknown", 1],
		[{ kind: "garbage" }, "unknown", 1],
		[{ kind: "stall", delayMs: 1500 }, "unknown", 1],
		[{ kind: "answer", status: 500 }, "unknown", 0],
		[{ kind: "answer", status: 429, headers: { "retry-after": "7" } }, "retry", 0],
		[{ kind: "answer", status: 400, body: '{"error":{"code":551,"message":"not available"}}' }, "rejected", 0],
		[{ kind: "answer", status: 200, body: '{"error":{"code":190,"message":"expired"}}' }, "retry", 0],
	];
	for (const [treatment, kind, taken] of cases) {
		await context.test(`${treatment.kind} → ${kind}`, async (inner) => {
			const place = await stand(inner);
			place.simulator.script.push(treatment);
			const outcome = await connector.send(messageFrom(place), place.config, place.tools);
			await place.simulator.settled();
			assert.equal(outcome.kind, kind, JSON.stringify(outcome));
			assert.equal(place.simulator.taken.length, taken);
			assert.equal(receiptsIn(place.events).length, 3 * taken, "what was taken is reported, whatever the answer was");
			assert.equal((await connector.send(messageFrom(place), place.config, place.tools)).kind, "accepted");
			assert.deepEqual(place.simulator.script, []);
		});
	}
});

test("a closed simulator refuses the connection, and the message was certainly not sent", async (context) => {
	const place = await stand(context);
	await place.simulator.close();
	assert.equal((await connector.send(messageFrom(place), place.config, place.tools)).kind, "retry");
});

test("a wrong token, a missing proof and a wrong proof are refused, and the message survives", async (context) => {
	const place = await stand(context);
	const pages = [{ pageId: place.simulator.account.ourAddress, token: "EAABwrong" }];
	for (const changed of [{ pages }, { appSecrets: [] }, { appSecrets: ["wrong"] }]) {
		const outcome = await connector.send(messageFrom(place), { ...place.config, ...changed }, place.tools);
		assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["retry", "credentials"]);
	}
	assert.deepEqual(
		place.simulator.refusals.map((refusal) => refusal.status),
		[401, 400, 400],
	);
	assert.deepEqual(place.simulator.taken, []);
});

test("the reply window is kept by the provider as well, and the tag of a human agent widens it", async (context) => {
	const place = await stand(context);
	await place.simulator.contactWrites({ from: "7010000000000001", text: "hello" });
	place.passTime(25 * hourMs);
	const late = messageFrom(place, { contactLastWroteAt: new Date(startedAt.getTime() + 2 * hourMs) });
	const refused = await connector.send(late, place.config, place.tools);
	assert.deepEqual([refused.kind, "code" in refused && refused.code], ["rejected", "outside_window"]);
	assert.equal(place.simulator.refusals.length, 1, "Parley believed the window open, the provider did not");
	const tagged = await connector.send(
		messageFrom(place),
		configOf(place.simulator.account, { humanAgentTag: true }),
		place.tools,
	);
	assert.equal(tagged.kind, "accepted");
});

test("other pages and other events can be told in one signed batch", async (context) => {
	const place = await stand(context);
	const update = {
		sender: { id: "7010000000000001" },
		timestamp: startedAt.getTime(),
		message_edit: { mid: "m_1", text: "new", num_edit: 1 },
	};
	await place.simulator.tell([
		{ id: place.simulator.account.ourAddress, time: 1, messaging: [update] },
		{ id: "333", time: 1, messaging: [update] },
	]);
	assert.deepEqual(
		place.events.map((event) => event.kind),
		["activity", "foreign"],
	);
});

test("with an HTTP user the calls carry its credentials, and Parley's refusals are recorded", async (context) => {
	const place = await stand(context, { status: 403, httpUser: { login: "facebook", password: "p:ss" } });
	const sent = await place.simulator.contactWrites({ from: "7010000000000001", text: "hello" });
	assert.equal(sent.status, 403);
	assert.equal(
		place.received[0]?.headers.get("authorization"),
		`Basic ${Buffer.from("facebook:p:ss").toString("base64")}`,
	);
	assert.deepEqual(place.simulator.webhooks, [sent]);
});

test("a webhook that nobody answers is recorded with status 0", async (context) => {
	const place = await stand(context);
	place.simulator.pointAt("http://127.0.0.1:1/sms/facebook/1");
	assert.equal((await place.simulator.contactWrites({ from: "7010000000000001", text: "hello" })).status, 0);
});
