// Our messages as requests to Twilio, and Twilio's answers as outcomes. Pure but for `send` and `lookup`, which are glue.
// As documented at https://www.twilio.com/docs/messaging/api/message-resource, checked 2026-11-24, for example
// POST /2010-04-01/Accounts/AC…/Messages.json  To=%2B15550100002&From=%2B15550100001&Body=Hi&ValidityPeriod=600
// Answer 201 {"sid":"SM…","status":"queued",…}, or 400 {"code":21211,"message":"…","status":400}.

import type { MessageTemplate, OutboundMessage } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";
import { asArray, asObject, asText, outcomeOfSilence, readJson, retryAfter } from "../kit/http.ts";
import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { messagingServicePattern } from "./addressing.ts";
import { receiptCodes, type SendCode, sendCodes } from "./codes.ts";
import { type TwilioConfig, cannotSend } from "./form.ts";

const validityMaxS = 36_000; // Ten hours, the most Twilio takes.

export function toRequest(message: OutboundMessage, config: TwilioConfig, now: Date): HttpCall {
	const fields = new URLSearchParams({ To: message.contactAddress, ...senderOf(message, config) });
	if (message.text !== "") {
		fields.set("Body", message.text);
	}
	for (const { url } of message.attachments) {
		fields.append("MediaUrl", url);
	}
	if (message.template !== undefined) {
		fields.set("ContentSid", message.template.id);
		fields.set("ContentVariables", JSON.stringify(message.template.parameters ?? {}));
	}
	const secondsLeft = Math.floor((message.validUntil.getTime() - now.getTime()) / 1000);
	fields.set("ValidityPeriod", String(Math.min(Math.max(secondsLeft, 1), validityMaxS)));
	if (config.statusCallbacks) {
		fields.set("StatusCallback", statusCallback(message));
	}
	return {
		method: "POST",
		url: messagesUrl(config),
		headers: { ...headersOf(config), "content-type": "application/x-www-form-urlencoded" },
		body: fields.toString(),
	};
}

export function templateProblem({ id }: MessageTemplate): string | undefined {
	return /^HX[0-9a-fA-F]{32}$/.test(id)
		? undefined
		: "Twilio knows a template by its Content SID: HX and 32 hexadecimal digits.";
}

function senderOf(message: OutboundMessage, config: TwilioConfig): Readonly<Record<string, string>> {
	if (messagingServicePattern.test(message.ourAddress)) {
		return { MessagingServiceSid: message.ourAddress };
	}
	const from = { From: message.ourAddress };
	return config.messagingServiceSid === undefined ? from : { ...from, MessagingServiceSid: config.messagingServiceSid };
}

/**
 * Where Twilio reports to. The query carries our attempt id and is signed; the fragment asks for five repetitions
 * after any failure (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides) and is never sent to us.
 */
function statusCallback({ webhookUrl, attemptId }: OutboundMessage): string {
	return `${webhookUrl}${webhookUrl.includes("?") ? "&" : "?"}attempt=${attemptId}#rc=5&rp=all`;
}

function messagesUrl(config: TwilioConfig): string {
	return `${config.origin ?? ""}/2010-04-01/Accounts/${config.accountSid ?? ""}/Messages.json`;
}

function headersOf({ user }: TwilioConfig): Readonly<Record<string, string>> {
	const pair = Buffer.from(`${user?.id ?? ""}:${user?.secret ?? ""}`, "utf8").toString("base64");
	return { authorization: `Basic ${pair}`, accept: "application/json" };
}

/** `hidden`: texts that must not be quoted, whatever the answer says. */
export function toOutcome(answer: HttpAnswer, now: Date, hidden: readonly string[] = []): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	if (answer.status >= 200 && answer.status < 300) {
		const resource = readJson(answer.body);
		return outcomeOfResource(resource) ?? unreadableAnswer(answer.status);
	}
	return outcomeOfRefusal(answer, now, hidden);
}

function unreadableAnswer(status: number): Outcome {
	return { kind: "unknown", code: "protocol", detail: `Twilio answered ${status}, but nothing that can be read.` };
}

const sidShape = /^(?:SM|MM)[0-9a-fA-F]{32}$/;

