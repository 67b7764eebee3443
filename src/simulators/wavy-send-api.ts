// The send and search resources of the simulated Wavy: which requests they take, which they refuse and how. Stricter than
// Wavy in one thing: a field that its pages do not name is refused.

import type { HeardRequest, HttpReply } from "./kit.ts";
import { jsonReply } from "./kit.ts";

export type WavyUser = { userName: string; authenticationToken: string };
export type WavyRefusal = { status: number; message: string };

/** What one accepted request sends. */
export type WavyMessage = {
	channel: "sms" | "whatsapp";
	destination: string;
	correlationId: string | undefined;
	text: string;
};

export const smsPath = "/v1/send-sms";
export const whatsappPath = "/v1/whatsapp/send";
export const searchPath = "/v1/sms/status/search";
export const inboxPath = "/v1/sms/receive/search";

type Json = Readonly<Record<string, unknown>>;

export function errorReply({ status, message }: WavyRefusal): HttpReply {
	return jsonReply(status, { errorCode: status, errorMessage: message });
}

function refusal(message: string, status = 400): WavyRefusal {
	return { status, message };
}

/** The names of the headers may be in any case, as always with HTTP; Node gives them in small letters. */
export function userRefusal({ headers }: HeardRequest, user: WavyUser): WavyRefusal | undefined {
	return headers["username"] === user.userName && headers["authenticationtoken"] === user.authenticationToken
		? undefined
		: refusal(
				"Authentication Error: No user was found with this combination of username and Authentication token.",
				401,
			);
}

/** The message that the request sends, or why it is refused. */
export function readSend(request: HeardRequest): WavyMessage | WavyRefusal {
	if (request.method !== "POST") {
		return refusal(`Method ${request.method} is not allowed.`, 405);
	}
	const body = jsonOf(request);
	if (body === undefined) {
		return refusal("The body is not a JSON object.");
	}
	return request.path === smsPath ? readSms(body) : readWhatsapp(body);
}

export function isRefusal(value: object): value is WavyRefusal {
	return "status" in value;
}

function jsonOf({ headers, body }: HeardRequest): Json | undefined {
	if (!/^application\/json(?:;\s*charset=utf-8)?$/i.test(headers["content-type"] ?? "")) {
		return undefined;
	}
	try {
		return asObject(JSON.parse(body) as unknown);
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}
		throw error;
	}
}

function asObject(value: unknown): Json | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

const expiries = ["expiresAt", "expiresInMinutes", "expiresDate"];
const schedules = ["scheduledAt", "delayedInMinutes", "scheduledDate"];
const smsFields = new Set(
	[
		"destination messageText correlationId extraInfo timeWindow timeZone campaignAlias flashSMS flowId params",
		"templateId templateName subAccount",
		...expiries,
		...schedules,
	].flatMap((line) => line.split(" ")),
);
const textMax = 1280;

type Check = (body: Json) => WavyRefusal | undefined;

function demand(isMet: boolean, message: string): WavyRefusal | undefined {
	return isMet ? undefined : refusal(message);
}

function firstRefusal(body: Json, checks: readonly Check[]): WavyRefusal | undefined {
	return checks.map((check) => check(body)).find((found) => found !== undefined);
}

const smsChecks: readonly Check[] = [
	(body) => unknownField(body, smsFields),
	({ destination }) =>
		demand(/^[1-9]\d{2,14}$/.test(textOf(destination) ?? ""), "destination must be digits with the country code."),
	({ messageText }) => textRefusal(messageText),
	idRefusal,
	(body) =>
		demand(
			[expiries, schedules].every((names) => names.filter((name) => name in body).length <= 1),
			"Only one of the fields for expiry, and one for schedule, may be given.",
		),
	({ expiresInMinutes: minutes = 1 }) =>
		demand(Number.isInteger(minutes) && Number(minutes) >= 1, "expiresInMinutes must be positive."),
];

function readSms(body: Json): WavyMessage | WavyRefusal {
	const { destination, messageText, correlationId } = body;
	const text = textOf(messageText) ?? "";
	const message = { channel: "sms", destination: textOf(destination) ?? "", text } as const;
	return firstRefusal(body, smsChecks) ?? { ...message, correlationId: textOf(correlationId) };
}

function textRefusal(text: unknown): WavyRefusal | undefined {
	return typeof text === "string" && text !== "" && text.length <= textMax
		? undefined
		: refusal(`messageText must be a text of 1 to ${textMax} characters.`);
}

function idRefusal({ correlationId = "", extraInfo = "" }: Json): WavyRefusal | undefined {
	return typeof correlationId === "string" &&
		correlationId.length <= 64 &&
		typeof extraInfo === "string" &&
		extraInfo.length <= 255
		? undefined
		: refusal("correlationId has at most 64 characters, extraInfo at most 255.");
}

function textOf(value: unknown): string | undefined {
	return typeof value === "string" ? value : undefined;
}

function unknownField(body: Json, known: ReadonlySet<string>): WavyRefusal | undefined {
	const stranger = Object.keys(body).find((name) => !known.has(name));
	return stranger === undefined ? undefined : refusal(`Unknown field ${stranger}.`);
}

