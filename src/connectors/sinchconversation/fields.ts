// Reading the Conversation API's callbacks: attached data, and values at dotted paths.

import { asObject } from "../kit/http.ts";
import { asFact, cut, type Facts, factsMax, nameCharactersMax, valueCharactersMax } from "../kit/facts.ts";

export type Fields = Readonly<Record<string, unknown>>;

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
