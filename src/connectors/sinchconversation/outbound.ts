// Sending: one message of ours becomes one `messages:send` with one kind of content. The provider has no idempotency
// key, so whatever may have been taken is `unknown`; our attempt id travels as `message_metadata` and settles it later.

import type { OutboundMessage } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";

import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { asObject, outcomeOfSilence, readJson, retryAfter } from "../kit/http.ts";
import { fromAddress, type OurAddress, scopeOf, toIdentity } from "./addresses.ts";
import { markOf } from "../kit/attempt-mark.ts";
import { callWithToken, secretsOf, type TokenClient } from "../kit/oauth2.ts";
import { quoteOf } from "../kit/quote.ts";
import { sendRule } from "./codes.ts";
import { textAt, timeAt } from "./fields.ts";
import type { SinchConversationConfig } from "./form.ts";

/** A request that lacks only its access token, or the reason why there is none. */
export type Prepared = { ok: true; call: HttpCall; client: TokenClient } | { ok: false; outcome: Outcome };

export function toRequest(message: OutboundMessage, config: SinchConversationConfig, now: Date): Prepared {
	const ours = fromAddress(message.ourAddress);
	const app = config.apps.find((candidate) => candidate.appId === ours?.appId);
	if (ours === undefined || app === undefined) {
		return refuse("config", "Our address belongs to no app of this service.");
	}
	if (app.keySecret === undefined) {
		const detail = `Add the key secret to the authentication of the app ${app.appId}.`;
		return { ok: false, outcome: { kind: "retry", code: "credentials", detail } };
	}
	const content = toContent(message, ours.row.code);
	if (typeof content === "string") {
		return refuse("content", content);
	}
	const body = { ...toEnvelope(message, ours, now), ...toOptions(ours, config), message: content };
	return {
		ok: true,
		client: toClient(config.tokenUrl, app.keyId, app.keySecret),
		call: {
			method: "POST",
			url: config.sendUrl,
			headers: { "content-type": "application/json", accept: "application/json" },
			body: JSON.stringify(body),
		},
	};
}

/** OAuth 2.0 client credentials with the access key: one token for each key. */
export function toClient(tokenUrl: string, clientId: string, clientSecret: string): TokenClient {
	return {
		tokenUrl,
		clientId,
		clientSecret,
		grant: { kind: "client_credentials" },
		clientIn: "basic",
		expiresIn: "seconds",
		credentialsName: "access key",
	};
}

function refuse(code: "config" | "content", detail: string): Prepared {
	return { ok: false, outcome: { kind: "rejected", code, detail } };
}

const timeToLiveSecondsMin = 3; // The provider's minimum.

/** `callback_url` is never set: such reports are signed with another secret than the webhook's. */
function toEnvelope(message: OutboundMessage, ours: OurAddress, now: Date): object {
	const channel = ours.row.code;
	const scope = scopeOf(ours);
	const identity = toIdentity(message.contactAddress, ours.row) ?? message.contactAddress;
	const secondsLeft = Math.floor((message.validUntil.getTime() - now.getTime()) / 1000);
	return {
		app_id: ours.appId,
		recipient: {
			identified_by: { channel_identities: [{ channel, identity, ...(scope === undefined ? {} : { app_id: scope }) }] },
		},
		channel_priority_order: [channel],
		message_metadata: markOf(message.attemptId),
		correlation_id: message.messageId,
		ttl: `${Math.max(secondsLeft, timeToLiveSecondsMin)}s`,
	};
}

function toOptions(ours: OurAddress, config: SinchConversationConfig): object {
	const sender = ours.row.code === "SMS" ? config.smsSender : undefined;
	return {
		...(sender === undefined ? {} : { channel_properties: { SMS_SENDER: sender } }),
		...(config.processingMode === "DISPATCH" ? { processing_strategy: "DISPATCH_ONLY" } : {}),
	};
}

/** The one content of the message, or a sentence that says why there is none. */
function toContent(message: OutboundMessage, channel: string): object | string {
	const [attachment, ...others] = message.attachments;
	const kinds = [message.template, attachment, message.text === "" ? undefined : message.text];
	if (kinds.every((kind) => kind === undefined)) {
		return "The message is empty.";
	}
	if (others.length > 0 || kinds.filter((kind) => kind !== undefined).length > 1) {
		return "One Sinch message carries either a text, one attachment or a template.";
	}
	if (message.template !== undefined) {
		return toTemplate(message.template, channel);
	}
	return attachment === undefined ? { text_message: { text: message.text } } : toMedia(attachment);
}

function toMedia({ url, filename }: OutboundMessage["attachments"][number]): object {
	return { media_message: { url, ...(filename === undefined ? {} : { filename_override: filename }) } };
}

/** WhatsApp knows a template by its name, and wants the language with an underscore (`en_US`). */
function toTemplate({ id, language, parameters }: NonNullable<OutboundMessage["template"]>, channel: string): object {
	const template = {
		template_id: id,
		...(language === undefined ? {} : { language_code: language.replaceAll("-", "_") }),
		...(parameters === undefined ? {} : { parameters }),
	};
	return { template_message: { channel_template: { [channel]: template } } };
}

/** `confidential`: texts that must not appear in the outcome even when the provider repeats them. */
export function toOutcome(answer: HttpAnswer, now: Date, confidential: readonly string[] = []): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	if (answer.status >= 200 && answer.status <= 299) {
		return acceptance(answer.body);
	}
	const rule = sendRule(answer.status);
	const detail = `${rule.says} (${answer.status}${quoteOf(answer.body, confidential)}).`;
	if (rule.kind === "rejected") {
		const closed = rule.closesService === undefined ? {} : { closesService: rule.closesService };
		return { kind: "rejected", code: rule.code, detail, ...closed };
	}
	const notBefore = rule.kind === "retry" ? retryAfter(answer.headers, now) : undefined;
	return { kind: rule.kind, code: rule.code, detail, ...(notBefore === undefined ? {} : { notBefore }) };
}

function acceptance(body: Uint8Array): Outcome {
	const fields = asObject(readJson(body)) ?? {};
	const remoteId = textAt(fields, "message_id") as RemoteId | undefined;
	if (remoteId === undefined) {
		return { kind: "unknown", code: "protocol", detail: "Sinch answered 2xx, but without the id of the message." };
	}
	const at = timeAt(fields, "accepted_time");
	return { kind: "accepted", remoteIds: [remoteId], ...(at === undefined ? {} : { at }) };
}

/** One attempt; a second one with a fresh token only when the first token was refused, because then nothing was taken. */
export async function send(message: OutboundMessage, config: SinchConversationConfig, tools: Tools): Promise<Outcome> {
	const prepared = toRequest(message, config, tools.now());
	if (!prepared.ok) {
		return prepared.outcome;
	}
	const confidential = [message.text, ...credentialsOf(config)];
	const sent = await callWithToken(prepared.call, prepared.client, tools, confidential);
	return sent.ok ? toOutcome(sent.answer, tools.now(), [...confidential, sent.accessToken]) : sent.outcome;
}

/** Every secret of the service, as it is and as it is put on a request. */
function credentialsOf({ tokenUrl, apps, webhookSecrets }: SinchConversationConfig): readonly string[] {
	return apps
		.flatMap(({ keyId, keySecret }) => (keySecret === undefined ? [] : secretsOf(toClient(tokenUrl, keyId, keySecret))))
		.concat(webhookSecrets);
}
