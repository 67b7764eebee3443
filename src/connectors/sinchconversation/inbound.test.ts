// Each fixture is a request as received with the verdict and the events it must give. The vectors among them were
// published by the provider; the pretty-printed one catches whoever signs a re-serialised body.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import fc from "fast-check";

import type { ChannelEvent } from "#domain/messages.ts";
import type { ServiceId } from "#domain/ids.ts";

import type { RawRequest, StoredService, VerifiedRequest } from "../contract.ts";
import { activityKinds, contactEventNames } from "./callbacks.ts";
import { deliveryStatuses, reasonCodes, reasonSubCodes } from "./codes.ts";
import { parse as parseConfig, type SinchConversationConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, parse, verify } from "./inbound.ts";

const fixtures = new URL("fixtures/", import.meta.url);
const names = readdirSync(fixtures)
	.filter((file) => file.endsWith(".http"))
	.map((file) => file.replace(/\.http$/, ""));

type Expected = {
	service: Omit<StoredService, "id">;
	publicUrl: string;
	now: string;
	verdict: string;
	events: unknown;
};

function readFixture(name: string): { request: RawRequest; expected: Expected; config: SinchConversationConfig } {
	const received = readFileSync(new URL(`${name}.http`, fixtures));
	const end = received.indexOf("\n\n");
	const [line = "", ...headers] = received.subarray(0, end).toString("utf8").split("\n");
	const [method = "", path = ""] = line.split(" ");
	const expected = JSON.parse(readFileSync(new URL(`${name}.json`, fixtures), "utf8")) as Expected;
	const pairs = headers.map((header): [string, string] => {
		const colon = header.indexOf(":");
		return [header.slice(0, colon), header.slice(colon + 1).trim()];
	});
	return {
		request: { method, url: expected.publicUrl + path, headers: new Headers(pairs), body: received.subarray(end + 2) },
		expected,
		config: parseConfig({ id: "0193A6C0F0E07C00800000000000000B" as ServiceId, ...expected.service }),
	};
}

const config = readFixture("message-text-dispatch").config;
const [secret = ""] = config.webhookSecrets;
const now = new Date("2026-11-24T10:00:00.000Z");
const envelope = {
	app_id: "01EB37HMH1M6SV18ABNS3G135H",
	project_id: "c36f3d3d-1523-4edd-ae42-11995557ff61",
	accepted_time: "2026-11-24T10:00:00Z",
};

type Unsigned = RawRequest & { headers: Headers };

function requestOf(body: string | Uint8Array): Unsigned {
	return { method: "POST", url: "https://parley.example/", headers: new Headers(), body: Buffer.from(body) };
}

function signed(body: string, options: { key?: string; nonce?: string; timestamp?: string } = {}): Unsigned {
	const { key = secret, nonce = "nonce-1", timestamp = String(now.getTime() / 1000) } = options;
	const request = requestOf(body);
	const signature = createHmac("sha256", key).update(`${body}.${nonce}.${timestamp}`).digest("base64");
	request.headers.set("x-sinch-webhook-signature", signature);
	request.headers.set("x-sinch-webhook-signature-nonce", nonce);
	request.headers.set("x-sinch-webhook-signature-timestamp", timestamp);
	request.headers.set("x-sinch-webhook-signature-algorithm", "HmacSHA256");
	return request;
}

function eventsOf(body: unknown): readonly ChannelEvent[] {
	return parse(
		requestOf(typeof body === "string" ? body : JSON.stringify(body)) as RawRequest as VerifiedRequest,
		config,
	);
}

function theEventOf(body: unknown): ChannelEvent {
	const [event, ...others] = eventsOf(body);
	assert.ok(event !== undefined && others.length === 0);
	return event;
}

for (const name of names) {
	test(`fixture ${name} gives the expected verdict and events`, () => {
		const { request, expected, config: own } = readFixture(name);
		const verdict = verify(request, own, new Date(expected.now));
		assert.equal(verdict.ok ? "ok" : verdict.why, expected.verdict);
		const events = verdict.ok ? parse(request as VerifiedRequest, own) : [];
		assert.deepEqual(JSON.parse(JSON.stringify(events)), expected.events);
	});
}

