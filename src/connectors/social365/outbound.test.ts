// Goal: a message goes out by the account of our address and no other, as the proposed request, and every answer becomes the
// outcome that is certain.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall } from "../contract.ts";
import { isOwnAddress } from "../kit/own-address.ts";
import { sendRule } from "./codes.ts";
import { parse, type Social365Config } from "./form.ts";
import { send, toOutcome, toRequest } from "./outbound.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;
const webhookUrl = "https://gw.example/sms/social365/1";

function configOf(settings: object = {}, more: readonly string[] = []): Social365Config {
	return parse({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://sap.example/api",
		authenticationUrl: null,
		authenticationScope: null,
		settings: { ...settings },
		authentications: [
			{ authenticationId: "parley@10001", secrets: ["first", "before"] },
			{ authenticationId: "ops@example.com@10002", secrets: ["second"] },
			{ authenticationId: "bare@10003", secrets: [] },
			...more.map((id) => ({ authenticationId: `user@${id}`, secrets: ["s"] })),
		],
	});
}

function messageOf(over: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as MessageId,
		attemptId,
		channel: "wechat",
		ourAddress: "wechat:gh_123@10001",
		contactAddress: "oABC",
		text: "Hello",
		attachments: [],
		validUntil: new Date("2026-11-24T13:00:00.000Z"),
		webhookUrl,
		...over,
	};
}

function callOf(over: Partial<OutboundMessage> = {}, config = configOf()): HttpCall {
	const prepared = toRequest(messageOf(over), config);
	assert.ok(prepared.ok, JSON.stringify(prepared));
	return prepared.call;
}

function bodyOf(over: Partial<OutboundMessage> = {}, config = configOf()): Readonly<Record<string, unknown>> {
	return JSON.parse(String(callOf(over, config).body)) as Record<string, unknown>;
}

