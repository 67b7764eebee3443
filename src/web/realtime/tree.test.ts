import assert from "node:assert/strict";
import { test } from "node:test";
import type { Transaction } from "./link.ts";
import { apply, applyAll, emptyTree, type Interaction, momentOf } from "./tree.ts";

const chat = (id: string, more: Partial<Interaction> = {}): Interaction => ({
	id,
	status: "incoming",
	channel_status: "unknown",
	originator: "ann@home.test",
	destination: "mia@desk.test",
	date_created: "05/03/2026 14:07:09 UTC+00:00",
	from_queue: { id: "Q", name: "Support" },
	attached_data: {},
	title: null,
	participants: [],
	transcript: { messages: [] },
	...more,
});
const said = (id: string, seq: number) => ({
	id,
	seq,
	type: "text",
	message: id,
	originator: "ann@home.test",
	timestamp: "",
	system_message: false,
});
const post = (path: string, value: unknown): Transaction => ({
	method: "POST",
	uri: `/users/me/${path}`,
	subscribed_resource: value,
});
const put = (path: string, value: unknown): Transaction => ({ ...post(path, value), method: "PUT" });
const remove = (path: string): Transaction => ({ ...post(path, null), method: "DELETE" });

test("a snapshot replaces what was known, a new chat is added, a removed one goes", () => {
	const first = applyAll(emptyTree, [post("interactions", [chat("A"), chat("B")]), post("interactions/C", chat("C"))]);
	assert.deepEqual(
		first.interactions.map(({ id }) => id),
		["A", "B", "C"],
	);
	const second = applyAll(first, [
		post("interactions", [chat("B")]),
		remove("interactions/B"),
		remove("interactions/X"),
	]);
	assert.deepEqual(second.interactions, []);
});

test("a leaf changes in its chat only", () => {
	const tree = applyAll(emptyTree, [
		post("interactions", [chat("A"), chat("B")]),
		put("interactions/A/status", "accepted"),
		put("interactions/A/attached_data/order", "4711"),
	]);
	assert.deepEqual(
		tree.interactions.map(({ status, attached_data }) => [status, attached_data]),
		[
			["accepted", { order: "4711" }],
			["incoming", {}],
		],
	);
});

test("messages stand in their order, each once, and learn what became of them", () => {
	const message = (id: string, seq: number) => post(`interactions/A/transcript/messages/${id}`, said(id, seq));
	const tree = applyAll(emptyTree, [
		post("interactions", [chat("A")]),
		message("M2", 2),
		message("M1", 1),
		message("M2", 2),
		put("interactions/A/transcript/messages/M1/delivery_status", "read"),
	]);
	const [one] = tree.interactions;
	assert.deepEqual(
		one?.transcript.messages.map(({ id, delivery_status }) => [id, delivery_status]),
		[
			["M1", "read"],
			["M2", undefined],
		],
	);
});

test("participants come, type and go", () => {
	const mia = { uniquekey: "mia@desk.test", alias: "Mia", status: null };
	const come = applyAll(emptyTree, [
		post("interactions", [chat("A")]),
		post("interactions/A/participants/mia@desk.test", mia),
		put("interactions/A/participants/mia@desk.test/status", "typing"),
	]);
	assert.deepEqual(come.interactions[0]?.participants, [{ ...mia, status: "typing" }]);
	assert.deepEqual(apply(come, remove("interactions/A/participants/mia@desk.test")).interactions[0]?.participants, []);
});

test("figures, queues and properties are kept, what is unknown is left alone", () => {
	const tree = applyAll(emptyTree, [
		post("properties", { work_status: "not_ready" }),
		put("properties/work_status", "ready"),
		post("queues", [{ id: "Q", serve: true }]),
		put("queues/Q/serve", false),
		put("statistics/queues/Q/interactions", 3),
		put("something/new", 1),
		{ method: "PUT", uri: "/elsewhere", subscribed_resource: 1 },
	]);
	assert.deepEqual(tree.properties, { work_status: "ready" });
	assert.deepEqual(tree.queues, [{ id: "Q", serve: false }]);
	assert.deepEqual(tree.figures, [{ id: "Q", interactions: 3 }]);
});

test("a supervised agent's chats are followed under the session, and go with it", () => {
	const under = "supervisor_sessions/S/agent/model/interactions";
	const watched = applyAll(emptyTree, [
		post("supervisor_sessions/S", { id: "S", state: "monitoring" }),
		post(under, [chat("A")]),
		post(`${under}/B`, chat("B")),
		put(`${under}/B/status`, "accepted"),
		post(`${under}/B/transcript/messages/M1`, said("M1", 1)),
		put("supervisor_sessions/S/state", "coaching"),
	]);
	assert.deepEqual(watched.supervisions, [{ id: "S", state: "coaching" }]);
	assert.deepEqual(
		watched.followed["S"]?.map(({ id, status, transcript }) => [id, status, transcript.messages.length]),
		[
			["A", "incoming", 0],
			["B", "accepted", 1],
		],
	);
	assert.deepEqual(watched.interactions, []);
	const left = apply(watched, remove("supervisor_sessions/S"));
	assert.deepEqual([left.supervisions, left.followed], [[], {}]);
});

test("the protocol's moments are read as UTC", () => {
	assert.equal(momentOf("05/03/2026 14:07:09 UTC+00:00"), Date.UTC(2026, 2, 5, 14, 7, 9));
	assert.ok(Number.isNaN(momentOf(null)));
});
