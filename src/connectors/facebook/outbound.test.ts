import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";

import type { AttemptId, MessageId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";

import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { attemptOf, markOf } from "../kit/attempt-mark.ts";
import type { FacebookConfig } from "./form.ts";
import { connector } from "./index.ts";
import { send, toOutcome, toRequest } from "./outbound.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const hourMs = 3_600_000;
const config: FacebookConfig = {
	serviceConnection: "https://graph.facebook.com/v25.0",
	pages: [
		{ pageId: "111", token: "EAABtestPageAccessToken" },
		{ pageId: "222", token: undefined },
	],
	appSecrets: ["vec-app-secret-7f3a", "an-older-app-secret"],
	verifyTokens: ["vec-verify-token"],
	humanAgentTag: false,
};
const message: OutboundMessage = {
	messageId: "018F3A2B4C5D7E6F8091A2B3C4D5E600" as MessageId,
	attemptId: "018F3A2B4C5D7E6F8091A2B3C4D5E6F7" as AttemptId,
	channel: "messenger",
	ourAddress: "111",
	contactAddress: "u1",
	text: "hello, world",
	attachments: [],
	validUntil: new Date("2026-11-25T12:00:00.000Z"),
	contactLastWroteAt: new Date(now.getTime() - hourMs),
	webhookUrl: "https://parley.example/sms/facebook/1",
};

function callFor(changes: Partial<OutboundMessage> = {}, changedConfig: Partial<FacebookConfig> = {}): HttpCall {
	const prepared = toRequest({ ...message, ...changes }, { ...config, ...changedConfig }, now);
	assert.ok(prepared.ok, prepared.ok ? "" : JSON.stringify(prepared.outcome));
	return prepared.call;
}

function bodyFor(changes: Partial<OutboundMessage> = {}, changedConfig: Partial<FacebookConfig> = {}) {
	const { body } = callFor(changes, changedConfig);
	assert.ok(typeof body === "string");
	return JSON.parse(body) as Record<string, unknown>;
}

function refusalOf(changes: Partial<OutboundMessage>, changedConfig: Partial<FacebookConfig> = {}) {
	const prepared = toRequest({ ...message, ...changes }, { ...config, ...changedConfig }, now);
	assert.ok(!prepared.ok, "must not be sent");
	return prepared.outcome as Extract<Outcome, { detail: string }>;
}

function answered(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answered", status, headers: new Headers(headers), body: Buffer.from(text) };
}

function outcomeOf(status: number, body: unknown, headers: Record<string, string> = {}): Outcome {
	return toOutcome(answered(status, body, headers), { now, hidden: [] });
}

function graphError(code: number, subcode?: number, text = "what Facebook says") {
	return {
		error: {
			message: text,
			type: "OAuthException",
			code,
			...(subcode === undefined ? {} : { error_subcode: subcode }),
			fbtrace_id: "x",
		},
	};
}

test("a text becomes the documented call, with token in the header and proof in the body", () => {
	const call = callFor();
	assert.equal(call.method, "POST");
	assert.equal(call.url, "https://graph.facebook.com/v25.0/111/messages");
	assert.deepEqual(call.headers, {
		authorization: "Bearer EAABtestPageAccessToken",
		"content-type": "application/json",
		accept: "application/json",
	});
	assert.deepEqual(bodyFor(), {
		recipient: { id: "u1" },
		messaging_type: "RESPONSE",
		message: { text: "hello, world", metadata: "parley:018F3A2B4C5D7E6F8091A2B3C4D5E6F7" },
		appsecret_proof: "74e286aa963cf67b23569defe3c3bc92e734d9c55e046d66413ca399f719fc6b",
	});
});

test("the proof is made for the token of the page and left out when no app secret is known", () => {
	const pages = [{ pageId: "111", token: "another-token" }];
	const proof = createHmac("sha256", "vec-app-secret-7f3a").update("another-token").digest("hex");
	assert.equal(bodyFor({}, { pages })["appsecret_proof"], proof);
	assert.ok(!("appsecret_proof" in bodyFor({}, { appSecrets: [] })));
});

test("an attachment is sent by its kind and its address, without text", () => {
	const kinds = {
		"image/png": "image",
		"AUDIO/ogg": "audio",
		"video/mp4": "video",
		"application/pdf": "file",
		"": "file",
	};
	for (const [contentType, type] of Object.entries(kinds)) {
		const attachments = [{ url: "https://parley.example/sms/richcontent/t/a", contentType }];
		const sent = bodyFor({ text: "", attachments })["message"];
		assert.deepEqual(sent, {
			attachment: { type, payload: { url: "https://parley.example/sms/richcontent/t/a" } },
			metadata: "parley:018F3A2B4C5D7E6F8091A2B3C4D5E6F7",
		});
	}
});

test("somebody known by the checkbox plugin only is addressed by the same reference", () => {
	assert.deepEqual(bodyFor({ contactAddress: "user_ref:ref-81" })["recipient"], { user_ref: "ref-81" });
});

test("text with attachments, several attachments, templates and empty messages are refused before sending", () => {
	const attachment = { url: "https://parley.example/a" };
	for (const changes of [
		{ attachments: [attachment] },
		{ text: "", attachments: [attachment, attachment] },
		{ template: { id: "t" } },
		{ text: " \n" },
		{ text: "x".repeat(2001) },
		{ text: "👍".repeat(2001) },
	]) {
		const outcome = refusalOf(changes);
		assert.equal(outcome.kind, "rejected");
		assert.equal(outcome.code, "content");
	}
	assert.ok(callFor({ text: "👍".repeat(2000) }));
});

test("where in the reply window we are decides how a message is marked", () => {
	const wrote = (agoMs: number) => ({ contactLastWroteAt: new Date(now.getTime() - agoMs) });
	const type = (agoMs: number, humanAgentTag: boolean) => {
		const body = bodyFor(wrote(agoMs), { humanAgentTag });
		return [body["messaging_type"], body["tag"]];
	};
	assert.deepEqual(type(-hourMs, false), ["RESPONSE", undefined]);
	assert.deepEqual(type(24 * hourMs - 1, false), ["RESPONSE", undefined]);
	assert.deepEqual(type(24 * hourMs - 1, true), ["RESPONSE", undefined]);
	assert.deepEqual(type(24 * hourMs, true), ["MESSAGE_TAG", "HUMAN_AGENT"]);
	assert.deepEqual(type(7 * 24 * hourMs - 1, true), ["MESSAGE_TAG", "HUMAN_AGENT"]);
	const { contactLastWroteAt: _never, ...stranger } = message;
	const unknown = toRequest(stranger, config, now);
	assert.match(unknown.ok ? String(unknown.call.body) : "", /"messaging_type":"RESPONSE"/);
});

test("the window lasts 24 hours, with the human agent's tag 7 days; it is kept by who sends", () => {
	const hours = (settings: object) =>
		connector.replyWindowHours?.({ channel: "messenger", ourAddress: "111" }, { ...settings });
	assert.deepEqual([hours({}), hours({ humanAgentTag: false }), hours({ humanAgentTag: true })], [24, 24, 168]);
});

test("an unknown page is a mistake of set-up, a page without token waits for one", () => {
	assert.deepEqual(
		[refusalOf({ ourAddress: "333" }).kind, refusalOf({ ourAddress: "333" }).code],
		["rejected", "config"],
	);
	assert.deepEqual(
		[refusalOf({ ourAddress: "222" }).kind, refusalOf({ ourAddress: "222" }).code],
		["retry", "credentials"],
	);
});

test("a message id is acceptance, with or without the recipient's id", () => {
	const accepted = { kind: "accepted", remoteIds: ["m_AbC"] };
	assert.deepEqual(outcomeOf(200, { recipient_id: "u1", message_id: "m_AbC" }), accepted);
	assert.deepEqual(outcomeOf(200, { message_id: "m_AbC", attachment_id: "17" }), accepted);
});

test("a 2xx that cannot be read leaves the message unknown", () => {
	for (const body of [
		"",
		"<html>",
		"null",
		"[]",
		"{}",
		{ recipient_id: "u1" },
		{ message_id: "" },
		{ message_id: 7 },
		{ error: "no" },
	]) {
		const outcome = outcomeOf(200, body);
		assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["unknown", "protocol"], JSON.stringify(body));
	}
});

