// Reads JSON from outside: one value in UTF-8, bounded in depth and number of values, no key twice, no key that could
// reach a prototype. RFC 8259 leaves double keys open (section 4); two readers of one body must never see two values.
// U+0000 is refused wherever it is: PostgreSQL has none in texts. It is not replaced, because whoever writes here is there
// to be told, and an id of theirs must come back as they gave it.

import { pointerStep } from "./schema-problems.ts";
import { parse } from "secure-json-parse";
import { Problem } from "./problems.ts";

const depthMax = 64;
const valuesMax = 50_000; // A list of errors is made for a wrong body: this bounds it, and is far above any honest body.

/** The value, or undefined for an empty body. Throws a `Problem`. */
export function parseStrictJson(body: Uint8Array): unknown {
	const value = readStrictJson(body);
	const pointer = nulIn(value);
	if (pointer !== undefined) {
		throw new Problem("invalid_body", "A text in the body contains U+0000.", [{ pointer, message: "contains U+0000" }]);
	}
	return value;
}

/** The place of the first text, or key, with U+0000 in it. */
export function nulIn(value: unknown): string | undefined {
	if (typeof value === "string") {
		return value.includes("\u0000") ? "" : undefined;
	}
	for (const [key, inner] of typeof value === "object" && value !== null ? Object.entries(value) : []) {
		if (key.includes("\u0000")) {
			return "";
		}
		const below = nulIn(inner);
		if (below !== undefined) {
			return `/${pointerStep(key)}${below}`;
		}
	}
	return undefined;
}

/** The same, with U+0000 in it: for who tells of it in another way. */
export function readStrictJson(body: Uint8Array): unknown {
	if (body.length === 0) {
		return undefined;
	}
	const text = decode(body);
	examine(text);
	try {
		return parse(text, undefined, { protoAction: "error", constructorAction: "error" }) as unknown;
	} catch (error) {
		if (error instanceof SyntaxError) {
			throw new Problem("malformed_json", "The body is not well-formed JSON, or has a key that is not allowed.");
		}
		throw error;
	}
}

function decode(body: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(body);
	} catch (error) {
		if (error instanceof TypeError) {
			throw new Problem("malformed_json", "The body is not UTF-8.");
		}
		throw error;
	}
}

/** An open object has the keys seen so far; an open list has none. */
type Open = { keys: Set<string> | undefined; atKey: boolean };

// Strings (also unfinished ones, which the parser refuses later) and the signs that give JSON its structure.
const tokens = /"(?:[^"\\]|\\.)*"?|[{}[\],:]/gs;

function examine(text: string): void {
	const open: Open[] = [];
	let values = 1;
	for (const [token] of text.matchAll(tokens)) {
		const top = open.at(-1);
		if (token === "{" || token === "[") {
			open.push({ keys: token === "{" ? new Set() : undefined, atKey: token === "{" });
			refuseDeep(open.length);
		} else if (token === "}" || token === "]") {
			open.pop();
		} else if (token === ",") {
			refuseMany(++values);
			setAtKey(top, true);
		} else if (token === ":") {
			setAtKey(top, false);
		} else if (top?.keys !== undefined && top.atKey) {
			refuseDouble(top.keys, token);
		}
	}
}

function setAtKey(top: Open | undefined, atKey: boolean): void {
	if (top !== undefined) {
		top.atKey = atKey;
	}
}

function refuseDeep(depth: number): void {
	if (depth > depthMax) {
		throw new Problem("json_too_deep", `The body is nested more than ${depthMax} levels deep.`);
	}
}

function refuseMany(values: number): void {
	if (values > valuesMax) {
		throw new Problem("body_too_large", `The body holds more than ${valuesMax} values.`);
	}
}

function refuseDouble(keys: Set<string>, token: string): void {
	const key = unescaped(token);
	if (keys.has(key)) {
		throw new Problem("duplicate_key", `The body names the field ${JSON.stringify(key.slice(0, 100))} twice.`);
	}
	keys.add(key);
}

/** `"a"` and `"\u0061"` are one key. A token the parser will refuse stays as it is. */
function unescaped(token: string): string {
	if (!token.includes("\\")) {
		return token.slice(1, -1);
	}
	try {
		return JSON.parse(token) as string;
	} catch {
		return token; // Not a JSON string: the parser refuses the whole body next.
	}
}
