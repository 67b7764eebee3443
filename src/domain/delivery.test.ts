import assert from "node:assert/strict";
import test from "node:test";
import { advance, canMove, codeOf, isTerminal, messageState, outgoingStates, stateOf } from "./delivery.ts";

test("every state has one code, and every code one state", () => {
	for (const state of outgoingStates) {
		assert.equal(stateOf(codeOf(state)), state);
	}
	assert.throws(() => stateOf(99), RangeError);
});

test("a terminal state has no way out", () => {
	assert.deepEqual(outgoingStates.filter(isTerminal).toSorted(), ["expired", "failed", "read"]);
	for (const from of outgoingStates.filter(isTerminal)) {
		for (const to of outgoingStates) {
			assert.equal(advance(from, to), from);
		}
	}
});

test("progress never goes back: a late 'sent' after 'delivered' changes nothing", () => {
	assert.equal(advance("delivered", "sent"), "delivered");
	assert.equal(advance("read", "delivered"), "read");
	assert.equal(advance("sent", "read"), "read");
	assert.equal(canMove("sent", "queued"), false);
	assert.equal(canMove("delivered", "sending"), false);
});

test("the state of a message is that of the part that matters most", () => {
	assert.equal(messageState(["delivered", "read"]), "delivered");
	assert.equal(messageState(["sent", "queued"]), "queued");
	assert.equal(messageState(["delivered", "failed", "queued"]), "failed");
	assert.equal(messageState(["held", "sent"]), "held");
});
