// Goal: nothing takes away what an agent writes: not another letter, not the end of an earlier one, not a template that is
// known late or anew. Method: letters in a store.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Begun, chosenOf, type Letter, openLetters } from "./letters.ts";
import { openStore } from "./store.ts";

const begun: Begun = { queue: "Q", channel: "sms", to: "", message: "", templateId: "" };

function openDesk() {
	const store = openStore<{ letter: Letter | undefined }>({ letter: undefined });
	return { ...openLetters(store), letter: () => store.now().letter };
}

test("while a letter is being written no other is begun", () => {
	const { begin, change, letter } = openDesk();
	begin(begun);
	const number = letter()?.number ?? 0;
	change(number, { message: "Dear Ann" });
	begin({ ...begun, to: "+358401234567" });
	assert.deepEqual(letter(), { ...begun, message: "Dear Ann", number });
});

test("what comes of a letter that was put away leaves the next one alone", () => {
	const { begin, change, putAway, letter } = openDesk();
	begin(begun);
	const first = letter()?.number ?? 0;
	putAway(first);
	assert.equal(letter(), undefined);
	change(first, { message: "Late" });
	assert.equal(letter(), undefined);
	begin(begun);
	const second = letter();
	change(first, { message: "Late" });
	putAway(first);
	assert.ok(second !== undefined && second.number !== first);
	assert.equal(letter(), second);
});

test("a template is chosen once, also where there is none", () => {
	const words = { id: "A", name: "Parcel", folder: "", text: "On its way.", template: null };
	const approved = { ...words, id: "B", template: { id: "greeting" } };
	assert.deepEqual(chosenOf("a", [approved, words]), { templateId: "", message: "On its way." });
	assert.deepEqual(chosenOf("B", [approved, words]), { templateId: "", template: approved });
	assert.deepEqual(chosenOf("C", [approved, words]), { templateId: "" });
});
