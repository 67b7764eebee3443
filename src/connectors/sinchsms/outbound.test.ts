// Goal: our messages become the requests that are documented, and each answer the outcome that is certain.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome, StoredService, Tools } from "../contract.ts";
import { toBasicOutcome, toBasicRequest } from "./basic-sends.ts";
import { readLookup, toLookup, toOutcome, toRequest } from "./batches.ts";
import { parse } from "./form.ts";
import { lookup, send } from "./outbound.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as AttemptId;
const message: OutboundMessage = {
	messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as MessageId,
	attemptId,
	channel: "sms",
	ourAddress: "+12015555555",
	contactAddress: "+12017777777",
	text: "Grüße, 5 € & more",
	attachments: [],
	validUntil: new Date(now.getTime() + 600_500),
	webhookUrl: "https://gw.example.com/sms/sinchsms/1",
};

function configWith(settings: StoredService["settings"] = {}, secrets: readonly string[] = ["HappyCappyToken"]) {
	return parse({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://us.sms.api.sinch.com",
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications: [{ authenticationId: "CappyPremiumPlan", secrets }],
	});
}

const config = configWith();
const basic = configWith({ mode: "basic" });

function answered(status: number, body: unknown = "", headers: Record<string, string> = {}): HttpAnswer {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	return { kind: "answered", status, headers: new Headers(headers), body: Buffer.from(text) };
}

function bodyOf(call: HttpCall): Readonly<Record<string, unknown>> {
	return JSON.parse(String(call.body)) as Record<string, unknown>;
}

test("a text is a batch of one recipient with our mark and an address that proves itself", () => {
	const call = toRequest(message, config, now);
	assert.equal(call.url, "https://us.sms.api.sinch.com/xms/v1/CappyPremiumPlan/batches");
	assert.equal(call.headers["authorization"], "Bearer HappyCappyToken");
	const { callback_url: callbackUrl, ...body } = bodyOf(call);
	assert.deepEqual(body, {
		type: "mt_text",
		from: "12015555555",
		to: ["+12017777777"],
		body: message.text,
		delivery_report: "per_recipient",
		expire_at: "2026-11-24T12:10:00.500Z",
		client_reference: `parley:${attemptId}`,
	});
	assert.match(String(callbackUrl), new RegExp(`^${message.webhookUrl}\\?attempt=${attemptId}&proof=[0-9a-f]{64}$`));
	assert.ok(!String(callbackUrl).includes("HappyCappyToken"));
});

test("settings decide about reports and their address, and nothing lives longer than three days", () => {
	const plain = bodyOf(toRequest(message, configWith({ namesCallbackUrl: false, deliveryReport: "full" }), now));
	assert.deepEqual([plain["delivery_report"], plain["callback_url"]], ["full", undefined]);
	const none = bodyOf(toRequest(message, configWith({ deliveryReport: "none" }), now));
	assert.deepEqual([none["delivery_report"], none["callback_url"]], ["none", undefined]);
	const late = { ...message, validUntil: new Date(now.getTime() + 7 * 86_400_000) };
	assert.equal(bodyOf(toRequest(late, config, now))["expire_at"], "2026-11-27T12:00:00.000Z");
});

test("the published answer is an acceptance", () => {
	const published = { id: "01W4FFL35P4NC4K35SMSBATCH1", to: ["12017777777"], created_at: "2024-06-06T09:22:14.304Z" };
	assert.deepEqual(toOutcome(answered(201, published), now), {
		kind: "accepted",
		remoteIds: ["01W4FFL35P4NC4K35SMSBATCH1"],
		at: new Date("2024-06-06T09:22:14.304Z"),
	});
});

test("every documented error is what it is certain of", () => {
	const cases: readonly (readonly [HttpAnswer, string])[] = [
		[answered(400, { code: "syntax_invalid_json", text: "x" }), "rejected protocol"],
		[answered(400, { code: "syntax_invalid_parameter_format", text: "'foo' is not valid" }), "rejected content"],
		[answered(400, { code: "syntax_constraint_violation", text: "x" }), "rejected content"],
		[answered(401), "retry credentials"],
		[answered(403, { code: "unknown_group", text: "x" }), "rejected recipient"],
		[answered(403, { code: "unknown_campaign", text: "x" }), "rejected config"],
		[answered(403, { code: "missing_callback_url", text: "x" }), "rejected config"],
		[answered(403, { code: "llegal_number_type", text: "x" }), "rejected recipient"],
		[answered(403, { code: "illegal_number_type", text: "x" }), "rejected recipient"],
		[answered(403, { code: "blocked_account", text: "x" }), "retry credentials"],
		[answered(403), "rejected credentials"],
		[answered(404), "rejected config"],
		[answered(405), "rejected config"],
		[answered(415), "rejected protocol"],
		[answered(429), "retry throttled"],
		[answered(500), "retry unreachable"],
		[answered(503, "", { "retry-after": "5" }), "retry unreachable"],
		[answered(502), "unknown unreachable"],
		// A code with a status that does not promise one is not believed.
		[answered(502, { code: "blocked_account", text: "x" }), "unknown unreachable"],
		[answered(201, {}), "unknown protocol"],
	];
	for (const [answer, expected] of cases) {
		const outcome = toOutcome(answer, now);
		assert.equal(`${outcome.kind} ${"code" in outcome ? outcome.code : ""}`, expected, JSON.stringify(outcome));
	}
});

