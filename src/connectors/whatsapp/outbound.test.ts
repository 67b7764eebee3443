import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";

import type { AttemptId, MessageId, RemoteId } from "#domain/ids.ts";
import type { MessageTemplate, OutboundMessage } from "#domain/messages.ts";

import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import type { WhatsAppConfig } from "./form.ts";
import { connector } from "./index.ts";
import { send, toOutcome, toRequest } from "./outbound.ts";

const now = new Date("2026-11-26T12:00:00.000Z");
const hourMs = 3_600_000;
const config: WhatsAppConfig = {
	serviceConnection: "https://graph.facebook.com/v25.0",
	numbers: [
		{ phoneNumberId: "106540352242922", token: "EAAGtestNumberAccessToken" },
		{ phoneNumberId: "106540352242923", token: undefined },
	],
	appSecrets: ["vec-app-secret-7f3a", "an-older-app-secret"],
	verifyTokens: ["vec-verify-token"],
	tokens: ["EAAGtestNumberAccessToken", "EAAGolderAccessToken"],
	proveAppSecret: false,
	previewLinks: false,
	templateLanguage: undefined,
};
const message: OutboundMessage = {
	messageId: "018F3A2B4C5D7E6F8091A2B3C4D5E600" as MessageId,
	attemptId: "018F3A2B4C5D7E6F8091A2B3C4D5E6F7" as AttemptId,
	channel: "whatsapp",
	ourAddress: "106540352242922",
	contactAddress: "+16505551234",
	text: "hello, world",
	attachments: [],
	validUntil: new Date("2026-11-27T12:00:00.000Z"),
	contactLastWroteAt: new Date(now.getTime() - hourMs),
	webhookUrl: "https://parley.example/sms/whatsapp/1",
};

function callFor(changes: Partial<OutboundMessage> = {}, changedConfig: Partial<WhatsAppConfig> = {}): HttpCall {
	const prepared = toRequest({ ...message, ...changes }, { ...config, ...changedConfig });
	assert.ok(prepared.ok, prepared.ok ? "" : JSON.stringify(prepared.outcome));
	return prepared.call;
}

function bodyFor(changes: Partial<OutboundMessage> = {}, changedConfig: Partial<WhatsAppConfig> = {}) {
	const { body } = callFor(changes, changedConfig);
	assert.ok(typeof body === "string");
	return JSON.parse(body) as Record<string, unknown>;
}

