// Goal: what a host page asks becomes the right request, or `false`, whatever it sends. Method: tables, and values by chance.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emptyTree, type Interaction } from "#web/realtime/tree.ts";
import { isHeard, type Plan, planOf, readHostMessage, type Shown } from "./host-commands.ts";

const id = (letter: string): string => letter.repeat(32);
const chat = (letter: string): Interaction => ({
	id: id(letter),
	status: "accepted",
	channel_status: "connected",
	originator: "ann@home.test",
	destination: "mia@desk.test",
	date_created: "05/03/2026 14:07:09 UTC+00:00",
	from_queue: { id: id("E"), name: "Support" },
	attached_data: {},
	title: null,
	participants: [],
	transcript: { messages: [] },
});
const queue = (letter: string, address: string, serve = true) => ({
	id: id(letter),
	serve,
	type: "chat",
	addresses: [{ address }],
});
const tree = {
	...emptyTree,
	properties: { id: id("1"), presence_profiles: [] },
	interactions: [chat("A"), chat("B")],
	queues: [queue("D", "idle@desk.test", false), queue("E", "shop@desk.test"), queue("F", "help@desk.test")],
};
const shown: Shown = { tree, active: tree.interactions[1], isWriting: false };

function plan(payload: object, at: Shown = shown): Plan {
	const message = readHostMessage({ id: "x-action-1", type: "action", payload });
	assert.ok(message?.kind === "action");
	return planOf(message, at);
}

/** The request, or the value. */
function inShort(given: Plan): unknown {
	return given.kind === "answer" ? given.value : [given.method, given.uri, given.body];
}

const values: readonly [payload: object, value: unknown][] = [
	[{ command: "detail", value: "user" }, tree.properties],
	[{ command: "detail", value: "interactions" }, tree.interactions],
	[{ command: "detail", value: "interaction" }, tree.interactions[1]],
	[{ command: "detail", value: "interaction", interactionId: id("a") }, tree.interactions[0]],
	[{ command: "detail", value: "interaction", interactionId: id("9") }, false],
	[{ command: "detail", value: "transcript", interactionId: id("A") }, []],
	[{ command: "detail", value: "activeInteraction" }, tree.interactions[1]],
	[{ command: "detail", value: "activeExtension" }, false],
	[{ command: "detail", value: "queues" }, tree.queues],
	[{ command: "detail", value: "queue", queueId: id("F") }, tree.queues[2]],
	[{ command: "detail", value: "queue" }, tree.queues[1]],
	[{ command: "detail", value: id("A") }, tree.interactions[0]],
	[{ command: "detail", value: id("f") }, tree.queues[2]],
	[{ command: "detail", value: "constructor" }, false],
	[{ command: "detail" }, false],
	[{ command: "callState" }, false],
	[{ command: "dtmf", value: "1" }, false],
	[{ command: "join" }, false],
	[{ command: "toString" }, false],
	[{ value: { command: "detail" } }, false],
	[{ command: "interaction", value: "explode" }, false],
	[{ command: "interaction", value: "accept", interactionId: id("9") }, false],
	[{ command: "message", value: { content: "  " } }, false],
	[{ command: "message", value: { content: "x".repeat(10_001) } }, false],
	[{ command: "transfer" }, false],
	[{ command: "outbound", value: { channel: "phone", to: "+358401234567", content: "Hi" } }, false],
	[{ command: "outbound", value: { channel: "sms", content: "Hi" } }, false],
	[{ command: "outbound", value: { channel: "sms", to: "+358401234567" } }, false],
	[
		{ command: "outbound", value: { channel: "sms", to: "+358401234567", from: "idle@desk.test", content: "Hi" } },
		false,
	],
];

for (const [payload, value] of values) {
	test(`${JSON.stringify(payload).slice(0, 90)} is answered at once`, () => {
		assert.deepEqual(inShort(plan(payload)), value);
	});
}

