// Goal: a message goes out in the lines, or the JSON, that are known of SAP, no text can add a line of its own, and an answer
// is a yes only with the id of an order.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Tools } from "../contract.ts";
import { ownAddress } from "../kit/own-address.ts";
import { pushCodes } from "./codes.ts";
import { parse, type Sap365Config } from "./form.ts";
import { toLiveLinkOutcome, toLiveLinkRequest } from "./live-link.ts";
import { send } from "./outbound.ts";
import { toPushOutcome, toPushRequest } from "./push.ts";
import { settingsOf } from "./settings.ts";
import { fromWritten, toWritten } from "./text-transfer.ts";
import { validityOf } from "./validity.ts";

const now = new Date("2026-11-24T12:00:00.000Z");
const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;
const webhookUrl = "https://gw.example/in/sap365/acct_demo01";
const address = ownAddress({ webhookUrl, attemptId }, "s3cret");

function configOf(settings: Readonly<Record<string, unknown>> = {}): Sap365Config {
	const isJson = settings["mode"] === "json";
	return parse({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: isJson ? "https://livelink.example/api" : "https://sms-pp.sapmobileservices.com/cmn",
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications: [{ authenticationId: "acct_demo01", secrets: ["s3cret", "old"] }],
	});
}

function messageOf(changes: Partial<OutboundMessage> = {}): OutboundMessage {
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as MessageId,
		attemptId,
		channel: "sms",
		ourAddress: "71630",
		contactAddress: "+447700900123",
		text: "Hello from the gateway",
		attachments: [],
		validUntil: new Date(now.getTime() + 86_400_000),
		webhookUrl,
		...changes,
	};
}

function answered(status: number, body = "", headers: Readonly<Record<string, string>> = {}): HttpAnswer {
	return { kind: "answered", status, headers: new Headers(headers), body: new TextEncoder().encode(body) };
}

const page = (lines: string): string =>
	`<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><HTML><HEAD></HEAD><BODY>${lines}</BODY></HTML>`;

test("the push is the one that is known, with our address for notifications", () => {
	const call = toPushRequest(messageOf(), configOf(), now);
	assert.equal(call.url, "https://sms-pp.sapmobileservices.com/cmn/acct_demo01/acct_demo01.sms");
	assert.deepEqual(call.headers, { authorization: "Basic YWNjdF9kZW1vMDE6czNjcmV0" });
	assert.equal(
		call.body,
		`Version=2.0
Subject=parley:${attemptId}
[MSISDN]
List=+447700900123
[MESSAGE]
Text=Hello from the gateway
[SETUP]
OriginatingAddress=71630
DCS=7b
SplitText=yes
AckType=Message
MobileNotification=Yes
AckReplyAddress=${address}
ValidityPeriod=1d
[END]`,
	);
});

function linesOf(settings: Readonly<Record<string, unknown>>, text = "Hello"): Readonly<Record<string, string>> {
	const { body } = toPushRequest(messageOf({ text }), configOf(settings), now);
	const lines = Buffer.from(body ?? "")
		.toString(settings["charset"] === "iso-8859-1" ? "latin1" : "utf8")
		.split("\n");
	return Object.fromEntries(
		lines.flatMap((line) => {
			const equals = line.indexOf("=");
			return equals === -1 ? [] : [[line.slice(0, equals), line.slice(equals + 1)] as const];
		}),
	);
}

test("which notifications are asked for, and where they go, is a setting", () => {
	const none = linesOf({ acknowledgements: "none" });
	assert.deepEqual([none["AckType"], none["MobileNotification"], none["AckReplyAddress"]], ["None", "No", undefined]);
	const order = linesOf({ acknowledgements: "order", handsetReceipts: false, namesCallbackUrl: false });
	assert.deepEqual(
		[order["AckType"], order["MobileNotification"], order["AckReplyAddress"]],
		["Order", "No", undefined],
	);
});

for (const [what, settings, text, dcs, written] of [
	["GSM letters go as they are", {}, "5 € for Grüße", "7b", "5 € for Grüße"],
	["GSM letters in ISO-8859-1", { charset: "iso-8859-1" }, "Grüße", "7b", "Grüße"],
	["a letter that ISO-8859-1 lacks", { charset: "iso-8859-1" }, "5 €", "UTF8", "NSDigqw="],
	["GSM letters as digits", { gsmTransfer: "hex" }, "Hi", "7b", "4869"],
	["other letters", {}, "Жа😀", "UTF8", Buffer.from("Жа😀").toString("base64")],
	["as UCS-2 digits", { unicodeCoding: "UCS2", unicodeTransfer: "hex" }, "Жа😀", "UCS2", "04160430D83DDE00"],
	["as they are", { unicodeTransfer: "raw" }, "Жа", "UTF8", "Жа"],
	["Base64 of letters a to f only", { gsmTransfer: "base64" }, "i\u00b7", "UTF8", "acK3"],
] as const) {
	test(`the coding and writing of a text: ${what}`, () => {
		const lines = linesOf(settings, text);
		assert.deepEqual([lines["DCS"], lines["Text"]], [dcs, written]);
	});
}

