// Requests that no provider would send: each value of a fixture's body replaced by something of another type, bodies cut
// short, nested far too deep, or made of chance.

import fc from "fast-check";
import type { RawRequest } from "#connectors/contract.ts";
import type { Fixture } from "./fixtures.ts";

const text = new TextEncoder();

export function withBody(raw: RawRequest, body: string | Uint8Array): RawRequest {
	return { ...raw, body: typeof body === "string" ? text.encode(body) : body };
}

// Texts that stand for what cannot be built as a value; `toJson` puts it in.
const deepMark = "deep-mark";
const hugeMark = "huge-mark";
const protoMark = "proto-mark";
const depth = 7000; // JSON.stringify and most recursions overflow Node's call stack from 5000 on.
const deep = "[".repeat(depth) + "]".repeat(depth);
const proto = '{"__proto__":{"id":"x","text":"y","polluted":true},"constructor":{"prototype":{"polluted":true}}}';
const long = Array.from({ length: 700 }, (_, index) => String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000))).join(
	"",
);

const wrongValues: readonly unknown[] = [
	null,
	true,
	0,
	-1.5,
	1e300,
	"",
	"x",
	"\u0000\ud800",
	long,
	[],
	[null],
	{},
	{ id: {}, toString: 1, constructor: null },
	[[{}], "x", 1],
	hugeMark,
	protoMark,
];

function toJson(value: unknown): string {
	return JSON.stringify(value)
		.replaceAll(`"${deepMark}"`, deep)
		.replaceAll(`"${hugeMark}"`, "1e999")
		.replaceAll(`"${protoMark}"`, proto);
}

/** A request made of a fixture's, which is still judged and read as that fixture's service would. */
export type Altered = { fixture: Fixture; raw: RawRequest };

/** Every fixture with every value of its body replaced by wrong ones. */
export function* wrongTypes(fixtures: readonly Fixture[]): Iterable<Altered> {
	const places = new Map<string, number>();
	for (const fixture of fixtures) {
		for (const body of wrongBodies(fixture, places)) {
			yield { fixture, raw: withBody(fixture.raw, body) };
		}
	}
}

function* wrongBodies({ raw }: Fixture, places: Map<string, number>): Iterable<string> {
	const body = Buffer.from(raw.body).toString("utf8");
	const value = jsonIn(body);
	if (value === undefined) {
		for (const pairs of wrongPairs([...new URLSearchParams(body)])) {
			yield new URLSearchParams(pairs).toString();
		}
		return;
	}
	for (const changed of replacements(value, "", places)) {
		yield toJson(changed);
	}
}

const methods = ["GET", "POST", "PUT", "get", ""];
const queries = ["", "?", "?&=&&", "?%", "?%zz=%ff&a", "?attempt=x&attempt=y", "?hub.mode=subscribe&hub.challenge=1"];
const cuts = 12;

/** Bodies cut short, strange methods and queries, headers of nonsense. */
export function* wrongPieces(fixtures: readonly Fixture[]): Iterable<Altered> {
	for (const fixture of fixtures) {
		const { raw } = fixture;
		for (let index = 0; index < cuts; index++) {
			yield { fixture, raw: withBody(raw, raw.body.subarray(0, Math.floor((raw.body.length * index) / cuts))) };
		}
		for (const [name] of raw.headers) {
			const headers = new Headers([...raw.headers]);
			headers.set(name, "\u00ff, ;=\u0001");
			yield { fixture, raw: { ...raw, headers } };
		}
		yield { fixture, raw: { ...raw, headers: new Headers() } };
		yield* notUtf8(raw.body).map((body) => ({ fixture, raw: withBody(raw, body) }));
	}
	for (const fixture of sampleOf(fixtures)) {
		for (const raw of strange(fixture.raw)) {
			yield { fixture, raw };
		}
	}
}

/** Bytes that are no UTF-8 put into the body at four places, and half a surrogate pair as JSON escapes it. */
function notUtf8(body: Uint8Array): readonly Uint8Array[] {
	const bytes = Buffer.from(body);
	const pieces = [
		Uint8Array.of(0xff, 0xfe),
		Uint8Array.of(0xed, 0xa0, 0x80),
		text.encode("\\ud83d"),
		text.encode("%ff"),
	];
	return pieces.flatMap((piece) =>
		[0.2, 0.4, 0.6, 0.8].map((share) => {
			const at = Math.floor(bytes.length * share);
			return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
		}),
	);
}