const letter = (queueId: string, more: object) => ({
	channel_type: "chat",
	channel_sub_type: "text",
	destination: "+358401234567",
	from_queue: { id: queueId },
	attached_data: { channel: "sms" },
	...more,
});
const requests: readonly [payload: object, method: string, uri: string, body: unknown][] = [
	[
		{ command: "interaction", value: "accept", interactionId: id("A") },
		"PUT",
		`/interactions/${id("A")}`,
		{ status: "accepted" },
	],
	[
		{ command: "interaction", value: "reject", interactionId: id("A") },
		"PUT",
		`/interactions/${id("A")}`,
		{ status: "rejected" },
	],
	[{ command: "interaction", value: "hangup" }, "PUT", `/interactions/${id("B")}`, { status: "ended" }],
	[
		{ command: "interaction", value: "handle", interactionId: "" },
		"PUT",
		`/interactions/${id("B")}`,
		{ status: "handled" },
	],
	[
		{ command: "message", interactionId: id("A"), value: { content: "Hello" } },
		"POST",
		`/interactions/${id("A")}/transcript/messages`,
		{ type: "text", message: "Hello" },
	],
	[
		{ command: "message", content: "Hello" },
		"POST",
		`/interactions/${id("B")}/transcript/messages`,
		{ type: "text", message: "Hello" },
	],
	[
		{ command: "transfer", value: { to: "leo@desk.test" } },
		"PUT",
		`/interactions/${id("B")}`,
		{ channel_status: "transferring", destination: "leo@desk.test" },
	],
	[{ command: "consult", value: "leo@desk.test" }, "PUT", `/interactions/${id("B")}`, { consult: "leo@desk.test" }],
	[
		{ command: "outbound", value: { channel: "sms", to: " +358401234567", content: "Hi" } },
		"POST",
		"/interactions",
		letter(id("E"), { message: "Hi" }),
	],
	[
		{ command: "outbound", value: { channel: "sms", to: "+358401234567", from: "Help@desk.test", content: "Hi" } },
		"POST",
		"/interactions",
		letter(id("F"), { message: "Hi" }),
	],
];

for (const [payload, method, uri, body] of requests) {
	test(`${JSON.stringify(payload).slice(0, 90)} is asked`, () => {
		assert.deepEqual(inShort(plan(payload)), [method, uri, body]);
	});
}

test("only the window around is heard, and only from an origin on the list, letter by letter", () => {
	const [parent, other] = [{}, {}];
	const hosts = ["https://parley.example", "https://crm.example"];
	assert.ok(isHeard({ source: parent, origin: "https://crm.example" }, parent, hosts));
	assert.ok(!isHeard({ source: other, origin: "https://crm.example" }, parent, hosts));
	for (const origin of ["https://crm.example.evil", "http://crm.example", "https://crm.example:8443", "null", ""]) {
		assert.ok(!isHeard({ source: parent, origin }, parent, hosts), origin);
	}
});

test("an accepted chat comes onto the screen, and so does one that is picked from those that wait", () => {
	const accepted = plan({ command: "interaction", value: "accept", interactionId: id("A") });
	assert.ok(accepted.kind === "ask");
	assert.deepEqual(accepted.next(undefined), { kind: "answer", value: chat("A"), show: id("A") });
	const waiting = [{ contact_id: id("C"), from_queue: { id: id("E") } }];
	const asked = plan({ command: "interaction", value: "pick", interactionId: id("c") });
	assert.ok(asked.kind === "ask" && asked.uri === "/waiting");
	assert.equal(inShort(asked.next([])), false);
	const picking = asked.next(waiting);
	const body = { channel_type: "chat", status: "picked", contact_id: id("C"), from_queue: { id: id("E") } };
	assert.deepEqual(inShort(picking), ["POST", "/interactions", body]);
	assert.ok(picking.kind === "ask");
	const value = { id: id("C"), status: "accepted", ...waiting[0] };
	assert.deepEqual(picking.next(undefined), { kind: "answer", value, show: id("C") });
});

