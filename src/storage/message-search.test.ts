import assert from "node:assert/strict";
import { test } from "node:test";
import { spellingsOf } from "./message-search.ts";

test("a phone number is found however it is written, and an address as it is", () => {
	for (const written of ["+44 7700 900123", "0044 (7700) 900-123", "447700900123", "+44.7700/900123"]) {
		assert.ok(spellingsOf(written).includes("+447700900123"), written);
		assert.ok(spellingsOf(written).includes("447700900123"), written);
	}
	assert.deepEqual(spellingsOf("Ada@Example.COM"), ["ada@example.com"]);
	assert.deepEqual(spellingsOf("12"), ["12"], "too short for a number");
});
