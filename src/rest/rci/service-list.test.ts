import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { matchesPattern, selectRows } from "./service-list.ts";

const patterns: readonly [string, string, boolean][] = [
	["Shop page", "shop*", true],
	["Shop page", "*PAGE", true],
	["Shop page", "*op*ag*", true],
	["Shop page", "shop?page", true],
	["Shop page", "shop", false],
	["Shop page", "*x*", false],
	["", "*", true],
	["", "?", false],
	["a", "a**", true],
	["aab", "*ab", true],
	["a.c", "a?c", true],
	["abc", "a.c", false],
	["100%", "100%", true],
	["1000", "100%", false],
	["😀", "?", true],
];
for (const [text, pattern, expected] of patterns) {
	test(`${pattern} ${expected ? "fits" : "does not fit"} ${JSON.stringify(text)}`, () => {
		assert.equal(matchesPattern(text, pattern), expected);
	});
}

test("a pattern made to be slow is answered at once", () => {
	const startedMs = performance.now();
	assert.equal(matchesPattern("a".repeat(400), `${"*a".repeat(199)}*b`), false);
	assert.ok(performance.now() - startedMs < 500);
});

test("patterns agree with the regular expression they stand for", () => {
	const letters = (size: number) => fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: size });
	fc.assert(
		fc.property(letters(8), letters(6), (text, pattern) => {
			const plain = text.replaceAll(/[*?]/g, "c");
			const source = pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]");
			assert.equal(matchesPattern(plain, pattern), new RegExp(`^${source}$`).test(plain));
		}),
	);
});

test("rows are filtered, sorted and cut, in that order", () => {
	const items = ["b1", "a2", "B2", "a1", "c9"];
	const text = (item: string, field: string) => (field === "letter" ? item.slice(0, 1) : item.slice(1));
	const request = {
		filters: [
			{ column: "number", pattern: "?" },
			{ column: "letter", pattern: "*" },
		],
		sort: [
			{ column: "letter", descending: true },
			{ column: "number", descending: false },
		],
		offset: 1,
		limit: 3,
	};
	assert.deepEqual(selectRows(items, request, text), ["b1", "B2", "a1"]);
	assert.deepEqual(selectRows(items, { ...request, filters: [{ column: "number", pattern: "2" }], offset: 0 }, text), [
		"B2",
		"a2",
	]);
});