/** What a Message resource says, or undefined when it is none. */
function outcomeOfResource(value: unknown): Outcome | undefined {
	const resource = asObject(value);
	const sid = asText(resource?.["sid"]);
	if (resource === undefined || sid === undefined || !sidShape.test(sid)) {
		return undefined;
	}
	if (["failed", "canceled"].includes(asText(resource["status"]) ?? "")) {
		return failedAtOnce(resource);
	}
	const at = readDate(resource["date_created"]);
	const remoteIds = [sid as RemoteId] as const;
	return at === undefined ? { kind: "accepted", remoteIds } : { kind: "accepted", remoteIds, at };
}

function failedAtOnce(resource: Readonly<Record<string, unknown>>): Outcome {
	const code = Number(resource["error_code"] ?? Number.NaN);
	const known = receiptCodes.get(code) ?? sendCodes.get(code);
	const why = known === undefined ? "it gives no reason that is known" : `${code}: ${known.meaning}`;
	return { kind: "rejected", code: known?.fault ?? "content", detail: `Twilio did not send the message (${why}).` };
}

/** Twilio's dates are those of RFC 2822 section 3.3. */
function readDate(value: unknown): Date | undefined {
	const ms = Date.parse(asText(value) ?? "");
	return Number.isNaN(ms) ? undefined : new Date(ms);
}

type Answered = Extract<HttpAnswer, { kind: "answered" }>;

/** What a status means when the body brings no code that we know. */
const statusRules = new Map<number, SendCode>([
	[401, { kind: "retry", fault: "credentials", meaning: "the credentials are refused" }],
	[403, { kind: "rejected", fault: "credentials", meaning: "these credentials may not send" }],
	[404, { kind: "rejected", fault: "config", meaning: "there is no such account or address" }],
	[408, { kind: "unknown", fault: "unreachable", meaning: "the request took too long" }],
	[409, { kind: "unknown", fault: "unreachable", meaning: "the request met another one" }],
	[413, { kind: "rejected", fault: "content", meaning: "the message is too large" }],
	[425, { kind: "unknown", fault: "unreachable", meaning: "the request came too early" }],
	[429, { kind: "retry", fault: "throttled", meaning: "too many requests" }],
]);
const moved: SendCode = {
	kind: "rejected",
	fault: "config",
	meaning: "the API is elsewhere; correct Service Connection",
};
const inTrouble: SendCode = { kind: "unknown", fault: "unreachable", meaning: "Twilio is in trouble" };
const refused: SendCode = { kind: "rejected", fault: "content", meaning: "it does not take this message" };

function ruleOf(status: number, code: number | undefined): SendCode {
	if (status < 400) {
		return moved;
	}
	if (status >= 500) {
		return inTrouble;
	}
	const byCode = code === undefined ? undefined : codeRule(code);
	const byStatus = statusRules.get(status);
	// A throttle and a refused logon took nothing, whatever the code beside them says.
	return byStatus?.kind === "retry" && byCode?.kind !== "retry" ? byStatus : (byCode ?? byStatus ?? refused);
}

/** A code that otherwise comes in a receipt refuses the message when it comes at once. */
function codeRule(code: number): SendCode | undefined {
	const later = receiptCodes.get(code);
	return sendCodes.get(code) ?? (later === undefined ? undefined : { kind: "rejected", ...later });
}

function outcomeOfRefusal(answer: Answered, now: Date, hidden: readonly string[]): Outcome {
	const body = asObject(readJson(answer.body));
	const code = typeof body?.["code"] === "number" ? body["code"] : undefined;
	const rule = answer.status === 410 ? undefined : ruleOf(answer.status, code);
	const detail = `Twilio answered ${answer.status}${rule === undefined ? "" : `: ${rule.meaning}`}${quote(body, hidden)}.`;
	if (rule === undefined) {
		return { kind: "rejected", code: "config", detail, closesService: true };
	}
	if (rule.kind !== "retry") {
		return { kind: rule.kind, code: rule.fault, detail };
	}
	const wait = rule.waitMs === undefined ? undefined : new Date(now.getTime() + rule.waitMs);
	const notBefore = retryAfter(answer.headers, now) ?? wait;
	return { kind: "retry", code: rule.fault, detail, ...(notBefore === undefined ? {} : { notBefore }) };
}

const quoteMax = 200;

