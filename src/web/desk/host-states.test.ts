// Goal: the host page hears the life of each chat once, also where two steps of it come together or while nobody listened.
// Method: transactions as the server tells them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Transaction } from "#web/realtime/link.ts";
import { applyAll, emptyTree, type Tree } from "#web/realtime/tree.ts";
import { activeState, statesIn } from "./host-states.ts";

const chat = (id: string, status: string, more: object = {}) => ({
	id,
	status,
	channel_status: "unknown",
	direction: "inbound",
	transcript: { messages: [{ id: "M", seq: 1 }] },
	...more,
});
const tell = (method: Transaction["method"], path: string, value: unknown = null): Transaction => ({
	method,
	uri: `/users/me/interactions${path}`,
	subscribed_resource: value,
});
const appears = (id: string, status: string, more: object = {}) => tell("POST", `/${id}`, chat(id, status, more));
const withChat = (status: string, more: object = {}): Tree => applyAll(emptyTree, [appears("A", status, more)]);
const heard = (tree: Tree, ...transactions: Transaction[]): string[] =>
	statesIn(tree, transactions).map(({ attribute, value, interaction }) => {
		assert.ok(interaction?.id !== undefined && !("transcript" in interaction));
		return `${interaction.id} ${attribute === "status" ? "" : `${attribute} `}${String(value)}`;
	});

const cases: readonly [name: string, tree: Tree, transactions: Transaction[], heard: string[]][] = [
	["an offer", emptyTree, [appears("A", "incoming")], ["A incoming"]],
	["a picked chat", emptyTree, [appears("A", "accepted")], ["A accepted"]],
	[
		"one that the agent began",
		emptyTree,
		[appears("A", "accepted", { direction: "outbound" })],
		["A outgoing", "A accepted"],
	],
	[
		"accepting",
		withChat("incoming"),
		[tell("PUT", "/A/status", "accepted"), tell("PUT", "/A/channel_status", "connected")],
		["A accepted", "A channel_status connected"],
	],
	[
		"rejecting",
		withChat("incoming"),
		[tell("PUT", "/A/status", "rejected"), tell("DELETE", "/A")],
		["A rejected", "A handled"],
	],
	["an offer that went elsewhere", withChat("incoming"), [tell("DELETE", "/A")], ["A ended", "A handled"]],
	[
		"an offer whose contact left",
		withChat("incoming"),
		[tell("PUT", "/A/status", "ended"), tell("DELETE", "/A")],
		["A ended", "A handled"],
	],
	["the end of the talk", withChat("accepted"), [tell("PUT", "/A/status", "ended")], ["A ended"]],
	["the end of wrap-up", withChat("ended"), [tell("PUT", "/A/status", "handled"), tell("DELETE", "/A")], ["A handled"]],
	["a chat that is gone", withChat("ended"), [tell("DELETE", "/A")], ["A handled"]],
	["the same again", withChat("accepted"), [tell("PUT", "/A/status", "accepted")], []],
	["a message", withChat("accepted"), [tell("POST", "/A/transcript/messages/N", { id: "N", seq: 2 })], []],
	["a chat one looks on", emptyTree, [appears("A", "accepted", { role: "supervisor" }), tell("DELETE", "/A")], []],
	[
		"a chat one looked on that is one's own now",
		withChat("accepted", { role: "supervisor" }),
		[tell("PUT", "/A/role", "agent")],
		["A accepted"],
	],
	["a status of no consequence", withChat("accepted"), [tell("PUT", "/A/status", "queued")], []],
	[
		"a snapshot after the line was lost",
		withChat("accepted"),
		[tell("POST", "", [chat("B", "incoming")])],
		["B incoming", "A handled"],
	],
];

for (const [name, tree, transactions, wanted] of cases) {
	test(`the host hears of ${name}: ${wanted.join(", ") || "nothing"}`, () => {
		assert.deepEqual(heard(tree, ...transactions), wanted);
	});
}

test("what is on the screen is an id, or null", () => {
	assert.deepEqual(activeState("A"), { attribute: "activeInteraction", value: { id: "A" } });
	assert.deepEqual(activeState(undefined), { attribute: "activeInteraction", value: null });
});
