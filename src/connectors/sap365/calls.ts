// A call of SAP in whichever of its shapes: a form with an XML document in the field XmlMsg, parameters of a query or form, or
// a JSON object. Bears any bytes. Pure.

import type { RawRequest } from "../contract.ts";
import { asArray, asObject, readJson } from "../kit/http.ts";
import { readXml } from "../kit/xml.ts";
import { plainName } from "./form.ts";
import { countName } from "./parts.ts";

export type Fields = Readonly<Record<string, unknown>>;
export type Call =
	/** `SMS_MO`, its elements by name. */
	| { kind: "xml"; message: Fields }
	| { kind: "json"; fields: Fields }
	| { kind: "parameters"; parameters: Parameters }
	| { kind: "unreadable"; reason: string };

/** By plain name; `twice` is true for a name that occurs more than once, as readers disagree about which one counts. */
export type Parameters = {
	at(name: string): string | undefined;
	twice(names: readonly string[]): boolean;
	all: Readonly<Record<string, string>>;
};

/** Parts of the address that a message names for its notifications. */
const addressNames: readonly string[] = ["attempt", "proof", countName];
const pairsMax = 1000;
// Ours: a call is one message or one notification, a few kilobytes. It is read before it is known who sends it.
const callBytesMax = 262_144;

export function readCall(req: RawRequest): Call {
	if (req.body.length + req.url.length > callBytesMax) {
		return { kind: "unreadable", reason: `The call is longer than ${callBytesMax} bytes.` };
	}
	const json = asObject(readJson(req.body));
	if (json !== undefined) {
		return { kind: "json", fields: json };
	}
	const [body, query] = [textOf(req.body), queryOf(req.url)];
	const document = documentIn(body) ?? documentIn(query);
	if (document !== undefined) {
		const message = asObject(readXml(document)?.["SMS_MO"]);
		return message === undefined
			? { kind: "unreadable", reason: "XmlMsg is no XML document of one message." }
			: { kind: "xml", message };
	}
	const pieces = `${query}&${body}`.split("&", pairsMax + 1).filter((piece) => piece !== "");
	return pieces.length > pairsMax
		? { kind: "unreadable", reason: `The call has more than ${pairsMax} parameters.` }
		: { kind: "parameters", parameters: parametersOf(pieces) };
}

/** A query, even where the provider has put a second question mark before its own part. */
function queryOf(url: string): string {
	return (/\?([^#]*)/.exec(url)?.[1] ?? "").replaceAll("?", "&");
}

/** The same address with one question mark, for reading what we have put there ourselves. */
export function withOneQuery(req: RawRequest): RawRequest {
	const [before = "", ...queries] = req.url.split("?");
	return queries.length < 2 ? req : { ...req, url: `${before}?${queries.join("&")}` };
}

/**
 * The document in the field XmlMsg, or the body where it is nothing else. Some senders do not encode the form, and some
 * encode the name of the field as well.
 */
function documentIn(text: string): string | undefined {
	if (/^\s*</.test(text)) {
		return text.trim();
	}
	const found = fieldIn(text) ?? (text.includes("%3D") || text.includes("%3d") ? fieldIn(decode(text)) : undefined);
	if (found === undefined || found.trim() === "" || found.trim() === "null") {
		return undefined;
	}
	const isBare = found.trimStart().startsWith("<");
	return (isBare ? found : decode(found.split("&")[0] ?? "")).trim();
}

function fieldIn(text: string): string | undefined {
	return /(?:^|[&?])XmlMsg=([^]*)$/i.exec(text)?.[1];
}

function parametersOf(pieces: readonly string[]): Parameters {
	const values = new Map<string, string>();
	const repeated = new Set<string>();
	for (const piece of pieces) {
		const equals = piece.indexOf("=");
		const name = plainName(decode(equals === -1 ? piece : piece.slice(0, equals)).trim());
		if (values.has(name)) {
			repeated.add(name);
		}
		values.set(name, equals === -1 ? "" : decode(piece.slice(equals + 1)));
	}
	return {
		at: (name) => values.get(plainName(name)) || undefined,
		twice: (names) => names.some((name) => repeated.has(plainName(name))),
		all: Object.fromEntries([...values].filter(([name]) => !addressNames.includes(name))),
	};
}

/** What a JSON object says, in the same way: its texts, numbers and truths by plain name. */
export function parametersIn(fields: Fields): Parameters {
	const values = new Map<string, string>();
	const repeated = new Set<string>();
	for (const [name, value] of Object.entries(fields)) {
		const isPlain = typeof value === "string" || typeof value === "boolean" || Number.isSafeInteger(value);
		if (isPlain && values.has(plainName(name))) {
			repeated.add(plainName(name));
		}
		if (isPlain) {
			values.set(plainName(name), String(value));
		}
	}
	return {
		at: (name) => values.get(plainName(name)) || undefined,
		twice: (names) => names.some((name) => repeated.has(plainName(name))),
		all: Object.fromEntries(values),
	};
}

/** An element's text; undefined when there is no such element, or several. */
export function textIn(element: unknown): string | undefined {
	if (typeof element === "string") {
		return element;
	}
	const fields = asArray(element).length > 0 ? undefined : asObject(element);
	const text = fields?.["#text"];
	return typeof text === "string" ? text : undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** As UTF-8, or else as ISO-8859-1: which one is meant is not documented. */
function textOf(bytes: Uint8Array): string {
	try {
		return utf8.decode(bytes);
	} catch (error) {
		if (error instanceof TypeError) {
			return Buffer.from(bytes).toString("latin1");
		}
		throw error;
	}
}

/** One part of a form: plus signs are spaces, and an escape that is none stays as it is. */
function decode(part: string): string {
	const bytes = Buffer.from(part.replaceAll("+", " "), "utf8");
	const decoded: number[] = [];
	for (let at = 0; at < bytes.length; at++) {
		const digits = bytes[at] === percent ? bytes.toString("latin1", at + 1, at + 3) : "";
		const isEscape = /^[0-9A-Fa-f]{2}$/.test(digits);
		decoded.push(isEscape ? Number.parseInt(digits, 16) : (bytes[at] ?? 0));
		at += isEscape ? 2 : 0;
	}
	return textOf(Uint8Array.from(decoded));
}

const percent = 0x25;