test("the provider's words are told, but not the message, the token or a page", () => {
	const detailOf = (outcome: Outcome) => ("detail" in outcome ? outcome.detail : "");
	const words = { code: "syntax_invalid_parameter_format", text: "'foo' is not a valid identifier" };
	assert.match(detailOf(toOutcome(answered(400, words), now)), /\(syntax_invalid_parameter_format: 'foo' is not/);
	for (const secret of ["HappyCappyToken", message.text]) {
		const repeated = { code: "syntax_constraint_violation", text: `not ${secret} please` };
		const detail = detailOf(toOutcome(answered(400, repeated), now, ["HappyCappyToken", message.text]));
		assert.ok(!detail.includes(secret) && detail.endsWith("."), detail);
	}
	assert.ok(!detailOf(toOutcome(answered(404, "<html>x</html>"), now)).includes("html"));
});

test("a look-up asks for our mark, and only one batch with our text settles it", () => {
	const call = toLookup(message, now, config);
	const url = new URL(call.url);
	assert.deepEqual([call.method, url.pathname], ["GET", "/xms/v1/CappyPremiumPlan/batches"]);
	assert.equal(url.searchParams.get("client_reference"), `parley:${attemptId}`);
	assert.equal(url.searchParams.get("start_date"), "2026-11-24T11:00:00.000Z");
	const batch = { id: "B1", client_reference: `parley:${attemptId}`, body: message.text };
	const kindOf = (...batches: unknown[]) => readLookup(answered(200, { count: 1, batches }), message).kind;
	assert.equal(kindOf(batch), "accepted");
	assert.equal(kindOf(null, { ...batch, client_reference: "x" }, batch), "accepted");
	for (const others of [[], [batch, batch], [{ ...batch, body: "other" }], [{ ...batch, id: 5 }]]) {
		assert.equal(kindOf(...others), "unknown");
	}
	assert.equal(readLookup(answered(500), message).kind, "unknown");
});

test("mode basic: everything is in the query, texts beyond GSM are UCS-2, the report address keeps its escapes", () => {
	const url = new URL(toBasicRequest(message, basic, now).url);
	const { "dlr-url": reportUrl = "", ...query } = Object.fromEntries(url.searchParams);
	assert.equal(url.pathname, "/sendsms");
	assert.deepEqual(query, {
		username: "CappyPremiumPlan",
		password: "HappyCappyToken",
		from: "12015555555",
		to: "12017777777",
		text: message.text,
		charset: "UTF-8",
		coding: "0",
		validity: "10",
		id: attemptId,
		"dlr-mask": "31",
	});
	assert.ok(reportUrl.endsWith("&type=%d&state=%s&error=%e&id=%i"), reportUrl);
	const russian = new URL(toBasicRequest({ ...message, text: "привет" }, basic, now).url);
	assert.deepEqual([russian.searchParams.get("coding"), russian.searchParams.get("text")], ["2", "привет"]);
	const quiet = toBasicRequest(message, configWith({ mode: "basic", namesCallbackUrl: false }), now);
	assert.ok(!quiet.url.includes("dlr-"));
});

test("mode basic: only 202 with an id is an acceptance, and each documented refusal is what it is certain of", () => {
	const accepted = toBasicOutcome(answered(202, "12c306e85bc5d9e4e52211c741e21277\n"), now);
	assert.deepEqual(accepted, { kind: "accepted", remoteIds: ["12c306e85bc5d9e4e52211c741e21277"] });
	const cases: readonly (readonly [number, string, string])[] = [
		[202, "OK", "unknown protocol"],
		[200, "12c306e85bc5d9e4e52211c741e21277", "unknown protocol"],
		[203, "User/Password parameter missing in the request", "retry credentials"],
		[307, "Account throttled", "retry throttled"],
		[301, "", "rejected config"],
		[400, "Invalid mclass value", "rejected content"],
		[400, "To number missing", "rejected recipient"],
		[400, "From number missing", "rejected config"],
		[400, "Invalid dlr-url, unknown host", "rejected config"],
		[400, "Text too long to fit in one SMS and auto concat not allowed", "rejected content"],
		[401, "Incorrect password", "retry credentials"],
		[402, "Account blocked", "retry credentials"],
		[403, "To number blocked", "rejected recipient"],
		[403, "From number blocked", "rejected config"],
		[405, "Method not allowed, use GET", "rejected config"],
		[406, "Not acceptable", "rejected protocol"],
		[500, "", "unknown unreachable"],
		[503, "", "unknown unreachable"],
	];
	for (const [status, words, expected] of cases) {
		const outcome = toBasicOutcome(answered(status, words), now);
		assert.equal(`${outcome.kind} ${"code" in outcome ? outcome.code : ""}`, expected, `${status} ${words}`);
	}
});

test("what cannot be sent is refused without a request, and the older API is never asked", async () => {
	const tools: Tools = {
		http: () => assert.fail("nothing is to be sent"),
		token: () => assert.fail("there are no tokens"),
		dropToken: () => assert.fail("there are no tokens"),
		now: () => now,
	};
	const outcomes = [
		await send(message, configWith({}, []), tools),
		await send({ ...message, text: "" }, config, tools),
		await send({ ...message, attachments: [{ url: "https://a.example/1.jpg" }] }, config, tools),
		await send({ ...message, template: { id: "T" } }, basic, tools),
		await lookup(message, now, basic, tools),
	];
	assert.deepEqual(
		outcomes.map((outcome) => `${outcome.kind} ${"code" in outcome ? outcome.code : ""}`),
		["retry credentials", ...Array<string>(3).fill("rejected content"), "unknown unreachable"],
	);
});
