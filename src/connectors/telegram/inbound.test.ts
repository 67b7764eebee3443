import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import type { ChannelEvent } from "#domain/messages.ts";

import type { RawRequest, StoredService } from "../contract.ts";
import { parse as parseConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, parse, verify } from "./inbound.ts";

const folder = new URL("./fixtures/", import.meta.url);
const textMessage = fixtureRequest("message-text");
const config = parseConfig(fixture("message-text").service);

type Fixture = { service: StoredService; publicUrl: string; verdict: string; events: ChannelEvent[] };

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

function read(update: object): ChannelEvent {
	const [event, ...others] = parse({ ...textMessage, body: Buffer.from(JSON.stringify(update)) }, config);
	assert.ok(event !== undefined && others.length === 0);
	return event;
}

function readMessage(said: object): ChannelEvent {
	const chat = { id: 7_010_000_001, type: "private", first_name: "Ana" };
	return read({ update_id: 1, message: { message_id: 5, chat, date: 1, ...said } });
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

test("without a secret the door is closed, and an empty secret is none", () => {
	assert.deepEqual(verify(textMessage, config), { ok: true });
	assert.deepEqual(verify(textMessage, { ...config, webhookSecrets: [] }), { ok: false, why: "missing" });
	const headers = new Headers({ "x-telegram-bot-api-secret-token": "" });
	assert.deepEqual(verify({ ...textMessage, headers }, { ...config, webhookSecrets: [""] }), {
		ok: false,
		why: "missing",
	});
});

test("an update names no bot, and a service is one", () => {
	assert.deepEqual(accountsNamed(), []);
	assert.deepEqual(accountsOf(config), ["acme_support_bot"]);
	assert.deepEqual(accountsOf({ ...config, bot: undefined }), []);
});

test("the same update of two bots has two keys, another delivery of it the same", () => {
	const keyOf = (name: string, body: object) => {
		const bot = { name, token: undefined };
		return parse({ ...textMessage, body: Buffer.from(JSON.stringify(body)) }, { ...config, bot })[0]?.dedupKey;
	};
	const message = { message_id: 5, chat: { id: 1, type: "private" }, date: 1, text: "x" };
	assert.equal(keyOf("a_bot", { update_id: 7, message }), keyOf("A_bot", { message, update_id: 7 }));
	assert.notEqual(keyOf("a_bot", { update_id: 7, message }), keyOf("b_bot", { update_id: 7, message }));
	assert.notEqual(keyOf("a_bot", { update_id: 7, message }), keyOf("a_bot", { update_id: 8, message }));
});

test("messages with the same number in two chats are two messages", () => {
	const inChat = (id: number) => read({ update_id: id, message: { message_id: 5, chat: { id }, date: 1, text: "x" } });
	const [one, other] = [inChat(11), inChat(12)];
	assert.ok(one.kind === "message" && other.kind === "message");
	assert.notEqual(one.remoteId, other.remoteId);
});

test("a service without a bot keeps what it cannot answer", () => {
	const [event] = parse(textMessage, { ...config, bot: undefined });
	assert.equal(event?.kind, "unreadable");
});

test("a file's address has neither the token nor anything that an id does not hold", () => {
	const event = readMessage({ voice: { file_id: "AwACAgQ_-1" } });
	assert.ok(event.kind === "message");
	assert.equal(event.attachments[0]?.url, "https://api.telegram.org/getFile?file_id=AwACAgQ_-1");
	for (const file_id of ["", "../x", "a&b=c", "a b", 5, null]) {
		assert.equal(readMessage({ voice: { file_id } }).kind, "unreadable", String(file_id));
	}
	assert.equal(readMessage({ photo: [] }).kind, "unreadable");
});

test("a place too large to be one, and numbers that are none, are not believed", () => {
	assert.equal(readMessage({ location: { latitude: 1, longitude: "2" } }).kind, "unreadable");
	assert.equal(readMessage({ dice: { emoji: "🎲", value: "six" } }).kind, "unreadable");
	for (const update_id of ["1", 1.5, -0.1, null, 1e300]) {
		assert.equal(read({ update_id, message: {} }).kind, "unreadable", String(update_id));
	}
	for (const id of [0, 1.5, 2 ** 53, "7010000001", null]) {
		assert.equal(read({ update_id: 1, message: { message_id: 5, chat: { id }, text: "x" } }).kind, "unreadable");
	}
});

test("a press is acknowledged with the end of it, anything else with nothing", () => {
	const pressed = fixture("callback-query").events;
	assert.deepEqual(ack(pressed), {
		status: 200,
		contentType: "application/json",
		body: '{"method":"answerCallbackQuery","callback_query_id":"4382bfdwdsb323b2d9"}',
	});
	assert.deepEqual(ack(fixture("message-text").events), { status: 200 });
	assert.deepEqual(ack([]), { status: 200 });
});
