import assert from "node:assert/strict";
import test from "node:test";
import { fullPace, refill, spend } from "./pace.ts";

test("it fills at its rate and never holds more than a second's worth", () => {
	let pace = spend(fullPace(50, 0), 50);
	assert.equal(refill(pace, 50, 100).tokens, 5);
	pace = refill(pace, 50, 60_000);
	assert.equal(pace.tokens, 50);
});

test("a slow service saves up for one send, and a clock that stands still earns nothing", () => {
	const pace = spend(fullPace(0.1, 0), 1);
	assert.equal(Math.floor(refill(pace, 0.1, 9_999).tokens), 0);
	assert.equal(Math.floor(refill(pace, 0.1, 10_000).tokens), 1);
	assert.equal(refill(pace, 0.1, -5).tokens, 0);
});
