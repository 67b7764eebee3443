import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import type { RawRequest, StoredService } from "../contract.ts";
import { parse as parseConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, handshake, parse, verify } from "./inbound.ts";

const folder = new URL("./fixtures/", import.meta.url);
const number = "106540352242922";
const textMessage = fixtureRequest("message-text");
const config = parseConfig(fixture("message-text").service);

type Fixture = { service: StoredService; publicUrl: string; verdict: string; events: unknown[] };

function fixture(name: string): Fixture {
	return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Fixture;
}

function fixtureRequest(name: string): RawRequest {
	const bytes = readFileSync(new URL(`${name}.http`, folder));
	const end = bytes.indexOf("\n\n");
	const [first = "", ...lines] = bytes.subarray(0, end).toString("utf8").split("\n");
	const [method = "", path = ""] = first.split(" ");
	const headers = new Headers(
		lines.map((line): [string, string] => [line.split(":")[0] ?? "", line.replace(/^[^:]*: /, "")]),
	);
	return { method, url: `${fixture(name).publicUrl}${path}`, headers, body: bytes.subarray(end + 2) };
}

function read(body: string | Uint8Array) {
	const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
	return parse({ ...textMessage, body: bytes }, config);
}

function changeWith(lists: object, phoneNumberId = number): object {
	const metadata = { display_phone_number: "15550783881", phone_number_id: phoneNumberId };
	return { field: "messages", value: { messaging_product: "whatsapp", metadata, ...lists } };
}

function readChanges(...changes: unknown[]) {
	return read(JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "1", changes }] }));
}

const names = readdirSync(folder)
	.filter((name) => name.endsWith(".http"))
	.map((name) => name.replace(/\.http$/, ""));

for (const name of names) {
	test(`fixture ${name}: the verdict and the events are the recorded ones`, () => {
		const { service, verdict, events } = fixture(name);
		const request = fixtureRequest(name);
		const parsed = parseConfig(service);
		const told = verify(request, parsed);
		assert.equal(told.ok ? "ok" : told.why, verdict);
		const given = told.ok ? parse(request, parsed) : [];
		assert.deepEqual(JSON.parse(JSON.stringify(given)), events);
	});
}

test("without an app secret the door is closed, and an empty secret is none", () => {
	assert.deepEqual(verify(textMessage, config), { ok: true });
	assert.deepEqual(verify(textMessage, { ...config, appSecrets: [] }), { ok: false, why: "missing" });
	const authentications = [{ authenticationId: "webhook", secrets: [""] }];
	const emptied = parseConfig({ ...fixture("message-text").service, authentications });
	assert.deepEqual(verify(textMessage, emptied), { ok: false, why: "missing" });
});

test("the greeting with our verify token gets its challenge back, any other is refused", () => {
	const asked = (query: string) =>
		handshake({ ...textMessage, method: "GET", url: `https://parley.example/sms/whatsapp/1?${query}` }, config);
	const greeting = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=vec-verify-token";
	assert.deepEqual(asked(greeting), { status: 200, body: "1158201444", contentType: "text/plain" });
	assert.equal(asked(greeting.replace("vec-verify", "another"))?.status, 403);
	assert.equal(asked("hub.mode=subscribe")?.status, 400);
	assert.equal(handshake({ ...textMessage, url: `${textMessage.url}?${greeting}` }, config), undefined);
	assert.deepEqual(ack(), { status: 200, body: "EVENT_RECEIVED", contentType: "text/plain" });
});

test("the numbers that a body names are read without trusting it, each once", () => {
	assert.deepEqual(accountsNamed(fixtureRequest("webhook-two-numbers")), [number, "106540352242923"]);
	assert.deepEqual(accountsNamed(fixtureRequest("foreign-number")), ["999999999999999", number]);
	assert.deepEqual(accountsNamed(fixtureRequest("template-status")), []);
	assert.deepEqual(accountsNamed(fixtureRequest("not-json")), []);
	assert.deepEqual(accountsOf(config), [number, "106540352242923"]);
});

test("another delivery of the same events has the same keys, whatever its entry time and key order", () => {
	const message = { from: "16505551234", id: "wamid.1", timestamp: "1749416383", type: "text", text: { body: "x" } };
	const keysOf = (item: object, time: object) => {
		const other = { field: "account_update", value: { event: "A", b: [1] } };
		const changes = [changeWith({ messages: [item], errors: [{ code: 1, title: "t" }] }), other];
		const body = JSON.stringify({ object: "whatsapp_business_account", entry: [{ ...time, id: "1", changes }] });
		return read(body).map((event) => event.dedupKey);
	};
	const turned = Object.fromEntries(Object.entries(message).toReversed());
	assert.deepEqual(keysOf(turned, { time: 1_800_000_000 }), keysOf(message, {}));
	assert.notDeepEqual(keysOf({ ...message, id: "wamid.2" }, {}), keysOf(message, {}));
});

