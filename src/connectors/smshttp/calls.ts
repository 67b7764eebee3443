// A call of the gateway as items, each a message or a receipt, whatever its format: parameters of a query and a form, a JSON
// body or an XML body. Bears any bytes. Pure.

import type { AttemptId } from "#domain/ids.ts";
import type { RawRequest } from "../contract.ts";
import { cut, type Facts, factsMax, factsOf, nameCharactersMax, valueCharactersMax } from "../kit/facts.ts";
import { bodyText, readJson } from "../kit/http.ts";
import { attemptInAddress } from "../kit/own-address.ts";
import { readXml } from "../kit/xml.ts";
import type { Charset } from "./encoding.ts";
import { textAt, valueAt } from "./paths.ts";
import type { Settings } from "./settings.ts";

export type Item = {
	/** The text of a parameter or at a path; undefined when there is none, or it is empty. */
	at(path: string): string | undefined;
	has(path: string): boolean;
	/** A name that occurs twice, of those asked for: readers disagree about which value counts. */
	twice(paths: readonly string[]): boolean;
	facts: Facts;
};

export type Call = { items: readonly Item[]; attemptId: AttemptId | undefined } | { unreadable: string };

const itemsMax = 1000; // Of one call; more are left to a person, in one piece.

export function readCall(req: RawRequest, settings: Settings): Call {
	const attemptId = attemptInAddress(req);
	if (settings.incomingFormat === "parameters") {
		const query = pairsOf(queryOf(req.url), settings.charset);
		const form = pairsOf(textOf(req.body, settings.charset), settings.charset);
		return query === undefined || form === undefined
			? { unreadable: `The call has more than ${pairsMax} parameters.` }
			: { items: [ofParameters([...query.filter(([name]) => !addressNames.includes(name)), ...form])], attemptId };
	}
	const value = settings.incomingFormat === "json" ? readJson(req.body) : readXml(textOf(req.body, settings.charset));
	const items = listAt(value, settings.itemsPath);
	if (items === undefined) {
		return {
			unreadable: `The body is no ${settings.incomingFormat.toUpperCase()} with items where the service expects them.`,
		};
	}
	return items.length <= itemsMax
		? { items: items.map(ofTree), attemptId }
		: { unreadable: `The body has ${items.length} items; 1 to ${itemsMax} can be read.` };
}

/** Parts of the address that is given as {{dlrUrl}}. */
const addressNames: readonly string[] = ["attempt", "proof"];

function queryOf(url: string): string {
	const start = url.indexOf("?");
	return start === -1 ? "" : (url.slice(start + 1).split("#")[0] ?? "");
}

/** Latin-1 is what ISO-8859-1 means to everybody: every byte is a character. */
function textOf(body: Uint8Array, charset: Charset): string {
	return charset === "utf-8" ? bodyText(body) : Buffer.from(body).toString("latin1");
}

type Pairs = readonly (readonly [name: string, value: string])[];

const pairsMax = 1000; // URLSearchParams takes half a minute for two million bytes of "&#".

/** Undefined: more pairs than any gateway sends. */
function pairsOf(text: string, charset: Charset): Pairs | undefined {
	const pieces = text.split("&", pairsMax + 1);
	if (pieces.length > pairsMax) {
		return undefined;
	}
	return charset === "utf-8" ? [...new URLSearchParams(text)] : pieces.filter((piece) => piece !== "").map(latin1Pair);
}

function latin1Pair(piece: string): readonly [string, string] {
	const equals = piece.indexOf("=");
	return equals === -1
		? [fromLatin1(piece), ""]
		: [fromLatin1(piece.slice(0, equals)), fromLatin1(piece.slice(equals + 1))];
}

function fromLatin1(part: string): string {
	return part
		.replaceAll("+", " ")
		.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function ofParameters(pairs: Pairs): Item {
	const values = new Map(pairs);
	const names = pairs.map(([name]) => name);
	const facts = [...values].filter(([, value]) => value !== "").slice(0, factsMax);
	return {
		at: (path) => values.get(path) || undefined,
		has: (path) => values.has(path),
		twice: (paths) => paths.some((path) => names.indexOf(path) !== names.lastIndexOf(path)),
		facts: Object.fromEntries(
			facts.map(([name, value]) => [cut(name, nameCharactersMax), cut(value, valueCharactersMax)]),
		),
	};
}

function ofTree(value: unknown): Item {
	return {
		at: (path) => textAt(value, path),
		has: (path) => path !== "" && valueAt(value, path) !== undefined,
		twice: () => false,
		facts: factsOf(value),
	};
}

/** One object is a list of one; an empty list has nothing in it that somebody should look at, but is no call either. */
function listAt(value: unknown, path: string): readonly unknown[] | undefined {
	const found = valueAt(value, path);
	const items: readonly unknown[] = Array.isArray(found) ? found : [found];
	return items.length > 0 && (Array.isArray(found) || (typeof found === "object" && found !== null))
		? items
		: undefined;
}
