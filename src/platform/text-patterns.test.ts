import assert from "node:assert/strict";
import test from "node:test";
import { logonName, nameLine, noNul, oneLine, patternRule } from "./text-patterns.ts";

const fits = (pattern: string, text: string) => new RegExp(pattern, "u").test(text);

test("a name is one line that reads as it is stored; letters of any script are welcome", () => {
	for (const name of ["Müller", "خدمة العملاء", "שירות", "名前", "a‎b", "👩‍💻"]) {
		assert.ok(fits(nameLine, name), name);
	}
	for (const name of ["a\tb", "a\nb", "a\u0000", "a\u007f", "live\u202Elive", "\u2066x\u2069"]) {
		assert.ok(!fits(nameLine, name), JSON.stringify(name));
	}
});

test("whoever breaks a shared pattern is told in words", () => {
	for (const pattern of [noNul, oneLine, nameLine, logonName]) {
		assert.match(patternRule(pattern), /^(?:must|may) [a-z ]/);
		assert.ok(!patternRule(pattern).includes(pattern));
	}
	assert.equal(patternRule("^a$"), "must match the pattern ^a$");
});
