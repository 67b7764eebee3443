// A message as a request of the account that our address names, and what the answer means. Proposed after Live Link 365:
// POST …/messages {"clientId":10001,"channel":"WECHAT","origin":"gh_123","destination":["oABC"],"type":"text","body":"Hello",
// "subject":"parley:…","ackType":"MESSAGE","callback":"…"} answers 200 {"livelinkOrderIds":[{"livelinkOrderId":["1234567890"]}]}

import type { OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { markOf } from "../kit/attempt-mark.ts";
import { outcomeOfSilence, retryAfter } from "../kit/http.ts";
import { basicOf } from "../kit/oauth2.ts";
import { ownAddress } from "../kit/own-address.ts";
import { apiErrorIn, orderIdsIn } from "../kit/sap-messaging.ts";
import { accountWith, fromAddress, type OurAddress } from "./addressing.ts";
import { sendRule } from "./codes.ts";
import { cannotSend, type HubAccount, type Social365Config } from "./form.ts";

/** The request, or the reason why there is none. */
export type Prepared = { ok: true; call: HttpCall } | { ok: false; outcome: Outcome };

export async function send(message: OutboundMessage, config: Social365Config, tools: Tools): Promise<Outcome> {
	const prepared = toRequest(message, config);
	return prepared.ok ? toOutcome(await tools.http(prepared.call), tools.now()) : prepared.outcome;
}

export function toRequest(message: OutboundMessage, config: Social365Config): Prepared {
	const ours = fromAddress(message.ourAddress);
	const account = ours === undefined ? undefined : accountWith(ours.accountId, config);
	const obstacle = cannotSend(config) ?? lackOf(account);
	if (obstacle !== undefined) {
		return { ok: false, outcome: { kind: "retry", code: "credentials", detail: obstacle } };
	}
	if (ours === undefined || account === undefined) {
		return refused("config", "Our address belongs to no account of this service.");
	}
	const content = contentOf(message);
	return typeof content === "string"
		? refused("content", content)
		: { ok: true, call: toCall(message, { ours, account, content }, config) };
}

function lackOf(account: HubAccount | undefined): string | undefined {
	return account?.secrets.length === 0
		? `Add the password to the authentication of the account ${account.id}.`
		: undefined;
}

function refused(code: "config" | "content", detail: string): Prepared {
	return { ok: false, outcome: { kind: "rejected", code, detail } };
}

type Parts = { ours: OurAddress; account: HubAccount; content: object };

function toCall(message: OutboundMessage, { ours, account, content }: Parts, config: Social365Config): HttpCall {
	const [secret = ""] = account.secrets;
	const body = {
		clientId: toClientId(account.id),
		channel: ours.row.code,
		origin: ours.sender,
		destination: [message.contactAddress],
		...content,
		subject: markOf(message.attemptId),
		ackType: "MESSAGE",
		...(config.namesCallbackUrl ? { callback: ownAddress(message, secret) } : {}),
	};
	return {
		method: "POST",
		url: config.sendUrl ?? "",
		headers: {
			authorization: `Basic ${basicOf(account.username, secret)}`,
			"x-account-id": account.id,
			"content-type": "application/json",
			accept: "application/json",
		},
		body: JSON.stringify(body),
	};
}

const int32Max = 2_147_483_647; // `clientId` of Live Link 365 is an int32.

/** A number where the id is one; one that a number would not give back stays a text. */
function toClientId(id: string): number | string {
	const number = Number(id);
	return Number.isInteger(number) && number <= int32Max && String(number) === id ? number : id;
}

/** The one content of the message, or a sentence that says why there is none. */
function contentOf({ text, attachments, template }: OutboundMessage): object | string {
	const [attachment, ...others] = attachments;
	if (template !== undefined) {
		return "Social 365 has no templates.";
	}
	if (attachment === undefined) {
		return text === "" ? "The message is empty." : { type: "text", body: text };
	}
	return others.length > 0 || text !== ""
		? "One message carries either a text or one attachment."
		: toMedia(attachment);
}

function toMedia({ url, contentType, filename }: OutboundMessage["attachments"][number]): object {
	const mimeType = contentType?.split(";")[0]?.trim().toLowerCase();
	const family = mimeType?.split("/")[0] ?? "";
	const type = ["image", "video", "audio"].includes(family) ? family : "file";
	const caption = type === "file" && filename !== undefined ? { caption: filename } : {};
	return { type, media: { url, ...(mimeType === undefined ? {} : { mimeType }), ...caption } };
}

/** Nothing that the provider says is quoted but a number: it may repeat a text. */
export function toOutcome(answer: HttpAnswer, now: Date): Outcome {
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	const { status, headers, body } = answer;
	if (status >= 200 && status <= 299) {
		const [first, ...others] = [...new Set(orderIdsIn(body))];
		return first === undefined
			? { kind: "unknown", code: "protocol", detail: `SAP answered ${status}, but without the id of an order.` }
			: { kind: "accepted", remoteIds: [first, ...others] };
	}
	const { kind, fault, meaning, closesService } = sendRule(status);
	const told = apiErrorIn(body);
	const detail = `SAP answered ${status}: ${meaning}${told === undefined ? "" : ` (${told})`}.`;
	if (kind === "rejected") {
		return { kind, code: fault, detail, ...(closesService ? { closesService } : {}) };
	}
	const notBefore = kind === "retry" ? retryAfter(headers, now) : undefined;
	return { kind, code: fault, detail, ...(notBefore === undefined ? {} : { notBefore }) };
}
