import assert from "node:assert/strict";
import test from "node:test";
import { type CmiStage, grantOn, openCmi, sendAll } from "#test/cmi-stage.ts";
import { addService, arrivalOf, messageEvent } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { closeConversation } from "#storage/conversations.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { findService, updateService } from "#storage/services.ts";
import type { MessageObject } from "./schemas.ts";

type Problems = { code: string; errors?: { pointer: string }[] };

const contact = "+4915112345";

async function send(stage: CmiStage, body: object = {}, headers: Record<string, string> = {}) {
	const whole = { service: stage.serviceId, to: contact, text: "hello", ...body };
	const answer = await stage.call("agent", { method: "POST", api: "/messages", body: whole, headers });
	return { ...answer, message: answer.body as MessageObject, problem: answer.body as Problems };
}

async function counts(stage: CmiStage): Promise<number[]> {
	const tables = ["messages", "outbox", "conversations", "contacts", "audit_log"] as const;
	const rows = await Promise.all(tables.map((table) => stage.storage.db.selectFrom(table).selectAll().execute()));
	return rows.map((found) => found.length);
}

test("a message is accepted with everything it needs in one transaction, and the sender is told", async (t) => {
	const stage = await openCmi(t);
	const { status, headers, message } = await send(stage, { text: "one two three four five six" });
	assert.equal(status, 202);
	assert.equal(headers["location"], `/RI/cmi/messages/${message.id}`);
	assert.deepEqual(
		[message.state, message.direction, message.from, message.to, message.sequence, message.type],
		["queued", "out", "+493012345", contact, 1, "twilio"],
	);
	assert.deepEqual(
		message.parts.map(({ part, state, attempts }) => [part, state, attempts]),
		[
			[1, "queued", 0],
			[2, "queued", 0],
		],
	);
	assert.equal(message.validUntil, "2026-01-03T12:00:00.000Z");
	assert.deepEqual(await counts(stage), [1, 2, 1, 1, 1]);
	assert.deepEqual(stage.nudged, ["sender", "events"]);
	const read = await stage.call("agent", { api: `/messages/${message.id}` });
	assert.deepEqual(read.body, message);
	const [audit] = await stage.storage.db.selectFrom("audit_log").selectAll().execute();
	assert.deepEqual(
		[audit?.action, audit?.object_type, audit?.object_id, audit?.actor],
		["create", "message", message.id, "agent"],
	);
	assert.doesNotMatch(audit?.changes ?? "", /one two|4915112345/, "no text and no address in the audit log");
});

test("the answer has the times that are stored, also while the clock goes on", async (t) => {
	const stage = await openCmi(t);
	const { clock } = stage;
	stage.deps.clock = {
		...clock,
		now() {
			clock.advance(1);
			return clock.now();
		},
	};
	const { message } = await send(stage);
	const read = await stage.call("agent", { api: `/messages/${message.id}` });
	assert.deepEqual(read.body, message);
});

test("messages to one contact share the open conversation; after it was closed a new one is linked to it", async (t) => {
	const stage = await openCmi(t);
	const first = (await send(stage)).message;
	const second = (await send(stage, { to: contact })).message;
	assert.deepEqual([second.conversation, second.sequence, second.contact], [first.conversation, 2, first.contact]);
	await stage.storage.write((tx) => closeConversation(tx, first.conversation ?? "", stage.clock.now()));
	stage.clock.advance(1000);
	const third = (await send(stage)).message;
	assert.notEqual(third.conversation, first.conversation);
	const row = await stage.storage.db
		.selectFrom("conversations")
		.selectAll()
		.where("id", "=", third.conversation ?? "")
		.executeTakeFirstOrThrow();
	assert.deepEqual([row.previous_id, row.group_id], [first.conversation, first.conversation]);
});

