// What an administrator can describe of a gateway, as the one schema that draws the form, checks what is stored and says
// what the words mean. Everything here is ours: there is no provider behind this type. README.md puts two well-known
// gateways into these words.

import { type Static, Type } from "typebox";
import type { StoredService } from "../contract.ts";
import { asArray, asObject } from "../kit/http.ts";
import { failedWords, ignoredWords, readWords, deliveredWords, sentWords } from "./codes.ts";
import { pathPattern } from "./paths.ts";

const templateUnitsMax = 4000;
const wordsMax = 50;

type Told = { title: string; description: string };

function choice<Value extends string>(told: Told, values: readonly [Value, ...Value[]]) {
	const schema = Type.Union(
		values.map((value) => Type.Literal(value)),
		{ ...told, default: values[0] },
	);
	return Type.Unsafe<Value>(schema); // The static type of a mapped list would be lost.
}

function path(told: Told, usual: string) {
	return Type.String({ ...told, pattern: pathPattern, default: usual });
}

function text(told: Told, usual: string, maxLength: number) {
	return Type.String({ ...told, maxLength, default: usual });
}

function words(told: Told, usual: readonly string[]) {
	return Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { ...told, maxItems: wordsMax, default: [...usual] });
}

const outgoing = {
	method: choice({ title: "Method", description: "The HTTP method of the request that sends a message." }, [
		"POST",
		"GET",
		"PUT",
	]),
	headers: Type.Array(Type.String({ minLength: 3, maxLength: 500 }), {
		title: "Headers",
		description:
			"Each as Name: value, with placeholders. {{basic}} are user and password together, as HTTP Basic writes them. Content-Type follows from the body.",
		maxItems: 20,
		default: ["Authorization: Basic {{basic}}"],
	}),
	bodyFormat: choice(
		{
			title: "Body",
			description: "How the body is written; it decides how values are escaped in it. GET has none.",
		},
		["form", "json", "xml", "text", "none"],
	),
	body: text(
		{
			title: "Body template",
			description:
				"The body with placeholders: {{text}}, {{textHexUcs2}}, {{to}}, {{toNoPlus}}, {{to00}}, {{from}}, {{fromNoPlus}}, {{from00}}, {{id}} (ours for this attempt), {{encoding}}, {{dlrUrl}}, {{user}}, {{password}}.",
		},
		"from={{from}}&to={{to}}&text={{text}}&id={{id}}&dlr={{dlrUrl}}",
		templateUnitsMax,
	),
	charset: choice(
		{
			title: "Character set",
			description:
				"Of URL, form, plain text and body, in both directions. With iso-8859-1 a text with other characters is refused, unless it is sent as hexadecimal digits or escaped by JSON or XML.",
		},
		["utf-8", "iso-8859-1"],
	),
	unicodeText: choice(
		{
			title: "Texts outside of the GSM alphabet",
			description:
				"What {{text}} is when the text has a character that the GSM alphabet lacks: the characters as they are, or the UCS-2 code units as hexadecimal digits.",
		},
		["characters", "hex"],
	),
	gsmWord: text(
		{ title: "Word for GSM", description: "What {{encoding}} is for a text in the GSM alphabet." },
		"gsm",
		40,
	),
	unicodeWord: text({ title: "Word for Unicode", description: "What {{encoding}} is for any other text." }, "ucs2", 40),
};

const answer = {
	successStatuses: Type.String({
		title: "Statuses of success",
		description: "HTTP statuses (2xx) that an accepted message may be answered with, separated by commas.",
		pattern: "^2[0-9]{2}(, ?2[0-9]{2}){0,9}$",
		examples: ["200, 201, 202"],
		default: "200, 201, 202",
	}),
	successPattern: text(
		{
			title: "Success, as an expression",
			description:
				"A regular expression that the answer of an accepted message matches; empty: not asked. (?i) in front: letters of either case.",
		},
		"",
		300,
	),
	successPath: path(
		{
			title: "Success, as a field",
			description: "The field of a JSON or XML answer that has one of the words of success; empty: not asked.",
		},
		"",
	),
	successWords: words(
		{ title: "Words of success", description: "What that field says when the message is accepted." },
		["ok", "0", "accepted", "true"],
	),
	idFrom: choice(
		{
			title: "Where the gateway's id is",
			description:
				"In a field of JSON or XML, in the first group of a regular expression, in a header; or ours: the gateway gives none and reports under the {{id}} that we sent.",
		},
		["field", "expression", "header", "ours"],
	),
	idAt: text(
		{ title: "The gateway's id", description: "The path of the field, the expression, or the header's name." },
		"id",
		300,
	),
	errors: Type.Array(Type.String({ minLength: 1, maxLength: 400 }), {
		title: "Errors",
		description:
			"What an answer means that matches an expression, the first that fits: outcome, fault and expression, as in “retry throttled: (?i)too many”. Outcomes: retry (certainly not taken), rejected (never will be), unknown.",
		maxItems: 10,
		examples: [["retry throttled: (?i)too many", "rejected recipient: ERR ?21[12]"]],
		default: [],
	}),
};

