// Goal: what a gateway tells is read by the administrator's mapping, one bad item spoils no other, and no bytes make it
// throw. The fixtures show the usual calls; here is what lies between them.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { VerifiedRequest } from "../contract.ts";
import { ownAddress } from "../kit/own-address.ts";
import { parse as parseConfig, type SmsHttpConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, isProvenByAddress, parse } from "./inbound.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;

function configOf(settings: Readonly<Record<string, unknown>>): SmsHttpConfig {
	return parseConfig({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://sms.example/send",
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications: [],
	});
}

function told(
	body: string | object,
	settings: Readonly<Record<string, unknown>> = {},
	query = "",
): readonly ChannelEvent[] {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	const request = {
		method: "POST",
		url: `https://parley.example/sms/smshttp/1${query}`,
		headers: new Headers(),
		body: Buffer.from(text),
	};
	return parse(request as unknown as VerifiedRequest, configOf(settings));
}

function kinds(events: readonly ChannelEvent[]): readonly string[] {
	return events.map((event) => (event.kind === "receipt" ? event.status : event.kind));
}

function reasonOf(events: readonly ChannelEvent[]): string {
	const [event] = events;
	return event?.kind === "unreadable" ? event.reason : String(event?.kind);
}

const json = { incomingFormat: "json" };

test("a status with a text is a message, a status without one a receipt, unless a field tells the kind", () => {
	const both = "id=1&from=%2B447700900123&to=71630&text=Hi&status=delivered";
	assert.deepEqual(kinds(told(both)), ["message"]);
	assert.deepEqual(kinds(told("id=1&status=delivered")), ["delivered"]);
	assert.deepEqual(kinds(told(`${both}&type=DLR`, { kindPath: "type" })), ["delivered"]);
	assert.deepEqual(kinds(told(`${both}&type=mo`, { kindPath: "type" })), ["message"]);
	assert.deepEqual(kinds(told(both, {}, `?attempt=${attemptId}`)), ["delivered"], "that address is for receipts");
});

test("a call to the address of a message's receipts is proven by it, and can only be that message's receipt", () => {
	const config = { ...configOf({}), user: { id: "u", passwords: ["new", "old"] } };
	const url = ownAddress({ webhookUrl: "https://parley.example/sms/smshttp/1", attemptId }, "old");
	const call = (address: string, body: string) => ({
		method: "POST",
		url: address,
		headers: new Headers(),
		body: Buffer.from(body),
	});
	assert.ok(isProvenByAddress(call(url, ""), config));
	assert.equal(isProvenByAddress(call(url, ""), configOf({})), false, "no password, no proof");
	assert.equal(isProvenByAddress(call(url.replace(/&proof.*/, ""), ""), config), false);
	for (const body of [
		"from=%2B447700900123&to=71630&text=Hi&id=1",
		"from=%2B447700900123&to=71630&text=Hi&id=1&status=sent",
	]) {
		const events = parse(call(url, body) as unknown as VerifiedRequest, config);
		assert.ok(
			events.every(
				(event) => event.kind === "unreadable" || (event.kind === "receipt" && event.target.by === "attempt"),
			),
		);
	}
});

test("words of statuses count in any case, and a service may have its own", () => {
	const words = ["sent", "SENT", "DELIVRD", "Read", "UNDELIV", "REJECTD"];
	assert.deepEqual(
		words.map((word) => kinds(told(`id=1&status=${word}`))[0]),
		["sent", "sent", "delivered", "read", "failed", "failed"],
	);
	assert.deepEqual(kinds(told("id=1&status=0", { deliveredWords: ["0"] })), ["delivered"]);
	assert.match(reasonOf(told("id=1&status=delivered", { deliveredWords: ["0"] })), /is in none of the lists/);
});

