import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interaction, Message } from "#web/realtime/tree.ts";
import {
	authorOf,
	clockText,
	contentOf,
	inListOrder,
	isWindowOpen,
	leftUntil,
	nameOf,
	unreadOf,
} from "./chat-facts.ts";

const chat = (more: Partial<Interaction> = {}): Interaction => ({
	id: "A",
	status: "accepted",
	channel_status: "connected",
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
const said = (seq: number, more: Partial<Message> = {}): Message => ({
	id: `M${seq}`,
	seq,
	type: "text",
	message: "",
	originator: "ann@home.test",
	timestamp: "",
	system_message: false,
	...more,
});

test("a contact is called by their name, else by what they called themselves, else by their address", () => {
	const participants = [{ uniquekey: "ann@home.test", alias: "Ann" }];
	assert.equal(nameOf(chat({ participants })), "Ann");
	assert.equal(nameOf(chat({ participants: [{ uniquekey: "ann@home.test", alias: "" }] })), "ann@home.test");
	const customer = { contact_id: "C", name: "Ann Smith", addresses: [] };
	assert.equal(nameOf(chat({ participants, customer })), "Ann Smith");
	assert.equal(authorOf(said(1), chat({ customer })), "Ann Smith");
	assert.equal(authorOf(said(1, { originator: "leo@desk.test" }), chat()), "leo");
});

test("offers come first, then talks, then what one looks on at, then wrap-up; who waits longest is first", () => {
	const chats = [
		chat({ id: "done", status: "ended" }),
		chat({ id: "watched", role: "supervisor" }),
		chat({ id: "later", waiting_since: "05/03/2026 15:00:00 UTC+00:00" }),
		chat({ id: "sooner", waiting_since: "05/03/2026 14:00:00 UTC+00:00" }),
		chat({ id: "offer", status: "incoming" }),
	];
	assert.deepEqual(
		inListOrder(chats).map(({ id }) => id),
		["offer", "sooner", "later", "watched", "done"],
	);
});

test("unread is what the contact said since, and nothing else", () => {
	const messages = [
		said(1),
		said(2, { originator: "mia@desk.test" }),
		said(3, { originator: "Contact Center", system_message: true }),
		said(4),
	];
	assert.equal(unreadOf(chat({ transcript: { messages } }), {}), 2);
	assert.equal(unreadOf(chat({ transcript: { messages } }), { A: 1 }), 1);
});

test("clocks count down to zero and show hours only where there are some", () => {
	const at = Date.UTC(2026, 2, 5, 14, 0, 0);
	assert.equal(leftUntil("05/03/2026 14:00:30 UTC+00:00", at), 30_000);
	assert.equal(leftUntil("05/03/2026 13:00:00 UTC+00:00", at), 0);
	assert.equal(leftUntil(null, at), undefined);
	assert.deepEqual([clockText(65_000), clockText(3_600_000), clockText(1)], ["1:05", "1:00:00", "0:01"]);
});

test("free text is allowed where there is no window, or it is open; not where the contact never wrote", () => {
	const at = Date.UTC(2026, 2, 5, 14, 0, 0);
	assert.equal(isWindowOpen(chat(), at), true);
	assert.equal(isWindowOpen(chat({ window_until: null }), at), false);
	assert.equal(isWindowOpen(chat({ window_until: "05/03/2026 14:00:01 UTC+00:00" }), at), true);
	assert.equal(isWindowOpen(chat({ window_until: "05/03/2026 14:00:00 UTC+00:00" }), at), false);
});

test("a message that holds no JSON has no facts", () => {
	assert.deepEqual(contentOf("{"), {});
	assert.deepEqual(contentOf('"x"'), {});
	assert.deepEqual(contentOf('{"a":1}'), { a: 1 });
});
