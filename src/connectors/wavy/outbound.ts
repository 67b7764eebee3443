// Our messages as requests to Wavy, and Wavy's answers as outcomes. Pure but for `send` and `lookup`, which are glue.
// As documented at https://docs.sinch.com/technical-documentation/api-and-integrations/sms-api, checked 2026-11-24:
// POST /v1/send-sms       {"destination":"5519900001111","messageText":"Hi","correlationId":"parley:…"}
// POST /v1/whatsapp/send  {"destinations":[{"destination":"5519900001111",…}],"message":{"ttl":1,"messageText":"Hi"}}

import type { FaultCode } from "#domain/faults.ts";
import type { Channel, MessageTemplate, OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { markOf } from "../kit/attempt-mark.ts";
import { cut } from "../kit/facts.ts";
import { asArray, outcomeOfSilence, readJson, retryAfter } from "../kit/http.ts";
import { destinationOf } from "./addressing.ts";
import { sendRule } from "./codes.ts";
import { type Fields, fieldsOf, remoteIdAt, textAt } from "./fields.ts";
import { type WavyConfig, cannotSend } from "./form.ts";
import { mediaWordOf } from "./media-types.ts";

export const textUnitsMax = 1280; // `messageText` of an SMS; WhatsApp takes more.
const ttlDaysMax = 30; // `message.ttl`, 1 to 30.
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export type Prepared = { ok: true; call: HttpCall } | { ok: false; outcome: Outcome };

export function toRequest(message: OutboundMessage, config: WavyConfig, now: Date): Prepared {
	const isSms = message.channel === "sms";
	const obstacle = isSms ? smsObstacle(message) : whatsappObstacle(message, config);
	if (obstacle !== undefined) {
		return { ok: false, outcome: { kind: "rejected", ...obstacle } };
	}
	const leftMs = message.validUntil.getTime() - now.getTime();
	const body = isSms ? smsBody(message, leftMs) : whatsappBody(message, leftMs, config);
	const alias = config.campaignAlias === undefined ? {} : { campaignAlias: config.campaignAlias };
	return { ok: true, call: post(isSms ? "/v1/send-sms" : "/v1/whatsapp/send", { ...body, ...alias }, config) };
}

function post(path: string, body: object, config: WavyConfig): HttpCall {
	return {
		method: "POST",
		url: `${config.origin ?? ""}${path}`,
		headers: { ...headersOf(config), "content-type": "application/json" },
		body: JSON.stringify(body),
	};
}

export function headersOf({ user }: WavyConfig): Readonly<Record<string, string>> {
	return { username: user?.name ?? "", authenticationtoken: user?.token ?? "", accept: "application/json" };
}

type Obstacle = { code: FaultCode; detail: string };

function smsObstacle({ text, attachments, template }: OutboundMessage): Obstacle | undefined {
	if (attachments.length > 0 || template !== undefined) {
		return { code: "content", detail: "A text message by Wavy has no attachments and no templates; send a text." };
	}
	return textObstacle(text);
}

function whatsappObstacle(message: OutboundMessage, config: WavyConfig): Obstacle | undefined {
	const { text, attachments, template } = message;
	if (template !== undefined) {
		const detail = templateProblem(template, "whatsapp", config);
		return detail === undefined ? undefined : { code: "config", detail };
	}
	if (attachments.length === 0) {
		return textObstacle(text);
	}
	if (attachments.length > 1 || text !== "") {
		return { code: "content", detail: "WhatsApp by Wavy takes a text or one attachment; send them one by one." };
	}
	return mediaWordOf(attachments[0]?.contentType) === undefined
		? { code: "content", detail: "WhatsApp by Wavy does not take an attachment of this content type." }
		: undefined;
}

function textObstacle(text: string): Obstacle | undefined {
	if (text.trim() === "") {
		return { code: "content", detail: "The message is empty; write a text." };
	}
	return text.length > textUnitsMax
		? { code: "content", detail: `The text is longer than ${textUnitsMax} characters; shorten it.` }
		: undefined;
}

function smsBody(message: OutboundMessage, leftMs: number): object {
	return {
		destination: destinationOf(message.contactAddress),
		messageText: message.text,
		correlationId: markOf(message.attemptId),
		expiresInMinutes: Math.max(Math.floor(leftMs / minuteMs), 1),
	};
}

/** WhatsApp counts its time to live in whole days, so a message may be delivered up to a day late, never sooner lost. */
function whatsappBody(message: OutboundMessage, leftMs: number, config: WavyConfig): object {
	const ttl = Math.min(Math.max(Math.floor(leftMs / dayMs), 1), ttlDaysMax);
	return {
		destinations: [
			{
				correlationId: markOf(message.attemptId),
				destination: destinationOf(message.contactAddress),
				recipientType: "individual",
			},
		],
		message: { ttl, ...whatsappContent(message, config) },
	};
}

function whatsappContent(message: OutboundMessage, config: WavyConfig): object {
	const hsm = templateOf(message, config);
	const [attachment] = message.attachments;
	const word = mediaWordOf(attachment?.contentType);
	if (hsm !== undefined) {
		return { hsm };
	}
	if (attachment === undefined || word === undefined) {
		return { messageText: message.text };
	}
	const caption =
		word.family === "document" && attachment.filename !== undefined ? { caption: attachment.filename } : {};
	return { [word.family]: { type: word.type, url: attachment.url, ...caption } };
}

type Hsm = { namespace: string; elementName: string; languageCode: string; parameters: readonly string[] };

export function templateProblem(template: MessageTemplate, _channel: Channel, config: WavyConfig): string | undefined {
	return templateOf({ template }, config) === undefined
		? "Name the template as namespace/name with its language, or enter the namespace in the settings."
		: undefined;
}

/** `namespace/elementName`, or the name alone where the settings have the namespace. Parameters go by their position. */
function templateOf({ template }: Pick<OutboundMessage, "template">, config: WavyConfig): Hsm | undefined {
	const [elementName, namespace = config.templateNamespace] = (template?.id ?? "").split("/", 2).toReversed();
	if (!template || !elementName || !namespace || !template.language) {
		return undefined;
	}
	const parameters = Object.entries(template.parameters ?? {})
		.toSorted(([one], [other]) => one.localeCompare(other, "en", { numeric: true }))
		.map(([, value]) => value);
	return { namespace, elementName, languageCode: template.language, parameters };
}

/** `mark`: what went out as correlationId. `hidden`: texts that must not be quoted, whatever the answer says. */
export type Reading = { now: Date; mark: string; hidden: readonly string[] };

export function toOutcome(answer: HttpAnswer, reading: Reading): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const { status, body, headers } = answer;
	if (status >= 200 && status < 300) {
		return outcomeOfAcceptance(readJson(body), reading.mark) ?? unreadableAnswer(status);
	}
	const { kind, fault, says, closesService } = sendRule(status);
	const detail = `${says}${quote(fieldsOf(readJson(body)), status, reading.hidden)}.`;
	if (kind === "retry") {
		const notBefore = retryAfter(headers, reading.now);
		return { kind, code: fault, detail, ...(notBefore === undefined ? {} : { notBefore }) };
	}
	return kind === "rejected" && closesService === true
		? { kind, code: fault, detail, closesService }
		: { kind, code: fault, detail };
}

