// Goal: the request is what the administrator described, with this message's values; an answer is a yes only when all that
// tells one is there; and nothing in an answer can make a second text of one.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { ownAddress } from "../kit/own-address.ts";
import { toOutcome } from "./answers.ts";
import { parse, type SmsHttpConfig } from "./form.ts";
import { example, send, toRequest } from "./outbound.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;
const webhookUrl = "https://parley.example/sms/smshttp/1";
const password = "p&<\"'%+ s3cret";

function configOf(
	settings: Readonly<Record<string, unknown>> = {},
	serviceConnection = "https://sms.example/send",
): SmsHttpConfig {
	return parse({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications: [{ authenticationId: "gateway-user", secrets: [password, "old"] }],
	});
}

function messageOf(changes: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as MessageId,
		attemptId,
		channel: "sms",
		ourAddress: "+15550100001",
		contactAddress: "+358401234567",
		text: "Hi & bye",
		attachments: [],
		validUntil: new Date(now.getTime() + 600_000),
		webhookUrl,
		...changes,
	};
}

function callOf(config: SmsHttpConfig, changes: Partial<OutboundMessage> = {}): HttpCall {
	const request = toRequest(messageOf(changes), config);
	assert.ok(request.ok);
	return request.call;
}

test("by default a form is posted with HTTP Basic", () => {
	const dlr = encodeURIComponent(ownAddress({ webhookUrl, attemptId }, password));
	assert.deepEqual(callOf(configOf()), {
		method: "POST",
		url: "https://sms.example/send",
		headers: {
			authorization: `Basic ${Buffer.from(`gateway-user:${password}`).toString("base64")}`,
			"content-type": "application/x-www-form-urlencoded; charset=utf-8",
		},
		body: `from=%2B15550100001&to=%2B358401234567&text=Hi%20%26%20bye&id=${attemptId}&dlr=${dlr}`,
	});
});

test("every placeholder has its value", () => {
	const names = "to toNoPlus to00 from fromNoPlus from00 id encoding user password text textHexUcs2 dlrUrl".split(" ");
	const body = JSON.stringify(Object.fromEntries(names.map((name) => [name, `{{${name}}}`])));
	const { body: sent } = callOf(configOf({ bodyFormat: "json", body }), { text: "Жа😀", ourAddress: "Shop" });
	assert.deepEqual(JSON.parse(String(sent)), {
		to: "+358401234567",
		toNoPlus: "358401234567",
		to00: "00358401234567",
		from: "Shop",
		fromNoPlus: "Shop",
		from00: "Shop",
		id: attemptId,
		encoding: "ucs2",
		user: "gateway-user",
		password,
		text: "Жа😀",
		textHexUcs2: "04160430D83DDE00",
		dlrUrl: ownAddress({ webhookUrl, attemptId }, password),
	});
});

test("a short code has no country code in any spelling, and a query in the webhook URL is gone on with", () => {
	const config = configOf({ body: "a={{to}}&b={{toNoPlus}}&c={{to00}}&d={{dlrUrl}}" });
	const { body } = callOf(config, { contactAddress: "16400", webhookUrl: "https://p.example/x?y=1" });
	assert.equal(
		new URLSearchParams(String(body)).get("d"),
		ownAddress({ webhookUrl: "https://p.example/x?y=1", attemptId }, password),
	);
	assert.ok(String(body).startsWith("a=16400&b=16400&c=16400&"));
});

test("a text outside of the GSM alphabet is sent as it is or as digits, and its encoding is named", () => {
	const settings = { body: "c={{encoding}}&t={{text}}", gsmWord: "0", unicodeWord: "2", unicodeText: "hex" };
	const bodyOf = (text: string, more = {}) => callOf(configOf({ ...settings, ...more }), { text }).body;
	assert.equal(bodyOf("5 € [ok]"), "c=0&t=5%20%E2%82%AC%20%5Bok%5D");
	assert.equal(bodyOf("Жа😀"), "c=2&t=04160430D83DDE00");
	assert.equal(bodyOf("ç"), "c=2&t=00E7", "this letter GSM has as a capital only");
	assert.equal(bodyOf("Ж", { unicodeText: "characters" }), "c=2&t=%D0%96");
});

