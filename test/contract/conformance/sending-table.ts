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
	notBefore?: Date;
	closesService?: true;
};

const html = "<html><body>It works!</body></html>";

function reply(status: number, body = "", headers: Readonly<Record<string, string>> = {}): Trial {
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

export const sendingTable: readonly Row[] = [
	{ name: "valid", trial: {}, kinds: ["accepted"] },
	{ name: "200 with garbage", trial: reply(200, "\u0000<garbage"), kinds: ["unknown"], code: "protocol" },
	{ name: "200 with a page", trial: reply(200, html, { "content-type": "text/html" }), kinds: ["unknown"] },
	{ name: "200 with other JSON", trial: reply(200, '{"ok":true}'), kinds: ["unknown"], code: "protocol" },
	{ name: "200 with null", trial: reply(200, "null"), kinds: ["unknown"], code: "protocol" },
	{ name: "200 empty", trial: reply(200), kinds: ["unknown"], code: "protocol" },
	...[301, 302, 307, 308].map(redirect),
	{ name: "400", trial: reply(400), kinds: ["rejected"] },
	{ name: "401", trial: reply(401), kinds: ["retry"], code: "credentials" },
	{ name: "403", trial: reply(403), kinds: ["rejected"] },
	{ name: "404", trial: reply(404), kinds: ["rejected"] },
	{ name: "408", trial: reply(408), kinds: ["unknown"] },
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
	{ name: "500", trial: reply(500), kinds: ["unknown"] },
	{ name: "502", trial: reply(502, html, { "content-type": "text/html" }), kinds: ["unknown"] },
	{ name: "503", trial: reply(503), kinds: ["unknown"] },
	{ name: "refused connection", trial: { isUnreachable: true }, kinds: ["retry"], code: "unreachable" },
	// Whether a byte had left when the connection broke depends on who is faster; both are the truth then.
	{ name: "reset before reading", trial: { answer: { kind: "resetBefore" } }, kinds: ["unknown", "retry"] },
	{ name: "reset after reading", trial: { answer: { kind: "resetAfter" } }, kinds: ["unknown"] },
	{ name: "stall", trial: { answer: { kind: "stall" } }, kinds: ["unknown"] },
	{ name: "stall in the answer", trial: { answer: { kind: "stallInBody" } }, kinds: ["unknown"] },
	{ name: "endless answer", trial: reply(200, `{"a":"${"x".repeat(100_000)}"}`), kinds: ["unknown"] },
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
		reply(429),
		reply(500),
		reply(503),
	].map(({ answer }): Row => {
		const name = answer?.kind === "reply" ? `token ${answer.status} ${answer.body ?? ""}` : "";
		return { name, trial: asToken(answer), kinds: ["retry"] };
	}),
	{ name: "token reset", trial: asToken({ kind: "resetAfter" }), kinds: ["retry"] },
	{ name: "token stall", trial: asToken({ kind: "stall" }), kinds: ["retry"] },
];

function asToken(answer: Trial["answer"]): Trial {
	return { withoutToken: true, ...(answer === undefined ? {} : { tokenAnswer: answer }) };
}