function unreadableAnswer(status: number): Outcome {
	return { kind: "unknown", code: "protocol", detail: `Wavy answered ${status}, but nothing that can be read.` };
}

/**
 * The pages show three shapes: `{"id":…}`, the same in a list, and for WhatsApp `{"Id":…,"destinations":[{"id":…}]}`, once
 * with the list under `destination`. The id of the recipient's entry is the one that receipts name.
 */
function outcomeOfAcceptance(value: unknown, mark: string): Outcome | undefined {
	const whole = fieldsOf(value);
	const lists = [value, whole?.values.get("destinations"), whole?.values.get("destination")];
	const list = lists.find((candidate) => Array.isArray(candidate));
	const entries = (list === undefined ? [value] : asArray(list)).map(fieldsOf);
	const [entry, ...others] = entries.filter((fields) => fields !== undefined && isOurs(fields, mark));
	const remoteId = entry === undefined ? undefined : remoteIdAt(entry);
	return remoteId === undefined || others.length > 0 ? undefined : { kind: "accepted", remoteIds: [remoteId] };
}

/** An answer without correlationId is about the only message there was; one with another is not about ours. */
function isOurs(fields: Fields, mark: string): boolean {
	return (textAt(fields, "correlationid") ?? mark) === mark;
}

const quoteCharactersMax = 200;