test("in the small character set bytes are the characters, and what it lacks is escaped or refused", () => {
	const latin = { charset: "iso-8859-1" };
	const form = callOf(configOf({ ...latin, body: "t={{text}}" }), { text: "Grüße" });
	assert.equal(Buffer.from(form.body ?? "").toString("latin1"), "t=Gr%FC%DFe");
	assert.equal(form.headers["content-type"], "application/x-www-form-urlencoded; charset=iso-8859-1");
	const json = callOf(configOf({ ...latin, bodyFormat: "json", body: '["{{text}}"]' }), { text: "ü€😀" });
	assert.deepEqual(JSON.parse(Buffer.from(json.body ?? "").toString("latin1")), ["ü€😀"]);
	assert.equal(json.headers["content-type"], "application/json");
	const request = toRequest(messageOf({ text: "5 €" }), configOf({ ...latin, body: "t={{text}}" }));
	assert.deepEqual(request.ok ? undefined : request.outcome, {
		kind: "rejected",
		code: "content",
		detail: "The value of {{text}} has a character that cannot be written where the template puts it.",
	});
});

test("a GET has everything in its address and no body", () => {
	const config = configOf(
		{ method: "GET", bodyFormat: "none", headers: [] },
		"https://sms.example/{{toNoPlus}}/send?u={{user}}&p={{password}}&t={{text}}",
	);
	const call = callOf(config);
	assert.deepEqual([call.method, call.headers, "body" in call], ["GET", {}, false]);
	const url = new URL(call.url);
	assert.deepEqual(
		[url.host, url.pathname, url.searchParams.get("p"), url.searchParams.get("t")],
		["sms.example", "/358401234567/send", password, "Hi & bye"],
	);
});

test("a number that would be no step of the path makes no request", () => {
	const config = configOf({}, "https://sms.example/{{to}}/send");
	for (const contactAddress of ["..", ".", ""]) {
		const request = toRequest(messageOf({ contactAddress }), config);
		assert.deepEqual(request.ok ? "sent" : [request.outcome.kind, "code" in request.outcome && request.outcome.code], [
			"rejected",
			"recipient",
		]);
	}
});

type Said = { status?: number; body?: string; headers?: Readonly<Record<string, string>> };

function outcomeOf(
	{ status = 200, body = "", headers = {} }: Said,
	settings: Readonly<Record<string, unknown>>,
): Outcome {
	const answer: HttpAnswer = { kind: "answered", status, headers: new Headers(headers), body: Buffer.from(body) };
	return toOutcome(answer, configOf(settings).rules, attemptId, now);
}

function idOf(said: Said, settings: Readonly<Record<string, unknown>>): string {
	const outcome = outcomeOf(said, settings);
	return outcome.kind === "accepted" ? outcome.remoteIds.join() : outcome.kind;
}

test("the id comes out of JSON, XML, an expression or a header, or is ours", () => {
	assert.equal(idOf({ body: '{"id":"m-1"}' }, {}), "m-1");
	assert.equal(idOf({ body: '{"id":1234}' }, {}), "1234");
	assert.equal(idOf({ body: '{"messages":[{"a":{"id":"m-2"}}]}' }, { idAt: "messages.0.a.id" }), "m-2");
	assert.equal(idOf({ body: '<r><m id="m-3"/></r>' }, { idAt: "r.m.@id" }), "m-3");
	assert.equal(idOf({ body: '<r><id x="1"> m-4 </id></r>' }, { idAt: "r.id" }), "m-4");
	assert.equal(idOf({ body: "OK: m-5\n" }, { idFrom: "expression", idAt: "^OK: (\\S+)" }), "m-5");
	assert.equal(idOf({ headers: { "x-id": "m-6" } }, { idFrom: "header", idAt: "X-Id" }), "m-6");
	assert.equal(
		idOf({ status: 202, body: "0: Accepted for delivery" }, { idFrom: "ours", successPattern: "^0: " }),
		attemptId,
	);
});

test("without an id that can be one nothing is accepted", () => {
	for (const body of [
		"",
		"null",
		'{"id":""}',
		'{"id":null}',
		'{"id":["x"]}',
		'{"id":"a b"}',
		'{"id":"ü"}',
		'{"id":1.5}',
		`{"id":"${"x".repeat(201)}"}`,
	]) {
		assert.equal(idOf({ body }, {}), "unknown", body);
	}
});