test("no text ends its line, whatever breaks it has", () => {
	const breaks = ["\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u2028", "\u2029"];
	for (const gap of breaks) {
		const text = `one${gap}[SETUP]${gap}OriginatingAddress=evil`;
		for (const [lineBreak, expected] of [
			["dash", "one - [SETUP] - OriginatingAddress=evil"],
			["token", "one<LF>[SETUP]<LF>OriginatingAddress=evil"],
		] as const) {
			const settings = { lineBreak, unicodeTransfer: "raw" };
			const { body } = toPushRequest(messageOf({ text }), configOf(settings), now);
			assert.equal(linesOf(settings, text)["Text"], expected, JSON.stringify(gap));
			assert.equal(String(body).split(/[\n\r\v\f\u0085\u2028\u2029]/).length, 15);
			assert.equal(linesOf(settings, text)["OriginatingAddress"], "71630");
		}
	}
	assert.equal(linesOf({ unicodeTransfer: "raw" }, "a\u0000b\tc")["Text"], "a b c");
});

test("what was written is read again, in each coding and writing", () => {
	for (const unicodeCoding of ["UTF8", "UCS2"]) {
		for (const unicodeTransfer of ["hex", "base64"] as const) {
			const { dcs, text } = toWritten("Жа😀\nç", settingsOf({ settings: { unicodeCoding, unicodeTransfer } }));
			assert.equal(fromWritten(text, dcs, unicodeTransfer), "Жа😀\nç");
		}
	}
	assert.equal(fromWritten("C3", "UTF8", "hex"), "C3", "no whole letter: it was not written so");
	assert.equal(fromWritten("4869", "7b", "hex"), "4869", "7b is a text");
});

test("a time to live is rounded down to one unit, within what the interface takes", () => {
	const minutes = [0, 4, 5, 59, 60, 119, 1439, 1440, 4000, 10_079, 10_080, 50_000];
	assert.deepEqual(
		minutes.map((count) => validityOf(new Date(now.getTime() + count * 60_000), now)),
		["5m", "5m", "5m", "59m", "1h", "1h", "23h", "1d", "2d", "6d", "1w", "1w"],
	);
});

test("a message that no answer could be a yes to is not asked for", async () => {
	const tools: Tools = {
		http: () => assert.fail("nothing is to be sent"),
		token: () => assert.fail("no token is needed"),
		dropToken: () => undefined,
		now: () => now,
	};
	const codeOf = async (changes: Partial<OutboundMessage>): Promise<string> => {
		const outcome = await send(messageOf(changes), configOf(), tools);
		return outcome.kind === "rejected" ? outcome.code : outcome.kind;
	};
	assert.equal(await codeOf({ text: "" }), "content");
	assert.equal(await codeOf({ attachments: [{ url: "https://x.example/y" }] }), "content");
	assert.equal(await codeOf({ template: { id: "t" } }), "content");
	assert.equal(await codeOf({ contactAddress: "+447700900123,+447700900124" }), "recipient");
	assert.equal(await codeOf({ contactAddress: "+447700900123\n[END]" }), "recipient");
	assert.equal(await codeOf({ ourAddress: "71630\nClass=0" }), "config");
	const without = { ...configOf(), account: undefined };
	const draft = await send(messageOf(), without, tools);
	assert.deepEqual([draft.kind, "code" in draft && draft.code], ["retry", "credentials"]);
});

test("every ORDERID of a page is kept, as it is known to be written", () => {
	const idsOf = (body: string): unknown => {
		const outcome = toPushOutcome(answered(200, body), now);
		return outcome.kind === "accepted" ? outcome.remoteIds : outcome.kind;
	};
	assert.deepEqual(idsOf(page("<br>#Message Receive correctly<br>ORDERID=1149607999<br>")), ["1149607999"]);
	assert.deepEqual(idsOf(page("ORDERID=1<br>OrderId : 2<br>ORDERID=2<br>")), ["1", "2"]);
	assert.equal(idsOf(page("<br>ORDERID=<br>")), "unknown");
	assert.equal(idsOf(page(`ORDERID=${"1".repeat(101)}`)), "unknown");
	assert.equal(idsOf(page("600F Authentication failure")), "unknown");
});