test("our own id counts, in any case, beside the gateway's", () => {
	const [event] = told(`id=9&ref=${attemptId.toLowerCase()}&status=sent`, { receiptOwnId: "ref" });
	assert.deepEqual(event?.kind === "receipt" && event.target, { by: "attempt", attemptId, remoteId: "9" });
	const [strange] = told("id=9&ref=somebody&status=sent", { receiptOwnId: "ref" });
	assert.deepEqual(strange?.kind === "receipt" && strange.target, { by: "remote", remoteId: "9" });
	const [twice] = told("id=9&status=sent", {}, `?attempt=${attemptId}&attempt=${attemptId}`);
	assert.deepEqual(twice?.kind === "receipt" && twice.target, { by: "remote", remoteId: "9" }, "two marks are none");
});

test("one bad item spoils no other, whatever it is", () => {
	const good = { id: "1", from: "447700900123", to: "71630", text: "Hi" };
	const list = [
		null,
		7,
		"x",
		[],
		{},
		good,
		{ ...good, id: {} },
		{ ...good, from: ["x"] },
		{ id: "2", status: "delivered" },
	];
	assert.deepEqual(
		kinds(told(list, json)).map((kind) => (kind === "unreadable" ? "-" : kind)),
		["-", "-", "-", "-", "-", "message", "-", "-", "delivered"],
	);
	const keys = told(list, json).map(({ dedupKey }) => dedupKey);
	assert.equal(new Set(keys).size, keys.length, "each is kept by itself");
});

test("an empty list and too long a list are left to a person", () => {
	assert.match(reasonOf(told([], json)), /no JSON with items/);
	assert.match(
		reasonOf(
			told(
				Array.from({ length: 1001 }, () => ({})),
				json,
			),
		),
		/1001 items/,
	);
});

test("a prototype is neither read nor touched", () => {
	const settings = { ...json, messageFrom: "__proto__.from", messageText: "constructor.name", messageTo: "toString" };
	assert.deepEqual(kinds(told('{"id":"1","__proto__":{"x":1}}', settings)), ["unreadable"]);
	assert.deepEqual(kinds(told("__proto__=1&constructor=2&id=1&status=sent")), ["sent"]);
});

test("the same text again is another message with another id or time, and the same call is the same event", () => {
	const key = (body: string): string | undefined => told(body)[0]?.dedupKey;
	const yes = "from=%2B447700900123&to=71630&text=Yes";
	assert.notEqual(key(`${yes}&id=1`), key(`${yes}&id=2`));
	assert.notEqual(key(`${yes}&time=2026-11-24T12:00:00Z`), key(`${yes}&time=2026-11-24T12:00:01Z`));
	assert.equal(key(`${yes}&time=2026-11-24T12:00:00Z`), key(`time=2026-11-24T12:00:00Z&${yes}`));
});

test("times count with a zone or as seconds and milliseconds since 1970, others say nothing certain", () => {
	const at = (time: string): string | undefined =>
		told(`id=1&status=sent&time=${encodeURIComponent(time)}`)[0]?.at?.toISOString();
	assert.equal(at("2026-11-24T13:00:00+01:00"), "2026-11-24T12:00:00.000Z");
	assert.equal(at("2026-11-24 12:00:00Z"), "2026-11-24T12:00:00.000Z");
	assert.equal(at("1795521600"), "2026-11-24T12:00:00.000Z");
	assert.equal(at("1795521600000"), "2026-11-24T12:00:00.000Z");
	for (const time of ["2026-11-24 12:00:00", "24.11.2026", "0", "99-99-99", "2026-99-99T99:99:99Z"]) {
		assert.equal(at(time), undefined, time);
	}
});

test("credentials that a gateway repeats are not kept as facts, and mapped names are not kept twice", () => {
	const [event] = told("id=1&from=%2B447700900123&to=71630&text=Hi&operator=23415&password=x&apiKey=y&user=z");
	assert.deepEqual(event?.kind === "message" && event.metadata, { operator: "23415" });
});

test("the gateway gets the answer that it waits for", () => {
	assert.deepEqual(ack([], configOf({})), { status: 200, body: "OK", contentType: "text/plain" });
	const own = { replyStatus: 202, replyBody: "<ok/>", replyType: "text/xml" };
	assert.deepEqual(ack([], configOf(own)), { status: 202, body: "<ok/>", contentType: "text/xml" });
	assert.deepEqual([accountsNamed(), accountsOf()], [[], []]);
});
