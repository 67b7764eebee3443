import assert from "node:assert/strict";
import test from "node:test";

import type { AttemptId, MessageId, RemoteId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";

import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import type { TelegramConfig } from "./form.ts";
import { connector } from "./index.ts";
import { send, toOutcome, toRequest } from "./outbound.ts";

const now = new Date("2026-11-26T12:00:00.000Z");
const secretPart = "AAEvecTestTokenThatNobodyEverHad_001";
const token = `8123456789:${secretPart}`;
const config: TelegramConfig = {
	serviceConnection: "https://api.telegram.org",
	bot: { name: "acme_support_bot", token },
	webhookSecrets: ["vec-webhook-secret"],
	hidden: [token, secretPart, "vec-webhook-secret"],
	previewLinks: true,
};
const message: OutboundMessage = {
	messageId: "018F3A2B4C5D7E6F8091A2B3C4D5E600" as MessageId,
	attemptId: "018F3A2B4C5D7E6F8091A2B3C4D5E6F7" as AttemptId,
	channel: "telegram",
	ourAddress: "acme_support_bot",
	contactAddress: "7010000001",
	text: "hello, *world*",
	attachments: [],
	validUntil: new Date("2026-11-27T12:00:00.000Z"),
	webhookUrl: "https://parley.example/sms/telegram/1",
};

function callFor(changes: Partial<OutboundMessage> = {}, changed: Partial<TelegramConfig> = {}): HttpCall {
	const prepared = toRequest({ ...message, ...changes }, { ...config, ...changed });
	assert.ok(prepared.ok, prepared.ok ? "" : JSON.stringify(prepared.outcome));
	return prepared.call;
}

function bodyFor(changes: Partial<OutboundMessage> = {}, changed: Partial<TelegramConfig> = {}): unknown {
	const { body } = callFor(changes, changed);
	assert.ok(typeof body === "string");
	return JSON.parse(body);
}

function refusalOf(changes: Partial<OutboundMessage>, changed: Partial<TelegramConfig> = {}) {
	const prepared = toRequest({ ...message, ...changes }, { ...config, ...changed });
	assert.ok(!prepared.ok, "must not be sent");
	return prepared.outcome as Extract<Outcome, { detail: string }>;
}

function answered(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answered", status, headers: new Headers(headers), body: Buffer.from(text) };
}

function outcomeOf(status: number, body: unknown, headers: Record<string, string> = {}): Outcome {
	return toOutcome(answered(status, body, headers), { now, hidden: config.hidden });
}

const chat_id = 7_010_000_001;

test("a text becomes the documented call, as it is written, with the token in the path alone", () => {
	const call = callFor();
	assert.equal(call.method, "POST");
	assert.equal(call.url, `https://api.telegram.org/bot${token}/sendMessage`);
	assert.deepEqual(call.headers, { "content-type": "application/json", accept: "application/json" });
	assert.deepEqual(bodyFor(), { chat_id, text: "hello, *world*" });
	assert.deepEqual(bodyFor({}, { previewLinks: false }), {
		chat_id,
		text: "hello, *world*",
		link_preview_options: { is_disabled: true },
	});
	assert.equal(callFor({}, { bot: { name: "acme_support_bot", token: "a/b?c#d:e" } }).url.split("/").length, 5);
});

test("a group is written to by its number below zero", () => {
	assert.deepEqual(bodyFor({ contactAddress: "-1001234567890" }), { chat_id: -1001234567890, text: "hello, *world*" });
});

test("a reply names the message by its number in this chat, and no message of another chat", () => {
	const reply = (replyTo: string) => bodyFor({ replyTo: replyTo as RemoteId });
	assert.deepEqual(reply("7010000001/1365"), {
		chat_id,
		text: "hello, *world*",
		reply_parameters: { message_id: 1365, allow_sending_without_reply: true },
	});
	for (const other of ["7010000002/1365", "callback/77", "1365", "7010000001/x"]) {
		assert.deepEqual(reply(other), { chat_id, text: "hello, *world*" }, other);
	}
});

test("a file goes by its address, by the method of its content type, with its caption", () => {
	const kinds = {
		"image/jpeg": "sendPhoto photo",
		"IMAGE/PNG": "sendPhoto photo",
		"image/gif": "sendAnimation animation",
		"video/mp4": "sendVideo video",
		"audio/mpeg": "sendAudio audio",
		"audio/ogg; codecs=opus": "sendVoice voice",
		"application/pdf": "sendDocument document",
		"image/svg+xml": "sendDocument document",
		"": "sendDocument document",
	};
	const url = "https://parley.example/sms/richcontent/t/a.jpg";
	for (const [contentType, expected] of Object.entries(kinds)) {
		const attachments = [contentType === "" ? { url } : { url, contentType }];
		const [method = "", field = ""] = expected.split(" ");
		assert.ok(callFor({ text: "", attachments }).url.endsWith(`/${method}`), contentType);
		assert.deepEqual(bodyFor({ text: "", attachments }), { chat_id, [field]: url });
		assert.deepEqual(bodyFor({ text: "Look", attachments }), { chat_id, [field]: url, caption: "Look" });
	}
	const attachments = [{ url, contentType: "image/png" }];
	assert.deepEqual(bodyFor({ text: "c".repeat(1024), attachments }), {
		chat_id,
		photo: url,
		caption: "c".repeat(1024),
	});
	assert.equal(refusalOf({ text: "c".repeat(1025), attachments }).code, "content");
	assert.equal(refusalOf({ attachments: [...attachments, ...attachments] }).code, "content");
});

test("what Telegram cannot take is refused before anything is sent", () => {
	assert.equal(refusalOf({ text: " \n" }).code, "content");
	assert.equal(refusalOf({ text: "a".repeat(4097) }).code, "content");
	assert.equal(refusalOf({ text: "👍".repeat(2049) }).code, "content");
	assert.equal((bodyFor({ text: "👍".repeat(2048) }) as { text: string }).text.length, 4096);
	assert.equal(refusalOf({ template: { id: "t" } }).code, "content");
	assert.deepEqual(
		[refusalOf({ ourAddress: "other_bot" }).code, refusalOf({}, { bot: undefined }).code],
		["config", "config"],
	);
	const tokenless = refusalOf({}, { bot: { name: "acme_support_bot", token: undefined } });
	assert.deepEqual([tokenless.kind, tokenless.code], ["retry", "credentials"]);
});

test("an acceptance is known by chat and number; anything else with 2xx tells nothing", () => {
	const result = { message_id: 133, date: 1, chat: { id: -1001234567890, type: "supergroup" }, text: "x" };
	assert.deepEqual(outcomeOf(200, { ok: true, result }), { kind: "accepted", remoteIds: ["-1001234567890/133"] });
	const strange = [
		{ ok: false, result },
		{ ok: true, result: true },
		{ ok: true, result: { ...result, chat: { id: "7010000001" } } },
		{ ok: true, result: { ...result, message_id: 0 } },
		{ result },
		{ ok: false, error_code: 429, description: "Too Many Requests" },
		"",
	];
	for (const body of strange) {
		const outcome = outcomeOf(200, body);
		assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["unknown", "protocol"], JSON.stringify(body));
	}
});