test("a genuine request with any one byte of its body flipped is refused", () => {
	const { request, expected } = readFixture("vector-4-multi-byte");
	const own = readFixture("vector-4-multi-byte").config;
	for (let index = 0; index < request.body.length; index++) {
		const body = Uint8Array.from(request.body);
		body[index] = (body[index] ?? 0) ^ 1;
		assert.deepEqual(verify({ ...request, body }, own, new Date(expected.now)), { ok: false, why: "mismatch" });
	}
});

test("the nonce of a genuine request is handed on", () => {
	assert.deepEqual(verify(signed("{}", { nonce: "n-77" }), config, now), { ok: true, nonce: "n-77" });
});

test("the window is 300 seconds on either side, the ends included", () => {
	for (const [offset, why] of [
		[-301, "stale"],
		[-300, "ok"],
		[300, "ok"],
		[301, "stale"],
	] as const) {
		const timestamp = String(now.getTime() / 1000 + offset);
		const verdict = verify(signed("{}", { timestamp }), config, now);
		assert.equal(verdict.ok ? "ok" : verdict.why, why, `offset ${offset}`);
	}
});

test("a wrong signature is a mismatch even when the time is wrong too", () => {
	const request = signed("{}", { key: "guessed", timestamp: "1" });
	assert.deepEqual(verify(request, config, now), { ok: false, why: "mismatch" });
});

test("during a rotation both secrets are accepted, afterwards only the new one", () => {
	const rotating = { ...config, webhookSecrets: ["new", "old"] };
	assert.ok(verify(signed("{}", { key: "new" }), rotating, now).ok);
	assert.ok(verify(signed("{}", { key: "old" }), rotating, now).ok);
	assert.ok(!verify(signed("{}", { key: "old" }), { ...config, webhookSecrets: ["new"] }, now).ok);
});

test("without a secret the door is closed, also for a signature under the empty secret", () => {
	assert.deepEqual(verify(signed("{}", { key: "" }), { ...config, webhookSecrets: [] }, now), {
		ok: false,
		why: "mismatch",
	});
	assert.ok(!verify(signed("{}", { key: "" }), { ...config, webhookSecrets: [""] }, now).ok);
});

test("headers of another shape are refused although the signature is right", () => {
	const changes: [string, string][] = [
		["algorithm", "HmacSHA1"],
		["algorithm", "hmacsha256"],
		["timestamp", "1795514400.5"],
		["timestamp", "-5"],
		["nonce", "two words"],
	];
	for (const [name, value] of changes) {
		const request = signed("{}", name === "algorithm" ? {} : { [name]: value });
		request.headers.set(`x-sinch-webhook-signature-${name}`, value);
		assert.deepEqual(verify(request, config, now), { ok: false, why: "mismatch" }, `${name} ${value}`);
	}
	const request = signed("{}");
	const signature = request.headers.get("x-sinch-webhook-signature") ?? "";
	for (const other of [
		signature.slice(0, -1),
		`${signature}=`,
		signature.toLowerCase(),
		`${signature}, ${signature}`,
	]) {
		request.headers.set("x-sinch-webhook-signature", other);
		assert.deepEqual(verify(request, config, now), { ok: false, why: "mismatch" });
	}
});

test("the account is named by the body, in capitals, and by nothing when there is none", () => {
	assert.deepEqual(accountsNamed(requestOf('{"app_id":"01eb37hmh1m6sv18abns3g135h"}')), accountsOf(config));
	for (const body of ["", "nonsense", "[]", '{"app_id":""}', '{"app_id":7}', "{}"]) {
		assert.deepEqual(accountsNamed(requestOf(body)), [], body);
	}
});

test("an app of ours is recognised in any case, another one is foreign", () => {
	const [kind] = [...activityKinds];
	const body = { ...envelope, [kind?.key ?? ""]: { message_id: "m" } };
	assert.equal(theEventOf({ ...body, app_id: envelope.app_id.toLowerCase() }).kind, "activity");
	assert.equal(theEventOf({ ...body, app_id: `${envelope.app_id}X` }).kind, "foreign");
});

test("every documented kind of callback becomes an activity with its name", () => {
	for (const { key, name } of activityKinds) {
		const event = theEventOf({ ...envelope, [key]: { request_id: "r", message_id: "m" } });
		assert.equal(event.kind === "activity" ? event.name : event.kind, name);
	}
});

