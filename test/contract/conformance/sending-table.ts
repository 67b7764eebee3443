// What a connector must make of each answer. The rule in one line: `retry` only when the provider certainly took nothing,
// `rejected` only when it never will, `unknown` for everything between.

import type { FaultCode } from "#domain/faults.ts";
import type { Outcome } from "#connectors/contract.ts";
import type { Trial } from "./stand.ts";
import { now } from "./stand.ts";

export type Row = {
	name: string;
	trial: Trial;
	/** Any of these. */
	kinds: readonly Outcome["kind"][];
	code?: FaultCode;
	/** If it is to be tried again: not before this. */
	notBefore?: Date;
	closesService?: true;
};

const html = "<html><body>It works!</body></html>";

export function reply(
	status: number,
	body: string | Uint8Array = "",
	headers: Readonly<Record<string, string>> = {},
): Trial {
	return { answer: { kind: "reply", status, body, headers } };
}

function later(ms: number): Date {
	return new Date(now.getTime() + ms);
}

function redirect(status: number): Row {
	return {
		name: String(status),
		trial: reply(status, "", { location: "/elsewhere" }),
		kinds: ["rejected"],
		code: "config",
	};
}

/** What a proxy on the way says instead of the provider. */
function page(status: number, kind: Outcome["kind"]): Row {
	return { name: `${status} with a page`, trial: reply(status, html, { "content-type": "text/html" }), kinds: [kind] };
}

const hourMs = 3_600_000;

/** A wait that nobody means, or that is longer than the hour after which we ask again anyway. */
const strangeWaits: readonly (readonly [what: string, value: string, notBefore?: Date])[] = [
	["negative seconds", "-5"],
	["half a second", "1.5"],
	["words", "a while"],
	["two values", "7, 9"],
	["a past date", "Wed, 21 Oct 2015 07:28:00 GMT"],
	["an hour and more", "3601", later(hourMs)],
	["endless seconds", "9".repeat(400), later(hourMs)],
	["the year 3000", "Wed, 01 Jan 3000 00:00:00 GMT", later(hourMs)],
];

function waiting([what, value, notBefore]: (typeof strangeWaits)[number]): Row {
	const trial = reply(429, "", { "retry-after": value });
	const row: Row = { name: `429 with ${what}`, trial, kinds: ["retry"], code: "throttled" };
	return notBefore === undefined ? row : { ...row, notBefore };
}

const notUtf8 = Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0xc0, 0x80, 0x22, 0x3a, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d]);