test("the name of a contact is taken from their own card only", () => {
	const card = (id: string, name: string) => ({ wa_id: id, profile: { name } });
	const message = { from: "16505551234", id: "wamid.1", type: "text", text: { body: "x" } };
	const nameIn = (...contacts: unknown[]) => {
		const [event] = readChanges(changeWith({ contacts, messages: [message] }));
		assert.ok(event?.kind === "message");
		return event.contact.name;
	};
	assert.equal(nameIn(card("16505559999", "Somebody else"), card("16505551234", "Sheena")), "Sheena");
	assert.equal(nameIn(card("16505559999", "Somebody else")), undefined);
	assert.equal(nameIn(7, null, { wa_id: "16505551234" }), undefined);
});

test("a time is read from a text or a number of seconds or milliseconds, and a senseless one is left out", () => {
	const timeOf = (timestamp: unknown) => {
		const message = { from: "16505551234", id: "wamid.1", timestamp, type: "text", text: { body: "x" } };
		return readChanges(changeWith({ messages: [message] }))[0]?.at?.toISOString();
	};
	for (const moment of ["1700000000", 1_700_000_000, "1700000000000"]) {
		assert.equal(timeOf(moment), "2023-11-14T22:13:20.000Z");
	}
	for (const senseless of ["", "soon", "-1", 0, -1, 1e300, "9999999999999999", null, {}, "1e3"]) {
		assert.equal(timeOf(senseless), undefined, JSON.stringify(senseless));
	}
});

test("what becomes of a message is told by its id, with our attempt where our own mark came back", () => {
	const targetOf = (data: unknown) => {
		const status = { id: "wamid.1", status: "sent", biz_opaque_callback_data: data };
		const [event] = readChanges(changeWith({ statuses: [status] }));
		assert.ok(event?.kind === "receipt");
		return event.target;
	};
	const attemptId = "018F3A2B4C5D7E6F8091A2B3C4D5E6F7";
	assert.deepEqual(targetOf(`parley:${attemptId}`), { by: "remote", remoteId: "wamid.1", attemptId });
	for (const strange of [attemptId, `parley:${attemptId} `, `xparley:${attemptId}`, 7, null, undefined]) {
		assert.deepEqual(targetOf(strange), { by: "remote", remoteId: "wamid.1" });
	}
});

test("of several errors the documented one is the fault", () => {
	const errors = [null, { code: 1234567 }, { code: "131047", title: "Re-engagement" }];
	const [event] = readChanges(changeWith({ statuses: [{ id: "wamid.1", status: "failed", errors }] }));
	assert.ok(event?.kind === "receipt");
	assert.deepEqual([event.fault?.code, event.fault?.providerCode], ["outside_window", "131047"]);
});

test("no bytes make the connector throw, and each bad item costs itself only", () => {
	const deep = `${"[".repeat(50)}${"]".repeat(50)}`;
	const veryDeep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
	const values = ["null", "true", "17", '"text"', "[]", "{}", '{"__proto__":{"id":1}}', '"\\ud800"', deep, veryDeep];
	const kinds = [
		"text",
		"image",
		"location",
		"interactive",
		"contacts",
		"order",
		"reaction",
		"constructor",
		"__proto__",
	];
	const good = '{"from":"16505551234","id":"wamid.good","type":"text","text":{"body":"fine"}}';
	for (const value of values) {
		for (const body of [value, `{"object":${value}}`, `{"object":"whatsapp_business_account","entry":[${value}]}`]) {
			assert.ok(Array.isArray(read(body)));
			assert.ok(Array.isArray(accountsNamed({ ...textMessage, body: Buffer.from(body) })));
		}
		for (const kind of kinds) {
			const bad = `{"from":"16505551234","id":"wamid.1","type":"${kind}","timestamp":${value},"context":${value},"${kind}":${value}}`;
			const lists = `"contacts":${value},"statuses":[${value}],"errors":[${value}],"messages":[${bad},${value},${good}]`;
			const change = `{"field":"messages","value":{"metadata":{"phone_number_id":"${number}"},${lists}}}`;
			const events = read(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[${value},${change}]}]}`);
			const fine = events.filter((event) => event.kind === "message" && event.remoteId === "wamid.good");
			assert.equal(fine.length, 1, `${kind} ${value.slice(0, 40)}`);
			assert.ok(events.length >= 6);
		}
	}
});

test("a media id that would lead elsewhere is not made an address", () => {
	for (const id of ["../../etc", "a/b", "1?x=1", "https://evil.example/", "", 7, "1".repeat(129)]) {
		const message = { from: "16505551234", id: "wamid.1", type: "image", image: { id, caption: "x" } };
		const [event] = readChanges(changeWith({ messages: [message] }));
		assert.equal(event?.kind, "unreadable", String(id));
	}
});

test("facts are bounded in number and length", () => {
	const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${index}`, "v".repeat(5000)]));
	const [event] = readChanges(
		changeWith({ messages: [{ from: "16505551234", id: "wamid.1", type: "new", new: wide }] }),
	);
	assert.ok(event?.kind === "activity");
	assert.ok(Object.keys(event.facts).length <= 40);
	assert.ok(Object.values(event.facts).every((value) => value.length <= 1000));
});