test("an unlisted subcode counts as its code", () => {
	assert.equal(outcomeOf(400, graphError(190, 999999)).kind, "retry");
	assert.equal(outcomeOf(400, graphError(100, 999999)).kind, "rejected");
});

test("a missing proof of the app secret is a matter of credentials, so the message survives", () => {
	const text = "API calls from the server require an appsecret_proof argument";
	const outcome = outcomeOf(400, graphError(100, undefined, text));
	assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["retry", "credentials"]);
});

test("without a documented code the HTTP status decides", () => {
	const cases: [number, string, string][] = [
		[301, "rejected", "config"],
		[307, "rejected", "config"],
		[400, "rejected", "protocol"],
		[401, "retry", "credentials"],
		[403, "rejected", "config"],
		[404, "rejected", "config"],
		[408, "unknown", "unreachable"],
		[409, "unknown", "protocol"],
		[410, "rejected", "config"],
		[413, "rejected", "content"],
		[425, "unknown", "protocol"],
		[429, "retry", "throttled"],
		[500, "unknown", "unreachable"],
		[502, "unknown", "unreachable"],
		[503, "unknown", "unreachable"],
		[504, "unknown", "unreachable"],
	];
	for (const [status, kind, code] of cases) {
		for (const body of ["", "Forbidden", "{}", graphError(987654), { error: { message: "no code" } }]) {
			const outcome = outcomeOf(status, body);
			assert.deepEqual(
				[outcome.kind, "code" in outcome && outcome.code],
				[kind, code],
				`${status} ${JSON.stringify(body)}`,
			);
		}
	}
});

