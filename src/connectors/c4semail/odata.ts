// OData V2 as SAP Cloud for Customer speaks it: questions, literals, dates and the envelope of its JSON.
// GET …/EMailCollection?$filter=ID eq '5197'&$format=json   {"d":{"results":[{…}],"__next":"https://…?$skiptoken=1001"}}

import type { HttpAnswer, HttpCall } from "../contract.ts";
import { asArray, asObject, asText, readJson } from "../kit/http.ts";
import { basicOf } from "../kit/oauth2.ts";

export type Fields = Readonly<Record<string, unknown>>;
export type Access = { base: string; user: string; password: string };

export function headersOf({ user, password }: Access): Readonly<Record<string, string>> {
	return { authorization: `Basic ${basicOf(user, password)}`, accept: "application/json" };
}

/** A question. `$format` is always there: without it the answer is Atom. */
export function question(access: Access, collection: string, query: Readonly<Record<string, string>>): HttpCall {
	const options = Object.entries({ ...query, $format: "json" });
	const search = options.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
	return { method: "GET", url: `${access.base}/${collection}?${search}`, headers: headersOf(access) };
}

export function textLiteral(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}

export function timeLiteral(timeMs: number): string {
	return `datetimeoffset'${new Date(timeMs).toISOString().slice(0, -1)}0000Z'`;
}

/** `or` works for one and the same property only. */
export function oneOf(property: string, values: readonly string[]): string {
	return values.map((value) => `${property} eq ${textLiteral(value)}`).join(" or ");
}

const timeMaxMs = 8_640_000_000_000_000; // The last moment of a Date (ECMA-262 section 21.4.1.1).

/** `/Date(1490902810849)/`, also with an offset, which does not change the moment; or RFC 3339. */
export function timeOf(value: unknown): number | undefined {
	if (typeof value !== "string") {
		return undefined;
	}
	const ms = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/.exec(value)?.[1];
	const timeMs = ms === undefined ? isoTime(value) : Number(ms);
	return Number.isNaN(timeMs) || Math.abs(timeMs) > timeMaxMs ? undefined : timeMs;
}

function isoTime(value: string): number {
	return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value) ? Date.parse(value) : Number.NaN;
}

export type Page = { entities: readonly unknown[]; hasMore: boolean };

/** The entities of an answer; undefined: it is none. */
export function pageIn(body: Uint8Array): Page | undefined {
	const envelope = asObject(readJson(body))?.["d"];
	const results = Array.isArray(envelope) ? envelope : asObject(envelope)?.["results"];
	return Array.isArray(results)
		? { entities: results, hasMore: asText(asObject(envelope)?.["__next"]) !== undefined }
		: undefined;
}

/** The one entity of an answer: this provider wraps it once more than the standard does. */
export function entityIn(body: Uint8Array): Fields | undefined {
	const envelope = asObject(asObject(readJson(body))?.["d"]);
	return asObject(envelope?.["results"]) ?? envelope;
}

/** Entities below another one, expanded: with the envelope of a list, or without. */
export function expandedIn(value: unknown): readonly Fields[] {
	const list = Array.isArray(value) ? value : asArray(asObject(value)?.["results"]);
	return list.map(asObject).filter((entity) => entity !== undefined);
}

/** `ObjectID`: 32 hexadecimal digits, told in capitals. */
export function objectIdIn(fields: Fields | undefined): string | undefined {
	const id = asText(fields?.["ObjectID"]);
	return id !== undefined && /^[0-9A-F]{32}$/i.test(id) ? id.toUpperCase() : undefined;
}

/** What the provider says of a refusal: `{"error":{"code":"…","message":{"lang":"en","value":"…"}}}`. */
export function wordsIn(body: Uint8Array): string {
	const error = asObject(asObject(readJson(body))?.["error"]);
	return asText(asObject(error?.["message"])?.["value"]) ?? asText(error?.["message"]) ?? "";
}

export function isDone(answer: HttpAnswer): answer is Extract<HttpAnswer, { kind: "answered" }> {
	return answer.kind === "answered" && answer.status >= 200 && answer.status <= 299;
}
