// Our message as a call of the Send API, and its answer as an outcome.
// https://developers.facebook.com/docs/messenger-platform/reference/send-api, as documented, checked 2026-11-24.
//   POST {Service Connection}/111/messages   Authorization: Bearer <page access token>
//   {"recipient":{"id":"u1"},"messaging_type":"RESPONSE","message":{"text":"hello","metadata":"parley:<attempt id>"}}

import type { Fault } from "#domain/faults.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { Attachment, Channel, OutboundMessage } from "#domain/messages.ts";
import { metaWindowHours } from "#domain/reply-window.ts";

import type { HttpAnswer, HttpCall, Outcome, StoredService, Tools } from "../contract.ts";
import { asObject, asText, outcomeOfSilence, readJson } from "../kit/http.ts";
import { markOf } from "../kit/attempt-mark.ts";
import {
	appSecretProof,
	type GraphError,
	graphErrorOf,
	type GraphReading,
	graphRefusal,
	isAboutProof,
	type Meaning,
} from "../kit/meta-graph.ts";
import { meaningOf, meaningOfStatus, proofMissing } from "./codes.ts";
import { cut } from "../kit/facts.ts";
import { type FacebookConfig, hasHumanAgentTag } from "./form.ts";

export const textCharactersMax = 2000; // Send API, `message.text`.
const standardWindowMs = 24 * 3_600_000; // After the contact's last message (Messenger Platform policy).
const humanAgentHours = 7 * 24; // With the tag HUMAN_AGENT.

export function replyWindowHours(to: { channel: Channel }, settings: StoredService["settings"]): number | undefined {
	return hasHumanAgentTag(settings) ? humanAgentHours : metaWindowHours(to.channel);
}

export type Prepared = { ok: true; call: HttpCall } | { ok: false; outcome: Outcome };

export async function send(message: OutboundMessage, config: FacebookConfig, tools: Tools): Promise<Outcome> {
	const prepared = toRequest(message, config, tools.now());
	if (!prepared.ok) {
		return prepared.outcome;
	}
	const answer = await tools.http(prepared.call);
	return toOutcome(answer, { now: tools.now(), hidden: hiddenTexts(message, config) });
}

export function toRequest(message: OutboundMessage, config: FacebookConfig, now: Date): Prepared {
	const page = config.pages.find((candidate) => candidate.pageId === message.ourAddress);
	if (page === undefined) {
		return refused("config", `This service has no page ${cut(message.ourAddress, 32)}; add it as an authentication.`);
	}
	if (page.token === undefined) {
		const detail = `Add the page access token to the authentication ${page.pageId}.`;
		return { ok: false, outcome: { kind: "retry", code: "credentials", detail } };
	}
	const fault = contentFault(message);
	if (fault !== undefined) {
		return refused("content", fault);
	}
	const body = {
		recipient: recipientOf(message.contactAddress),
		...messagingType(message.contactLastWroteAt, config.humanAgentTag, now),
		message: { ...contentFields(message), metadata: markOf(message.attemptId) },
		...proofOf(page.token, config.appSecrets[0]),
	};
	const call: HttpCall = {
		method: "POST",
		url: `${config.serviceConnection}/${page.pageId}/messages`,
		headers: {
			authorization: `Bearer ${page.token}`,
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

/** The gateway splits a message beforehand, so a part is either text or one attachment. */
function contentFault(message: OutboundMessage): string | undefined {
	if (message.template !== undefined) {
		return "Messenger has no message templates of this kind; send a text.";
	}
	if (message.text !== "" && message.attachments.length > 0) {
		return "Messenger takes either a text or an attachment in one message; send them one after the other.";
	}
	if (message.attachments.length > 1) {
		return "Messenger takes one attachment in one message; send them one after the other.";
	}
	if (message.text.trim() === "" && message.attachments.length === 0) {
		return "The message is empty; write a text or add an attachment.";
	}
	return Array.from(message.text).length > textCharactersMax
		? `The text is longer than ${textCharactersMax} characters; shorten it.`
		: undefined;
}

/** Whether the reply window is open at all is the gateway's question; here it is only how to say in which part of it we are. */
function messagingType(
	lastWroteAt: Date | undefined,
	humanAgentTag: boolean,
	now: Date,
): Readonly<Record<string, string>> {
	const isLate = lastWroteAt !== undefined && now.getTime() - lastWroteAt.getTime() >= standardWindowMs;
	return isLate && humanAgentTag
		? { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" }
		: { messaging_type: "RESPONSE" };
}

function recipientOf(contactAddress: string): Readonly<Record<string, string>> {
	const userRef = /^user_ref:(.+)$/.exec(contactAddress)?.[1];
	return userRef === undefined ? { id: contactAddress } : { user_ref: userRef };
}

function contentFields(message: OutboundMessage): Readonly<Record<string, unknown>> {
	const [attachment] = message.attachments;
	return attachment === undefined
		? { text: message.text }
		: { attachment: { type: attachmentType(attachment), payload: { url: attachment.url } } };
}

function attachmentType(attachment: Attachment): string {
	const family = attachment.contentType?.split("/")[0]?.trim().toLowerCase() ?? "";
	return ["image", "audio", "video"].includes(family) ? family : "file";
}

function proofOf(token: string, appSecret: string | undefined): Readonly<Record<string, string>> {
	return appSecret === undefined ? {} : { appsecret_proof: appSecretProof(appSecret, token) };
}

const hiddenTextCharactersMin = 6; // A shorter text tells nothing, and blotting it out would eat the sentence.

function hiddenTexts(message: OutboundMessage, config: FacebookConfig): readonly string[] {
	const tokens = config.pages.map((page) => page.token).filter((token) => token !== undefined);
	const proofs = tokens.flatMap((token) => config.appSecrets.map((secret) => appSecretProof(secret, token)));
	const texts = message.text.length < hiddenTextCharactersMin ? [] : [message.text];
	const links = message.attachments.map((attachment) => attachment.url);
	return [...tokens, ...config.appSecrets, ...config.verifyTokens, ...proofs, ...texts, ...links];
}

/** An answer is judged by its JSON first: errors come with any status, even with 200. */
export function toOutcome(answer: HttpAnswer, reading: GraphReading): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const body = asObject(readJson(answer.body));
	const error = graphErrorOf(body);
	const messageId = asText(body?.["message_id"]);
	return error === undefined && messageId !== undefined && answer.status >= 200 && answer.status < 300
		? { kind: "accepted", remoteIds: [messageId as RemoteId] }
		: graphRefusal(answer, { product: "Facebook", meaningOfError, meaningOfStatus }, reading);
}

function meaningOfError(error: GraphError | undefined): Meaning | undefined {
	return isAboutProof(error) ? proofMissing : meaningOf(error?.code, error?.subcode);
}
