import assert from "node:assert/strict";
import test from "node:test";
import { enteredAddress } from "./entered-address.ts";

for (const text of [
	"+4930123456",
	"4930123456",
	"004930123456",
	"+49 30 123456",
	"+49 (0)30 / 123-456",
	"0049 (30) 12 34 56",
	" +49.30.123456 ",
]) {
	test(`"${text}" means one address, in every way it may be stored`, () => {
		const { keys, digits } = enteredAddress(text);
		assert.equal(digits, "4930123456");
		for (const key of ["+4930123456", "4930123456", "whatsapp:+4930123456", "whatsapp:4930123456"]) {
			assert.ok(keys.includes(key), key);
		}
	});
}

test("a number without its country means whatever ends like it", () => {
	assert.equal(enteredAddress("030 123-456").digits, "30123456");
});

test("what is no number is an address as it stands, in small letters", () => {
	assert.deepEqual(enteredAddress("Anna@Example").digits, undefined);
	assert.ok(enteredAddress("Anna@Example").keys.includes("anna@example"));
	for (const text of ["1234", "0".repeat(20) + "1".repeat(16), "1+23456", "invoice 4711123", ""]) {
		assert.equal(enteredAddress(text).digits, undefined, text);
	}
});