function quote(body: Readonly<Record<string, unknown>> | undefined, hidden: readonly string[]): string {
	const code = typeof body?.["code"] === "number" ? String(body["code"]) : "";
	const message = asText(body?.["message"]) ?? "";
	const isTelling = hidden.some((text) => text !== "" && message.includes(text));
	const said = [code, isTelling ? "" : message].filter((text) => text !== "").join(" ");
	return said === "" ? "" : ` (${said.slice(0, quoteMax).toWellFormed().replaceAll(/\s+/g, " ")})`;
}

function hiddenIn(message: OutboundMessage, config: TwilioConfig): readonly string[] {
	const [, credentials = ""] = headersOf(config)["authorization"]?.split(" ") ?? [];
	return [message.text, config.user?.secret ?? "", credentials, ...config.signingSecrets];
}

export async function send(message: OutboundMessage, config: TwilioConfig, tools: Tools): Promise<Outcome> {
	const obstacle = cannotSend(config);
	if (obstacle !== undefined) {
		return { kind: "retry", code: "credentials", detail: obstacle };
	}
	const answer = await tools.http(toRequest(message, config, tools.now()));
	return toOutcome(answer, tools.now(), hiddenIn(message, config));
}

const pageSize = 1000; // The most that Twilio lists at once.

export function toLookup(message: OutboundMessage, attemptedAt: Date, config: TwilioConfig): HttpCall {
	const query = new URLSearchParams({ To: message.contactAddress });
	if (!messagingServicePattern.test(message.ourAddress)) {
		query.set("From", message.ourAddress);
	}
	query.set("DateSent>", attemptedAt.toISOString().slice(0, 10));
	query.set("PageSize", String(pageSize));
	return { method: "GET", url: `${messagesUrl(config)}?${query.toString()}`, headers: headersOf(config) };
}

const notFound: Outcome = {
	kind: "unknown",
	code: "unreachable",
	detail: "Twilio's list of messages does not settle it: none that fits, or more than one.",
};

/**
 * Whether Twilio's list shows the message: the same text and media, made at the attempt or later, and only one such.
 * None proves nothing, because a queued message may not be listed by the day it was sent.
 */
export function readLookup(answer: HttpAnswer, message: OutboundMessage, attemptedAt: Date, now: Date): Outcome {
	const body = answer.kind === "answered" && answer.status === 200 ? asObject(readJson(answer.body)) : undefined;
	if (answer.kind !== "answered" || body === undefined || asText(body["next_page_uri"]) !== undefined) {
		return notFound;
	}
	const since = atTwilio(attemptedAt, answer.headers, now);
	const matches = asArray(body["messages"]).filter((entry) => isTheMessage(asObject(entry), message, since));
	return matches.length === 1 ? (outcomeOfResource(matches[0]) ?? notFound) : notFound;
}

/** A time of ours on Twilio's clock, which the answer's Date shows; both count whole seconds. */
function atTwilio(time: Date, headers: Headers, now: Date): number {
	const theirs = Date.parse(headers.get("date") ?? "");
	const aheadMs = Number.isNaN(theirs) ? 0 : theirs - Math.floor(now.getTime() / 1000) * 1000;
	return Math.floor((time.getTime() + aheadMs) / 1000) * 1000;
}

function isTheMessage(
	entry: Readonly<Record<string, unknown>> | undefined,
	message: OutboundMessage,
	since: number,
): boolean {
	const created = readDate(entry?.["date_created"]);
	if (entry === undefined || created === undefined || created.getTime() < since) {
		return false;
	}
	const isService = messagingServicePattern.test(message.ourAddress);
	const expected = {
		direction: "outbound-api",
		to: message.contactAddress,
		[isService ? "messaging_service_sid" : "from"]: message.ourAddress,
		body: message.text,
		num_media: String(message.attachments.length),
	};
	return Object.entries(expected).every(([field, value]) => entry[field] === value);
}

export async function lookup(
	message: OutboundMessage,
	attemptedAt: Date,
	config: TwilioConfig,
	tools: Tools,
): Promise<Outcome> {
	// The text of a template is made at Twilio, so it cannot be compared.
	if (message.template !== undefined || cannotSend(config) !== undefined) {
		return notFound;
	}
	const answer = await tools.http(toLookup(message, attemptedAt, config));
	return readLookup(answer, message, attemptedAt, tools.now());
}