onBothDialects("many first messages at once make one conversation", async (open) => {
	const ends: (() => unknown)[] = [];
	const stage = await openCmi({ after: (end) => ends.push(end as () => unknown) }, await open());
	const answers = await Promise.all(Array.from({ length: 10 }, () => send(stage)));
	assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
	assert.equal(new Set(answers.map(({ message }) => message.conversation)).size, 1);
	assert.deepEqual(
		answers.map(({ message }) => message.sequence).toSorted((a, b) => (a ?? 0) - (b ?? 0)),
		[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
	);
	assert.deepEqual((await counts(stage)).slice(2, 4), [1, 1], "one conversation, one contact");
	for (const end of ends) {
		await end();
	}
});

test("a conversation that is named gives the addresses and is reopened; the wrong one is refused", async (t) => {
	const stage = await openCmi(t);
	const { conversation } = (await send(stage, { from: "+499", channel: "whatsapp" })).message;
	const body = { service: stage.serviceId, conversation, text: "again" };
	const on = await stage.call("agent", { method: "POST", api: "/messages", body });
	const message = on.body as MessageObject;
	assert.deepEqual(
		[on.status, message.from, message.to, message.channel, message.conversation],
		[202, "+499", contact, "whatsapp", conversation],
	);
	await stage.storage.write((tx) => closeConversation(tx, conversation ?? "", stage.clock.now()));
	const reopened = await stage.call("agent", { method: "POST", api: "/messages", body });
	assert.equal((reopened.body as MessageObject).conversation, conversation);
	const row = await stage.storage.db.selectFrom("conversations").select("state").executeTakeFirstOrThrow();
	assert.equal(row.state, "open");
	assert.equal((await send(stage, { conversation, to: "+491" })).problem.errors?.[0]?.pointer, "/to");
	assert.equal((await send(stage, { conversation: "F".repeat(32) })).status, 404);

	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	stage.grants.set("agent", [grantOn(null, "messaging")]);
	assert.equal((await send(stage, { service: other, conversation })).status, 404, "it belongs to another service");

	await stage.storage.write((tx) => closeConversation(tx, conversation ?? "", stage.clock.now()));
	stage.clock.advance(1000);
	await send(stage, { from: "+499", channel: "whatsapp" });
	assert.equal((await send(stage, { ...body, to: contact })).problem.code, "conflict", "another one is open");
});

test("a repeated call with its Idempotency-Key has one effect and the same answer", async (t) => {
	const stage = await openCmi(t);
	const key = { "idempotency-key": "k-1" };
	const first = await send(stage, {}, key);
	const again = await send(stage, {}, key);
	assert.deepEqual([again.status, again.text], [first.status, first.text]);
	assert.equal((await counts(stage))[0], 1);
	assert.equal((await send(stage, { text: "other" }, key)).problem.code, "idempotency_mismatch");
	const both = await Promise.all([1, 2].map(() => send(stage, {}, { "idempotency-key": "k-2" })));
	for (const answer of both) {
		// The later one meets the earlier one running, or done.
		assert.ok(answer.status === 409 ? answer.problem.code === "idempotency_running" : answer.status === 202);
	}
	assert.equal((await counts(stage))[0], 2);
});

test("a message answers an earlier one by its id here or at the provider", async (t) => {
	const stage = await openCmi(t);
	const { storage } = stage;
	await storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, [messageEvent("remote-in")])]));
	const incoming = await storage.db.selectFrom("messages").select("id").executeTakeFirstOrThrow();
	assert.equal((await send(stage, { replyTo: incoming.id })).message.replyTo, "remote-in");
	assert.equal((await send(stage, { replyTo: "provider-id" })).message.replyTo, "provider-id");
	const waiting = (await send(stage)).message.id;
	assert.equal((await send(stage, { replyTo: waiting })).problem.errors?.[0]?.pointer, "/replyTo");
	await sendAll(stage, "r");
	assert.equal((await send(stage, { replyTo: waiting })).status, 202);
	assert.equal((await send(stage, { replyTo: incoming.id, to: "+499" })).problem.errors?.[0]?.pointer, "/replyTo");
	assert.equal((await send(stage, { replyTo: "F".repeat(32) })).problem.errors?.[0]?.pointer, "/replyTo");
});

test("what an administrator changes of a service counts from the next message on", async (t) => {
	const stage = await openCmi(t);
	const { storage, serviceId } = stage;
	const change = async (settings: object, enabled = true) => {
		const service = await findService(storage.db, serviceId);
		assert.ok(service);
		const changed = { ...service, enabled, settings: { ...settings } };
		assert.equal(await storage.write((tx) => updateService(tx, changed, stage.clock.now())), "written");
	};
	const facts = async () => {
		const { message } = await send(stage);
		return [message.from, message.validUntil];
	};
	await change({ from: "+491" });
	assert.deepEqual(await facts(), ["+491", "2026-01-03T12:00:00.000Z"]);
	assert.deepEqual(await facts(), ["+491", "2026-01-03T12:00:00.000Z"], "now it is remembered");
	await change({ from: "+492", timeToLiveMinutes: 60 });
	assert.deepEqual(await facts(), ["+492", "2026-01-02T13:00:00.000Z"]);
	await change({ from: "+492" }, false);
	assert.equal((await send(stage)).problem.code, "cannot_send");
	await change({});
	assert.deepEqual(await facts(), ["+493012345", "2026-01-03T12:00:00.000Z"]);
});