test("every documented contact event becomes an activity with its name, whichever of the two places it is in", () => {
	for (const [key, name] of contactEventNames) {
		for (const place of ["contact_event", "contact_message_event"]) {
			const event = theEventOf({ ...envelope, event: { id: "e", [place]: { [key]: {} } } });
			assert.equal(event.kind === "activity" ? event.name : event.kind, name);
			assert.equal(event.dedupKey, "event:e");
		}
	}
});

function reportWith(fields: object): ChannelEvent {
	return theEventOf({ ...envelope, message_delivery_report: { message_id: "m-1", ...fields } });
}

test("every documented delivery status is a receipt or an activity", () => {
	for (const [status, state] of deliveryStatuses) {
		const event = reportWith({ status });
		assert.equal(event.kind === "receipt" ? event.status : event.kind, state, status);
	}
});

test("every documented reason of a failure gives its fault code", () => {
	assert.equal(reasonCodes.size, 31);
	for (const [code, fault] of reasonCodes) {
		const event = reportWith({ status: "FAILED", reason: { code } });
		assert.ok(event.kind === "receipt" && event.fault !== undefined);
		assert.deepEqual([event.fault.code, event.fault.providerCode], [fault, code]);
	}
});

test("a telling sub-code outranks the reason, an unspecified or unknown one does not", () => {
	assert.equal(reasonSubCodes.size, 4);
	for (const [subCode, fault] of [...reasonSubCodes, ["NEW_SUB_CODE", undefined] as const]) {
		const event = reportWith({ status: "FAILED", reason: { code: "NO_PERMISSION", sub_code: subCode } });
		assert.ok(event.kind === "receipt");
		assert.equal(event.fault?.code, fault ?? "credentials");
	}
});

test("words that every object inherits are no codes", () => {
	assert.equal(reportWith({ status: "constructor" }).kind, "activity");
	const event = reportWith({ status: "FAILED", reason: { code: "toString", sub_code: "valueOf" } });
	assert.ok(event.kind === "receipt" && event.fault?.code === "unreachable");
	assert.equal(theEventOf({ ...envelope, constructor: {} }).kind, "activity");
});

test("our attempt id is read only from the exact mark", () => {
	const id = "0193A6C0F0E07C00800000000000000A";
	const attemptIn = (metadata: unknown): unknown => {
		const event = reportWith({ status: "READ", metadata });
		return event.kind === "receipt" && event.target.by !== "watermark" ? event.target.attemptId : "no receipt";
	};
	assert.equal(attemptIn(`parley:${id}`), id);
	for (const other of [id, `parley:${id.toLowerCase()}`, `parley:${id}0`, ` parley:${id}`, `parley:${id}\n`, 7, null]) {
		assert.equal(attemptIn(other), undefined, String(other));
	}
});

test("a report without the message's id is still ours when it carries our attempt id", () => {
	const event = reportWith({ status: "READ", message_id: "", metadata: "parley:0193A6C0F0E07C00800000000000000A" });
	assert.ok(event.kind === "receipt");
	assert.deepEqual(event.target, { by: "attempt", attemptId: "0193A6C0F0E07C00800000000000000A" });
});

test("a second delivery has the same key whatever the order of its fields, another event has another", () => {
	const update = { contact: { id: "c", metadata: { a: 1, b: [1, 2] } } };
	const mixed = { contact: { metadata: { b: [1, 2], a: 1 }, id: "c" } };
	const changed = { contact: { id: "c", metadata: { a: 1, b: [2, 1] } } };
	const keyOfUpdate = (item: object, fields: object = {}): string =>
		theEventOf({ ...envelope, ...fields, contact_update_notification: item }).dedupKey;
	assert.equal(keyOfUpdate(update), keyOfUpdate(mixed));
	assert.notEqual(keyOfUpdate(update), keyOfUpdate(changed));
	assert.notEqual(keyOfUpdate(update), keyOfUpdate(update, { accepted_time: "2026-11-24T10:00:01Z" }));
});

test("a message that we sent elsewhere is no message of the contact", () => {
	const message = { id: "m", direction: "TO_CONTACT", channel_identity: { channel: "SMS", identity: "46702471483" } };
	const event = theEventOf({ ...envelope, message: { ...message, contact_message: { text_message: { text: "x" } } } });
	assert.equal(event.kind, "activity");
});

