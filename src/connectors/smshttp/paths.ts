// Where a value lies in what a gateway sends: a parameter by its name, or a field of JSON or XML by a path such as
// `messages.0.id`. JSON and XML are read into the same plain values; attributes of XML are `@name`. Never throws.

import { asObject, bodyText, readJson } from "../kit/http.ts";
import { readXml } from "../kit/xml.ts";

export const pathPattern = "^$|^[^.\\s]{1,80}(\\.[^.\\s]{1,80}){0,9}$";

/** What stands at a path; the empty path is the value itself. */
export function valueAt(value: unknown, path: string): unknown {
	return path === "" ? value : path.split(".").reduce(stepInto, value);
}

function stepInto(value: unknown, step: string): unknown {
	if (Array.isArray(value)) {
		return /^\d{1,4}$/.test(step) ? (value as readonly unknown[])[Number(step)] : undefined;
	}
	const fields = asObject(value);
	return fields !== undefined && Object.hasOwn(fields, step) ? fields[step] : undefined;
}

/** The text at a path; a number and a yes or no as they are written. Undefined when there is none or it is empty. */
export function textAt(value: unknown, path: string): string | undefined {
	return path === "" ? undefined : asWords(valueAt(value, path));
}

function asWords(value: unknown): string | undefined {
	if (typeof value === "string") {
		return value === "" ? undefined : value;
	}
	if (typeof value === "boolean" || Number.isSafeInteger(value)) {
		return String(value);
	}
	// An element with attributes has its text beside them.
	const text = asObject(value)?.["#text"];
	return typeof text === "string" && text !== "" ? text : undefined;
}

/** An id as gateways give them: short, printable, without spaces. Anything else is none. */
export function idAt(value: unknown, path: string): string | undefined {
	return asId(textAt(value, path));
}

export function asId(text: string | undefined): string | undefined {
	const id = text?.trim() ?? "";
	return /^[\x21-\x7e]{1,200}$/.test(id) ? id : undefined;
}

/** An answer in either language, by how it begins; undefined when it is neither. */
export function readAnswer(body: Uint8Array): unknown {
	const text = bodyText(body);
	return /^\uFEFF?\s*</.test(text) ? readXml(text) : readJson(body);
}
