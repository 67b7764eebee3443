// Goal: what SAP tells is read in each of the shapes that have been seen, a notification never causes a second message, and
// who knows one address can speak about one message only. The fixtures show the usual calls; here is what lies between.

import assert from "node:assert/strict";
import test from "node:test";
import type { AttemptId, ServiceId } from "#domain/ids.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { RawRequest, VerifiedRequest } from "../contract.ts";
import { ownAddress } from "../kit/own-address.ts";
import { timeOf } from "../kit/sap-messaging.ts";
import { notificationCodes } from "./codes.ts";
import { parse as parseConfig, type Sap365Config } from "./form.ts";
import { accountsNamed, accountsOf, ack, isProvenByAddress, parse } from "./inbound.ts";
import { withCount } from "./parts.ts";

const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;
const webhookUrl = "https://gw.example/sms/sap365/1";

function configOf(
	settings: Readonly<Record<string, unknown>> = {},
	secrets: readonly string[] = ["s3cret"],
): Sap365Config {
	return parseConfig({
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: "https://sms-pp.sapmobileservices.com/cmn",
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications: [{ authenticationId: "acct_demo01", secrets }],
	});
}

function request(url: string, body: string | Uint8Array = "", method = body === "" ? "GET" : "POST"): RawRequest {
	return {
		method,
		url,
		headers: new Headers(),
		body: typeof body === "string" ? new TextEncoder().encode(body) : body,
	};
}

function read(raw: RawRequest, config = configOf()): ChannelEvent {
	const [event, ...others] = parse(raw as VerifiedRequest, config);
	assert.ok(event !== undefined && others.length === 0);
	return event;
}

function told(parameters: Readonly<Record<string, string>>, config = configOf()): ChannelEvent {
	return read(request(`${webhookUrl}?${new URLSearchParams(parameters).toString()}`), config);
}

function wordOf(event: ChannelEvent): string {
	return event.kind === "receipt" ? event.status : event.kind;
}

test("every known code is read, alone, with 0x, in a sentence, and beside one", () => {
	for (const [code, stage] of notificationCodes) {
		const expected = {
			accepted: "sent",
			network: "sent",
			handset: "delivered",
			retrying: "activity",
			failed: "failed",
		}[stage.stage];
		for (const status of [code, code.toLowerCase(), `0x${code}`, `ox${code}`, `Message 1 failed (0x${code}).`]) {
			assert.equal(wordOf(told({ orderId: "1", status })), expected, status);
		}
		assert.equal(wordOf(told({ orderId: "1", internalStatus: code })), expected, code);
	}
});

test("years, times, numbers and order ids are no codes", () => {
	for (const status of [
		"Message 1 of the order 4503 x at destination of +4524 is waiting since 2019",
		"waiting for +44524",
		"it is 45:03, order DB62-1",
	]) {
		assert.equal(wordOf(told({ orderId: "1", status })), "activity", status);
	}
});

test("DBF3 is never a failure, whatever stands beside it, so nobody sends a second time", () => {
	const json = (fields: object): ChannelEvent =>
		read(request(webhookUrl, JSON.stringify({ messageId: "1", ...fields })));
	for (const event of [
		told({ orderId: "1", status: "0xDBF3 failed for now" }),
		told({ orderId: "1", status: "has been filtered on customer request", internalStatus: "DBF3" }),
		json({ status: "ERROR", internalStatusId: "DBF3" }),
		json({ status: "ERROR", FINAL: false }),
	]) {
		assert.ok(event.kind === "activity" && event.name === "provider_tries_again", JSON.stringify(event));
	}
});

test("the operator's acceptance is the last word only where no handset is asked, or the call says so", () => {
	const network = { orderId: "1", status: "450A" };
	assert.equal(wordOf(told(network)), "sent");
	assert.equal(wordOf(told({ ...network, final: "Y" })), "delivered");
	assert.equal(wordOf(told({ ...network, final: "perhaps" })), "sent");
	assert.equal(wordOf(told(network, configOf({ handsetReceipts: false }))), "delivered");
	assert.equal(wordOf(told({ orderId: "1", status: "450E", final: "1" })), "sent", "SAP itself is not the operator");
});

test("two notifications are the same when all is, and different when order, number or status is", () => {
	const usual = { orderId: "1", status: "450E", nmMessage: "1" };
	const keyOf = (changes: object): string => told({ ...usual, ...changes }).dedupKey;
	assert.equal(keyOf({}), keyOf({ operatorId: "7" }));
	const keys = [{}, { orderId: "2" }, { nmMessage: "2" }, { status: "451A" }, { final: "1" }].map(keyOf);
	assert.equal(new Set(keys).size, keys.length);
});

