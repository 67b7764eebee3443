// Our message as a call of the Bot API, and its answer as an outcome. https://core.telegram.org/bots/api#sendmessage,
// checked 2026-11-26.
//   POST {Service Connection}/bot<token>/sendMessage   {"chat_id":7010000001,"text":"hello"}
//   200 {"ok":true,"result":{"message_id":133,"date":1764158400,"chat":{"id":7010000001,"type":"private"},…}}

import type { Fault } from "#domain/faults.ts";
import type { OutboundMessage } from "#domain/messages.ts";

import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { asObject, outcomeOfSilence, readJson, retryAfter } from "../kit/http.ts";
import { chatIdOf, messageIdIn, remoteIdOf } from "./addresses.ts";
import { type BotApiError, callOf, errorOf } from "./bot-api.ts";
import { meaningOfError, meaningOfStatus } from "./codes.ts";
import type { TelegramConfig } from "./form.ts";
import { mediaKindOf } from "./media-types.ts";

export const textUnitsMax = 4096; // `text`: 1 to 4096 characters; UTF-16 units, which never are fewer.
const captionUnitsMax = 1024;

export type Prepared = { ok: true; call: HttpCall } | { ok: false; outcome: Outcome };

export async function send(message: OutboundMessage, config: TelegramConfig, tools: Tools): Promise<Outcome> {
	const prepared = toRequest(message, config);
	if (!prepared.ok) {
		return prepared.outcome;
	}
	const answer = await tools.http(prepared.call);
	return toOutcome(answer, { now: tools.now(), hidden: hiddenTexts(message, config) });
}

export function toRequest(message: OutboundMessage, config: TelegramConfig): Prepared {
	const { bot, serviceConnection } = config;
	if (bot === undefined || bot.name.toLowerCase() !== message.ourAddress.toLowerCase()) {
		const name = cut(message.ourAddress, 32);
		return refused("config", `This service is not the bot ${name}; give the message to the service of that bot.`);
	}
	if (bot.token === undefined) {
		const detail = `Add the token to the authentication ${bot.name}.`;
		return { ok: false, outcome: { kind: "retry", code: "credentials", detail } };
	}
	const content = toContent(message, config);
	if (typeof content === "string") {
		return refused("content", content);
	}
	const body = { chat_id: Number(message.contactAddress), ...content.fields, ...replyTo(message) };
	return { ok: true, call: callOf({ serviceConnection, token: bot.token, name: content.method }, body) };
}

function refused(code: Fault["code"], detail: string): Prepared {
	return { ok: false, outcome: { kind: "rejected", code, detail } };
}

type Content = { method: string; fields: Readonly<Record<string, unknown>> };

/** The method for the one content that the message has, or in one sentence why there is none. */
function toContent({ text, attachments, template }: OutboundMessage, config: TelegramConfig): Content | string {
	const [attachment, ...others] = attachments;
	if (template !== undefined || others.length > 0) {
		return "Telegram takes a text or one attachment in one message, and has no templates; send them one after the other.";
	}
	if (attachment !== undefined) {
		const kind = mediaKindOf(attachment.contentType);
		return text.length > captionUnitsMax
			? `The text beside an attachment is longer than ${captionUnitsMax} characters; send it by itself.`
			: {
					method: `send${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
					fields: { [kind]: attachment.url, ...(text.trim() === "" ? {} : { caption: text }) },
				};
	}
	if (text.trim() === "") {
		return "The message is empty; write a text or add an attachment.";
	}
	return text.length > textUnitsMax
		? `The text is longer than ${textUnitsMax} characters; shorten it.`
		: {
				method: "sendMessage",
				fields: { text, ...(config.previewLinks ? {} : { link_preview_options: { is_disabled: true } }) },
			};
}

/** What is answered may be gone meanwhile; the answer is worth sending all the same. */
function replyTo({ replyTo: remoteId, contactAddress }: OutboundMessage): Readonly<Record<string, unknown>> {
	const messageId = remoteId === undefined ? undefined : messageIdIn(contactAddress, remoteId);
	return messageId === undefined
		? {}
		: { reply_parameters: { message_id: messageId, allow_sending_without_reply: true } };
}

const hiddenTextCharactersMin = 6; // A shorter text tells nothing, and blotting it out would eat the sentence.

function hiddenTexts({ text, attachments }: OutboundMessage, { hidden }: TelegramConfig): readonly string[] {
	const links = attachments.map(({ url }) => url);
	return [...hidden, ...links, ...(text.length >= hiddenTextCharactersMin ? [text] : [])];
}

export type Reading = {
	now: Date;
	/** What must never appear in a detail, in case Telegram repeats it. */
	hidden: readonly string[];
};

type Answered = Extract<HttpAnswer, { kind: "answered" }>;

export function toOutcome(answer: HttpAnswer, reading: Reading): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const body = asObject(readJson(answer.body));
	if (answer.status >= 200 && answer.status < 300) {
		return (body?.["ok"] === true ? acceptedBy(asObject(body["result"])) : undefined) ?? unreadable(answer);
	}
	return refusalOf(answer, errorOf(body), reading);
}

function acceptedBy(sent: Readonly<Record<string, unknown>> | undefined): Outcome | undefined {
	const chat = chatIdOf(asObject(sent?.["chat"])?.["id"]);
	const remoteId = chat === undefined ? undefined : remoteIdOf(chat, sent?.["message_id"]);
	return remoteId === undefined ? undefined : { kind: "accepted", remoteIds: [remoteId] };
}

function unreadable({ status }: Answered): Outcome {
	const { says } = meaningOfStatus(status);
	return { kind: "unknown", code: "protocol", detail: `${says}.` };
}

function refusalOf(answer: Answered, error: BotApiError | undefined, { now, hidden }: Reading): Outcome {
	const { kind, code, says } =
		error === undefined ? meaningOfStatus(answer.status) : meaningOfError(error.code, error.description);
	const detail = `${says}${movedTo(error)}${quoted(error, hidden)}.`;
	if (kind === "retry") {
		const at = notBefore(error, answer.headers, now);
		return { kind, code, detail, ...(at === undefined ? {} : { notBefore: at }) };
	}
	return kind === "rejected" && error === undefined && answer.status === 410
		? { kind, code, detail, closesService: true }
		: { kind, code, detail };
}

/** A group that grows or gets a public name becomes a supergroup with another number, and the old one ends. */
function movedTo(error: BotApiError | undefined): string {
	return error?.migrateTo === undefined ? "" : `; its address is ${error.migrateTo} now, write to that one`;
}

const waitMaxMs = 3_600_000; // One hour: asked again then, as with Retry-After.

function notBefore(error: BotApiError | undefined, headers: Headers, now: Date): Date | undefined {
	const seconds = error?.retryAfter;
	return seconds === undefined
		? retryAfter(headers, now)
		: new Date(now.getTime() + Math.min(Math.max(seconds * 1000, 0), waitMaxMs));
}

const quotedCharactersMax = 200;

/** ` (Telegram error 403: Forbidden: …)`, in one line and without anything that is to be hidden. */
export function quoted(error: BotApiError | undefined, hidden: readonly string[]): string {
	if (error === undefined) {
		return "";
	}
	const clean = hidden.reduce((text, secret) => text.replaceAll(secret, "…"), error.description);
	const line = clean.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
	const words = cut(line.replace(/\.$/, ""), quotedCharactersMax);
	return ` (Telegram error ${error.code}${words === "" ? "" : `: ${words}`})`;
}
