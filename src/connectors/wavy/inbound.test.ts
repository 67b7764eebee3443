// Goal: what Wavy tells becomes the right events, entry by entry, in any spelling of its names; and reading it costs next to
// nothing, because Wavy waits 200 ms. Fixtures are run by the conformance kit; here is what one request cannot show.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import type { ChannelEvent } from "#domain/messages.ts";
import type { ServiceId } from "#domain/ids.ts";
import type { RawRequest, StoredService, VerifiedRequest } from "../contract.ts";
import { statusRows } from "./codes.ts";
import { parse as parseConfig, type WavyConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, parse } from "./inbound.ts";

const folder = new URL("fixtures/", import.meta.url);
const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F6";

function configWith(settings: Readonly<Record<string, unknown>> = {}): WavyConfig {
	return parseConfig({
		id: "S" as ServiceId,
		serviceConnection: "",
		authenticationUrl: null,
		authenticationScope: null,
		settings,
		authentications: [],
	});
}

function posted(body: unknown): VerifiedRequest {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	const raw: RawRequest = {
		method: "POST",
		url: "https://gw.example.com/sms/wavy/1",
		headers: new Headers(),
		body: Buffer.from(text),
	};
	return raw as VerifiedRequest;
}

function readAll(body: unknown, config = configWith()): readonly ChannelEvent[] {
	return parse(posted(body), config);
}

function readOne(body: unknown, config = configWith()): ChannelEvent {
	const [event, ...others] = readAll(body, config);
	assert.ok(event !== undefined && others.length === 0);
	return event;
}

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
	test(`the fixture ${file} is read as stated`, () => {
		const stated = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as {
			service: StoredService;
			events: unknown;
		};
		const http = readFileSync(new URL(file.replace(/json$/, "http"), folder));
		const end = http.indexOf("\n\n");
		const [method = "", path = ""] = http.subarray(0, end).toString("utf8").split(" ");
		const raw = { method, url: `https://gw.example.com${path}`, headers: new Headers(), body: http.subarray(end + 2) };
		const events = parse(raw as RawRequest as VerifiedRequest, parseConfig(stated.service));
		assert.deepEqual(JSON.parse(JSON.stringify(events)), stated.events);
	});
}

test("every documented number and word of a status is read, by its word, by its number alone, and on its channel", () => {
	for (const row of statusRows) {
		for (const channel of row.channel === "both" ? ["sms", "whatsapp"] : [row.channel]) {
			const wrap = (status: object) => (channel === "sms" ? status : { total: 1, data: [status] });
			for (const said of [{ sentStatus: row.word, sentStatusCode: row.code }, { sentStatusCode: row.code }]) {
				const event = readOne(wrap({ id: "m1", ...said }));
				assert.ok(event.kind === "receipt" && event.status === row.becomes, `${channel} ${row.code}`);
				assert.equal(event.fault?.code, row.fault);
				assert.equal(event.fault?.providerCode, row.fault === undefined ? undefined : String(row.code));
				assert.ok(event.fault === undefined || event.fault.detail.includes(row.meaning));
			}
			const worded = readOne(wrap({ id: "m1", sentStatus: row.word.toLowerCase().replaceAll("_", " ") }));
			assert.ok(worded.kind === "receipt" && worded.status === row.becomes, `${channel} ${row.word}`);
		}
	}
});

test("a failure is told by the words of its channel: 102 is the carrier's by SMS and a medium's by WhatsApp", () => {
	const status = { id: "m1", sentStatusCode: 102, sentStatus: "CARRIER_COMMUNICATION_ERROR" };
	const faults = [status, { data: [status] }].map((body) => {
		const event = readOne(body);
		return event.kind === "receipt" ? event.fault?.code : undefined;
	});
	assert.deepEqual(faults, ["unreachable", "content"]);
});

