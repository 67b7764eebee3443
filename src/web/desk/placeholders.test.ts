import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interaction } from "#web/realtime/tree.ts";
import { filled, openPlaceholders } from "./placeholders.ts";

const chat: Interaction = {
	id: "A",
	status: "accepted",
	channel_status: "connected",
	originator: "ann@home.test",
	destination: "mia@desk.test",
	date_created: "",
	from_queue: { id: "Q", name: "Support" },
	attached_data: { order: "4711", visit: { page: "/" } },
	title: null,
	participants: [{ uniquekey: "ann@home.test", alias: "Ann" }],
	transcript: { messages: [] },
};

test("gaps are filled from the chat and what came along with it; others stay", () => {
	assert.equal(
		filled("Hello {name}, {agent} of {queue} looks at {order} {visit} {parcel} {constructor}", chat, "Mia"),
		"Hello Ann, Mia of Support looks at 4711 {visit} {parcel} {constructor}",
	);
});

test("what is left open is found once, and ordinary braces are no gaps", () => {
	assert.deepEqual(openPlaceholders("{parcel} and {parcel} {} { x } {1} {day}"), ["{parcel}", "{day}"]);
});
