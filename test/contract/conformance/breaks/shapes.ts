// Connectors that trust the shape of an answer, miss a status word, help themselves, or have a form that does not fit.

import { join } from "node:path";
import type { HttpAnswer, Outcome, Tools } from "#connectors/contract.ts";
import { asObject, readJson } from "#connectors/kit/http.ts";
import type { RemoteId } from "#domain/ids.ts";
import { type Subject, subjectOf } from "../subject.ts";
import {
	type Breaks,
	facebook,
	having,
	onlyFor,
	parsing,
	retry,
	sending,
	telling,
	throwing,
	twilio,
	withForm,
} from "./breaking.ts";

/** With the first reports, which `small` leaves out. */
const reported: Subject = (() => {
	const subject = subjectOf("twilio");
	const statuses = new Set(["sent", "delivered", "read", "failed"]);
	const told = (events: unknown): boolean => [...statuses].some((word) => JSON.stringify(events).includes(`"${word}"`));
	return { ...subject, fixtures: subject.fixtures.filter(({ verdict, events }) => verdict === "ok" && told(events)) };
})();

function afterAnswer(subject: Subject, look: (answer: HttpAnswer) => HttpAnswer): Subject {
	return sending(subject, (send) => (message, config, tools) => {
		const http: Tools["http"] = async (call) => look(await tools.http(call));
		return send(message, config, { ...tools, http });
	});
}

function fieldsOf(answer: HttpAnswer): Readonly<Record<string, unknown>> {
	return answer.kind === "answered" ? (asObject(readJson(answer.body)) ?? {}) : {};
}

/** Believes whatever stands where the id is expected. */
function credulous(subject: Subject): Subject {
	return sending(subject, (send) => async (message, config, tools) => {
		let fields: Readonly<Record<string, unknown>> = {};
		const http: Tools["http"] = async (call) => {
			const answer = await tools.http(call);
			fields = fieldsOf(answer);
			return answer;
		};
		const outcome = await send(message, config, { ...tools, http });
		return "message_id" in fields ? { kind: "accepted", remoteIds: [fields["message_id"] as RemoteId] } : outcome;
	});
}

function polluting(answer: HttpAnswer): HttpAnswer {
	if (Object.hasOwn(fieldsOf(answer), "__proto__")) {
		Object.defineProperty(Object.prototype, "merged", { value: true, configurable: true, enumerable: false });
	}
	return answer;
}

const { config: twilioConfig } = twilio.connector;

function parsingConfig(look: (service: Parameters<typeof twilioConfig.parse>[0]) => unknown): Subject {
	return having(twilio, {
		config: {
			...twilioConfig,
			parse(service) {
				look(service);
				return twilioConfig.parse(service);
			},
		},
	});
}

const spareRule = {
	role: "spare",
	direction: "incoming",
	idLabel: "Spare",
	secretLabel: "Secret",
	description: "For nothing.",
	idPattern: "^spare$",
	idShape: "the word spare",
	idExample: "spare",
	min: 0,
	max: 1,
} as const;

const idleSchema = {
	type: "object",
	additionalProperties: false,
	properties: { idle: { type: "boolean", title: "Idle", description: "Nothing.", default: false } },
};