const refusedByShape: readonly [name: string, body: object, pointer: string][] = [
	["an unknown field", { colour: "red" }, "/colour"],
	["a text of another type", { text: 1 }, "/text"],
	["an empty text", { text: "" }, "/text"],
	["a text too long", { text: "😀".repeat(10_001) }, "/text"],
	["a text with U+0000", { text: "a\u0000b" }, "/text"],
	["no attachments in a list of them", { attachments: [] }, "/attachments"],
	[
		"too many attachments",
		{ attachments: Array.from({ length: 11 }, () => ({ url: "https://a.example" })) },
		"/attachments",
	],
	["an attachment by http", { attachments: [{ url: "http://a.example/" }] }, "/attachments/0/url"],
	["an unknown field of an attachment", { attachments: [{ url: "https://a.example/", x: 1 }] }, "/attachments/0/x"],
	["a conversation's id that is none", { conversation: "x" }, "/conversation"],
	["a time of another form", { validUntil: "tomorrow" }, "/validUntil"],
	["a control character in an address", { to: "+49\n" }, "/to"],
	["a template without id", { text: undefined, template: {} }, "/template/id"],
	[
		"a template's value of another type",
		{ text: undefined, template: { id: "t", parameters: { a: 1 } } },
		"/template/parameters/a",
	],
];

test("what has the wrong form is refused with its field, and nothing is written", async (t) => {
	const stage = await openCmi(t);
	for (const [name, body, pointer] of refusedByShape) {
		const { status, problem } = await send(stage, body);
		assert.deepEqual([status, problem.code, problem.errors?.[0]?.pointer], [400, "invalid_body", pointer], name);
	}
	assert.deepEqual(await counts(stage), [0, 0, 0, 0, 0]);
});

test("a refusal that is a sentence ends with one full stop", async (t) => {
	const { text } = await send(await openCmi(t), { from: "Shop" });
	assert.match(text, /"detail":"The message cannot be sent as given: \/from Name a number\."/);
});

test("10,000 code points fit, however many units they have", async (t) => {
	const stage = await openCmi(t);
	const { status, message } = await send(stage, { text: "😀".repeat(10_000) });
	assert.equal(status, 202);
	assert.equal(message.parts.length, 500);
});

test("a service that cannot send says why, and one that may not be used does not exist", async (t) => {
	const stage = await openCmi(t);
	const { storage, serviceId } = stage;
	const change = (columns: object) =>
		storage.db.updateTable("messaging_services").set(columns).where("id", "=", serviceId).execute();
	assert.equal((await send(stage, { service: "No such" })).problem.code, "unknown_service");
	await change({ name: "Shop", name_key: "shop" });
	assert.equal((await send(stage, { service: "SHOP" })).status, 202, "by name, in any case");
	await change({ enabled: 0 });
	assert.equal((await send(stage)).problem.code, "cannot_send");
	await change({ enabled: 1, stopped_reason: "Gone." });
	assert.equal((await send(stage)).problem.code, "cannot_send");
	await change({ stopped_reason: null, type: "mute" });
	assert.match((await send(stage)).text, /no credentials; add them/);
	await change({ type: "unheard of" });
	assert.equal((await send(stage)).problem.code, "cannot_send");
	await change({ type: "twilio" });
	const other: string = stage.ids.next();
	await addService(storage, other, stage.clock.now());
	assert.equal((await send(stage, { service: other })).problem.code, "unknown_service");
	await storage.db
		.updateTable("messaging_services")
		.set({ type: "plain", name_key: "shop", name: "shop" })
		.where("id", "=", other)
		.execute();
	assert.equal((await send(stage, { service: "shop" })).status, 202, "the other one of that name is not visible");
	stage.grants.set("agent", [grantOn(null, "messaging")]);
	assert.equal((await send(stage, { service: "shop" })).problem.code, "unknown_service", "two have that name");
});

test("sending needs the right Messaging on that service", async (t) => {
	const stage = await openCmi(t);
	const body = { service: stage.serviceId, to: contact, text: "a" };
	const statusOf = async (who: string) => (await stage.call(who, { method: "POST", api: "/messages", body })).status;
	assert.equal(await statusOf("stranger"), 401);
	assert.equal(await statusOf("nobody"), 403);
	assert.equal(await statusOf("historian"), 403);
	assert.deepEqual(await counts(stage), [0, 0, 0, 0, 0]);
});
