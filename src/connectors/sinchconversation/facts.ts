// Flat facts out of the provider's nested JSON, for what is shown beside a message or in the trace. Bounded in depth,
// number and length, because what is inside is not ours to decide.

import { asObject } from "../kit/http.ts";

export type Facts = Readonly<Record<string, string>>;
export type Fields = Readonly<Record<string, unknown>>;

const depthMax = 4;
const factsMax = 40;
const nameCharactersMax = 100;
const valueCharactersMax = 1000;

/** `{"contact":{"id":"x"}}` becomes `{"contact.id":"x"}`; empty texts, nulls and whatever is deeper are left out. */
export function factsOf(value: unknown): Facts {
	const found: [string, string][] = [];
	collect(value, "", depthMax, found);
	return Object.fromEntries(found);
}

function collect(value: unknown, name: string, depthLeft: number, found: [string, string][]): void {
	if (typeof value === "object" && value !== null) {
		for (const [key, inner] of depthLeft > 0 ? Object.entries(value) : []) {
			collect(inner, name === "" ? key : `${name}.${key}`, depthLeft - 1, found);
		}
		return;
	}
	const text = asFact(value);
	if (text !== undefined && found.length < factsMax) {
		found.push([cut(name, nameCharactersMax), cut(text, valueCharactersMax)]);
	}
}

/** Attached data: a JSON object in a text. Nested values stay JSON; a text that is no object is kept under `metadata`. */
export function attachedFacts(metadata: unknown): Facts {
	if (typeof metadata !== "string" || metadata === "") {
		return {};
	}
	const fields = asObject(readObject(metadata));
	if (fields === undefined) {
		return { metadata: cut(metadata, valueCharactersMax) };
	}
	const facts = Object.entries(fields).map(([name, value]) => [name, asFact(value) ?? asJson(value)] as const);
	return Object.fromEntries(
		facts
			.filter(([, value]) => value !== "")
			.slice(0, factsMax)
			.map(([name, value]) => [cut(name, nameCharactersMax), cut(value, valueCharactersMax)]),
	);
}

function asFact(value: unknown): string | undefined {
	if (typeof value === "number" || typeof value === "boolean") {
		return String(value);
	}
	return typeof value === "string" && value !== "" ? value : undefined;
}

function readObject(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}
		throw error;
	}
}

/** Empty for what has no content, and for what is nested deeper than JSON.stringify can walk. */
function asJson(value: unknown): string {
	if (value === null || value === "") {
		return "";
	}
	try {
		return JSON.stringify(value);
	} catch (error) {
		if (error instanceof RangeError) {
			return "";
		}
		throw error;
	}
}

/** Never ends in half a character: a high surrogate at the cut goes too. */
export function cut(text: string, unitsMax: number): string {
	return text.length <= unitsMax ? text : text.slice(0, unitsMax).replace(/[\uD800-\uDBFF]$/, "");
}

/** The object at a dotted path, or the text there. */
export function objectAt(fields: Fields, path: string): Fields | undefined {
	return asObject(valueAt(fields, path));
}

export function textAt(fields: Fields, path: string): string | undefined {
	const value = valueAt(fields, path);
	return typeof value === "string" && value !== "" ? value : undefined;
}

function valueAt(fields: Fields, path: string): unknown {
	let value: unknown = fields;
	for (const name of path.split(".")) {
		const inner = asObject(value);
		value = inner !== undefined && Object.hasOwn(inner, name) ? inner[name] : undefined;
	}
	return value;
}

/** Times come with 3 to 9 fraction digits; one without a zone says nothing certain and is left out. */
export function timeAt(fields: Fields, path: string): Date | undefined {
	const text = textAt(fields, path);
	if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
		return undefined;
	}
	const at = new Date(text);
	return Number.isNaN(at.getTime()) ? undefined : at;
}
