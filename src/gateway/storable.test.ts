import assert from "node:assert/strict";
import test from "node:test";
import { storable } from "./storable.ts";

test("NUL becomes U+FFFD in any depth, dates and everything else stay", () => {
	const at = new Date("2026-01-02T03:04:05Z");
	const given = { text: "a\u0000b", at, list: [{ name: "\u0000" }], literal: "\\u0000", n: 1 };
	assert.deepEqual(storable(given), { text: "a\ufffdb", at, list: [{ name: "\ufffd" }], literal: "\\u0000", n: 1 });
});

test("a value without NUL is the same value", () => {
	const given = { text: "ok" };
	assert.equal(storable(given), given);
});

test("half of a surrogate pair becomes U+FFFD, a whole pair stays", () => {
	assert.deepEqual(storable({ text: "a\ud83d", whole: "\ud83d\ude00" }), { text: "a\ufffd", whole: "😀" });
});
