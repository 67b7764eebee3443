// Reading what Wavy writes: names in any case and with spaces around them, a comma too many before a closing bracket
// (both are in the provider's own examples), times as epoch or as text. Bounded and linear, whatever the bytes.

import type { RemoteId } from "#domain/ids.ts";
import { asObject, readJson } from "../kit/http.ts";

/** An object by its names in small letters, and one that two spellings gave different values, if any. */
export type Fields = { values: ReadonlyMap<string, unknown>; twice: string | undefined };

export function fieldsOf(value: unknown): Fields | undefined {
	const object = asObject(value);
	return object === undefined ? undefined : fieldsFrom(Object.entries(object));
}

export function fieldsFrom(entries: Iterable<readonly [string, unknown]>): Fields {
	const values = new Map<string, unknown>();
	let twice: string | undefined;
	for (const [given, value] of entries) {
		const name = given.trim().toLowerCase();
		if (values.has(name) && values.get(name) !== value) {
			twice ??= name;
		}
		values.set(name, values.get(name) ?? value);
	}
	return { values, twice };
}

/** The text without spaces around it, a number as its digits; undefined when empty or something else. */
export function textAt({ values }: Fields, name: string): string | undefined {
	const value = values.get(name);
	const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
	const trimmed = typeof text === "string" ? text.trim() : "";
	return trimmed === "" ? undefined : trimmed;
}

export function numberAt(fields: Fields, name: string): number | undefined {
	const text = textAt(fields, name) ?? "";
	return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function isTrueAt(fields: Fields, name: string): boolean {
	const value = fields.values.get(name);
	return value === true || textAt(fields, name)?.toLowerCase() === "true";
}

export function fieldsAt({ values }: Fields, name: string): Fields | undefined {
	return fieldsOf(values.get(name));
}

const idCharactersMax = 100; // UUIDs in every example.

/** The provider's id for a message; something longer is none. */
export function remoteIdAt(fields: Fields): RemoteId | undefined {
	const id = textAt(fields, "id");
	return id === undefined || id.length > idCharactersMax ? undefined : (id as RemoteId);
}

const secondsBelow = 100_000_000_000; // The year 1973 in milliseconds: a smaller epoch counts seconds.
const endOfYears = Date.UTC(10_000, 0); // RFC 3339 has four digits for the year.

/** The first of these fields that tells a time. */
export function timeAt(fields: Fields, names: readonly string[]): Date | undefined {
	for (const name of names) {
		const epoch = numberAt(fields, name);
		const ms = epoch === undefined ? msOfText(textAt(fields, name)) : epoch < secondsBelow ? epoch * 1000 : epoch;
		if (ms > 0 && ms < endOfYears) {
			return new Date(ms);
		}
	}
	return undefined;
}

/** ISO 8601 with its zone, written as `Z`, `+00:00` or `+0000`; without a zone nobody knows when it was. */
function msOfText(text = ""): number {
	const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)$/i.exec(text);
	const zone = (parts?.[2] ?? "").replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
	return parts === null ? Number.NaN : Date.parse(`${parts[1] ?? ""}${zone}`);
}

/** The JSON of a body, also with commas before closing brackets. Undefined: it is none. */
export function readLooseJson(body: Uint8Array): unknown {
	const value = readJson(body);
	return value === undefined ? readJson(withoutTrailingCommas(body)) : value;
}

const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]); // ] }
const blank: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, space]);

/** Blanks such commas out. One pass, because a body that is no JSON may be as long as the door lets in. */
function withoutTrailingCommas(body: Uint8Array): Uint8Array {
	const mended = Uint8Array.from(body);
	let lastComma = -1;
	let at = 0;
	while (at < mended.length) {
		const byte = mended[at] ?? 0;
		if (closing.has(byte) && lastComma >= 0) {
			mended[lastComma] = space;
		}
		lastComma = byte === comma ? at : blank.has(byte) ? lastComma : -1;
		at = byte === quote ? endOfText(mended, at) : at + 1;
	}
	return mended;
}

/** Where the text that begins at `start` is over. */
function endOfText(json: Uint8Array, start: number): number {
	let at = start + 1;
	while (at < json.length && json[at] !== quote) {
		at += json[at] === backslash ? 2 : 1;
	}
	return at + 1;
}
