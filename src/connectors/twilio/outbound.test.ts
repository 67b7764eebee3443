// Goal: a message becomes exactly the documented request, and every answer becomes the outcome that is certain.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId } from "#domain/ids.ts";
import { faultCodes } from "#domain/faults.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Tools } from "../contract.ts";
import { receiptCodes, sendCodes } from "./codes.ts";
import type { TwilioConfig } from "./form.ts";
import { lookup, readLookup, send, toLookup, toOutcome, toRequest } from "./outbound.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const accountSid = "AC33333333333333333333333333333333";
const sid = "SM22222222222222222222222222222222";
const messagingServiceSid = "MG9752274e9e519418a7406176694466fa";

const config: TwilioConfig = {
	origin: "https://api.twilio.com",
	accountSid,
	user: { id: accountSid, secret: "the-auth-token" },
	signingSecrets: ["the-auth-token"],
	statusCallbacks: true,
	messagingServiceSid: undefined,
};

const message: OutboundMessage = {
	messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as MessageId,
	attemptId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId,
	channel: "sms",
	ourAddress: "+15550100001",
	contactAddress: "+15550100002",
	text: "Olá + & 👍",
	attachments: [],
	validUntil: new Date("2026-11-24T12:10:00.000Z"),
	webhookUrl: "https://gw.example.com/sms/twilio/1",
};

function fieldsOf(call: HttpCall): Readonly<Record<string, readonly string[]>> {
	const form = new URLSearchParams(call.body as string);
	return Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)]));
}

function answered(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answered", status, headers: new Headers(headers), body: new TextEncoder().encode(text) };
}

function refusedWith(status: number, code: number, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
	return answered(
		status,
		{ code, message: "Because.", more_info: "https://www.twilio.com/docs/errors", status },
		headers,
	);
}

test("a text becomes the documented form, with our attempt id in the status callback", () => {
	const call = toRequest(message, config, now);
	assert.equal(call.method, "POST");
	assert.equal(call.url, `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`);
	assert.deepEqual(call.headers, {
		authorization: `Basic ${Buffer.from(`${accountSid}:the-auth-token`).toString("base64")}`,
		accept: "application/json",
		"content-type": "application/x-www-form-urlencoded",
	});
	assert.deepEqual(fieldsOf(call), {
		To: ["+15550100002"],
		From: ["+15550100001"],
		Body: ["Olá + & 👍"],
		ValidityPeriod: ["600"],
		StatusCallback: [`https://gw.example.com/sms/twilio/1?attempt=${message.attemptId}#rc=5&rp=all`],
	});
});

test("media repeat their field, and a message without text has no body", () => {
	const attachments = [{ url: "https://a.example/1.jpg" }, { url: "https://a.example/2.jpg" }];
	const fields = fieldsOf(toRequest({ ...message, text: "", attachments }, config, now));
	assert.deepEqual(fields["MediaUrl"], ["https://a.example/1.jpg", "https://a.example/2.jpg"]);
	assert.equal(fields["Body"], undefined);
});

test("a template travels as ContentSid and ContentVariables", () => {
	const template = { id: "HX0123456789abcdef0123456789abcdef", parameters: { 1: "12/1" } };
	const fields = fieldsOf(toRequest({ ...message, text: "", template }, config, now));
	assert.deepEqual(fields["ContentSid"], [template.id]);
	assert.deepEqual(fields["ContentVariables"], ['{"1":"12/1"}']);
});

test("the Messaging Service goes along with a sender, and stands alone when it is our address", () => {
	const withService = { ...config, messagingServiceSid };
	const fields = fieldsOf(toRequest(message, withService, now));
	assert.deepEqual([fields["From"], fields["MessagingServiceSid"]], [["+15550100001"], [messagingServiceSid]]);
	const alone = fieldsOf(toRequest({ ...message, ourAddress: messagingServiceSid }, config, now));
	assert.deepEqual([alone["From"], alone["MessagingServiceSid"]], [undefined, [messagingServiceSid]]);
});