test("every code of a refused push has its outcome, and only with status 400", () => {
	for (const [code, rule] of pushCodes) {
		for (const line of [`<br>${code} some words<br>`, `\n${code.toLowerCase()}: words`, `<P>0x${code}</P>`]) {
			const outcome = toPushOutcome(answered(400, page(line)), now);
			assert.ok(outcome.kind !== "accepted");
			assert.deepEqual([outcome.kind, outcome.code], [rule.kind, rule.fault], code);
			assert.match(outcome.detail, new RegExp(`^SAP answered 400: .+ \\(${code}\\)\\.$`));
		}
		assert.equal(toPushOutcome(answered(503, page(`<br>${code} words`)), now).kind, "unknown");
	}
	const kindOf = (code: string): string => toPushOutcome(answered(400, page(`<br>${code} x`)), now).kind;
	assert.deepEqual(["5001", "8000", "600F", "6017", "6030", "6100", "9999"].map(kindOf), [
		"retry",
		"retry",
		"retry",
		"rejected",
		"unknown",
		"unknown",
		"rejected",
	]);
	const told = toPushOutcome(answered(400, page("<br>FACE of a text that nobody may read")), now);
	assert.ok(told.kind === "rejected" && told.detail === "SAP answered 400: it does not take this message.");
});

test("Live Link 365 gets its JSON, and the callback in the form that the account wants", () => {
	const json = { mode: "json" };
	const bodyOf = (settings: object, text = "Hello"): Record<string, unknown> =>
		JSON.parse(String(toLiveLinkRequest(messageOf({ text }), configOf({ ...settings }), now).body)) as Record<
			string,
			unknown
		>;
	assert.deepEqual(bodyOf(json), {
		origin: "71630",
		destination: ["+447700900123"],
		message: "Hello",
		subject: `parley:${attemptId}`,
		acknowledgement: true,
		ackType: "MESSAGE",
		ackFinalStatus: true,
		ackInternalStatus: true,
		mobileNotification: "YES",
		validityPeriod: "1d",
		callback: address,
	});
	assert.equal(bodyOf(json, "Жа")["contentTextEncoding"], "UTF8");
	assert.deepEqual(bodyOf({ ...json, callbackShape: "list" })["callback"], [{ url: address }]);
	const none = bodyOf({ ...json, acknowledgements: "none" });
	assert.deepEqual([none["acknowledgement"], none["ackType"], none["callback"]], [false, "NONE", undefined]);
});

const orders = {
	livelinkOrderIds: [{ destination: ["+447700900123"], livelinkOrderId: ["1234567890", "1234567891"] }],
};

test("200 and 201 are accepted with the ids of the orders, because SAP has the message; without ids nobody knows", () => {
	for (const status of [200, 201]) {
		assert.deepEqual(toLiveLinkOutcome(answered(status, JSON.stringify(orders)), now), {
			kind: "accepted",
			remoteIds: ["1234567890", "1234567891"],
		});
		for (const body of ["", "{}", '{"livelinkOrderIds":[]}', '{"livelinkOrderIds":[{"livelinkOrderId":[null,""]}]}']) {
			assert.equal(toLiveLinkOutcome(answered(status, body), now).kind, "unknown");
		}
	}
});

test("an error of Live Link 365 is told by its number, never by its words", () => {
	const body = JSON.stringify({ apiErrorCode: 123, debugMessage: "secret text", userMessage: "secret text" });
	const outcome = toLiveLinkOutcome(answered(403, body), now);
	assert.deepEqual(outcome, {
		kind: "rejected",
		code: "credentials",
		detail: "Live Link 365 answered 403: this account may not send (123).",
	});
});

test("a token that lives 2700000 milliseconds is fetched again after three quarters of an hour, not after a month", async () => {
	const asked: HttpCall[] = [];
	let expiresAt: Date | undefined;
	const tools: Tools = {
		http(call) {
			asked.push(call);
			const isToken = call.url === "https://livelink.example/api/oauth/token";
			const token = { access_token: "2fWE", token_type: "Bearer", expires_in: 2_700_000, refresh_token: "AN" };
			return Promise.resolve(answered(200, JSON.stringify(isToken ? token : orders)));
		},
		async token(_key, fetch) {
			const answer = await fetch();
			expiresAt = answer.ok ? answer.expiresAt : undefined;
			return answer;
		},
		dropToken: () => undefined,
		now: () => now,
	};
	const outcome = await send(messageOf(), configOf({ mode: "json" }), tools);
	assert.equal(outcome.kind, "accepted");
	assert.equal(expiresAt?.toISOString(), "2026-11-24T12:45:00.000Z");
	assert.equal(asked[1]?.url, "https://livelink.example/api/v2/sms");
	assert.equal(asked[1]?.headers["authorization"], "Bearer 2fWE");
});
