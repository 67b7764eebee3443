// Inputs that nobody sends in good faith: JSON values bent out of shape, bytes of chance, texts that mean something to
// SQL, shells, parsers or terminals.

import type { Random } from "#platform/random.ts";
import { below, oneOf } from "./wire.ts";

export const sqlTexts: readonly string[] = [
	"'",
	"''",
	'"',
	"`",
	"\\",
	"\\'",
	"' OR '1'='1",
	"' OR 1=1 --",
	'" OR ""="',
	"1; DROP TABLE messages; --",
	"'); DELETE FROM users; --",
	"' UNION SELECT name, sql FROM sqlite_master --",
	"' UNION SELECT usename, passwd FROM pg_shadow --",
	"1' AND SLEEP(5) --",
	"'; SELECT pg_sleep(5); --",
	"||(SELECT 1)||",
	"$1",
	"$$x$$",
	"?",
	":id",
	"@x",
	"%",
	"_",
	"!",
	"!%_!",
	"*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?",
	"%' ESCAPE '!",
	"/**/",
	"name,(select 1)",
	"name;--",
	"-name,-name,-name",
	"constructor",
	"__proto__",
	"toString",
	"NULL",
	"NaN",
	"1e999",
	"-1",
	"99999999999999999999",
	"0x1F",
	"true",
	"\u0000",
	"a\u0000b",
	"\ud800",
	"\u202e",
	"ＡＤＭＩＮ＇　ＯＲ　１＝１",
	"x".repeat(400),
	"'".repeat(400),
	"[]",
	"{}",
	'{"$ne":null}',
	"../../etc/passwd",
	"%27%20OR%201=1",
	"\r\nX-Injected: 1",
	"${7*7}",
	"{{7*7}}",
	"=cmd|' /C calc'!A0",
];

const strangeValues: readonly unknown[] = [
	null,
	true,
	0,
	-0.5,
	1e308,
	2 ** 53,
	"",
	"x",
	"\u0000",
	"\ud800",
	"__proto__",
	"2026-13-45T99:99:99Z",
	[],
	[null],
	[[[]]],
	{},
	{ toString: 1, valueOf: null, length: -1 },
	{ constructor: { prototype: { polluted: true } } },
	...sqlTexts.slice(0, 12),
];

/** The value with one or a few places replaced, moved, repeated, renamed or taken away. */
export function bent(value: unknown, random: Random): unknown {
	if (random.fraction() < 0.15) {
		return strangeValues[below(random, strangeValues.length)];
	}
	if (Array.isArray(value)) {
		return bentList(value, random);
	}
	if (typeof value !== "object" || value === null) {
		return random.fraction() < 0.3 ? strangeValues[below(random, strangeValues.length)] : value;
	}
	const entries = Object.entries(value);
	const at = below(random, Math.max(entries.length, 1));
	const changed = entries.map(([name, inner], index): [string, unknown] => [
		name,
		index === at ? bent(inner, random) : inner,
	]);
	switch (below(random, 6)) {
		case 0:
			return Object.fromEntries(changed.filter((_, index) => index !== at));
		case 1:
			return Object.fromEntries([...changed, [oneOf(random, ["__proto__x", "toString", "id", "", "0"]), value]]);
		case 2:
			return Object.fromEntries(changed.map(([name, inner], index) => [index === at ? `${name}x` : name, inner]));
		default:
			return Object.fromEntries(changed);
	}
}

function bentList(list: readonly unknown[], random: Random): unknown {
	switch (below(random, 5)) {
		case 0:
			return [...list, ...list];
		case 1:
			return [null, ...list, "x"];
		case 2:
			return { items: list };
		default:
			return list.map((item) => bent(item, random));
	}
}

/** A JSON text of the value, whole or damaged. Keys that reach for a prototype are put in as text, as JSON allows. */
export function bentJson(value: unknown, random: Random): Uint8Array {
	const text = JSON.stringify(bent(value, random)) ?? "";
	switch (below(random, 10)) {
		case 0:
			return Buffer.from(text.replace("{", '{"__proto__":{"polluted":true},'));
		case 1:
			return Buffer.from(text.replace("{", '{"constructor":{"prototype":{"polluted":true}},'));
		case 2:
			return Buffer.from(text.slice(0, below(random, text.length + 1)));
		case 3:
			return damaged(Buffer.from(text), random);
		case 4:
			return Buffer.from(text.replace("{", `{"deep":${nested(1 + below(random, 3000))},`));
		case 5:
			return random.bytes(below(random, 200));
		default:
			return Buffer.from(text);
	}
}

export function nested(depth: number): string {
	return "[".repeat(depth) + "]".repeat(depth);
}

export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
	const copy = Buffer.from(bytes);
	for (let left = 1 + below(random, 4); left > 0 && copy.length > 0; left--) {
		copy[below(random, copy.length)] = below(random, 256);
	}
	return copy;
}

const pieces = [
	..."a Z 0 9 - _ . , ; : = & ? / \\ % %zz %00 + @ # \" ' < > ( ) [ ] { } | ^ ~ *".split(" "),
	" ",
	"\t",
	"é",
	"👩",
	"\u00a0",
	"ﬀ",
	"basic",
	"Basic ",
	"sha256=",
	"__Host-sid=",
	"1",
	"2026",
	"GMT",
	"-1",
	"1e9",
];

/** A text of pieces that parsers stumble over; characters above U+00FF only when `wide`. */
export function oddText(random: Random, wide = true): string {
	const text = Array.from({ length: below(random, 30) }, () => pieces[below(random, pieces.length)]).join("");
	const some = random.fraction() < 0.2 ? text + (sqlTexts[below(random, sqlTexts.length)] ?? "") : text;
	return wide ? some : some.replaceAll(/[^\t -~\u0080-\u00ff]/g, "");
}