test("the validity period follows from the time left, within Twilio's bounds", () => {
	const periodUntil = (validUntil: string): string | undefined =>
		fieldsOf(toRequest({ ...message, validUntil: new Date(validUntil) }, config, now))["ValidityPeriod"]?.[0];
	assert.equal(periodUntil("2026-11-25T12:00:00.000Z"), "36000");
	assert.equal(periodUntil("2026-11-24T12:00:01.900Z"), "1");
	assert.equal(periodUntil("2026-11-24T11:00:00.000Z"), "1");
});

test("the status callback is left out when the service says so, and keeps a query that is there", () => {
	assert.equal(fieldsOf(toRequest(message, { ...config, statusCallbacks: false }, now))["StatusCallback"], undefined);
	const fields = fieldsOf(toRequest({ ...message, webhookUrl: "https://gw.example.com/s?x=1" }, config, now));
	assert.deepEqual(fields["StatusCallback"], [`https://gw.example.com/s?x=1&attempt=${message.attemptId}#rc=5&rp=all`]);
});

test("no secret stands in a URL", () => {
	for (const call of [toRequest(message, config, now), toLookup(message, now, config)]) {
		assert.ok(!call.url.includes("the-auth-token"));
	}
});

test("201 is accepted with Twilio's id and time", () => {
	const resource = { sid, status: "queued", date_created: "Thu, 24 Aug 2023 05:01:45 +0000" };
	assert.deepEqual(toOutcome(answered(201, resource), now), {
		kind: "accepted",
		remoteIds: [sid],
		at: new Date("2023-08-24T05:01:45.000Z"),
	});
	assert.deepEqual(toOutcome(answered(201, { sid, status: "accepted", date_created: "soon" }), now), {
		kind: "accepted",
		remoteIds: [sid],
	});
});

test("a message that failed at once is rejected", () => {
	const outcome = toOutcome(answered(201, { sid, status: "failed", error_code: 63016 }), now);
	assert.equal(outcome.kind, "rejected");
	assert.equal(outcome.kind === "rejected" && outcome.code, "outside_window");
	assert.equal(toOutcome(answered(201, { sid, status: "canceled", error_code: null }), now).kind, "rejected");
});

test("a 2xx that nobody can read is unknown, never accepted", () => {
	for (const body of ["", "<html>", "[]", "{}", { sid: "XX1" }, { sid: 7 }, { sid: `${sid}0` }, "\u0000"]) {
		const outcome = toOutcome(answered(200, body), now);
		assert.equal(outcome.kind, "unknown", JSON.stringify(body));
		assert.equal(outcome.kind === "unknown" && outcome.code, "protocol");
	}
});

test("every documented error code of a send has its outcome", () => {
	for (const [code, rule] of sendCodes) {
		const outcome = toOutcome(refusedWith(400, code), now);
		assert.equal(outcome.kind, rule.kind, String(code));
		assert.equal(outcome.code, rule.fault, String(code));
		assert.ok(outcome.detail.includes(String(code)), "the detail quotes the code");
		assert.ok(faultCodes.includes(rule.fault));
	}
	const documented =
		"20429 21611 14107 20500 20503 20003 20005 20403 20404 63007 21606 21603 21701 21702 21703 21211 21214 21217 21401 21421 21604 21612 21614 21610 21408 21608 21910 63031 21602 21617 21620 21623 21654 21655 21656";
	assert.deepEqual([...sendCodes.keys()].map(String).toSorted(), documented.split(" ").toSorted());
});

test("every documented error code of a receipt has its fault, and refuses a message when it comes at once", () => {
	const documented =
		"30001 30017 30410 30022 63009 63010 63012 63018 63017 30023 30027 63038 30003 30008 63019 30002 63001 63008 63020 30004 30005 30006 30007 63003 63005 63013 63016 63021 63024 63027 63028 63029 63030 63032 63034";
	assert.deepEqual([...receiptCodes.keys()].map(String).toSorted(), documented.split(" ").toSorted());
	for (const [code, { fault }] of receiptCodes) {
		const outcome = toOutcome(refusedWith(400, code), now);
		assert.ok(outcome.kind === "rejected" && outcome.code === fault, String(code));
	}
});