function refusalOf(changes: Partial<OutboundMessage>, changedConfig: Partial<WhatsAppConfig> = {}) {
	const prepared = toRequest({ ...message, ...changes }, { ...config, ...changedConfig });
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

function cloudError(code: number, words = "what Meta says", details?: string) {
	const data = details === undefined ? {} : { error_data: { messaging_product: "whatsapp", details } };
	return { error: { message: `(#${code}) ${words}`, type: "OAuthException", code, ...data, fbtrace_id: "x" } };
}

const mark = { biz_opaque_callback_data: "parley:018F3A2B4C5D7E6F8091A2B3C4D5E6F7" };
const envelope = { messaging_product: "whatsapp", recipient_type: "individual", to: "16505551234", ...mark };

test("a text becomes the documented call, with the token in the header and our mark in the body", () => {
	const call = callFor();
	assert.equal(call.method, "POST");
	assert.equal(call.url, "https://graph.facebook.com/v25.0/106540352242922/messages");
	assert.deepEqual(call.headers, {
		authorization: "Bearer EAAGtestNumberAccessToken",
		"content-type": "application/json",
		accept: "application/json",
	});
	const text = { body: "hello, world", preview_url: false };
	assert.deepEqual(bodyFor(), { ...envelope, type: "text", text });
	assert.deepEqual(bodyFor({}, { previewLinks: true })["text"], { ...text, preview_url: true });
});

test("somebody known by a user id only is addressed by the field for those", () => {
	const body = bodyFor({ contactAddress: "US.13491208655302741918" });
	assert.deepEqual([body["recipient"], "to" in body], ["US.13491208655302741918", false]);
});

test("a reply names the message it answers", () => {
	assert.deepEqual(bodyFor({ replyTo: "wamid.HBgL" as RemoteId })["context"], { message_id: "wamid.HBgL" });
	assert.ok(!("context" in bodyFor()));
});

test("a file goes by its address as the kind of its content type", () => {
	const kinds = {
		"image/png": "image",
		"IMAGE/JPEG": "image",
		"image/webp": "sticker",
		"audio/ogg; codecs=opus": "audio",
		"video/mp4": "video",
		"application/pdf": "document",
		"image/svg+xml": "document",
		"": "document",
	};
	const url = "https://parley.example/sms/richcontent/t/a";
	for (const [contentType, type] of Object.entries(kinds)) {
		const attachments = [{ url, filename: "a.pdf", ...(contentType === "" ? {} : { contentType }) }];
		const named = type === "document" ? { filename: "a.pdf" } : {};
		assert.deepEqual(bodyFor({ text: "", attachments }), { ...envelope, type, [type]: { link: url, ...named } });
	}
});

test("a template goes out at any time, with its components", () => {
	const template = { id: "order_shipped", language: "en-US", parameters: { "1": "A-17" } };
	const { contactLastWroteAt: _never, ...stranger } = message;
	const prepared = toRequest({ ...stranger, text: "", template }, config);
	assert.ok(prepared.ok && typeof prepared.call.body === "string");
	assert.deepEqual(JSON.parse(prepared.call.body), {
		...envelope,
		type: "template",
		template: {
			name: "order_shipped",
			language: { code: "en_US" },
			components: [{ type: "body", parameters: [{ type: "text", text: "A-17" }] }],
		},
	});
	assert.equal(refusalOf({ text: "", template: { id: "t" } }).code, "content");
	assert.ok(callFor({ text: "", template: { id: "t" } }, { templateLanguage: "de" }));
});

test("a proof of the app secret is sent where the setting asks for it", () => {
	const proof = createHmac("sha256", "vec-app-secret-7f3a").update("EAAGtestNumberAccessToken").digest("hex");
	assert.equal(bodyFor({}, { proveAppSecret: true })["appsecret_proof"], proof);
	assert.ok(!("appsecret_proof" in bodyFor()));
	assert.ok(!("appsecret_proof" in bodyFor({}, { proveAppSecret: true, appSecrets: [] })));
});

test("two kinds of content, several files, empty and too long texts are refused before sending", () => {
	const attachment = { url: "https://parley.example/a" };
	for (const changes of [
		{ attachments: [attachment] },
		{ text: "", attachments: [attachment, attachment] },
		{ template: { id: "t", language: "en" } },
		{ text: "" },
		{ text: " \n" },
		{ text: "👍".repeat(4097) },
	]) {
		const outcome = refusalOf(changes);
		assert.deepEqual([outcome.kind, outcome.code], ["rejected", "content"], JSON.stringify(changes).slice(0, 80));
	}
	assert.ok(callFor({ text: "👍".repeat(4096) }));
});

test("the channel has a reply window of 24 hours, which is kept by who sends", () => {
	assert.equal(connector.replyWindowHours?.({ channel: "whatsapp", ourAddress: "1" }, {}), 24);
});

test("what is wrong with a template is said before it is accepted", () => {
	const problem = (template: MessageTemplate, templateLanguage?: string) =>
		connector.templateProblem?.(template, "whatsapp", { ...config, templateLanguage });
	assert.match(problem({ id: "t" }) ?? "", /language/);
	assert.equal(problem({ id: "t" }, "de"), undefined);
	assert.match(problem({ id: "t", language: "de", parameters: { 2: "x" } }) ?? "", /numbered from 1/);
});

test("an unknown number is a mistake of set-up, a number without token waits for one", () => {
	const kindOf = (ourAddress: string) => [refusalOf({ ourAddress }).kind, refusalOf({ ourAddress }).code];
	assert.deepEqual(kindOf("999"), ["rejected", "config"]);
	assert.deepEqual(kindOf("106540352242923"), ["retry", "credentials"]);
});

test("only a message id is acceptance", () => {
	const accepted = { kind: "accepted", remoteIds: ["wamid.HBgL"] };
	const contacts = [{ input: "+16505551234", wa_id: "16505551234" }];
	const messages = [{ id: "wamid.HBgL", message_status: "held_for_quality_assessment" }];
	assert.deepEqual(outcomeOf(200, { messaging_product: "whatsapp", contacts, messages }), accepted);
	for (const body of ["", "<html>", "null", {}, { messages: [] }, { messages: [{ id: 7 }] }, { messages: "x" }]) {
		const outcome = outcomeOf(200, body);
		assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["unknown", "protocol"], JSON.stringify(body));
	}
	assert.equal(outcomeOf(200, { messages, ...cloudError(131026) }).kind, "rejected");
});