test("a text of several SMS is delivered with its last one, and failed with any before", () => {
	const own = ownAddress({ webhookUrl, attemptId }, "s3cret");
	const wordAt = (text: string, changes: Readonly<Record<string, string>>) => {
		const query = new URLSearchParams({ orderId: "1", status: "451A", ...changes }).toString();
		const address = withCount(own, text, { charset: "utf-8" });
		assert.equal(isProvenByAddress(request(`${address}?${query}`), configOf()), true);
		return wordOf(read(request(`${address}?${query}`)));
	};
	const [long, unicode] = ["x".repeat(307), "ж".repeat(71)];
	for (const [text, part, word] of [
		[long, "1", "sent"],
		[long, "2", "sent"],
		[long, "3", "delivered"],
		[unicode, "1", "sent"],
		[unicode, "2", "delivered"],
		["x".repeat(160), "1", "delivered"],
		["ж".repeat(70), "1", "delivered"],
	] as const) {
		assert.equal(wordAt(text, { nmMessage: part }), word, `${text.length} ${part}`);
	}
	assert.equal(wordAt(long, {}), "delivered", "the whole order");
	assert.equal(wordAt(long, { nmMessage: "2", status: "DB52" }), "failed");
	assert.equal(wordAt("Hello", { nmMessage: "1" }), "delivered");
});

test("an address of ours speaks about its message and no other, and says nothing in a contact's name", () => {
	const address = ownAddress({ webhookUrl, attemptId }, "s3cret");
	const config = configOf();
	const own = request(`${address}&orderId=1&status=451A`);
	assert.equal(isProvenByAddress(own, config), true);
	assert.equal(isProvenByAddress(request(`${address}?orderId=1&status=451A`), config), true, "with a second ?");
	assert.equal(isProvenByAddress(own, configOf({}, ["other", "s3cret"])), true, "while a rotation lasts");
	assert.equal(isProvenByAddress(own, configOf({}, ["other"])), false);
	assert.equal(isProvenByAddress(own, configOf({}, [])), false);
	assert.equal(isProvenByAddress(request(`${webhookUrl}?attempt=${attemptId}`), config), false);
	const event = read(own);
	assert.ok(event.kind === "receipt" && event.target.by === "attempt" && event.target.attemptId === attemptId);
	const other = attemptId.replace(/.$/, "0");
	assert.equal(read(request(`${address}&orderId=1&status=451A&subject=parley:${other}`)).kind, "unreadable");
	for (const body of [
		"XmlMsg=<SMS_MO><MSISDN>+447700900123</MSISDN><ORIGINATING_ADDRESS>71630</ORIGINATING_ADDRESS><MESSAGE>x</MESSAGE></SMS_MO>",
		JSON.stringify({ msisdn: "+447700900123", originatingAddress: "71630", message: "x" }),
	]) {
		assert.equal(read(request(address, body)).kind, "unreadable");
	}
});

test("what proves an address is in no fact", () => {
	const address = ownAddress({ webhookUrl, attemptId }, "s3cret");
	const event = read(request(`${address}&orderId=1&status=waiting`));
	assert.ok(event.kind === "activity");
	assert.deepEqual(event.facts, { orderid: "1", status: "waiting" });
});

const mo = (inner: string): string => `<SMS_MO>${inner}</SMS_MO>`;
const usual =
	"<MSISDN>+447700900123</MSISDN><ORIGINATING_ADDRESS>71630</ORIGINATING_ADDRESS><MESSAGE>Hi</MESSAGE>" +
	"<PARAMETERS><MESSAGEID>7</MESSAGEID></PARAMETERS>";
const form = (xml: string): string => new URLSearchParams({ XmlMsg: xml }).toString();

test("a message is found among other fields, in any case, and before what is no document", () => {
	const bodies = [
		form(mo(usual)),
		`a=b&${form(mo(usual))}&c=d`,
		form(mo(usual)).replace("XmlMsg", "xmlmsg"),
		`XmlMsg=${encodeURIComponent(mo(usual))}`,
		`XmlMsg=\r\n${mo(usual)}`,
		`\uFEFF${mo(usual)}`.slice(1),
	];
	for (const body of bodies) {
		const event = read(request(webhookUrl, body));
		assert.ok(event.kind === "message" && event.text === "Hi", `${body} ${JSON.stringify(event)}`);
		assert.equal(event.contact.address, "+447700900123");
	}
	for (const nothing of ["", "null"]) {
		const event = told({ orderId: "1", status: "450E", XmlMsg: nothing });
		assert.equal(wordOf(event), "sent", "a receiver of both has seen XmlMsg=null");
	}
});