test("each HTTP status alone gives the outcome that is certain", () => {
	const expected: readonly (readonly [number, string, string])[] = [
		[301, "rejected", "config"],
		[302, "rejected", "config"],
		[400, "rejected", "content"],
		[401, "retry", "credentials"],
		[403, "rejected", "credentials"],
		[404, "rejected", "config"],
		[408, "unknown", "unreachable"],
		[409, "unknown", "unreachable"],
		[410, "rejected", "config"],
		[413, "rejected", "content"],
		[425, "unknown", "unreachable"],
		[429, "retry", "throttled"],
		[500, "unknown", "unreachable"],
		[502, "unknown", "unreachable"],
		[503, "unknown", "unreachable"],
		[504, "unknown", "unreachable"],
	];
	for (const [status, kind, code] of expected) {
		for (const body of ["", "<html>busy</html>", { code: 99_999, message: "?" }]) {
			const outcome = toOutcome(answered(status, body), now);
			assert.equal(outcome.kind, kind, String(status));
			assert.equal(outcome.kind !== "accepted" && outcome.code, code, String(status));
			assert.equal(outcome.kind === "rejected" && outcome.closesService === true, status === 410, String(status));
		}
	}
});

test("a throttle and a refused logon may be tried again whatever code stands beside them; a 5xx never", () => {
	assert.equal(toOutcome(refusedWith(429, 21610), now).kind, "retry");
	assert.equal(toOutcome(refusedWith(401, 20404), now).kind, "retry");
	assert.equal(toOutcome(refusedWith(500, 20429), now).kind, "unknown");
	assert.equal(toOutcome(refusedWith(503, 20003), now).kind, "unknown");
});

test("a throttle waits as long as Retry-After says, or as the code says", () => {
	const notBefore = (answer: HttpAnswer): string | undefined => {
		const outcome = toOutcome(answer, now);
		return outcome.kind === "retry" ? outcome.notBefore?.toISOString() : undefined;
	};
	assert.equal(notBefore(refusedWith(429, 20429, { "retry-after": "7" })), "2026-11-24T12:00:07.000Z");
	const date = "Tue, 24 Nov 2026 12:01:00 GMT";
	assert.equal(notBefore(refusedWith(429, 20429, { "retry-after": date })), "2026-11-24T12:01:00.000Z");
	assert.equal(notBefore(refusedWith(429, 20429)), undefined);
	assert.equal(notBefore(refusedWith(400, 21611)), "2026-11-24T12:05:00.000Z");
	assert.equal(notBefore(refusedWith(400, 14107, { "retry-after": "3" })), "2026-11-24T12:00:03.000Z");
});

test("no answer: what certainly was not sent may be tried again, anything else is unknown", () => {
	for (const why of ["blocked", "dns", "refused", "tls", "timeout"] as const) {
		assert.equal(toOutcome({ kind: "notSent", why }, now).kind, "retry", why);
	}
	for (const why of ["reset", "timeout", "too large"] as const) {
		assert.equal(toOutcome({ kind: "unclear", why }, now).kind, "unknown", why);
	}
});

test("the detail is cut, and quotes neither a secret nor the message", () => {
	const long = toOutcome(answered(400, { code: 21211, message: "x".repeat(5000) }), now);
	assert.ok(long.kind === "rejected" && long.detail.length < 300);
	for (const leak of ["the-auth-token", message.text]) {
		const outcome = toOutcome(answered(400, { code: 21211, message: `no: ${leak}` }), now, [
			"the-auth-token",
			message.text,
		]);
		assert.ok(outcome.kind === "rejected" && !outcome.detail.includes(leak) && outcome.detail.includes("21211"));
	}
});

function toolsThat(answer: HttpAnswer): Tools & { calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	return {
		calls,
		http(call) {
			calls.push(call);
			return Promise.resolve(answer);
		},
		token: () => assert.fail("Twilio needs no token"),
		dropToken: () => assert.fail("Twilio needs no token"),
		now: () => now,
	};
}