test("status, expression and field of success must all agree", () => {
	const settings = {
		successStatuses: "202",
		successPattern: "(?i)accepted",
		successPath: "state",
		successWords: ["Queued"],
	};
	const body = '{"id":"m-1","state":"QUEUED","say":"Accepted"}';
	assert.equal(idOf({ status: 202, body }, settings), "m-1");
	assert.equal(idOf({ status: 200, body }, settings), "unknown");
	assert.equal(idOf({ status: 202, body: body.replace("Accepted", "no") }, settings), "unknown");
	assert.equal(idOf({ status: 202, body: body.replace("QUEUED", "held") }, settings), "unknown");
	assert.equal(idOf({ status: 202, body: '{"id":"m-1","say":"accepted"}' }, settings), "unknown");
});

const errors = ["retry throttled: (?i)too many", "rejected recipient: ERR 21\\d", "unknown unreachable: maybe"];

test("error rules speak for a 2xx, a 4xx and a 5xx; the first that fits counts", () => {
	const say = (status: number, body: string): unknown => {
		const outcome = outcomeOf({ status, body }, { errors });
		return "code" in outcome ? [outcome.kind, outcome.code] : outcome.kind;
	};
	assert.deepEqual(say(200, "Too Many, ERR 211"), ["retry", "throttled"]);
	assert.deepEqual(say(200, "ERR 212"), ["rejected", "recipient"]);
	assert.deepEqual(say(500, "too many"), ["retry", "throttled"]);
	assert.deepEqual(say(400, "maybe"), ["unknown", "unreachable"]);
	assert.deepEqual(say(400, "else"), ["rejected", "content"]);
	assert.deepEqual(say(500, "else"), ["unknown", "unreachable"]);
});

test("a redirect, a closed address, a throttle and a refused logon are what they are beside any text", () => {
	const kinds = [302, 410, 429, 401].map((status) => outcomeOf({ status, body: "ERR 211 maybe" }, { errors }));
	assert.deepEqual(
		kinds.map((one) => [one.kind, "code" in one && one.code]),
		[
			["rejected", "config"],
			["rejected", "config"],
			["retry", "throttled"],
			["retry", "credentials"],
		],
	);
	assert.equal(kinds[1]?.kind === "rejected" && kinds[1].closesService, true);
});

test("success and an error at once is a contradiction: never sent again in silence", () => {
	const outcome = outcomeOf({ body: '{"id":"m-1","echo":"too many"}' }, { errors });
	assert.deepEqual(outcome, {
		kind: "unknown",
		code: "protocol",
		detail: "The gateway answered 200, with success and an error at once.",
	});
});

test("a wait that the gateway asks for is kept, also with an error rule", () => {
	const outcome = outcomeOf({ status: 503, body: "too many", headers: { "retry-after": "7" } }, { errors });
	assert.deepEqual(outcome.kind === "retry" ? outcome.notBefore : undefined, new Date(now.getTime() + 7000));
});

test("nothing that the gateway says is repeated", () => {
	const words = "Hi & bye gateway-user s3cret";
	for (const status of [200, 302, 400, 401, 429, 500]) {
		assert.doesNotMatch(
			JSON.stringify(outcomeOf({ status, body: words }, { errors: ["rejected content: bye"] })),
			/bye|s3cret|gateway-user/,
		);
	}
});

function toolsThat(answer: HttpAnswer, calls: HttpCall[]): Tools {
	return {
		http: (call) => Promise.resolve((calls.push(call), answer)),
		token: () => Promise.reject(new Error("no tokens here")),
		dropToken: () => undefined,
		now: () => now,
	};
}

test("a service that cannot send sends nothing and loses nothing", async () => {
	const calls: HttpCall[] = [];
	const tools = toolsThat({ kind: "unclear", why: "timeout" }, calls);
	const broken = await send(messageOf(), configOf({ body: "{{no}}" }), tools);
	assert.deepEqual([broken.kind, calls.length], ["retry", 0]);
	const unclear = await send(messageOf(), configOf(), tools);
	assert.deepEqual([unclear.kind, calls.length], ["unknown", 1]);
});

test("the example shows the request with invented values", () => {
	const call = example(configOf({ ourAddress: "71630" }), "https://parley.example/sms/smshttp/1");
	const fields = new URLSearchParams(String(call?.body));
	assert.deepEqual(
		[fields.get("from"), fields.get("to"), fields.get("text")],
		["71630", "+15550100002", "Example: 5 + 5 & more"],
	);
	assert.equal(example(configOf({ body: "{{no}}" }), "https://parley.example"), undefined);
});
