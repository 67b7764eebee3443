// What goes out, what each answer means, and how often the provider is asked. The answers are made up after the
// provider's documented shapes; `Tools` is a list of answers to be given in order.

import assert from "node:assert/strict";
import test from "node:test";

import type { AttemptId, MessageId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";

import type { HttpAnswer, HttpCall, Outcome, TokenAnswer, Tools } from "../contract.ts";
import { toTokenAnswer } from "../kit/oauth2.ts";
import { quoteOf } from "../kit/quote.ts";
import type { SinchConversationConfig } from "./form.ts";
import { send, toOutcome, toRequest } from "./outbound.ts";

const now = new Date("2026-11-24T10:00:00.000Z");
const appId = "01EB37HMH1M6SV18ABNS3G135H";

const config: SinchConversationConfig = {
	sendUrl: "https://eu.conversation.api.sinch.com/v1/projects/proj-1/messages:send",
	projectId: "proj-1",
	tokenUrl: "https://auth.sinch.com/oauth2/token",
	apps: [
		{ appId, keyId: "keyId", keySecret: "keySecret" },
		{ appId: "01EB37HMH1M6SV18WITHOUTKEY", keyId: "keyId", keySecret: undefined },
	],
	webhookSecrets: ["webhook-secret"],
	smsSender: undefined,
	processingMode: "CONVERSATION",
};

const message: OutboundMessage = {
	messageId: "0193A6C0F0E07C008000000000000001" as MessageId,
	attemptId: "0193A6C0F0E07C00800000000000000A" as AttemptId,
	channel: "sms",
	ourAddress: `${appId}@sms.sinchconversation.com`,
	contactAddress: "+46732000000",
	text: "Grüße 👋",
	attachments: [],
	validUntil: new Date("2026-11-24T10:01:00.900Z"),
	webhookUrl: "https://parley.example/sms/sinchconversation/1",
};

function bodyOf(change: Partial<OutboundMessage> = {}, service: SinchConversationConfig = config): unknown {
	const prepared = toRequest({ ...message, ...change }, service, now);
	assert.ok(prepared.ok && typeof prepared.call.body === "string");
	return JSON.parse(prepared.call.body);
}

function contentOf(change: Partial<OutboundMessage>): unknown {
	return (bodyOf(change) as { message: unknown }).message;
}

function refusalOf(change: Partial<OutboundMessage>): Outcome {
	const prepared = toRequest({ ...message, ...change }, config, now);
	assert.ok(!prepared.ok);
	return prepared.outcome;
}

function answered(status: number, body: unknown = "", headers: Record<string, string> = {}): HttpAnswer {
	const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
	return { kind: "answered", status, headers: new Headers(headers), body: bytes };
}

test("a text goes out with our attempt id, our message id, one channel and what is left of its time", () => {
	assert.deepEqual(bodyOf(), {
		app_id: appId,
		recipient: { identified_by: { channel_identities: [{ channel: "SMS", identity: "46732000000" }] } },
		message: { text_message: { text: "Grüße 👋" } },
		channel_priority_order: ["SMS"],
		message_metadata: "parley:0193A6C0F0E07C00800000000000000A",
		correlation_id: "0193A6C0F0E07C008000000000000001",
		ttl: "60s",
	});
});

test("the request goes to the Service Connection as JSON and carries no credentials before it has a token", () => {
	const prepared = toRequest(message, config, now);
	assert.ok(prepared.ok);
	assert.equal(prepared.call.url, config.sendUrl);
	assert.equal(prepared.call.method, "POST");
	assert.deepEqual(prepared.call.headers, { "content-type": "application/json", accept: "application/json" });
});

test("app-scoped channels name the app beside the identity", () => {
	const change = { ourAddress: `${appId}@facebook.sinchconversation.com`, contactAddress: "2742085512340733" };
	const body = bodyOf({ ...change, channel: "messenger" }) as { recipient: unknown };
	assert.deepEqual(body.recipient, {
		identified_by: {
			channel_identities: [{ channel: "MESSENGER", identity: "2742085512340733", app_id: appId }],
		},
	});
});

test("the SMS sender goes out on SMS only", () => {
	const service = { ...config, smsSender: "12345" };
	const properties = (change: Partial<OutboundMessage>): unknown =>
		(bodyOf(change, service) as Record<string, unknown>)["channel_properties"];
	assert.deepEqual(properties({}), { SMS_SENDER: "12345" });
	assert.equal(properties({ ourAddress: `${appId}@whatsapp.sinchconversation.com` }), undefined);
});

test("DISPATCH asks for it with each message, CONVERSATION leaves it to the app", () => {
	const strategy = (processingMode: SinchConversationConfig["processingMode"]): unknown =>
		(bodyOf({}, { ...config, processingMode }) as Record<string, unknown>)["processing_strategy"];
	assert.deepEqual([strategy("CONVERSATION"), strategy("DISPATCH")], [undefined, "DISPATCH_ONLY"]);
});

test("an attachment and a template become the provider's contents", () => {
	const attachment = { url: "https://parley.example/sms/richcontent/t/a.pdf", filename: "a.pdf" };
	assert.deepEqual(contentOf({ text: "", attachments: [attachment] }), {
		media_message: { url: attachment.url, filename_override: "a.pdf" },
	});
	const template = { id: "order_shipped", language: "en-US", parameters: { "1": "A-17" } };
	assert.deepEqual(contentOf({ text: "", template, ourAddress: `${appId}@whatsapp.sinchconversation.com` }), {
		template_message: {
			channel_template: {
				WHATSAPP: { template_id: "order_shipped", language_code: "en_US", parameters: { "1": "A-17" } },
			},
		},
	});
	assert.deepEqual(contentOf({ text: "", template: { id: "hello" } }), {
		template_message: { channel_template: { SMS: { template_id: "hello" } } },
	});
});

test("what one request cannot carry is refused, not cut", () => {
	const attachment = { url: "https://parley.example/a" };
	for (const change of [
		{ text: "" },
		{ attachments: [attachment] },
		{ text: "", attachments: [attachment, attachment] },
		{ template: { id: "t" } },
	]) {
		const outcome = refusalOf(change);
		assert.ok(outcome.kind === "rejected" && outcome.code === "content");
		assert.ok(!outcome.detail.includes(message.text));
	}
});

test("the time to live is at least the provider's three seconds", () => {
	const ttl = (validUntil: string): unknown => (bodyOf({ validUntil: new Date(validUntil) }) as { ttl: unknown }).ttl;
	assert.equal(ttl("2026-11-24T10:00:00.001Z"), "3s");
	assert.equal(ttl("2026-11-25T10:00:00.000Z"), "86400s");
});

test("an address of no app of ours is a fault of configuration, an app without its key waits for it", () => {
	for (const ourAddress of ["+46700000000", "OTHER@sms.sinchconversation.com"]) {
		const outcome = refusalOf({ ourAddress });
		assert.ok(outcome.kind === "rejected" && outcome.code === "config");
	}
	const outcome = refusalOf({ ourAddress: "01EB37HMH1M6SV18WITHOUTKEY@sms.sinchconversation.com" });
	assert.ok(outcome.kind === "retry" && outcome.code === "credentials");
});

const accepted = { message_id: "01W4FFL35P4NC4K35MESSAGE001", accepted_time: "2024-06-06T12:42:42.379Z" };

test("an accepted message has the provider's id and time", () => {
	assert.deepEqual(toOutcome(answered(200, accepted), now), {
		kind: "accepted",
		remoteIds: [accepted.message_id],
		at: new Date(accepted.accepted_time),
	});
	assert.deepEqual(toOutcome(answered(200, { message_id: "m" }), now), { kind: "accepted", remoteIds: ["m"] });
});

test("a 2xx that nobody can read is unknown, never sent again in silence", () => {
	for (const body of ["", "<html>", "[]", "{}", { message_id: 7 }, { message_id: "" }]) {
		const outcome = toOutcome(answered(200, body), now);
		assert.ok(outcome.kind === "unknown" && outcome.code === "protocol");
	}
});

test("every status means what the provider documents", () => {
	const table: [number, Outcome["kind"], string][] = [
		[301, "rejected", "config"],
		[307, "rejected", "config"],
		[400, "rejected", "content"],
		[401, "retry", "credentials"],
		[402, "rejected", "protocol"],
		[403, "rejected", "credentials"],
		[404, "rejected", "config"],
		[405, "rejected", "config"],
		[408, "retry", "unreachable"],
		[409, "unknown", "protocol"],
		[410, "rejected", "config"],
		[413, "rejected", "content"],
		[422, "rejected", "content"],
		[425, "retry", "throttled"],
		[429, "retry", "throttled"],
		[500, "unknown", "unreachable"],
		[501, "retry", "unreachable"],
		[502, "unknown", "unreachable"],
		[503, "retry", "unreachable"],
		[504, "unknown", "unreachable"],
		[599, "unknown", "unreachable"],
	];
	for (const [status, kind, code] of table) {
		const outcome = toOutcome(answered(status), now);
		assert.ok(outcome.kind !== "accepted");
		assert.deepEqual([outcome.kind, outcome.code], [kind, code], String(status));
		assert.equal("closesService" in outcome, status === 410);
	}
});

test("Retry-After is honoured in seconds and as a date", () => {
	for (const value of ["30", "Tue, 24 Nov 2026 10:00:30 GMT"]) {
		const outcome = toOutcome(answered(429, "", { "retry-after": value }), now);
		assert.ok(outcome.kind === "retry");
		assert.equal(outcome.notBefore?.toISOString(), "2026-11-24T10:00:30.000Z");
	}
	assert.ok(!("notBefore" in toOutcome(answered(429), now)));
});

test("no answer before the request left is a retry, afterwards it is unknown", () => {
	for (const why of ["dns", "refused", "tls", "timeout"] as const) {
		assert.equal(toOutcome({ kind: "notSent", why }, now).kind, "retry");
	}
	const blocked = toOutcome({ kind: "notSent", why: "blocked" }, now);
	assert.ok(blocked.kind === "retry" && blocked.code === "config");
	for (const why of ["reset", "timeout", "too large"] as const) {
		assert.equal(toOutcome({ kind: "unclear", why }, now).kind, "unknown");
	}
});

test("the provider's words are quoted in each of its shapes", () => {
	const quote = (body: unknown): string => quoteOf(Buffer.from(JSON.stringify(body)), []);
	assert.equal(
		quote({ error: { code: 400, message: "No app", status: "INVALID_ARGUMENT" } }),
		" INVALID_ARGUMENT: No app",
	);
	assert.equal(quote({ code: 400, message: "No app", status: "INVALID_REQUEST" }), " INVALID_REQUEST: No app");
	assert.equal(quote({ type: "about:blank", title: "Bad", detail: "No\n app" }), " Bad: No app");
	assert.equal(quote({ error: "invalid_client", error_description: "No key" }), " invalid_client: No key");
	assert.equal(quote([]), "");
	assert.ok(quote({ message: "x".repeat(5000) }).length <= 201);
});

type Seen = { call: HttpCall; toToken: boolean };

/** Answers the token endpoint and the send URL from one list each, and keeps a token like the gateway does. */
function toolsWith(answers: { token: HttpAnswer[]; send: HttpAnswer[] }): { tools: Tools; seen: Seen[] } {
	const seen: Seen[] = [];
	const kept = new Map<string, TokenAnswer>();
	const tools: Tools = {
		http(call) {
			const toToken = call.url === config.tokenUrl;
			seen.push({ call, toToken });
			const next = (toToken ? answers.token : answers.send).shift();
			assert.ok(next !== undefined, "more requests than answers");
			return Promise.resolve(next);
		},
		async token(key, fetchToken) {
			const answer = kept.get(key) ?? (await fetchToken());
			if (answer.ok) {
				kept.set(key, answer);
			}
			return answer;
		},
		dropToken: (key) => void kept.delete(key),
		now: () => now,
	};
	return { tools, seen };
}

const tokenAnswer = (token: string): HttpAnswer =>
	answered(200, { access_token: token, token_type: "bearer", expires_in: 3599, scope: "" });

test("the token is fetched with the access key and carried as a bearer, once for several messages", async () => {
	const { tools, seen } = toolsWith({
		token: [tokenAnswer("tok1")],
		send: [answered(200, accepted), answered(200, accepted)],
	});
	assert.equal((await send(message, config, tools)).kind, "accepted");
	assert.equal((await send(message, config, tools)).kind, "accepted");
	assert.deepEqual(
		seen.map(({ toToken }) => toToken),
		[true, false, false],
	);
	assert.deepEqual(seen[0]?.call, {
		method: "POST",
		url: config.tokenUrl,
		headers: {
			authorization: "Basic a2V5SWQ6a2V5U2VjcmV0",
			"content-type": "application/x-www-form-urlencoded",
			accept: "application/json",
		},
		body: "grant_type=client_credentials",
	});
	assert.equal(seen[1]?.call.headers["authorization"], "Bearer tok1");
});

test("a refused token is dropped and the message sent once more with a fresh one", async () => {
	const { tools, seen } = toolsWith({
		token: [tokenAnswer("tok1"), tokenAnswer("tok2")],
		send: [answered(401), answered(200, accepted)],
	});
	assert.equal((await send(message, config, tools)).kind, "accepted");
	assert.equal(seen.at(-1)?.call.headers["authorization"], "Bearer tok2");
});

test("a fresh token refused as well leaves the message waiting for its credentials", async () => {
	const { tools, seen } = toolsWith({
		token: [tokenAnswer("tok1"), tokenAnswer("tok2")],
		send: [answered(401), answered(401)],
	});
	const outcome = await send(message, config, tools);
	assert.ok(outcome.kind === "retry" && outcome.code === "credentials");
	assert.equal(seen.length, 4);
});

test("the second try is judged as strictly as the first", async () => {
	const { tools } = toolsWith({
		token: [tokenAnswer("tok1"), tokenAnswer("tok2")],
		send: [answered(401), { kind: "unclear", why: "timeout" }],
	});
	assert.equal((await send(message, config, tools)).kind, "unknown");
});

test("a token endpoint that fails in any way never makes an unknown of a message that was not sent", async () => {
	const table: [HttpAnswer, string][] = [
		[answered(400, { error: "invalid_client" }), "credentials"],
		[answered(401), "credentials"],
		[answered(403), "credentials"],
		[answered(302), "config"],
		[answered(404), "config"],
		[answered(410), "config"],
		[answered(429), "throttled"],
		[answered(500), "unreachable"],
		[answered(503), "unreachable"],
		[answered(200, "<html>"), "protocol"],
		[answered(200, { access_token: "two words" }), "protocol"],
		[{ kind: "notSent", why: "dns" }, "unreachable"],
		[{ kind: "notSent", why: "blocked" }, "config"],
		[{ kind: "unclear", why: "timeout" }, "unreachable"],
		[{ kind: "unclear", why: "reset" }, "unreachable"],
	];
	for (const [answer, code] of table) {
		const { tools, seen } = toolsWith({ token: [answer], send: [] });
		const outcome = await send(message, config, tools);
		assert.ok(outcome.kind === "retry", JSON.stringify(answer));
		assert.equal(outcome.code, code, JSON.stringify(answer));
		assert.equal(seen.length, 1);
	}
});

test("Retry-After of the token endpoint is honoured, should it ever come", () => {
	const answer = toTokenAnswer(answered(429, "", { "retry-after": "5" }), now);
	assert.ok(!answer.ok && answer.outcome.kind === "retry");
	assert.equal(answer.outcome.notBefore?.toISOString(), "2026-11-24T10:00:05.000Z");
});

test("a token lives as long as told, but not longer than a day, and five minutes when nothing is told", () => {
	const lifetimeOf = (expires_in: unknown): number => {
		const answer = toTokenAnswer(answered(200, { access_token: "t", expires_in }), now);
		assert.ok(answer.ok);
		return (answer.expiresAt.getTime() - now.getTime()) / 1000;
	};
	assert.deepEqual(
		[3599, "3600", 2_700_000, undefined, -1, "soon", null].map(lifetimeOf),
		[3599, 3600, 86_400, 300, 300, 300, 300],
	);
});

test("nothing confidential comes back in an outcome, even when the provider repeats it", async () => {
	const confidential = ["my very private text", "tok1-secret", "keySecret", "webhook-secret", "a2V5SWQ6a2V5U2VjcmV0"];
	const text = confidential[0] ?? "";
	const spoken = { ...message, text };
	const told = { error: { message: `bad: ${confidential.join()}`, status: "INVALID_ARGUMENT" } };
	const onSend = toolsWith({ token: [tokenAnswer("tok1-secret")], send: [answered(400, told)] });
	const outcome = await send(spoken, config, onSend.tools);
	assert.ok(outcome.kind === "rejected");
	assert.equal(outcome.detail, "Sinch refused the message (400 INVALID_ARGUMENT: bad: …,…,…,…,…).");
	const onToken = toolsWith({ token: [answered(401, { error: confidential.join() })], send: [] });
	const refused = await send(spoken, config, onToken.tools);
	assert.ok(refused.kind === "retry");
	assert.equal(refused.detail, "The token endpoint refused the access key (401 …,tok1-secret,…,…,…).");
});

test("another key secret asks for another token", async () => {
	const { tools, seen } = toolsWith({
		token: [tokenAnswer("tok1"), tokenAnswer("tok2")],
		send: [answered(200, accepted), answered(200, accepted)],
	});
	await send(message, config, tools);
	await send(message, { ...config, apps: [{ appId, keyId: "keyId", keySecret: "mended" }] }, tools);
	assert.equal(seen.filter(({ toToken }) => toToken).length, 2);
});