test("the later step decides, `read` only beside a delivery, and a number 0 or a null says nothing", () => {
	const statusOf = (status: object) => {
		const event = readOne({ data: [{ id: "m1", ...status }] });
		return event.kind === "receipt" ? event.status : event.kind;
	};
	const sent = { sent: true, sentStatusCode: 2, sentStatus: "SENT_SUCCESS" };
	const delivered = { delivered: true, deliveredStatusCode: 4, deliveredStatus: "DELIVERED_SUCCESS" };
	assert.equal(statusOf({ ...sent, deliveredStatusCode: 0, deliveredStatus: null }), "sent");
	assert.equal(statusOf({ ...sent, ...delivered }), "delivered");
	assert.equal(statusOf({ ...sent, ...delivered, read: true }), "read");
	assert.equal(statusOf({ ...sent, ...delivered, read: "true" }), "read");
	assert.equal(statusOf({ ...sent, deliveredStatusCode: 104, read: true }), "failed");
	assert.equal(statusOf({ sent: true }), "sent");
	assert.equal(statusOf({ sent: false }), "unreadable");
	assert.equal(statusOf({ sentStatusCode: 2, sentStatus: "TELEPORTED" }), "unreadable");
	assert.equal(statusOf({ sentStatusCode: 900 }), "unreadable");
});

test("the same status twice is one event, a later step or another message is another", () => {
	const key = (status: object) => readOne({ data: [{ id: "m1", sentStatusCode: 2, ...status }] }).dedupKey;
	assert.equal(key({ updatedAt: 1 }), key({ updatedAt: 2 }));
	const keys = [{}, { deliveredStatusCode: 4 }, { deliveredStatusCode: 4, read: true }, { id: "m2" }].map(key);
	assert.equal(new Set([...keys, key({ sentStatusCode: 103 })]).size, 5);
});

test("only our own mark in correlationId names an attempt", () => {
	const targetOf = (correlationId: unknown) => {
		const event = readOne({ id: "m1", sentStatusCode: 2, correlationId });
		return event.kind === "receipt" ? event.target : undefined;
	};
	const plain = { by: "remote", remoteId: "m1" };
	assert.deepEqual(targetOf(`parley:${attemptId}`), { ...plain, attemptId });
	for (const strange of ["myId", attemptId, `parley:${attemptId}0`, `parley:${attemptId.toLowerCase()}`, 7, null]) {
		assert.deepEqual(targetOf(strange), plain);
	}
});

test("a name in two spellings with different values is left to a person; with the same value it is read", () => {
	const status = { id: "m1", sentStatusCode: 2 };
	assert.equal(readOne({ ...status, ID: "m1" }).kind, "receipt");
	assert.equal(readOne({ ...status, "ID ": "m2" }).kind, "unreadable");
	const message = { type: "TEXT", messageText: "a", MessageText: "b" };
	assert.equal(
		readOne({ data: [{ id: "m1", source: "5519900001111", origin: "5519911110000", message }] }).kind,
		"unreadable",
	);
});

test("commas before closing brackets are borne everywhere but in texts, and broken JSON stays broken", () => {
	const event = readOne(
		'{"id":"m1","messageText":"a,} \\" ,]","source":"5519900001111","shortCode":"28128","x":[1,\n],\n}',
	);
	assert.ok(event.kind === "message" && event.text === 'a,} " ,]');
	for (const broken of ['{"id":"m1",,}', '{"id":"m1', "{,", ',"\\', "", "\u0000"]) {
		assert.equal(readOne(broken).kind, "unreadable", broken);
	}
	assert.notEqual(readOne("<a>").dedupKey, readOne("<b>").dedupKey, "two unreadable requests are two");
});

test("times are milliseconds, seconds or texts with a zone; anything else is no time", () => {
	const at = (sentAt: unknown) => readOne({ id: "m1", sentStatusCode: 2, sentAt }).at?.toISOString();
	assert.equal(at(1513616971891), "2017-12-18T17:09:31.891Z");
	assert.equal(at("1513616971891"), "2017-12-18T17:09:31.891Z");
	assert.equal(at(1513616971), "2017-12-18T17:09:31.000Z");
	assert.equal(at("2017-12-18T14:09:31-0300"), "2017-12-18T17:09:31.000Z");
	for (const none of ["2017-12-18T17:09:31", "yesterday", 0, -1, 1e17, Number.MAX_SAFE_INTEGER, null, {}]) {
		assert.equal(at(none), undefined, JSON.stringify(none));
	}
});

