import assert from "node:assert/strict";
import test from "node:test";
import { toNumber, toSmsContact, toSmsSender, withoutPlus } from "./phone.ts";

test("one number in many spellings is one address", () => {
	const spellings = [
		"+46 731 234 567",
		"0046731234567",
		"00 46 731-234-567",
		"+46(731)234567",
		"\u00A0+46\u2011731234567 ",
	];
	assert.deepEqual([...new Set(spellings.map((spelling) => toNumber(spelling)))], ["+46731234567"]);
	assert.equal(toNumber("040 1234567", { country: "FI" }), "+358401234567");
	assert.equal(toNumber("07911 123456", { country: "gb" }), "+447911123456");
	assert.equal(toNumber("+39 06 1234 5678"), "+390612345678", "the Italian zero is kept");
	assert.equal(toNumber("46731234567", { bareIsWhole: true }), "+46731234567");
});

test("what cannot be a number is none", () => {
	for (const given of [
		"",
		"+",
		"46731234567",
		"040 1234567",
		"+1604555555",
		"MyBrand",
		"12345",
		"+46731234567890123",
		"+4673123456x",
		"+550000000000",
	]) {
		assert.equal(toNumber(given), undefined, given);
	}
	assert.equal(toNumber("040 1234567", { country: "XX" }), undefined);
});

test("short codes and names pass the library by", () => {
	assert.equal(toSmsContact(" 12345 "), "12345");
	assert.equal(toSmsContact("911", { country: "US" }), "911");
	assert.equal(toSmsContact("MyBrand"), undefined);
	assert.equal(toSmsSender("MyBrand"), "MyBrand");
	assert.equal(toSmsSender("Twelve chars"), undefined);
	assert.equal(toSmsSender("+49 170 1234567"), "+491701234567");
	assert.deepEqual(["+491701234567", "12345", "A+B"].map(withoutPlus), ["491701234567", "12345", "A+B"]);
});