test("what was done with a chat is answered by the chat as it is then", () => {
	for (const [payload, status] of [
		[{ command: "interaction", value: "hangup" }, "ended"],
		[{ command: "interaction", value: "handle" }, "handled"],
		[{ command: "message", value: { content: "Hello" } }, "accepted"],
		[{ command: "transfer", value: { to: "leo@desk.test" } }, "accepted"],
		[{ command: "consult", value: { to: "leo@desk.test" } }, "accepted"],
	] as const) {
		const asked = plan(payload);
		assert.ok(asked.kind === "ask");
		assert.deepEqual(inShort(asked.next(undefined)), { ...chat("B"), status }, payload.command);
	}
});

test("what waits is listed with the id to pick it by, of the queues that are asked for, so many", () => {
	const waiting = ["1", "2", "3"].map((one, index) => ({
		contact_id: id(one),
		from_queue: { id: id(index === 1 ? "F" : "E") },
	}));
	const idsOf = (payload: object): unknown => {
		const asked = plan({ command: "picklist", ...payload });
		assert.ok(asked.kind === "ask");
		const listed = asked.next(waiting);
		assert.ok(listed.kind === "answer");
		return (listed.value as { id: string }[]).map((one) => one.id[0]);
	};
	assert.deepEqual(idsOf({}), ["1", "2", "3"]);
	assert.deepEqual(idsOf({ queueId: `${id("9")}, ${id("e")}` }), ["1", "3"]);
	assert.deepEqual(idsOf({ limit: 2 }), ["1", "2"]);
	assert.deepEqual(idsOf({ limit: "many" }), ["1", "2", "3"]);
});

test("a letter may have the words of a reply template, or be a provider's template", () => {
	const templates = [
		{ id: id("7"), text: "Good morning", template: null },
		{ id: id("8"), text: "", template: { id: "greeting" } },
	];
	const written = (templateId: string): unknown => {
		const value = { channel: "sms", to: "+358401234567", defaultReplyTemplateId: templateId };
		const asked = plan({ command: "outbound", value });
		assert.ok(asked.kind === "ask" && asked.uri === "/reply_templates");
		return inShort(asked.next(templates));
	};
	assert.deepEqual(written(id("7")), ["POST", "/interactions", letter(id("E"), { message: "Good morning" })]);
	assert.deepEqual(written(id("8")), ["POST", "/interactions", letter(id("E"), { template: { id: "greeting" } })]);
	assert.equal(written(id("9")), false);
});

test("a letter that is not to go out directly is begun, and nothing is asked", () => {
	const value = { channel: "whatsapp", to: "+358401234567", from: "help@desk.test", direct: false };
	const begin = { queue: id("F"), channel: "whatsapp", to: "+358401234567", message: "", templateId: "" };
	assert.deepEqual(plan({ command: "outbound", value }), { kind: "answer", value: true, begin });
	const more = { content: "Good morning", defaultReplyTemplateId: id("7") };
	assert.deepEqual(plan({ command: "outbound", value: { ...value, ...more } }), {
		kind: "answer",
		value: true,
		begin: { ...begin, message: "Good morning", templateId: id("7") },
	});
	assert.equal(inShort(plan({ command: "outbound", value: { ...value, from: "idle@desk.test" } })), false);
	const another = plan({ command: "outbound", value }, { ...shown, isWriting: true });
	assert.deepEqual(another, { kind: "answer", value: false });
});

test("only messages with an id and a known type are read; nothing that comes throws", () => {
	assert.deepEqual(readHostMessage({ id: "initRequest", type: "init", payload: false }), {
		kind: "init",
		id: "initRequest",
	});
	for (const data of [null, 7, "init", [], { type: "init" }, { id: 1, type: "init" }, { id: "a", type: "MESSAGE" }]) {
		assert.equal(readHostMessage(data), undefined, JSON.stringify(data));
	}
	const command = fc.constantFrom("detail", "interaction", "message", "transfer", "picklist", "outbound", "__proto__");
	fc.assert(
		fc.property(fc.anything(), command, fc.anything(), fc.anything(), (data, name, value, more) => {
			readHostMessage(data);
			plan({ ...(typeof more === "object" ? more : {}), command: name, value, interactionId: more });
		}),
	);
});