function basic(user: string, password: string): string {
	return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

test("a text becomes the proposed request of its account", () => {
	const { callback, ...body } = bodyOf();
	assert.deepEqual(callOf().headers, {
		authorization: basic("parley", "first"),
		"x-account-id": "10001",
		"content-type": "application/json",
		accept: "application/json",
	});
	assert.equal(callOf().url, "https://sap.example/api/messages");
	assert.deepEqual(body, {
		clientId: 10001,
		channel: "WECHAT",
		origin: "gh_123",
		destination: ["oABC"],
		type: "text",
		body: "Hello",
		subject: `parley:${attemptId}`,
		ackType: "MESSAGE",
	});
	const called = { method: "POST", url: String(callback), headers: new Headers(), body: new Uint8Array() };
	assert.ok(isOwnAddress(called, ["first"]), "the address for reports proves itself by the password of the account");
	assert.ok(!isOwnAddress(called, ["second"]));
	assert.equal(bodyOf({}, configOf({ namesCallbackUrl: false }))["callback"], undefined);
});

test("the account behind the last @ decides user, password and account, and none of the others is on the request", () => {
	const call = callOf({ ourAddress: "line:@shop@10002", contactAddress: "U1" });
	assert.equal(call.headers["authorization"], basic("ops@example.com", "second"));
	assert.equal(call.headers["x-account-id"], "10002");
	const { clientId, channel, origin } = JSON.parse(String(call.body)) as Record<string, unknown>;
	assert.deepEqual([clientId, channel, origin], [10002, "LINE", "@shop"]);
	assert.doesNotMatch(JSON.stringify(call), /first|before|10001/);
});

test("an account ID is a number only where the number says the same", () => {
	for (const [id, clientId] of [
		["2147483647", 2_147_483_647],
		["2147483648", "2147483648"],
		["007", "007"],
		["1e3", "1e3"],
		["0x10", "0x10"],
		["hub-B", "hub-B"],
	] as const) {
		assert.equal(bodyOf({ ourAddress: `wechat:gh_123@${id}` }, configOf({}, [id]))["clientId"], clientId);
	}
});

test("a medium goes by its address under the word of its family, a file with its name", () => {
	const media = (contentType?: string, filename?: string) => {
		const attachment = {
			url: "https://a.example/1",
			...(contentType === undefined ? {} : { contentType }),
			...(filename === undefined ? {} : { filename }),
		};
		const { type, media: sent, body } = bodyOf({ text: "", attachments: [attachment] });
		assert.equal(body, undefined);
		return { type, ...(sent as object) };
	};
	const url = "https://a.example/1";
	assert.deepEqual(media("image/JPEG; x=1", "a.jpg"), { type: "image", url, mimeType: "image/jpeg" });
	assert.deepEqual(media("video/mp4"), { type: "video", url, mimeType: "video/mp4" });
	assert.deepEqual(media("audio/ogg"), { type: "audio", url, mimeType: "audio/ogg" });
	assert.deepEqual(media("application/pdf", "Bill.pdf"), {
		type: "file",
		url,
		mimeType: "application/pdf",
		caption: "Bill.pdf",
	});
	assert.deepEqual(media(), { type: "file", url });
});

test("what cannot be sent is said without asking, and only a missing password is waited for", async () => {
	const attachment = { url: "https://a.example/1" };
	for (const [over, expected] of [
		[{ text: "" }, "rejected content"],
		[{ attachments: [attachment] }, "rejected content"],
		[{ text: "", attachments: [attachment, attachment] }, "rejected content"],
		[{ template: { id: "t" } }, "rejected content"],
		[{ ourAddress: "wechat:gh_123@10009" }, "rejected config"],
		[{ ourAddress: "gh_123" }, "rejected config"],
		[{ ourAddress: "wechat:gh_123@10003" }, "retry credentials"],
	] as const) {
		const outcome = await send(messageOf(over), configOf(), {
			http: () => assert.fail("nobody is to be asked"),
			token: () => assert.fail("there are no tokens"),
			dropToken: () => assert.fail("there are no tokens"),
			now: () => now,
		});
		assert.equal(`${outcome.kind} ${"code" in outcome ? outcome.code : ""}`, expected);
	}
});

function answered(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answered", status, headers: new Headers(headers), body: new TextEncoder().encode(text) };
}

test("accepted only with the id of an order, whichever 2xx it is", () => {
	const orders = { livelinkOrderIds: [{ destination: ["oABC"], livelinkOrderId: ["1234567890", "1234567890"] }] };
	for (const status of [200, 201, 202]) {
		assert.deepEqual(toOutcome(answered(status, orders), now), { kind: "accepted", remoteIds: ["1234567890"] });
		for (const body of [
			"",
			"<html>",
			"{}",
			{ livelinkOrderIds: [] },
			{ livelinkOrderIds: [{ livelinkOrderId: [7] }] },
		]) {
			assert.equal(toOutcome(answered(status, body), now).kind, "unknown");
		}
	}
});

test("an error is told by its number and never by its words, and a wait that is asked for is kept", () => {
	const told = { apiErrorCode: 123, debugMessage: "Hello first", userMessage: "Hello first" };
	assert.deepEqual(toOutcome(answered(403, told), now), {
		kind: "rejected",
		code: "credentials",
		detail: "SAP answered 403: this user may not send for the account (123).",
	});
	assert.deepEqual(toOutcome(answered(429, "", { "retry-after": "7" }), now), {
		kind: "retry",
		code: "throttled",
		detail: "SAP answered 429: too many requests.",
		notBefore: new Date("2026-11-24T12:00:07.000Z"),
	});
	assert.equal(toOutcome({ kind: "unclear", why: "timeout" }, now).kind, "unknown");
	assert.equal(toOutcome({ kind: "notSent", why: "dns" }, now).kind, "retry");
});

test("every status has a rule, and only one that certainly took nothing is tried again", () => {
	const kinds = [301, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 422, 425, 429, 500, 502, 503, 504, 599].map(
		(status) => `${status} ${sendRule(status).kind}`,
	);
	assert.deepEqual(
		kinds.filter((kind) => kind.endsWith("retry")),
		["401 retry", "429 retry"],
	);
	assert.deepEqual(
		kinds.filter((kind) => kind.endsWith("unknown")),
		[
			"408 unknown",
			"409 unknown",
			"425 unknown",
			"500 unknown",
			"502 unknown",
			"503 unknown",
			"504 unknown",
			"599 unknown",
		],
	);
	assert.equal(sendRule(410).closesService, true);
});