function quote(body: Fields | undefined, status: number, hidden: readonly string[]): string {
	const said = body === undefined ? "" : (textAt(body, "errormessage") ?? "");
	const isTelling = hidden.some((text) => text !== "" && said.includes(text));
	const message = isTelling ? "" : cut(said.replaceAll(/[\s\p{Cc}]+/gu, " "), quoteCharactersMax);
	return ` (${message === "" ? `HTTP ${status}` : `HTTP ${status}: ${message}`})`;
}

function hiddenIn(message: OutboundMessage, config: WavyConfig): readonly string[] {
	const links = message.attachments.map(({ url }) => url);
	return [message.text, ...links, ...Object.values(message.template?.parameters ?? {}), ...config.tokens];
}

export async function send(message: OutboundMessage, config: WavyConfig, tools: Tools): Promise<Outcome> {
	const obstacle = cannotSend(config);
	if (obstacle !== undefined) {
		return { kind: "retry", code: "credentials", detail: obstacle };
	}
	const prepared = toRequest(message, config, tools.now());
	if (!prepared.ok) {
		return prepared.outcome;
	}
	const answer = await tools.http(prepared.call);
	const hidden = hiddenIn(message, config);
	return toOutcome(answer, { now: tools.now(), mark: markOf(message.attemptId), hidden });
}

/** Searching changes nothing at Wavy; the list of statuses (`/v1/sms/status/list`) would, it tells each status once. */
export function toLookup(message: OutboundMessage, config: WavyConfig): HttpCall {
	return post("/v1/sms/status/search", { correlationIds: [markOf(message.attemptId)] }, config);
}

const notFound: Outcome = {
	kind: "unknown",
	code: "unreachable",
	detail: "The search for statuses at Wavy does not settle it.",
};

/** Whether the search shows our correlationId, and under one id. None proves nothing: a status comes late. */
export function readLookup(answer: HttpAnswer, mark: string): Outcome {
	if (answer.kind !== "answered" || answer.status !== 200) {
		return notFound;
	}
	const body = readJson(answer.body);
	const lists = [body, ...(fieldsOf(body)?.values.values() ?? [])].filter((value) => Array.isArray(value));
	const entries = [body, ...lists.flatMap(asArray)].map(fieldsOf).filter((fields) => fields !== undefined);
	const found = entries.filter((fields) => textAt(fields, "correlationid") === mark).map(remoteIdAt);
	const [remoteId, ...others] = new Set(found);
	return remoteId === undefined || others.length > 0 ? notFound : { kind: "accepted", remoteIds: [remoteId] };
}

/** Also of WhatsApp messages, though the pages do not say that the search knows them: not found settles nothing. */
export async function lookup(
	message: OutboundMessage,
	_attemptedAt: Date,
	config: WavyConfig,
	tools: Tools,
): Promise<Outcome> {
	if (cannotSend(config) !== undefined) {
		return notFound;
	}
	return readLookup(await tools.http(toLookup(message, config)), markOf(message.attemptId));
}