test("one send is one call; a service that cannot send makes none and keeps the message", async () => {
	const tools = toolsThat(answered(201, { sid, status: "queued" }));
	assert.equal((await send(message, config, tools)).kind, "accepted");
	assert.equal(tools.calls.length, 1);
	const outcome = await send(message, { ...config, user: { id: accountSid, secret: undefined } }, tools);
	assert.ok(outcome.kind === "retry" && outcome.code === "credentials");
	assert.equal(tools.calls.length, 1);
});

const listed = {
	sid,
	status: "sent",
	direction: "outbound-api",
	to: message.contactAddress,
	from: message.ourAddress,
	messaging_service_sid: null,
	body: message.text,
	num_media: "0",
	date_created: "Tue, 24 Nov 2026 11:59:58 +0000",
};
const attemptedAt = new Date("2026-11-24T11:59:58.700Z");
const listDate = { date: "Tue, 24 Nov 2026 12:00:00 GMT" };

function settled(messages: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): string {
	const answer = answered(200, { messages, next_page_uri: null, ...more }, listDate);
	return readLookup(answer, message, attemptedAt, now).kind;
}

test("the look-up asks for what was sent to the contact from our address since the day of the attempt", () => {
	const url = new URL(toLookup(message, attemptedAt, config).url);
	assert.equal(url.pathname, `/2010-04-01/Accounts/${accountSid}/Messages.json`);
	assert.deepEqual(Object.fromEntries(url.searchParams), {
		To: "+15550100002",
		From: "+15550100001",
		"DateSent>": "2026-11-24",
		PageSize: "1000",
	});
	const byService = new URL(toLookup({ ...message, ourAddress: messagingServiceSid }, attemptedAt, config).url);
	assert.equal(byService.searchParams.get("From"), null);
});

test("exactly one message that fits settles the attempt; none, two or half a list does not", () => {
	assert.equal(settled([listed]), "accepted");
	assert.equal(settled([]), "unknown");
	assert.equal(settled([listed, { ...listed, sid: sid.replaceAll("2", "3") }]), "unknown");
	assert.equal(settled([listed], { next_page_uri: "/next" }), "unknown");
	assert.equal(settled([{ ...listed, status: "failed", error_code: 30007 }]), "rejected");
});

test("a listed message of another time, text, sender, direction or number of media is another message", () => {
	const others = [
		{ date_created: "Tue, 24 Nov 2026 11:59:57 +0000" },
		{ date_created: null },
		{ body: "Olá" },
		{ from: "+15550100009" },
		{ to: "+15550100009" },
		{ direction: "inbound" },
		{ num_media: "1" },
	];
	for (const other of others) {
		assert.equal(settled([{ ...listed, ...other }]), "unknown", JSON.stringify(other));
	}
	assert.equal(settled([null, 7, "x", listed]), "accepted", "what is no message is passed over");
});

test("the clocks may differ: the time of the attempt is compared on Twilio's clock", () => {
	const ahead = { date: "Tue, 24 Nov 2026 11:59:00 GMT" }; // Twilio is a minute behind us.
	const entry = { ...listed, date_created: "Tue, 24 Nov 2026 11:58:58 +0000" };
	const answer = answered(200, { messages: [entry] }, ahead);
	assert.equal(readLookup(answer, message, attemptedAt, now).kind, "accepted");
	const behind = { date: "Tue, 24 Nov 2026 12:01:00 GMT" };
	assert.equal(readLookup(answered(200, { messages: [listed] }, behind), message, attemptedAt, now).kind, "unknown");
});

test("a list that cannot be had or read settles nothing", async () => {
	const answers: readonly HttpAnswer[] = [
		answered(500, ""),
		answered(401, { code: 20003 }),
		answered(200, "garbage"),
		answered(200, { messages: {} }),
		{ kind: "notSent", why: "dns" },
		{ kind: "unclear", why: "timeout" },
	];
	for (const answer of answers) {
		assert.equal((await lookup(message, attemptedAt, config, toolsThat(answer))).kind, "unknown");
	}
	const tools = toolsThat(answered(200, { messages: [listed] }, listDate));
	const template = { id: "HX0123456789abcdef0123456789abcdef" };
	assert.equal((await lookup({ ...message, template }, attemptedAt, config, tools)).kind, "unknown");
	assert.equal(tools.calls.length, 0, "the text of a template cannot be compared");
});