test("a throttle waits as long as it is told, at most an hour, and never in the past", () => {
	const waits = (retry_after: unknown, headers = {}) => {
		const body = {
			ok: false,
			error_code: 429,
			description: "Too Many Requests: retry after 5",
			parameters: { retry_after },
		};
		const outcome = outcomeOf(429, body, headers);
		assert.deepEqual([outcome.kind, "code" in outcome && outcome.code], ["retry", "throttled"]);
		return outcome.kind === "retry" ? outcome.notBefore?.getTime() : undefined;
	};
	assert.equal(waits(5), now.getTime() + 5000);
	assert.equal(waits(5, { "retry-after": "60" }), now.getTime() + 5000);
	assert.equal(waits(undefined, { "retry-after": "60" }), now.getTime() + 60_000);
	assert.equal(waits(86_400), now.getTime() + 3_600_000);
	assert.equal(waits(-5), now.getTime());
	assert.equal(waits("soon"), undefined);
});

test("a group that became a supergroup is rejected with its new number", () => {
	const description = "Bad Request: group chat was upgraded to a supergroup chat";
	const parameters = { migrate_to_chat_id: -1001234567890 };
	const outcome = outcomeOf(400, { ok: false, error_code: 400, description, parameters });
	assert.ok(outcome.kind === "rejected" && outcome.code === "recipient");
	assert.match(
		outcome.detail,
		/^The group has become a supergroup; its address is -1001234567890 now, write to that one/,
	);
});

test("the token is told in no detail, whole, by its secret part, or as an address has it", () => {
	const told = [token, secretPart, `/bot${token}/sendMessage`, "vec-webhook-secret", "Your balance is 4711 euro"];
	for (const words of told) {
		const body = { ok: false, error_code: 400, description: `Bad Request: ${words}\n<again> ${words}` };
		const hidden = [...config.hidden, "Your balance is 4711 euro"];
		const outcome = toOutcome(answered(400, body), { now, hidden });
		assert.ok(outcome.kind === "rejected");
		assert.ok(!outcome.detail.includes(words) && !outcome.detail.includes(secretPart), outcome.detail);
		assert.doesNotMatch(outcome.detail, /\p{Cc}/u);
	}
});

test("send asks once, and hides the text and links of the message", async () => {
	const calls: HttpCall[] = [];
	const text = "Your balance is 4711 euro";
	const tools = {
		http: (call: HttpCall) => {
			calls.push(call);
			return Promise.resolve(
				answered(400, { ok: false, error_code: 400, description: `Bad Request: ${String(call.body)}` }),
			);
		},
		now: () => now,
	} as unknown as Tools;
	const outcome = await send({ ...message, text }, config, tools);
	assert.equal(calls.length, 1);
	assert.ok(outcome.kind === "rejected" && !outcome.detail.includes(text));
	assert.equal((await send({ ...message, text: "" }, config, tools)).kind, "rejected");
	assert.equal(calls.length, 1);
});

test("the capabilities are those of the protocol", () => {
	const { text, media, templates, receipts } = connector.capabilities;
	assert.deepEqual(text, { max: 4096, unit: "utf16" });
	assert.ok(media !== false && media.maxCount === 1 && !media.withText);
	assert.deepEqual([templates, receipts], [false, []]);
});
