// Goal: nobody is let in by an address that is not exactly the one we made, and such an address opens the door to reports
// about its own message only. What is read of genuine calls stands in the fixtures.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { RawRequest, StoredService, VerifiedRequest } from "../contract.ts";
import { deliveryCodes, faultOf } from "./codes.ts";
import { parse as parseConfig, type SinchSmsConfig } from "./form.ts";
import { isProvenByAddress, parse } from "./inbound.ts";
import { ownAddress } from "../kit/own-address.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;
const message: OutboundMessage = {
	messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as MessageId,
	attemptId,
	channel: "sms",
	ourAddress: "+447700900100",
	contactAddress: "+447700900123",
	text: "Hello",
	attachments: [],
	validUntil: new Date("2026-11-24T12:10:00Z"),
	webhookUrl: "https://gw.example.com/sms/sinchsms/1",
};

function configWith(secrets: readonly string[], mode = "xms"): SinchSmsConfig {
	const stored: StoredService = {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://eu.sms.api.sinch.com",
		authenticationUrl: null,
		authenticationScope: null,
		settings: { mode },
		authentications: [{ authenticationId: "plan1", secrets }],
	};
	return parseConfig(stored);
}

const config = configWith(["the token"]);
const url = ownAddress(message, "the token");
const report = { type: "recipient_delivery_report_sms", batch_id: "B1", recipient: "1", code: 0, status: "Delivered" };

function post(address: string, body: object): RawRequest {
	return { method: "POST", url: address, headers: new Headers(), body: Buffer.from(JSON.stringify(body)) };
}

function get(address: string): RawRequest {
	return { method: "GET", url: address, headers: new Headers(), body: new Uint8Array() };
}

test("an address of ours lets a delivery report in, under the secret before this one too", () => {
	assert.equal(isProvenByAddress(post(url, report), config), true);
	assert.equal(isProvenByAddress(post(url, report), configWith(["a new token", "the token"])), true);
	assert.equal(isProvenByAddress(post(url, { ...report, type: "delivery_report_mms" }), config), true);
	const withQuery = ownAddress({ ...message, webhookUrl: "https://gw.example.com/in?tenant=1" }, "the token");
	assert.equal(isProvenByAddress(post(withQuery, report), config), true);
});

test("any other letter in attempt or proof, another secret, none, or a parameter twice is no proof", () => {
	const from = url.indexOf("?") + 1;
	const values = [...url.matchAll(/(?<==)[^&]+/g)].flatMap(({ index, 0: value }) =>
		Array.from(value, (_, offset) => index + offset),
	);
	assert.ok(values.length === 96 && values.every((at) => at > from));
	for (const at of values) {
		const changed = url.slice(0, at) + (url[at] === "0" ? "1" : "0") + url.slice(at + 1);
		assert.equal(isProvenByAddress(post(changed, report), config), false, changed);
	}
	const query = url.slice(from);
	const refused = [
		`${url}&${query}`,
		`${url}&proof=${"0".repeat(64)}`,
		url.slice(0, -1),
		url.toUpperCase(),
		message.webhookUrl,
	];
	for (const address of refused) {
		assert.equal(isProvenByAddress(post(address, report), config), false, address);
	}
	for (const secrets of [[], [""], ["another"], ["the toke"]]) {
		assert.equal(isProvenByAddress(post(url, report), configWith(secrets)), false);
	}
	assert.equal(isProvenByAddress(post(ownAddress(message, ""), report), configWith([""])), false);
});

test("no message of a contact comes in by such an address, in either mode", () => {
	const text = { type: "mo_text", id: "1", from: "447700900123", to: "447700900100", body: "Pay me" };
	const basic = configWith(["the token"], "basic");
	const calls: readonly (readonly [RawRequest, SinchSmsConfig])[] = [
		[post(url, text), config],
		[post(url, { ...report, type: "something_new" }), config],
		[get(url), config],
		[get(`${url}&from=447700900123&to=447700900100&time=1795521598&text=Pay+me`), basic],
		[get(`${url}&type=1&from=447700900123&to=447700900100&time=1795521598&text=Pay+me`), basic],
		[post(`${url}&type=1`, report), basic],
	];
	for (const [call, service] of calls) {
		assert.equal(isProvenByAddress(call, service), false, call.url);
		const kinds = parse(call as VerifiedRequest, service).map(({ kind }) => kind);
		assert.ok(!kinds.includes("message"), call.url);
	}
	assert.equal(isProvenByAddress(get(`${url}&type=1&state=DELIVRD&id=abc`), basic), true);
});

test("a report at an address of ours speaks about that attempt, whatever it says", () => {
	const claims = [{}, { client_reference: "parley:not-ours" }, { client_reference: `parley:${attemptId}` }];
	for (const claim of claims) {
		const [event] = parse(post(url, { ...report, ...claim }) as VerifiedRequest, config);
		assert.ok(event?.kind === "receipt");
		assert.deepEqual(event.target, { by: "attempt", attemptId, remoteId: "B1" });
	}
	const other = { ...report, client_reference: `parley:${attemptId.replace(/6$/, "7")}` };
	const [event] = parse(post(url, other) as VerifiedRequest, config);
	assert.equal(event?.kind, "unreadable");
});

test("every documented code has one meaning, and a fault tells it with its number", () => {
	assert.ok(deliveryCodes.size > 150);
	const documented = [1, 4, 19, 40, 56, 60, 77, 100, 114, 150, 164, 200, 217, 250, 257, 300, 312, 349, 399, 402, 418];
	for (const code of documented) {
		assert.ok(deliveryCodes.has(code), String(code));
	}
	assert.deepEqual(faultOf("Failed", 402), {
		code: "recipient",
		detail: "Sinch reports Failed (402: no route leads to the recipient).",
		providerCode: "402",
	});
	assert.deepEqual(faultOf("Cancelled", undefined), { code: "config", detail: "Sinch reports Cancelled." });
	assert.equal(faultOf("Expired", 153).code, "expired");
});