test("what speaks about another account is foreign where ours is entered, and taken where it is not", () => {
	const message = { messageText: "Hi", source: "5519900001111" };
	const sms = { id: "m1", ...message, shortCode: "28128", subAccount: "Shop" };
	const whatsapp = { data: [{ id: "m1", source: "5519900001111", origin: "5519911110000", message }] };
	const kinds = (settings: Readonly<Record<string, unknown>>) =>
		[sms, whatsapp].map((body) => readOne(body, configWith(settings)).kind);
	assert.deepEqual(kinds({}), ["message", "message"]);
	assert.deepEqual(kinds({ subAccount: "SHOP", whatsappNumber: "+5519911110000" }), ["message", "message"]);
	assert.deepEqual(kinds({ subAccount: "other", whatsappNumber: "+5519911119999" }), ["foreign", "foreign"]);
});

test("the accounts that a request names are spelled as those of the service", () => {
	const config = configWith({ subAccount: "Shop", whatsappNumber: "5519911110000", shortCode: "28128" });
	const named = [
		{ id: "m1", messageText: "Hi", subAccount: "SHOP", shortCode: 28128 },
		{ data: [{ id: "m1", origin: "+55 19 91111-0000" }, { id: "m2" }, 7] },
		{ id: "m1", sentStatusCode: 2 },
		"no json",
	].map((body) => accountsNamed(posted(body)));
	assert.deepEqual(named, [["shop", "28128"], ["whatsapp:+5519911110000"], [], []]);
	assert.deepEqual(accountsOf(config), ["shop", "whatsapp:+5519911110000", "28128"]);
	assert.deepEqual(accountsOf(configWith()), []);
});

test("a list that is too long is one unreadable event", () => {
	assert.equal(readAll({ data: Array.from({ length: 1000 }, () => ({})) }).length, 1000);
	assert.equal(readOne({ data: Array.from({ length: 1001 }, () => ({})) }).kind, "unreadable");
});

const cpuMsMax = 100; // Half of what Wavy waits, for a list as long as we take; it is about 10 ms on an ordinary machine.

test("reading and acknowledging is done at once, and cheap: a list of 1000 statuses in a fraction of 200 ms", () => {
	const sent = { sent: true, sentStatusCode: 2, sentStatus: "SENT_SUCCESS", sentAt: 1513616971891 };
	const delivered = { delivered: true, deliveredStatusCode: 4, deliveredStatus: "DELIVERED_SUCCESS", read: true };
	const status = { correlationId: `parley:${attemptId}`, origin: "5519911110000", ...sent, ...delivered };
	const request = posted({ data: Array.from({ length: 1000 }, (_, index) => ({ ...status, id: `m${index}` })) });
	const config = configWith({ whatsappNumber: "5519911110000" });
	parse(request, config);
	const before = process.cpuUsage();
	const events: unknown = parse(request, config);
	const { user, system } = process.cpuUsage(before);
	assert.ok(Array.isArray(events) && events.length === 1000, "there is no promise to wait for");
	assert.deepEqual(ack(), { status: 200 });
	assert.ok((user + system) / 1000 < cpuMsMax, `${(user + system) / 1000} ms`);
});

test("hostile bodies cost no more than their length", () => {
	const letters = 200_000;
	const config = configWith();
	for (const unit of ['\\"', ",", ", ", '"', "[", "{", '{"a":', "[,", "}"]) {
		const before = process.cpuUsage();
		parse(posted(unit.repeat(letters / unit.length)), config);
		parse(posted(`{"id":"${unit.repeat(letters / unit.length)}`), config);
		const { user, system } = process.cpuUsage(before);
		assert.ok((user + system) / 1000 < 1000, `${unit}: ${(user + system) / 1000} ms`);
	}
});
