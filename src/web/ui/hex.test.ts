import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, hexLines } from "./hex.ts";

test("bytes are shown sixteen to a line, with the letters beside them", () => {
	assert.deepEqual(hexLines(new Uint8Array()), []);
	const lines = hexLines(Uint8Array.from([0, 255, 0x41, ...Array.from({ length: 14 }, () => 0x2e)]));
	assert.deepEqual(lines, [
		`000000  00 ff 41 ${"2e ".repeat(13).trim()}  ..A.............`,
		`000010  2e${" ".repeat(45)}  .`,
	]);
	assert.equal(hexLines(new Uint8Array(100), 32).length, 2);
});

test("base64 gives back every byte", () => {
	const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
	assert.deepEqual(fromBase64(Buffer.from(bytes).toString("base64")), bytes);
});