const incoming = {
	bareNumbers: choice(
		{
			title: "Numbers without + or 00",
			description: "What bare digits are: a whole number without its plus, or a number of the country below.",
		},
		["international", "national"],
	),
	country: Type.String({
		title: "Country",
		description: "Two letters (ISO 3166) for numbers without a country code.",
		pattern: "^([A-Z]{2})?$",
		examples: ["FI"],
		default: "",
	}),
	ourAddress: text(
		{
			title: "Our number",
			description: "Our number or name where the gateway does not tell it, and the sender of messages that name none.",
		},
		"",
		30,
	),
	incomingFormat: choice(
		{
			title: "Format of calls",
			description: "What the gateway calls us with: parameters (a query or a form), a JSON body or an XML body.",
		},
		["parameters", "json", "xml"],
	),
	itemsPath: path(
		{
			title: "List of items",
			description:
				"The list in a JSON or XML body that holds messages and receipts; empty: the body is one, or is the list.",
		},
		"",
	),
	messageFrom: path({ title: "Message: from", description: "The contact's number." }, "from"),
	messageTo: path({ title: "Message: to", description: "Our number; empty: not told." }, "to"),
	messageText: path({ title: "Message: text", description: "The text." }, "text"),
	messageId: path({ title: "Message: id", description: "The gateway's id of the message." }, "id"),
	messageTime: path(
		{ title: "Message: time", description: "When it was written or received; empty: not told." },
		"time",
	),
	messageEncoding: path(
		{ title: "Message: encoding", description: "The field that says how the text is written; empty: never as digits." },
		"encoding",
	),
	hexWords: words(
		{
			title: "Words for digits",
			description: "What that field says when the text is UCS-2 code units as hexadecimal digits.",
		},
		["ucs2-hex"],
	),
	kindPath: path(
		{
			title: "Kind of call",
			description: "The field that tells a receipt from a message; empty: a receipt is what has a status and no text.",
		},
		"",
	),
	receiptKinds: words({ title: "Words for a receipt", description: "What that field says of a receipt." }, [
		"dlr",
		"receipt",
		"report",
	]),
	receiptId: path({ title: "Receipt: id", description: "The gateway's id, as in its answer." }, "id"),
	receiptOwnId: path(
		{ title: "Receipt: our id", description: "Our {{id}}, where the gateway gives it back; empty: it does not." },
		"",
	),
	receiptStatus: path({ title: "Receipt: status", description: "The status word." }, "status"),
	receiptError: path({ title: "Receipt: error", description: "The gateway's error code; empty: none." }, "error"),
	receiptTime: path({ title: "Receipt: time", description: "When it happened; empty: not told." }, "time"),
	sentWords: words({ title: "Words for sent", description: "Under way in the network." }, sentWords),
	deliveredWords: words({ title: "Words for delivered", description: "It has arrived." }, deliveredWords),
	readWords: words({ title: "Words for read", description: "It was read, where a channel tells that." }, readWords),
	failedWords: words({ title: "Words for failed", description: "It will not arrive." }, failedWords),
	ignoredWords: words(
		{ title: "Words without meaning", description: "Kept in the trace, but changing no message." },
		ignoredWords,
	),
	replyStatus: Type.Integer({
		title: "Our answer: status",
		description: "The status that the gateway takes as received.",
		minimum: 200,
		maximum: 299,
		default: 200,
	}),
	replyBody: text({ title: "Our answer: body", description: "What the gateway wants to read." }, "OK", 500),
	replyType: choice({ title: "Our answer: type", description: "The Content-Type of that body." }, [
		"text/plain",
		"application/json",
		"text/xml",
	]),
};

export const settingsSchema = Type.Object({ ...outgoing, ...answer, ...incoming }, { additionalProperties: false });
export type Settings = Static<typeof settingsSchema>;

/** Every setting, stored or by default. A value of another type than its default counts as not there: it breaks a rule. */
export function settingsOf({ settings }: Pick<StoredService, "settings">): Settings {
	const entries = Object.entries(asObject(settingsSchema.properties) ?? {}).map(([name, schema]) => {
		const usual = asObject(schema)?.["default"];
		const stored = Object.hasOwn(settings, name) ? settings[name] : undefined;
		const choices = asArray(asObject(schema)?.["anyOf"]).map((choice) => asObject(choice)?.["const"]);
		const isPossible = choices.length === 0 || choices.includes(stored);
		return [name, isPossible && isLike(stored, usual) ? stored : usual];
	});
	return Object.fromEntries(entries) as Settings;
}

function isLike(value: unknown, usual: unknown): boolean {
	return Array.isArray(usual)
		? Array.isArray(value) && asArray(value).every((entry) => typeof entry === "string")
		: typeof value === typeof usual;
}
