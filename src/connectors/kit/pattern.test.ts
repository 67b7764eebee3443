// Goal: an expression that an administrator enters means what it means in JavaScript, and none of them takes long.
// Method: JavaScript's own engine as the oracle, over expressions and texts of chance; the classic traps against the clock.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { matchPattern, readPattern, readUnitsMax } from "./pattern.ts";

function matched(source: string, text: string): readonly (string | undefined)[] | undefined {
	const read = readPattern(source);
	assert.ok(read.ok, `${source}: ${read.ok ? "" : read.message}`);
	return matchPattern(read.pattern, text);
}

test("what gateways answer is matched, and groups bring the id", () => {
	assert.deepEqual(matched("^OK:? ?id=([0-9a-f-]{4,40})", "OK id=12ab-9"), ["OK id=12ab-9", "12ab-9"]);
	assert.deepEqual(matched("<id>([^<]+)</id>", "<r><id>a1</id><id>b2</id></r>"), ["<id>a1</id>", "a1"]);
	assert.deepEqual(matched("(?i)^error:\\s*(\\w+)", "ERROR:  Throttled!"), ["ERROR:  Throttled", "Throttled"]);
	assert.deepEqual(matched("(a)|(b)", "b"), ["b", undefined, "b"]);
	assert.equal(matched("^OK$", "NOT OK"), undefined);
	assert.deepEqual(matched("\\bid\\b", "grid id"), ["id"]);
	assert.deepEqual(matched("", "x"), [""]);
});

const atom = fc.constantFrom(
	"a",
	"b",
	"c",
	".",
	"[ab]",
	"[^a]",
	"[a-c]",
	"\\d",
	"\\w",
	"\\s",
	"1",
	" ",
	"é",
	"😀",
	"^",
	"$",
	"\\b",
	"\\B",
);
const times = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{1,}", "*?", "+?", "??", "{1,2}?");
const { expression } = fc.letrec<{ expression: string; piece: string; inside: string }>((tie) => ({
	piece: fc.oneof(
		{ depthSize: "small" },
		atom,
		fc.tuple(tie("inside"), times).map(([inner, sign]) => `(?:${inner})${sign}`),
	),
	inside: fc.oneof(
		{ depthSize: "small" },
		fc.tuple(fc.constantFrom("a", "b", ".", "[ab]", "\\d"), times).map(([one, sign]) => one + sign),
		fc.array(tie("piece"), { maxLength: 3 }).map((all) => all.join("")),
		fc.tuple(tie("inside"), tie("inside")).map(([one, other]) => `${one}|${other}`),
	),
	expression: fc
		.tuple(tie("inside"), tie("inside"), tie("inside"))
		.map(([one, two, three]) => `${one}(${two})${three}`),
}));
const text = fc
	.array(fc.constantFrom("a", "b", "c", "1", " ", "\n", "é", "😀", "A"), { maxLength: 12 })
	.map((all) => all.join(""));

test("an expression means what it means in JavaScript", () => {
	let hits = 0;
	fc.assert(
		fc.property(expression, text, fc.boolean(), (source, given, isCaseBlind) => {
			const read = readPattern((isCaseBlind ? "(?i)" : "") + source);
			fc.pre(read.ok);
			const expected = new RegExp(source, isCaseBlind ? "iu" : "u").exec(given);
			hits += expected === null ? 0 : 1;
			assert.deepEqual(matchPattern(read.pattern, given), expected === null ? undefined : Array.from(expected));
		}),
		{ numRuns: 3000, seed: 20261124 },
	);
	assert.ok(hits > 500, `only ${hits} matched: the test proves nothing`);
});

test("what is read is also what JavaScript takes", () => {
	const sign = fc.constantFrom(
		..."ab1^$.*+?()[]{}|\\/-,:=!<".split(""),
		"\\d",
		"(?:",
		"(?=",
		"{2,3}",
		"\\1",
		"\\k",
		"[^",
	);
	fc.assert(
		fc.property(fc.array(sign, { maxLength: 10 }), (signs) => {
			const source = signs.join("");
			if (readPattern(source).ok) {
				assert.doesNotThrow(() => new RegExp(source, "u"), source);
			}
		}),
		{ numRuns: 5000, seed: 20261124 },
	);
});

test("the traps of back-tracking engines are over in a moment", () => {
	const traps = [
		["(?:a+)+$", "a"],
		["^(?:a|a)*$", "a"],
		["(?:a|aa)+$", "a"],
		["^a*a*a*a*a*a*$", "a"],
		["a{0,70}a{150}$", "a"],
		["(?:.*a){20}$", "a"],
		["(?:[ab]|[ac]|a){40}b", "a"],
		["^(?:\\w+\\s?)*$", "a"],
	] as const;
	for (const [source, letter] of traps) {
		const began = performance.now();
		assert.equal(matched(source, `${letter.repeat(readUnitsMax - 1)}!`), undefined);
		const tookMs = performance.now() - began;
		assert.ok(tookMs < 2000, `${source} took ${Math.round(tookMs)} ms`);
	}
});

test("what cannot be matched in linear time, and what is no expression, is refused with a sentence", () => {
	const refused = [
		"(a)\\1",
		"(?=a)",
		"(?!a)",
		"(?<=a)b",
		"(?<name>a)",
		"(a)*",
		"(?:a*)*",
		"(?:(a)b)+",
		"a**",
		"a{2}{3}",
		"*a",
		"a|*",
		"(a",
		"a)",
		"[a",
		"[z-a]",
		"[\\d-z]",
		"a{9",
		"a{3,2}",
		"a{999}",
		"(?:a{200}){200}",
		"\\x41",
		"a\\",
		"^*",
		"(a)(b)(c)(d)(e)",
		"x".repeat(301),
	];
	for (const source of refused) {
		const read = readPattern(source);
		assert.ok(!read.ok, source);
		assert.match(read.message, /^[a-z].+\.$/, source);
	}
});

test("of a long text only the beginning is looked at", () => {
	assert.equal(matched("b", `${"a".repeat(readUnitsMax)}b`), undefined);
	assert.deepEqual(matched("b", `${"a".repeat(readUnitsMax - 1)}b`), ["b"]);
});
