// Our message as a call of the Messages API, and its answer as an outcome.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages, checked 2026-11-26.
//   POST {Service Connection}/106540352242922/messages   Authorization: Bearer <access token>
//   {"messaging_product":"whatsapp","recipient_type":"individual","to":"16505551234","type":"text",
//    "text":{"body":"hello","preview_url":false},"biz_opaque_callback_data":"parley:<attempt id>"}
//   200 {"messaging_product":"whatsapp","contacts":[{"input":"…","wa_id":"…"}],"messages":[{"id":"wamid.…"}]}

import type { Fault } from "#domain/faults.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { Attachment, OutboundMessage } from "#domain/messages.ts";

import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { markOf } from "../kit/attempt-mark.ts";
import { cut } from "../kit/facts.ts";
import { asArray, asObject, asText, outcomeOfSilence, readJson } from "../kit/http.ts";
import {
	appSecretProof,
	type GraphError,
	graphErrorOf,
	type GraphReading,
	graphRefusal,
	isAboutProof,
	type Meaning,
} from "../kit/meta-graph.ts";
import { toRecipient } from "./addresses.ts";
import { meaningOf, meaningOfStatus, proofMissing } from "./codes.ts";
import type { WhatsAppConfig } from "./form.ts";
import { mediaKindOf } from "./media-types.ts";
import { toTemplate } from "./template.ts";

export const textCharactersMax = 4096; // Messages API, `text.body`.

export type Prepared = { ok: true; call: HttpCall } | { ok: false; outcome: Outcome };

export async function send(message: OutboundMessage, config: WhatsAppConfig, tools: Tools): Promise<Outcome> {
	const prepared = toRequest(message, config);
	if (!prepared.ok) {
		return prepared.outcome;
	}
	const answer = await tools.http(prepared.call);
	return toOutcome(answer, { now: tools.now(), hidden: hiddenTexts(message, config) });
}

export function toRequest(message: OutboundMessage, config: WhatsAppConfig): Prepared {
	const number = config.numbers.find((candidate) => candidate.phoneNumberId === message.ourAddress);
	if (number === undefined) {
		const id = cut(message.ourAddress, 32);
		return refused("config", `This service has no number with the id ${id}; add it as an authentication.`);
	}
	if (number.token === undefined) {
		const detail = `Add the access token to the authentication ${number.phoneNumberId}.`;
		return { ok: false, outcome: { kind: "retry", code: "credentials", detail } };
	}
	const content = toContent(message, config);
	if (typeof content === "string") {
		return refused("content", content);
	}
	const body = {
		messaging_product: "whatsapp",
		recipient_type: "individual",
		...toRecipient(message.contactAddress),
		...(message.replyTo === undefined ? {} : { context: { message_id: message.replyTo } }),
		...content,
		biz_opaque_callback_data: markOf(message.attemptId),
		...proofOf(number.token, config),
	};
	const call: HttpCall = {
		method: "POST",
		url: `${config.serviceConnection}/${number.phoneNumberId}/messages`,
		headers: {
			authorization: `Bearer ${number.token}`,
			"content-type": "application/json",
			accept: "application/json",
		},
		body: JSON.stringify(body),
	};
	return { ok: true, call };
}

function refused(code: Fault["code"], detail: string): Prepared {
	return { ok: false, outcome: { kind: "rejected", code, detail } };
}

type Content = Readonly<Record<string, unknown>>;

/** The fields of the one content that the message has, or in one sentence why it has none. */
function toContent(message: OutboundMessage, config: WhatsAppConfig): Content | string {
	const { text, attachments, template } = message;
	const [attachment, ...others] = attachments;
	const kinds = [template, attachment, text === "" ? undefined : text].filter((kind) => kind !== undefined);
	if (kinds.length > 1 || others.length > 0) {
		return "WhatsApp takes a text, an attachment or a template in one message; send them one after the other.";
	}
	if (template !== undefined) {
		const object = toTemplate(template, config.templateLanguage);
		return typeof object === "string" ? object : { type: "template", template: object };
	}
	if (attachment !== undefined) {
		return toMedia(attachment);
	}
	if (text.trim() === "") {
		return "The message is empty; write a text or add an attachment.";
	}
	return Array.from(text).length > textCharactersMax
		? `The text is longer than ${textCharactersMax} characters; shorten it.`
		: { type: "text", text: { body: text, preview_url: config.previewLinks } };
}

/** Only a document keeps a name; it is what the contact sees. */
function toMedia({ url, contentType, filename }: Attachment): Content {
	const type = mediaKindOf(contentType);
	const named = type === "document" && filename !== undefined ? { filename } : {};
	return { type, [type]: { link: url, ...named } };
}

function proofOf(token: string, { proveAppSecret, appSecrets }: WhatsAppConfig): Content {
	const [appSecret] = appSecrets;
	return proveAppSecret && appSecret !== undefined ? { appsecret_proof: appSecretProof(appSecret, token) } : {};
}

const hiddenTextCharactersMin = 6; // A shorter text tells nothing, and blotting it out would eat the sentence.

function hiddenTexts(message: OutboundMessage, config: WhatsAppConfig): readonly string[] {
	const { tokens, appSecrets, verifyTokens } = config;
	const proofs = tokens.flatMap((token) => appSecrets.map((secret) => appSecretProof(secret, token)));
	const texts = [message.text, ...Object.values(message.template?.parameters ?? {})];
	const links = message.attachments.map((attachment) => attachment.url);
	return [
		...tokens,
		...appSecrets,
		...verifyTokens,
		...proofs,
		...links,
		...texts.filter((text) => text.length >= hiddenTextCharactersMin),
	];
}

/** An answer is judged by its JSON first: errors come with any status, even with 200. */
export function toOutcome(answer: HttpAnswer, reading: GraphReading): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const body = asObject(readJson(answer.body));
	const error = graphErrorOf(body);
	const messageId = asText(asObject(asArray(body?.["messages"])[0])?.["id"]);
	return error === undefined && messageId !== undefined && answer.status >= 200 && answer.status < 300
		? { kind: "accepted", remoteIds: [messageId as RemoteId] }
		: graphRefusal(answer, { product: "WhatsApp", meaningOfError, meaningOfStatus }, reading);
}

function meaningOfError(error: GraphError | undefined): Meaning | undefined {
	return isAboutProof(error) ? proofMissing : meaningOf(error?.code, error?.subcode);
}