function* strange(raw: RawRequest): Iterable<RawRequest> {
	const bare = raw.url.replace(/\?.*$/, "");
	for (const method of methods) {
		yield* queries.map((query) => ({ ...raw, method, url: bare + query }));
	}
	yield { ...raw, url: "/no/base" };
	yield withBody(raw, deep);
	yield withBody(raw, `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
}

const sampleSize = 5;

/** Some of the fixtures, spread over all. */
export function sampleOf(fixtures: readonly Fixture[]): readonly Fixture[] {
	const step = Math.max(1, fixtures.length / sampleSize);
	return fixtures.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** A JSON text with each of its values replaced by wrong ones. */
export function changedBodies(body: string): readonly string[] {
	return [...replacements(jsonIn(body), "", new Map())].map(toJson);
}

/** Undefined for what is no JSON. */
export function jsonIn(body: string): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return undefined; // A form, or nothing at all.
	}
}

function* replacements(value: unknown, place: string, places: Map<string, number>): Iterable<unknown> {
	yield* valuesFor(place, places);
	if (Array.isArray(value)) {
		for (const [index, inner] of value.entries()) {
			for (const changed of replacements(inner, `${place}[]`, places)) {
				yield value.with(index, changed);
			}
		}
	} else if (typeof value === "object" && value !== null) {
		for (const [name, inner] of Object.entries(value)) {
			const { [name]: _, ...rest } = value as Record<string, unknown>;
			yield rest;
			for (const changed of replacements(inner, `${place}.${name}`, places)) {
				yield { ...value, [name]: changed };
			}
		}
	}
}

/** All wrong values the first time that a place occurs in any fixture, later two of them in turn. */
function valuesFor(place: string, places: Map<string, number>): readonly unknown[] {
	const times = places.get(place) ?? 0;
	places.set(place, times + 1);
	const at = (2 * times) % (wrongValues.length - 1);
	return times === 0 ? [...wrongValues, deepMark] : wrongValues.slice(at, at + 2);
}

type Pairs = readonly (readonly [string, string])[];
const wrongTexts = [
	"",
	" ",
	"x",
	"-1",
	"NaN",
	"1e9",
	"\u0000",
	"\ud83d",
	"whatsapp:",
	"http://[",
	"[object Object]",
	long,
];

function* wrongPairs(pairs: Pairs): Iterable<[string, string][]> {
	for (const [index, [name]] of pairs.entries()) {
		const others = pairs.filter((_, at) => at !== index).map(([other, value]): [string, string] => [other, value]);
		yield others;
		yield [...others, [name, "x"], [name, "y"]];
		for (const value of wrongTexts) {
			yield [...others, [name, value]];
		}
	}
}

/** Bodies of chance: bytes, any JSON, and JSON and forms made of the names and texts that the fixtures use. */
export function chanceBodies(fixtures: readonly Fixture[]): fc.Arbitrary<string | Uint8Array> {
	const { names, texts } = wordsOf(fixtures);
	const name = fc.oneof(fc.constantFrom("a", ...names), fc.string());
	const leaf = fc.oneof(fc.constantFrom("a", ...texts), fc.string(), fc.double(), fc.boolean(), fc.constant(null));
	const { tree } = fc.letrec((tie) => ({
		tree: fc.oneof(
			{ maxDepth: 6 },
			leaf,
			fc.array(tie("tree"), { maxLength: 4 }),
			fc.dictionary(name, tie("tree"), { maxKeys: 8 }),
		),
	}));
	const form = fc.array(fc.tuple(name, fc.oneof(fc.constantFrom("a", ...texts), fc.string())), { maxLength: 12 });
	return fc.oneof(
		fc.uint8Array({ maxLength: 400 }),
		fc.json({ maxDepth: 8 }),
		tree.map((value) => JSON.stringify(value)),
		fc.dictionary(fc.constantFrom("a", ...names), tree, { maxKeys: 12 }).map((value) => JSON.stringify(value)),
		form.map((pairs) => new URLSearchParams(pairs).toString()),
	);
}

function wordsOf(fixtures: readonly Fixture[]): { names: readonly string[]; texts: readonly string[] } {
	const names = new Set<string>();
	const texts = new Set<string>();
	const pending = fixtures.map(({ raw }): unknown => {
		const body = Buffer.from(raw.body).toString("utf8");
		return jsonIn(body) ?? Object.fromEntries(new URLSearchParams(body));
	});
	for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
		if (typeof value === "object" && value !== null) {
			Object.keys(value).forEach((word) => names.add(word));
			pending.push(...(Object.values(value) as unknown[]));
		} else if (typeof value === "string") {
			texts.add(value);
		}
	}
	return { names: [...names], texts: [...texts] };
}