test("a location with an infinite coordinate is parked, not stored", () => {
	const location = '{"location_message":{"coordinates":{"latitude":1e999,"longitude":1}}}';
	const identity = '"channel_identity":{"channel":"SMS","identity":"46702471483"}';
	const body = `{"app_id":"${envelope.app_id}","message":{"id":"m",${identity},"contact_message":${location}}}`;
	assert.equal(theEventOf(body).kind, "unreadable");
});

test("one unreadable item does not spoil what else the body tells", () => {
	const events = eventsOf({
		...envelope,
		message: { id: "m" },
		message_delivery_report: { message_id: "m", status: "READ" },
	});
	assert.deepEqual(
		events.map((event) => event.kind),
		["unreadable", "receipt"],
	);
});

test("times with 3 to 9 fraction digits are read, those without a zone or out of the calendar are left out", () => {
	const timeOf = (event_time: unknown): string | undefined =>
		theEventOf({
			...envelope,
			accepted_time: 0,
			event_time,
			message_delivery_report: { message_id: "m", status: "READ" },
		}).at?.toISOString();
	assert.equal(timeOf("2022-02-07T20:01:09.892757478Z"), "2022-02-07T20:01:09.892Z");
	assert.equal(timeOf("2022-02-07T22:01:09.8+02:00"), "2022-02-07T20:01:09.800Z");
	for (const other of ["2022-02-07T20:01:09", "2022-13-40T20:01:09Z", "", 1644264069, null, {}]) {
		assert.equal(timeOf(other), undefined, JSON.stringify(other));
	}
});

test("random bytes never make it throw, and always give something", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
			const request = requestOf(bytes);
			assert.deepEqual(verify(request, config, now), { ok: false, why: "missing" });
			accountsNamed(request);
			assert.ok(parse(request as RawRequest as VerifiedRequest, config).length > 0);
		}),
	);
});

test("any JSON in any place of a callback never makes it throw", () => {
	const keys = [
		"message",
		"message_redaction",
		"message_delivery_report",
		"event",
		...activityKinds.map(({ key }) => key),
	];
	const inside = [
		"id",
		"message_id",
		"channel_identity",
		"contact_message",
		"contact_event",
		"text_message",
		"reason",
		"metadata",
		"products",
		"__proto__",
		"constructor",
	];
	const tree = fc.letrec((tie) => ({
		value: fc.oneof({ maxDepth: 5 }, fc.jsonValue(), tie("item")),
		item: fc.dictionary(fc.constantFrom(...inside), tie("value"), { maxKeys: 6 }),
	}));
	fc.assert(
		fc.property(fc.constantFrom(...keys), fc.oneof(tree.item, tree.value), (key, value) => {
			const text = `${JSON.stringify(envelope).slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(value)}}`;
			assert.ok(eventsOf(text).length > 0);
		}),
	);
	assert.equal(Object.keys(Object.prototype).length, 0);
});

test("deep nesting and long lists are borne", () => {
	for (const depth of [50, 100_000]) {
		const nested = "[".repeat(depth) + "]".repeat(depth);
		for (const body of [
			nested,
			`{"app_id":"01EB37HMH1M6SV18ABNS3G135H","contact_update_notification":{"x":${nested}}}`,
		]) {
			assert.equal(eventsOf(body).length, 1);
		}
		const metadata = JSON.stringify(`{"deep":${nested}}`);
		const identity = '"channel_identity":{"channel":"SMS","identity":"46702471483"}';
		const message = `{"id":"m",${identity},"metadata":${metadata},"contact_message":{"text_message":{"text":"x"}}}`;
		assert.equal(theEventOf(`{"app_id":"01EB37HMH1M6SV18ABNS3G135H","message":${message}}`).kind, "message");
	}
	const list = `[${"0,".repeat(300_000)}0]`;
	assert.equal(theEventOf(`{"app_id":"01EB37HMH1M6SV18ABNS3G135H","duplicated_identities":${list}}`).kind, "activity");
});

test("whatever was understood or not, it is acknowledged", () => {
	assert.deepEqual(ack(), { status: 200 });
});