const whatsappFields = new Set(["destinations", "message", "campaignAlias", "extraInfo", "flowId"]);
const destinationFields = new Set(["destination", "correlationId", "recipientType"]);

const entryChecks: readonly Check[] = [
	(entry) => unknownField(entry, destinationFields),
	({ destination }) =>
		demand(/^[1-9]\d{7,14}$/.test(numberOf(destination)), "destination must have country and area code."),
	({ recipientType = "individual" }) =>
		demand(["individual", "group"].includes(textOf(recipientType) ?? ""), "recipientType is not known."),
	idRefusal,
];

function readWhatsapp(body: Json): WavyMessage | WavyRefusal {
	const { destinations } = body;
	const list = Array.isArray(destinations) ? (destinations as readonly unknown[]) : [];
	const entry = asObject(list[0]);
	const message = asObject(body["message"]);
	if (entry === undefined || message === undefined || list.length !== 1) {
		return refusal("destinations must be a list with one recipient, message an object.");
	}
	const broken = unknownField(body, whatsappFields) ?? firstRefusal(entry, entryChecks) ?? contentRefusal(message);
	const correlationId = textOf(entry["correlationId"]);
	const text = textOf(message["messageText"]) ?? "";
	return broken ?? { channel: "whatsapp", destination: numberOf(entry["destination"]), correlationId, text };
}

/** As documented, a number may have a plus, spaces and brackets. */
function numberOf(destination: unknown): string {
	return textOf(destination)?.replaceAll(/[\s()+-]/g, "") ?? "";
}

const media = ["image", "audio", "video", "document"];
const contents = ["messageText", ...media, "location", "contacts", "hsm", "template"];

/** Exactly one content, and a time to live of 1 to 30 days. */
function contentRefusal(message: Json): WavyRefusal | undefined {
	const { ttl = 7 } = message;
	const [name, ...others] = contents.filter((candidate) => candidate in message);
	const content = asObject(message[name ?? ""]);
	if (name === undefined || others.length > 0) {
		return refusal("message must have one content.");
	}
	if (!Number.isInteger(ttl) || Number(ttl) < 1 || Number(ttl) > 30) {
		return refusal("ttl must be 1 to 30 days.");
	}
	const stranger = unknownField(message, new Set([...contents, "ttl"]));
	return stranger ?? (name === "messageText" ? textRefusal(message[name]) : objectRefusal(name, content));
}

function objectRefusal(name: string, content: Json | undefined): WavyRefusal | undefined {
	if (media.includes(name)) {
		return mediumRefusal(content ?? {});
	}
	return ["hsm", "template"].includes(name) ? templateRefusal(content ?? {}) : undefined;
}

function mediumRefusal({ type, url, data, caption = "" }: Json): WavyRefusal | undefined {
	const hasSource =
		(typeof url === "string" && /^https?:/.test(URL.parse(url)?.protocol ?? "")) !== (data !== undefined);
	return typeof type === "string" && /^[A-Z0-9]{2,5}$/.test(type) && typeof caption === "string" && hasSource
		? undefined
		: refusal("A medium has a type and either a url or data.");
}

function templateRefusal({ namespace, elementName, languageCode, parameters = [] }: Json): WavyRefusal | undefined {
	const names = [namespace, elementName, languageCode];
	const values = Array.isArray(parameters) ? (parameters as readonly unknown[]) : [0];
	return [...names, ...values].every((text) => typeof text === "string" && text !== "")
		? undefined
		: refusal("A template has namespace, elementName, languageCode, and its parameters as a list of texts.");
}

/** What the search asks for, or undefined when the request is not understood. */
export function readSearch(request: HeardRequest): ReadonlySet<string> | undefined {
	const body = jsonOf(request);
	const lists = body === undefined ? [] : [body["ids"] ?? [], body["correlationIds"] ?? []];
	return lists.length === 0 || !lists.every(Array.isArray) ? undefined : new Set(lists.flat().map(String));
}

const timeShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const inboxDaysMax = 5;

/** The period that a search for messages of contacts asks for, or why it is refused. */
export function readPeriod({ method, query }: HeardRequest, now: Date): { start: Date; end: Date } | WavyRefusal {
	const stranger = [...query.keys()].find((name) => !["start", "end", "subAccount"].includes(name));
	const oldest = new Date(now.getTime() - inboxDaysMax * 86_400_000);
	const [start, end] = [timeIn(query.get("start")) ?? oldest, timeIn(query.get("end")) ?? now];
	if (method !== "GET") {
		return refusal(`Method ${method} is not allowed.`, 405);
	}
	return stranger === undefined && start >= oldest && start <= end
		? { start, end }
		: refusal("start and end must be times of the last five days.");
}

/** Invalid, and so no part of any period, when it is written otherwise. */
function timeIn(given: string | null): Date | undefined {
	return given === null ? undefined : new Date(timeShape.test(given) ? `${given}Z` : Number.NaN);
}