test("documents with types, entities, several roots or no end are no messages, and give no file away", () => {
	for (const xml of [
		`<!DOCTYPE SMS_MO [<!ENTITY x SYSTEM "file:///etc/hostname">]>${mo(usual.replace("Hi", "&x;"))}`,
		`<!doctype a>${mo(usual)}`,
		`<?xml version="1.0"?> <!DOCTYPE a SYSTEM "https://evil.example/a.dtd">${mo(usual)}`,
		`${mo(usual)}${mo(usual)}`,
		mo(usual).slice(0, -9),
		`<A>${mo(usual)}</A>`,
		"<SMS_MO/>",
	]) {
		const event = read(request(webhookUrl, form(xml)));
		assert.equal(event.kind, "unreadable", xml);
	}
	const entity = read(request(webhookUrl, form(mo(usual.replace("Hi", "a &x; &amp;amp; &#233;")))));
	assert.ok(entity.kind === "message" && entity.text === "a &x; &amp; é", JSON.stringify(entity));
});

test("a CDATA section is a text, and an element given twice is none", () => {
	const event = read(request(webhookUrl, form(mo(usual.replace("Hi", "<![CDATA[1 < 2 & 3]]>")))));
	assert.ok(event.kind === "message" && event.text === "1 < 2 & 3");
	assert.equal(read(request(webhookUrl, form(mo(usual + usual)))).kind, "unreadable");
});

test("the account is named from any shape, and only the one that was entered is ours", () => {
	const shapes = [
		request(webhookUrl, form(mo(usual.replace("<MESSAGEID>", "<ACCOUNTID>10001</ACCOUNTID><MESSAGEID>")))),
		request(
			webhookUrl,
			JSON.stringify({
				msisdn: "+447700900123",
				originatingAddress: "71630",
				message: "Hi",
				parameters: { accountId: "10001", messageId: "7" },
			}),
		),
		request(`${webhookUrl}?customer_id=10001&orderId=1&status=450E`),
	];
	for (const raw of shapes) {
		assert.deepEqual(accountsNamed(raw), ["10001"]);
		assert.notEqual(read(raw, configOf({ accountNumber: "10001" })).kind, "foreign");
		const event = read(raw, configOf({ accountNumber: "20002" }));
		assert.ok(event.kind === "foreign" && event.account === "10001");
	}
	assert.deepEqual(accountsNamed(request(webhookUrl, "nothing")), []);
	assert.deepEqual([accountsOf(configOf()), accountsOf(configOf({ accountNumber: "7" }))], [[], ["7"]]);
});

test("dates and times are read as they are written, and none is made of nonsense", () => {
	const texts = [
		["Mon, 20 Oct 2008", "03:15:33"],
		["1 Feb 2026", "03:15:33"],
		["05-07-2012", "05:30:13"],
		["2017-04-22", "01:52:28"],
		["31-02-2026", "05:30:13"],
		["Mon, 20 Okt 2008", "03:15:33"],
		["05-07-2012", "25:00:00"],
		["05-07-2012", undefined],
		["", ""],
	] as const;
	assert.deepEqual(
		texts.map(([date, time]) => timeOf(date, time)?.toISOString()),
		[
			"2008-10-20T03:15:33.000Z",
			"2026-02-01T03:15:33.000Z",
			"2012-07-05T05:30:13.000Z",
			"2017-04-22T01:52:28.000Z",
			...Array.from({ length: 5 }, () => undefined),
		],
	);
});

test("bytes of any kind and number give one event within a second", () => {
	const bodies = ["&".repeat(2_000_000), "%".repeat(2_000_000), "<".repeat(2_000_000), "XmlMsg=".repeat(200_000)];
	for (const body of [...bodies, `XmlMsg=${"%3C".repeat(500_000)}`, `status=${"0xDB".repeat(400_000)}&orderId=1`]) {
		const start = process.threadCpuUsage();
		assert.equal(typeof read(request(webhookUrl, body)).dedupKey, "string");
		const { user, system } = process.threadCpuUsage(start);
		assert.ok((user + system) / 1000 < 1000, `${body.slice(0, 20)}: ${(user + system) / 1000} ms`);
	}
});

test("whatever it was, it is acknowledged", () => {
	assert.deepEqual(ack(), { status: 200 });
});