export const shapeBreaks: Breaks = {
	"an answer in another shape is neither thrown over nor believed": [
		{
			what: "bears no field that it does not know",
			subject: afterAnswer(facebook, (answer) => ("parley_unheard_of" in fieldsOf(answer) ? throwing() : answer)),
			says: /with a field more: thrown is made of it/,
		},
		{
			what: "believes an id that is no text",
			subject: credulous(facebook),
			says: /accepted with a remote id that is no text: null/,
		},
		{
			what: "sends again what was answered",
			subject: telling(
				twilio,
				onlyFor("unknown", () => retry),
			),
			says: /it is to be sent again, although it was answered with 2xx/,
		},
		{
			what: "lets an answer change every object",
			subject: afterAnswer(facebook, polluting),
			says: /Object\.prototype was changed/,
		},
	],
	"every documented status word is read": [
		{
			what: "takes one word for another",
			subject: parsing(reported, (events) =>
				events.map((event) =>
					event.kind === "receipt" && event.status === "read" ? { ...event, status: "delivered" } : event,
				),
			),
			says: /read becomes delivered, expected is read/,
		},
		{
			what: "does not know a documented word",
			subject: {
				...reported,
				readme: "## Status words\n\n| word |  |\n| `delivered` | delivered |\n| `bounced` | failed |\n",
			},
			says: /bounced becomes unreadable, expected is failed/,
		},
		{
			what: "takes every word for a yes",
			subject: parsing(reported, (events, raw) =>
				events.some(({ kind }) => kind === "unreadable")
					? reported.connector.inbound.parse(
							{
								...raw,
								body: Buffer.from(String(Buffer.from(raw.body)).replaceAll("PARLEY_UNHEARD_OF", "sent")),
							} as never,
							reported.connector.config.parse(reported.fixtures[0]?.service ?? throwing()),
						)
					: events,
			),
			says: /PARLEY_UNHEARD_OF becomes sent, expected is no receipt/,
		},
		{
			what: "drops what it does not know",
			subject: parsing(reported, (events) => events.filter(({ kind }) => kind === "receipt")),
			says: /becomes nothing, expected is/,
		},
		{ what: "documents no words", subject: { ...reported, readme: "" }, says: /no heading “## Status words”/ },
		{
			what: "documents an outcome that does not exist",
			subject: { ...reported, readme: "## Status words\n\n| `delivered` | arrived |\n" },
			says: /says that delivered becomes arrived/,
		},
		{ what: "has no fixture of a receipt", subject: twilio, says: /no fixture has a receipt that says read/ },
	],
	"nothing is reached but by what is handed in": [
		{
			what: "opens sockets itself",
			subject: { ...twilio, folder: join(import.meta.dirname, "../../../../src/platform") },
			says: /safe-request\.ts:\d+ imports undici; a connector may not/,
		},
		{ what: "is nowhere", subject: { ...twilio, folder: "/nowhere" }, says: /there is no folder \/nowhere/ },
	],
	"the form covers the configuration": [
		{
			what: "reads a setting that nobody can enter",
			subject: parsingConfig(({ settings }) => settings["hidden"]),
			says: /the setting hidden is read, and the form does not describe it/,
		},
		{
			what: "reads an address that nobody is asked for",
			subject: parsingConfig(({ authenticationUrl }) => authenticationUrl),
			says: /authenticationUrl is read, and the form does not ask for it/,
		},
		{
			what: "asks for what it does not use",
			subject: withForm(twilio, { settings: idleSchema }),
			says: /the setting idle changes nothing/,
		},
		{
			what: "asks for a secret that it does not use",
			subject: withForm(twilio, { authentications: [...twilioConfig.form.authentications, spareRule] }),
			says: /an authentication of the rule spare changes nothing/,
		},
	],
};

/** More ways to misunderstand an answer: those of the sockets, of proxies and of strange waits. */
export const strangeAnswerBreaks: NonNullable<Breaks["every answer is understood"]> = [
	...["reset before the body", "closed after reading", "answer cut short", "trickle without end", "504"].map((row) => ({
		what: `tries again after this: ${row}`,
		subject: telling(
			facebook,
			onlyFor("unknown", () => retry),
		),
		on: [row],
		says: new RegExp(`${row}: the outcome is retry .*, expected is unknown`),
	})),
	{
		what: "waits until the year 3000",
		subject: waiting(new Date("3000-01-01T00:00:00.000Z")),
		on: ["429 with the year 3000", "429 with endless seconds"],
		says: /the year 3000: notBefore is 3000-01-01/,
	},
	{
		what: "looks back",
		subject: waiting(new Date("2026-11-24T11:59:55.000Z")),
		on: ["429 with negative seconds"],
		says: /negative seconds: notBefore is -5 s from now/,
	},
	{
		what: "waits a day where nobody named a time",
		subject: waiting(new Date("2026-11-25T12:00:00.000Z")),
		on: ["429 with words"],
		says: /words: notBefore is 86400 s from now/,
	},
	{
		what: "quotes a page",
		subject: telling(twilio, (outcome) =>
			"detail" in outcome ? { ...outcome, detail: "It said <html><body>It works!</body></html>." } : outcome,
		),
		on: ["500 with a page"],
		says: /the detail quotes a page/,
	},
	{
		what: "prints what it sends",
		subject: sending(twilio, (send) => (message, config, tools) => {
			process.stderr.write(`${message.text}\n`);
			return send(message, config, tools);
		}),
		on: ["valid"],
		says: /the console tells the message/,
	},
	{
		what: "does not ask",
		subject: sending(facebook, () => () => Promise.resolve(retry)),
		on: ["503"],
		says: /503: 0 requests were sent/,
	},
];

function waiting(notBefore: Date): Subject {
	return telling(facebook, (outcome): Outcome => (outcome.kind === "retry" ? { ...outcome, notBefore } : outcome));
}
