import assert from "node:assert/strict";
import { test } from "node:test";
import type { Caller } from "./resource.ts";
import { openTyping } from "./typing.ts";

const caller = (terminalId: string | null): Caller => ({
	kind: "agent",
	userId: "U",
	sessionId: "S",
	terminalId,
	address: "192.0.2.1",
});

/** How often others were to be told that somebody stopped. */
function stage() {
	let stops = 0;
	const typing = openTyping({
		log: { debug: assert.fail, info: assert.fail, warn: assert.fail, error: assert.fail },
		turns: {
			take() {
				stops += 1;
				return new Promise(() => undefined);
			},
		},
	});
	const socket = (event: "opened" | "closed", terminalId: string) =>
		typing.onSocket({ event, caller: caller(terminalId), open: 0 });
	return { typing, socket, stops: () => stops };
}

test("a connection that closes ends what it said of typing, once, and nothing that it took back", () => {
	const { typing, socket, stops } = stage();
	socket("opened", "A");
	socket("opened", "B");
	typing.note(caller("A"), "C", "typing");
	typing.note(caller("A"), "D", "typing");
	typing.note(caller("B"), "C", "typing");
	typing.note(caller("B"), "C", "not_typing");
	socket("closed", "B");
	assert.equal(stops(), 0);
	socket("closed", "A");
	assert.equal(stops(), 1, "all chats in one turn");
	socket("closed", "A");
	assert.equal(stops(), 1);
});

test("what is said while the connection closes ends at once; a request without one ends nothing", () => {
	const { typing, socket, stops } = stage();
	socket("opened", "A");
	socket("closed", "A");
	typing.note(caller("A"), "C", "typing");
	assert.equal(stops(), 1);
	typing.note(caller(null), "C", "typing");
	assert.equal(stops(), 1);
});
