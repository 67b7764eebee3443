import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { splitText, textSize, type TextLimit } from "./text-splitting.ts";

const limits = fc.record({
	max: fc.integer({ min: 4, max: 200 }),
	unit: fc.constantFrom<TextLimit["unit"]>("gsm7", "utf16", "characters", "bytes"),
});

test("splitting loses nothing, adds nothing, and no part is longer than the limit in its own unit", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme", maxLength: 600, size: "max" }), limits, (text, limit) => {
			const parts = splitText(text, limit);
			assert.equal(parts.join(""), text);
			for (const part of parts) {
				assert.ok(textSize(part, limit.unit) <= Math.max(limit.max, 5), `${part.length} in ${limit.unit}`);
				assert.equal(part.isWellFormed(), true, "no surrogate pair is cut");
			}
		}),
	);
});

test("a text that fits stays one part", () => {
	assert.deepEqual(splitText("", { max: 10, unit: "utf16" }), [""]);
	assert.deepEqual(splitText("a".repeat(160), { max: 160, unit: "gsm7" }).length, 1);
	assert.deepEqual(splitText("€".repeat(80), { max: 160, unit: "gsm7" }).length, 1);
	assert.deepEqual(splitText("€".repeat(81), { max: 160, unit: "gsm7" }).length, 2);
});

test("it prefers to cut behind white space", () => {
	assert.deepEqual(splitText("hello wide world", { max: 12, unit: "characters" }), ["hello wide ", "world"]);
	assert.deepEqual(splitText("x".repeat(25), { max: 10, unit: "characters" }), [
		"x".repeat(10),
		"x".repeat(10),
		"x".repeat(5),
	]);
});

test("a text that goes alone may be longer than one of several parts", () => {
	const sms: TextLimit = { max: 153, alone: 160, unit: "gsm7" };
	const sizes = (text: string) => splitText(text, sms).map((part) => part.length);
	assert.deepEqual(sizes("a".repeat(160)), [160]);
	assert.deepEqual(sizes("a".repeat(161)), [153, 8]);
	assert.deepEqual(sizes("ж".repeat(70)), [70]);
	assert.deepEqual(sizes("ж".repeat(71)), [67, 4]);
	assert.deepEqual(sizes(`${"a".repeat(152)}€${"b".repeat(20)}`), [152, 21], "an escape pair is not cut");
	assert.deepEqual(sizes("a".repeat(1071)).length, 7);
	assert.deepEqual(sizes("a".repeat(1072)).length, 8);
});