test("only a bare 410 closes the service", () => {
	assert.equal("closesService" in outcomeOf(410, ""), true);
	assert.equal("closesService" in outcomeOf(410, graphError(100)), false);
	assert.equal("closesService" in outcomeOf(404, ""), false);
});

test("an undocumented code that Facebook calls transient is unknown, never final", () => {
	const transient = { error: { code: 987654, is_transient: true, message: "try later" } };
	assert.equal(outcomeOf(400, transient).kind, "unknown");
	assert.equal(outcomeOf(429, transient).kind, "retry");
	assert.equal(outcomeOf(401, transient).kind, "retry");
});

function notBeforeOf(outcome: Outcome): string | undefined {
	return outcome.kind === "retry" ? outcome.notBefore?.toISOString() : "not a retry";
}

test("Retry-After is obeyed in seconds and as a date", () => {
	assert.equal(notBeforeOf(outcomeOf(429, "", { "retry-after": "120" })), "2026-11-24T12:02:00.000Z");
	assert.equal(
		notBeforeOf(outcomeOf(429, "", { "retry-after": "Tue, 24 Nov 2026 12:05:00 GMT" })),
		"2026-11-24T12:05:00.000Z",
	);
	assert.equal(notBeforeOf(outcomeOf(400, graphError(613), { "retry-after": "30" })), "2026-11-24T12:00:30.000Z");
	assert.equal(notBeforeOf(outcomeOf(429, "")), undefined);
});

test("a used-up limit waits until Facebook says it is back, at most an hour", () => {
	const usage = (minutes: unknown) => ({
		"x-business-use-case-usage": JSON.stringify({
			"17": [{ type: "messenger", estimated_time_to_regain_access: minutes }, { estimated_time_to_regain_access: 1 }],
		}),
	});
	assert.equal(notBeforeOf(outcomeOf(400, graphError(80006), usage(19))), "2026-11-24T12:19:00.000Z");
	assert.equal(notBeforeOf(outcomeOf(400, graphError(80006), usage(600))), "2026-11-24T13:00:00.000Z");
	assert.equal(notBeforeOf(outcomeOf(400, graphError(80006), usage("soon"))), "2026-11-24T12:01:00.000Z");
	assert.equal(notBeforeOf(outcomeOf(400, graphError(80006), { "x-business-use-case-usage": "not json" })), undefined);
	assert.equal(notBeforeOf(outcomeOf(400, graphError(190), usage(19))), undefined);
});

