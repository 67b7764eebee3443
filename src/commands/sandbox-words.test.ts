import assert from "node:assert/strict";
import test from "node:test";
import { answerTo } from "./sandbox-words.ts";

test("a contact of the sandbox answers what was asked", () => {
	for (const [text, says] of [
		["Hello, how can we help you?", /lamp/],
		["May I have your name?", /My name is Anna Berger/],
		["What is your order number?", /4711/],
		["When shall we come?", /Tomorrow/],
		["Shall we send another one?", /Yes/],
		["Thank you, bye", /Goodbye/],
	] as const) {
		assert.match(answerTo(text, "Anna Berger", 0), says, text);
	}
});

test("to a mere statement it says something else each time", () => {
	const said = [0, 1, 2].map((before) => answerTo("We will look into it.", "Anna Berger", before));
	assert.equal(new Set(said).size, 3);
	assert.equal(answerTo("We will look into it.", "Anna Berger", 3), said[0]);
});