export const sendingTable: readonly Row[] = [
	{ name: "valid", trial: {}, kinds: ["accepted"] },
	{ name: "valid, byte by byte", trial: { answer: { kind: "simulator", slowly: true } }, kinds: ["accepted"] },
	{ name: "200 with garbage", trial: reply(200, "\u0000<garbage"), kinds: ["unknown"], code: "protocol" },
	{ name: "200 with a page", trial: reply(200, html, { "content-type": "text/html" }), kinds: ["unknown"] },
	{ name: "200 with other JSON", trial: reply(200, '{"ok":true}'), kinds: ["unknown"], code: "protocol" },
	{ name: "200 with null", trial: reply(200, "null"), kinds: ["unknown"], code: "protocol" },
	{ name: "200 empty", trial: reply(200), kinds: ["unknown"], code: "protocol" },
	{ name: "200 without UTF-8", trial: reply(200, notUtf8), kinds: ["unknown"], code: "protocol" },
	{ name: "200 with a prototype", trial: reply(200, '{"__proto__":{"id":"1"}}'), kinds: ["unknown"], code: "protocol" },
	...[300, 301, 302, 303, 307, 308].map(redirect),
	{ name: "400", trial: reply(400), kinds: ["rejected"] },
	{ name: "401", trial: reply(401), kinds: ["retry"], code: "credentials" },
	{ name: "403", trial: reply(403), kinds: ["rejected"] },
	{ name: "404", trial: reply(404), kinds: ["rejected"] },
	page(400, "rejected"),
	page(403, "rejected"),
	page(404, "rejected"),
	{ name: "408", trial: reply(408), kinds: ["unknown"] },
	{ name: "409", trial: reply(409), kinds: ["unknown"] },
	{ name: "413", trial: reply(413), kinds: ["rejected"] },
	{ name: "422", trial: reply(422), kinds: ["rejected"] },
	// RFC 8470 section 5.2 says that it was not processed; whoever does not rely on that is right too.
	{ name: "425", trial: reply(425), kinds: ["unknown", "retry"] },
	{ name: "451", trial: reply(451), kinds: ["rejected"] },
	{ name: "410", trial: reply(410), kinds: ["rejected"], code: "config", closesService: true },
	{ name: "429", trial: reply(429), kinds: ["retry"], code: "throttled" },
	{
		name: "429 with seconds",
		trial: reply(429, "", { "retry-after": "7" }),
		kinds: ["retry"],
		code: "throttled",
		notBefore: later(7000),
	},
	{
		name: "429 with a date",
		trial: reply(429, "", { "retry-after": later(90_000).toUTCString() }),
		kinds: ["retry"],
		code: "throttled",
		notBefore: later(90_000),
	},
	...strangeWaits.map(waiting),
	page(429, "retry"),
	{ name: "400 without UTF-8", trial: reply(400, notUtf8), kinds: ["rejected"] },
	{ name: "500", trial: reply(500), kinds: ["unknown"] },
	page(500, "unknown"),
	page(502, "unknown"),
	{ name: "503", trial: reply(503), kinds: ["unknown"] },
	{
		name: "503 with seconds",
		trial: reply(503, "", { "retry-after": "7" }),
		kinds: ["unknown"],
		notBefore: later(7000),
	},
	{ name: "504", trial: reply(504), kinds: ["unknown"] },
	{ name: "refused connection", trial: { unreachable: "service" }, kinds: ["retry"], code: "unreachable" },
	// Whether a byte had left when the connection broke depends on who is faster; both are the truth then.
	{ name: "reset before reading", trial: { answer: { kind: "resetBefore" } }, kinds: ["unknown", "retry"] },
	{ name: "reset before the body", trial: { answer: { kind: "resetAtBody" } }, kinds: ["unknown"] },
	{ name: "reset after reading", trial: { answer: { kind: "resetAfter" } }, kinds: ["unknown"] },
	{ name: "closed after reading", trial: { answer: { kind: "closeAfter" } }, kinds: ["unknown"] },
	{ name: "answer cut short", trial: { answer: { kind: "cutShort" } }, kinds: ["unknown"] },
	{ name: "stall", trial: { answer: { kind: "stall" } }, kinds: ["unknown"] },
	{ name: "stall in the answer", trial: { answer: { kind: "stallInBody" } }, kinds: ["unknown"] },
	{ name: "trickle without end", trial: { answer: { kind: "trickle" } }, kinds: ["unknown"] },
	{ name: "endless answer", trial: reply(200, `{"a":"${"x".repeat(100_000)}"}`), kinds: ["unknown"] },
	{ name: "endless headers", trial: reply(200, "{}", { "x-long": "x".repeat(40_000) }), kinds: ["unknown"] },
	{ name: "refusal without end", trial: reply(400, "x".repeat(100_000)), kinds: ["unknown"] },
];

/** Answers of the token endpoint: no message was sent, so whatever it says, the message survives. */
export const tokenTable: readonly Row[] = [
	{ name: "valid token", trial: {}, kinds: ["accepted"] },
	...[
		reply(200, "\u0000<garbage"),
		reply(200),
		reply(200, '{"access_token":""}'),
		reply(301, "", { location: "/elsewhere" }),
		reply(400, '{"error":"invalid_client"}'),
		reply(401),
		reply(403),
		reply(404),
		reply(400, html, { "content-type": "text/html" }),
		reply(200, notUtf8),
		reply(429),
		reply(500),
		reply(503),
	].map(({ answer }): Row => {
		const name = answer?.kind === "reply" ? `token ${answer.status} ${String(answer.body ?? "")}` : "";
		return { name, trial: asToken(answer), kinds: ["retry"] };
	}),
	{ name: "token port shut", trial: { withoutToken: true, unreachable: "tokens" }, kinds: ["retry"] },
	{ name: "token reset before reading", trial: asToken({ kind: "resetBefore" }), kinds: ["retry"] },
	{ name: "token reset before the body", trial: asToken({ kind: "resetAtBody" }), kinds: ["retry"] },
	{ name: "token reset", trial: asToken({ kind: "resetAfter" }), kinds: ["retry"] },
	{ name: "token stall", trial: asToken({ kind: "stall" }), kinds: ["retry"] },
	{ name: "token trickle", trial: asToken({ kind: "trickle" }), kinds: ["retry"] },
	{ name: "token cut short", trial: asToken({ kind: "cutShort" }), kinds: ["retry"] },
	{ name: "token closed", trial: asToken({ kind: "closeAfter" }), kinds: ["retry"] },
];

function asToken(answer: Trial["answer"]): Trial {
	return { withoutToken: true, ...(answer === undefined ? {} : { tokenAnswer: answer }) };
}
