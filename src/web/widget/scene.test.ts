import assert from "node:assert/strict";
import { test } from "node:test";
import type { Transaction } from "#web/realtime/link.ts";
import {
	advance,
	emptyScene,
	isGoingOn,
	lacksOlder,
	leave,
	linesOf,
	placeOf,
	type Scene,
	stateOf,
	unreadIn,
	untold,
} from "./scene.ts";

const chats = "/users/me/interactions";
const never = () => 0;

const line = (seq: number, originator = "mia@desk.test", more: object = {}) => ({
	id: `M${seq}`,
	seq,
	type: "text",
	message: `text ${seq}`,
	originator,
	timestamp: "05/03/2026 14:07:09 UTC+00:00",
	system_message: false,
	...more,
});

const chat = (id: string, status: string, messages: readonly object[] = []) => ({
	id,
	status,
	channel_status: "unknown",
	originator: "ann@home.test",
	participants: [],
	transcript: { messages },
});

const snapshot = (...all: readonly object[]): Transaction => ({ method: "POST", uri: chats, subscribed_resource: all });
const appears = (one: { id: string }): Transaction => ({
	method: "POST",
	uri: `${chats}/${one.id}`,
	subscribed_resource: one,
});
const said = (chatId: string, message: { id: string }): Transaction => ({
	method: "POST",
	uri: `${chats}/${chatId}/transcript/messages/${message.id}`,
	subscribed_resource: message,
});
const status = (chatId: string, value: string): Transaction => ({
	method: "PUT",
	uri: `${chats}/${chatId}/status`,
	subscribed_resource: value,
});
const gone = (chatId: string): Transaction => ({
	method: "DELETE",
	uri: `${chats}/${chatId}`,
	subscribed_resource: null,
});

const after = (...transactions: readonly Transaction[]): Scene => advance(emptyScene, transactions, never);
const ids = (scene: Scene): string[] => linesOf(scene).map(({ id }) => id);

const place = (chatId: string, value: unknown): Transaction => ({
	method: "PUT",
	uri: `${chats}/${chatId}/queue_position`,
	subscribed_resource: value,
});

test("a place counts while the chat waits, and is a number from the server or not known", () => {
	const waits = after(snapshot({ ...chat("C", "queued"), queue_position: null }));
	const places = [place("C", 3), place("C", 2), place("C", "<b>1"), place("C", 1), status("C", "accepted")];
	const scenes = places.reduce((all, one) => [...all, advance(all.at(-1) ?? waits, [one], never)], [waits]);
	assert.deepEqual(scenes.map(placeOf), [null, 3, 2, null, 1, null]);
	assert.equal(placeOf(emptyScene), null);
	assert.equal(placeOf(after(snapshot(chat("C", "queued")))), null, "a server that does not tell");
});

test("a chat goes through the original's states", () => {
	const states = [after(snapshot())];
	for (const one of [appears(chat("C", "queued")), status("C", "accepted"), status("C", "ended")]) {
		states.push(advance(states.at(-1) ?? emptyScene, [one], never));
	}
	assert.deepEqual(states.map(stateOf), ["none", "proceeding", "connected", "completed"]);
});

test("what comes again by a reconnect is there once, and nothing that came meanwhile is missing", () => {
	const before = after(snapshot(chat("C", "accepted", [line(1), line(2)])));
	const back = advance(before, [snapshot(chat("C", "accepted", [line(1), line(2), line(3)]))], never);
	assert.deepEqual(ids(advance(back, [said("C", line(3)), said("C", line(4))], never)), ["M1", "M2", "M3", "M4"]);
});

test("a chat that the server takes away stays to be read, as ended", () => {
	const ended = after(snapshot(chat("C", "accepted", [line(1)])), status("C", "ended"), gone("C"));
	assert.deepEqual([stateOf(ended), ids(ended)], ["completed", ["M1"]]);
	const away = advance(after(snapshot(chat("C", "accepted", [line(1)]))), [snapshot()], never);
	assert.deepEqual([stateOf(away), ids(away)], ["completed", ["M1"]]);
});

test("a chat that the visitor has left is not shown again, though the server still tells it", () => {
	const left = leave(after(snapshot(chat("C", "ended", [line(1)]))));
	const back = advance(left, [snapshot(chat("C", "ended", [line(1)]))], never);
	assert.equal(stateOf(back), "none");
	assert.equal(advance(back, [appears(chat("D", "queued"))], never).chat?.id, "D");
});

test("of several that are over none comes back when the visitor goes away from the last", () => {
	const left = leave(after(snapshot(chat("B", "ended"), chat("C", "ended"))));
	const properties: Transaction = { method: "POST", uri: "/users/me/properties", subscribed_resource: {} };
	assert.equal(stateOf(advance(left, [properties], never)), "none");
});

test("a chat that goes on is shown before a newer one that is over", () => {
	const both = after(snapshot(chat("C", "accepted"), chat("D", "ended")));
	assert.deepEqual([both.chat?.id, isGoingOn(both), isGoingOn(emptyScene)], ["C", true, false]);
});

test("another chat is shown where the one before has ended, not while it goes on", () => {
	const ended = after(snapshot(chat("C", "ended")), appears(chat("D", "queued")));
	assert.equal(ended.chat?.id, "D");
	const live = advance(after(snapshot(chat("C", "accepted"))), [appears(chat("D", "queued"))], never);
	assert.equal(live.chat?.id, "C");
});

test("the page is told of each line of others once, and of none from before it was there", () => {
	const first = after(snapshot(chat("C", "accepted", [line(1)])));
	assert.deepEqual(untold(first), []);
	const next = advance(first, [said("C", line(2)), said("C", line(3, "ann@home.test"))], never);
	assert.deepEqual(
		untold(next).map(({ id }) => id),
		["M2"],
	);
	const prompt = line(1, "Contact Center", { system_message: true });
	const fresh = advance(after(snapshot()), [appears(chat("D", "queued", [prompt, line(2)]))], never);
	assert.deepEqual(
		untold(fresh).map(({ id }) => id),
		["M2"],
		"a chat that begins here is all news, but for prompts",
	);
});

test("unread is what others said after what was seen, on whatever page it was seen", () => {
	const messages = [line(1), line(2, "ann@home.test"), line(3)];
	assert.equal(unreadIn(after(snapshot(chat("C", "accepted", messages)))), 2);
	const seen = advance(emptyScene, [snapshot(chat("C", "accepted", messages))], (id) => (id === "C" ? 1 : 0));
	assert.equal(unreadIn(seen), 1);
});

test("a snapshot that begins in the middle lacks what is older, and has it once it came", () => {
	const middle = after(snapshot(chat("C", "accepted", [line(3), line(4)])));
	assert.equal(lacksOlder(middle), true);
	const whole = { ...middle, older: [line(1), line(2), line(3)] };
	assert.deepEqual([lacksOlder(whole), ids(whole)], [false, ["M1", "M2", "M3", "M4"]]);
	const state = line(2, "Contact Center", { type: "state", message: '{"state":"CHAT_STARTED"}' });
	assert.equal(lacksOlder(after(snapshot(chat("C", "accepted", [state])))), false);
});
