import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { isGsm7, textSize } from "#domain/text-splitting.ts";
import { fromGsm7, toGsm7 } from "./gsm7.ts";

test("published: Price: 5€ [ok] has two septets for each of its extended characters", () => {
	const octets = toGsm7("Price: 5€ [ok]");
	assert.ok(octets);
	assert.equal(Buffer.from(octets).toString("hex"), "50726963653a20351b65201b3c6f6b1b3e");
	assert.equal(fromGsm7(octets), "Price: 5€ [ok]");
});

test("Ç is in the alphabet, ç, the backtick and the tab are not", () => {
	assert.deepEqual(toGsm7("Ç"), Uint8Array.of(9));
	for (const text of ["ç", "`", "\t", "“", "\u00a0", "👋", "\u0000"]) {
		assert.equal(toGsm7(text), undefined, text);
	}
});

test("every text of the alphabet comes back, as long as it was counted to be; every other one is refused", () => {
	fc.assert(
		fc.property(
			fc.string({ unit: fc.constantFrom(...Array.from("@£ÇΞÆ é^{}\\[~]|€\f\n\rabcàжç")), maxLength: 200 }),
			(text) => {
				const octets = toGsm7(text);
				assert.equal(octets !== undefined, isGsm7(text));
				if (octets !== undefined) {
					assert.equal(fromGsm7(octets), text);
					assert.equal(octets.length, textSize(text, "gsm7"));
				}
			},
		),
	);
});

test("octets that stand for nothing are read without an exception", () => {
	assert.equal(fromGsm7(Uint8Array.of(0x41, 0x1b)), "A");
	assert.equal(fromGsm7(Uint8Array.of(0x1b, 0x41)), " A");
	assert.equal(fromGsm7(Uint8Array.of(0x1b, 0x1b, 0x80, 0xff)), "  \ufffd\ufffd");
});