test("without a documented code the HTTP status decides, and transient is never final", () => {
	const cases: [number, string, string][] = [
		[301, "rejected", "config"],
		[400, "rejected", "protocol"],
		[401, "retry", "credentials"],
		[403, "rejected", "config"],
		[404, "rejected", "config"],
		[408, "unknown", "unreachable"],
		[413, "rejected", "content"],
		[429, "retry", "throttled"],
		[500, "unknown", "unreachable"],
		[503, "unknown", "unreachable"],
	];
	for (const [status, kind, code] of cases) {
		for (const body of ["", "{}", cloudError(987654), { error: { message: "no code" } }]) {
			const outcome = outcomeOf(status, body);
			assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], [kind, code], `${status}`);
		}
	}
	assert.equal(outcomeOf(400, { error: { code: 987654, is_transient: true } }).kind, "unknown");
	assert.equal("closesService" in outcomeOf(410, ""), true);
	assert.equal("closesService" in outcomeOf(410, cloudError(100)), false);
});

test("a missing proof of the app secret is a matter of credentials, so the message survives", () => {
	const outcome = outcomeOf(400, cloudError(100, "API calls from the server require an appsecret_proof argument"));
	assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["retry", "credentials"]);
});

test("a used-up limit waits as long as Meta says, at least its own pause and at most an hour", () => {
	const waitOf = (code: number, headers: Record<string, string> = {}) => {
		const outcome = outcomeOf(400, cloudError(code), headers);
		assert.ok(outcome.kind === "retry" && outcome.notBefore !== undefined);
		assert.equal(outcome.code, "throttled");
		return (outcome.notBefore.getTime() - now.getTime()) / 1000;
	};
	const usage = JSON.stringify({ "17": [{ type: "whatsapp", estimated_time_to_regain_access: 19 }] });
	assert.equal(waitOf(130429), 5);
	assert.equal(waitOf(131056), 6);
	assert.equal(waitOf(80007), 60);
	assert.equal(waitOf(80007, { "x-business-use-case-usage": usage }), 19 * 60);
	assert.equal(waitOf(131056, { "retry-after": "30" }), 30);
	assert.equal(waitOf(131056, { "retry-after": "1" }), 6);
	assert.equal(waitOf(131048, { "retry-after": "99999" }), 3600);
});

function toolsAnswering(answer: HttpAnswer): { tools: Tools; calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	const none = () => assert.fail("WhatsApp fetches no tokens");
	const http = (call: HttpCall) => {
		calls.push(call);
		return Promise.resolve(answer);
	};
	return { tools: { http, token: none, dropToken: none, now: () => now }, calls };
}

test("a send is one call, and none when the message is refused beforehand", async () => {
	const { tools, calls } = toolsAnswering(answered(200, { messages: [{ id: "wamid.1" }] }));
	assert.deepEqual(await send(message, config, tools), { kind: "accepted", remoteIds: ["wamid.1"] });
	assert.deepEqual(calls, [callFor()]);
	assert.equal((await send({ ...message, text: "" }, config, tools)).kind, "rejected");
	assert.equal(calls.length, 1);
});

test("what Meta says is quoted in one short line without secrets, links or what we wrote", async () => {
	const link = "https://parley.example/sms/richcontent/secret-token/offer.pdf";
	const proof = createHmac("sha256", "vec-app-secret-7f3a").update("EAAGtestNumberAccessToken").digest("hex");
	const secrets = [...config.tokens, ...config.appSecrets, ...config.verifyTokens, proof];
	const words = `${secrets.join(" ")} ${link}\n hello, world Ms Nelson\u0007`;
	const template = { id: "t", language: "en", parameters: { "1": "Ms Nelson" } };
	for (const content of [
		message,
		{ ...message, text: "", attachments: [{ url: link }] },
		{ ...message, text: "", template },
	]) {
		const { tools } = toolsAnswering(answered(400, cloudError(131009, "Bad", words)));
		const outcome = await send(content, config, tools);
		assert.ok(outcome.kind === "rejected");
		const own = [content.text, content.attachments[0]?.url ?? "", content.template?.parameters?.["1"] ?? ""];
		for (const hidden of [...secrets, "\n", "\u0007", ...own.filter((text) => text !== "")]) {
			assert.ok(!outcome.detail.includes(hidden), hidden);
		}
		assert.ok(outcome.detail.includes("WhatsApp error 131009: (#131009) Bad"));
		assert.ok(outcome.detail.length < 350);
	}
});

test("the connector promises what it does", () => {
	assert.equal(connector.type, "whatsapp");
	assert.deepEqual(connector.capabilities.text, { max: 4096, unit: "characters" });
	assert.equal(connector.capabilities.templates, true);
	assert.ok(connector.capabilities.media !== false && !connector.capabilities.media.withText);
	assert.deepEqual(connector.hosts, []);
});