test("a temporary block by policy pauses for at least 15 minutes", () => {
	assert.equal(notBeforeOf(outcomeOf(400, graphError(368))), "2026-11-24T12:15:00.000Z");
	assert.equal(
		notBeforeOf(outcomeOf(400, graphError(10, 1893063), { "retry-after": "3600" })),
		"2026-11-24T13:00:00.000Z",
	);
});

test("no answer before sending is a retry, no answer after it is unknown", () => {
	for (const why of ["blocked", "dns", "refused", "tls", "timeout"] as const) {
		assert.equal(toOutcome({ kind: "notSent", why }, { now, hidden: [] }).kind, "retry", why);
	}
	for (const why of ["reset", "timeout", "too large"] as const) {
		assert.equal(toOutcome({ kind: "unclear", why }, { now, hidden: [] }).kind, "unknown", why);
	}
});

function toolsAnswering(answer: HttpAnswer): { tools: Tools; calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	const tools: Tools = {
		http: (call) => {
			calls.push(call);
			return Promise.resolve(answer);
		},
		token: () => assert.fail("Facebook fetches no tokens"),
		dropToken: () => assert.fail("Facebook fetches no tokens"),
		now: () => now,
	};
	return { tools, calls };
}

test("a send is one call, and none when the message is refused beforehand", async () => {
	const { tools, calls } = toolsAnswering(answered(200, { recipient_id: "u1", message_id: "m_1" }));
	assert.deepEqual(await send(message, config, tools), { kind: "accepted", remoteIds: ["m_1"] });
	assert.deepEqual(calls, [callFor()]);
	assert.equal((await send({ ...message, text: "" }, config, tools)).kind, "rejected");
	assert.equal(calls.length, 1);
});

test("what Facebook says is quoted in one short line without secrets, links or the message", async () => {
	const link = "https://parley.example/sms/richcontent/secret-token/offer.pdf";
	const proof = "74e286aa963cf67b23569defe3c3bc92e734d9c55e046d66413ca399f719fc6b";
	const text = `Malformed access token EAABtestPageAccessToken\n (vec-app-secret-7f3a, ${proof}, ${link}, hello, world)\u0007 ${"x".repeat(500)}`;
	for (const part of [message, { ...message, text: "", attachments: [{ url: link }] }]) {
		const { tools } = toolsAnswering(answered(400, graphError(190, undefined, text)));
		const outcome = await send(part, config, tools);
		assert.ok(outcome.kind === "retry");
		for (const hidden of [
			"EAAB",
			"vec-app-secret",
			"74e286",
			"\n",
			"\u0007",
			part.attachments[0]?.url ?? "hello, world",
		]) {
			assert.ok(!outcome.detail.includes(hidden), hidden);
		}
		assert.ok(outcome.detail.includes("Malformed access token"));
		assert.ok(outcome.detail.length < 350);
	}
});

test("only our own mark in exactly our spelling is read back", () => {
	assert.equal(attemptOf(markOf(message.attemptId)), message.attemptId);
	const id = message.attemptId;
	for (const strange of [
		id,
		`parley:${id} `,
		`xparley:${id}`,
		`parley:${id.toLowerCase()}`,
		`parley:${id.slice(1)}`,
		`parley:${id}\n`,
		7,
		null,
		undefined,
	]) {
		assert.equal(attemptOf(strange), undefined, String(strange));
	}
});

test("the connector promises what it does: one attachment without text, texts of 2000 characters, no foreign hosts", () => {
	assert.equal(connector.type, "facebook");
	assert.deepEqual(connector.capabilities.text, { max: 2000, unit: "characters" });
	assert.ok(connector.capabilities.media !== false && connector.capabilities.media.maxCount === 1);
	assert.deepEqual(connector.hosts, []);
});
