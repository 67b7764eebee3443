// Our message as a call of Graph or of the Bot Connector, and the answer as an outcome.
// https://learn.microsoft.com/graph/api/chat-post-messages, checked 2026-11-26.
//   POST {Service Connection}/chats/19%3A…%40thread.v2/messages   Authorization: Bearer <token of the technical user>
//   {"body":{"contentType":"html","content":"Good day"}} … answers 201 {"id":"1616991463150", …}

import type { RemoteId } from "#domain/ids.ts";
import type { Attachment, OutboundMessage } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, Outcome, Tools } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { asObject, asText, outcomeOfSilence, readJson, retryAfter } from "../kit/http.ts";
import { callWithToken } from "../kit/oauth2.ts";
import { quoteOf } from "../kit/quote.ts";
import { messagesPath, type Place, placeOf, remoteIdOf } from "./addresses.ts";
import { explained, sendRule } from "./codes.ts";
import { type TeamsConfig, tokenClientOf } from "./form.ts";
import { askGraph } from "./graph-api.ts";
import { toAttribute, toHtml, toText } from "./html.ts";
import { readMessages } from "./reading.ts";

/** A message may have about 28 KB as it travels; five letters for each & leave room for the rest. Proposed. */
export const textCharactersMax = 4000;

type Target = Exclude<Place, { kind: "person" }>;
export type Prepared = { ok: true; call: HttpCall; toRemoteId(messageId: string): RemoteId } | Refused;
type Refused = { ok: false; outcome: Outcome };

export async function send(message: OutboundMessage, config: TeamsConfig, tools: Tools): Promise<Outcome> {
	const target = config.mode === "graph" ? await targetFor(message, config, tools) : undefined;
	if (target !== undefined && "ok" in target) {
		return target.outcome;
	}
	const prepared = toRequest(message, config, target);
	if (!prepared.ok) {
		return prepared.outcome;
	}
	const answered = await callWithToken(prepared.call, tokenClientOf(config), tools, hiddenIn(message, config));
	return answered.ok
		? toOutcome(answered.answer, { ...answered, config, message, now: tools.now(), toRemoteId: prepared.toRemoteId })
		: explained(answered.outcome);
}

/** Where it is posted; for a person the chat with them, which Graph makes or finds. */
async function targetFor(message: OutboundMessage, config: TeamsConfig, tools: Tools): Promise<Target | Refused> {
	const place = placeOf(message.contactAddress);
	if (place === undefined) {
		return refused("recipient", "The address is no chat, person or channel of Teams.");
	}
	return place.kind === "person" ? chatWith(place.user, { message, config, tools }) : place;
}

type Sending = { message: OutboundMessage; config: TeamsConfig; tools: Tools };

/** POST /chats gives the same one-on-one chat each time, and sends nothing: whatever happens here can be tried again. */
async function chatWith(user: string, { message, config, tools }: Sending): Promise<Target | Refused> {
	const call = toChatRequest(user, config);
	const answered = await callWithToken(call, tokenClientOf(config), tools, hiddenIn(message, config));
	if (!answered.ok) {
		return { ok: false, outcome: explained(answered.outcome) };
	}
	const { answer, accessToken } = answered;
	const chatId = answer.kind === "answered" ? asText(asObject(readJson(answer.body))?.["id"]) : undefined;
	const place = chatId === undefined ? undefined : placeOf(chatId);
	if (answer.kind === "answered" && answer.status >= 200 && answer.status <= 299 && place?.kind === "chat") {
		return place;
	}
	const outcome = toOutcome(answer, {
		config,
		message,
		accessToken,
		now: tools.now(),
		toRemoteId: (id) => id as RemoteId,
	});
	return { ok: false, outcome: asNotSent(outcome) };
}

function asNotSent(outcome: Outcome): Outcome {
	const detail = "The chat with this person could not be made; no message was sent.";
	switch (outcome.kind) {
		case "accepted":
			return { kind: "retry", code: "protocol", detail: `${detail} The answer names no chat.` };
		case "unknown":
			return { kind: "retry", code: outcome.code, detail: `${detail} ${outcome.detail}` };
		case "retry":
		case "rejected":
			return outcome;
	}
}

export function toChatRequest(user: string, config: TeamsConfig): HttpCall {
	const members = [config.state.userId ?? config.user?.id ?? "", user].map((id) => ({
		"@odata.type": "#microsoft.graph.aadUserConversationMember",
		roles: ["owner"],
		"user@odata.bind": `${config.base}/users('${id.replaceAll("'", "''")}')`,
	}));
	return {
		method: "POST",
		url: `${config.base}/chats`,
		headers: { "content-type": "application/json", accept: "application/json" },
		body: JSON.stringify({ chatType: "oneOnOne", members }),
	};
}

/** @param target of the mode graph */
export function toRequest(message: OutboundMessage, config: TeamsConfig, target: Target | undefined): Prepared {
	if (message.template !== undefined) {
		return refused("content", "Teams has no message templates; send a text.");
	}
	if (message.text === "" && message.attachments.length === 0) {
		return refused("content", "There is nothing to send.");
	}
	if (config.base === undefined) {
		return refused("config", "Service Connection cannot be read.");
	}
	return target === undefined ? toActivity(message, config) : toChatMessage(message, config, target);
}

function refused(code: "config" | "content" | "recipient", detail: string): Refused {
	return { ok: false, outcome: { kind: "rejected", code, detail } };
}

function toChatMessage(message: OutboundMessage, config: TeamsConfig, target: Target): Prepared {
	const content = [toHtml(message.text), ...message.attachments.map(toLink)].filter((part) => part !== "").join("<br>");
	const call: HttpCall = {
		method: "POST",
		url: `${config.base}${messagesPath(target)}`,
		headers: {
			"content-type": "application/json",
			accept: "application/json",
			// For Microsoft's support; it does not keep a second request from being a second message.
			"client-request-id": toGuid(message.attemptId),
		},
		body: JSON.stringify({ body: { contentType: "html", content } }),
	};
	return { ok: true, call, toRemoteId: (id) => remoteIdOf(target, id) as RemoteId };
}

/** Graph takes files from OneDrive and pictures in the request only, so people get a link. */
function toLink({ url, filename }: Attachment): string {
	return `<a href="${toAttribute(url)}">${toHtml(filename ?? url)}</a>`;
}

function toGuid(id: string): string {
	return id.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference, checked 2026-11-26. */
function toActivity(message: OutboundMessage, config: TeamsConfig): Prepared {
	const { contactAddress } = message;
	const attachments = message.attachments.map(({ url, filename, contentType }) => ({
		contentType: contentType ?? "application/octet-stream",
		contentUrl: url,
		...(filename === undefined ? {} : { name: filename }),
	}));
	const activity = {
		type: "message",
		from: { id: `28:${config.application?.id ?? ""}` },
		conversation: { id: contactAddress },
		textFormat: "plain",
		...(message.text === "" ? {} : { text: message.text }),
		...(attachments.length === 0 ? {} : { attachments }),
	};
	const call: HttpCall = {
		method: "POST",
		url: `${config.base}/v3/conversations/${encodeURIComponent(contactAddress)}/activities`,
		headers: { "content-type": "application/json", accept: "application/json" },
		body: JSON.stringify(activity),
	};
	return { ok: true, call, toRemoteId: (id) => `${contactAddress}/${id}` as RemoteId };
}

function hiddenIn({ text }: OutboundMessage, { hidden }: TeamsConfig): readonly string[] {
	return [...hidden, text, toHtml(text)];
}

export type AnswerReading = {
	config: TeamsConfig;
	message: OutboundMessage;
	/** With which it was sent: the provider may repeat it. */
	accessToken: string;
	now: Date;
	toRemoteId(messageId: string): RemoteId;
};

export function toOutcome(answer: HttpAnswer, reading: AnswerReading): Outcome {
	const { config, message, accessToken, now, toRemoteId } = reading;
	if (answer.kind !== "answered") {
		return outcomeOfSilence(answer);
	}
	if (answer.status >= 200 && answer.status <= 299) {
		const id = asText(asObject(readJson(answer.body))?.["id"]);
		return id === undefined || id.length > 200
			? { kind: "unknown", code: "protocol", detail: "Microsoft answered, but named no id of the message." }
			: { kind: "accepted", remoteIds: [toRemoteId(id)] };
	}
	const { kind, code, says, closesService } = sendRule(answer.status, config.mode);
	const detail = `${says} (${answer.status}${quoteOf(answer.body, [accessToken, ...hiddenIn(message, config)])}).`;
	if (kind !== "retry") {
		return kind === "rejected" && closesService === true
			? { kind, code, detail, closesService }
			: { kind, code, detail };
	}
	const notBefore = retryAfter(answer.headers, now);
	return notBefore === undefined ? { kind, code, detail } : { kind, code, detail, notBefore };
}

const clockSkewMs = 5000;

/**
 * What became of a message whose answer was lost: Graph has no field for our attempt id, so it is found by its sender, its
 * time and its text. Several that fit settle nothing. Proposed.
 */
export async function lookup(
	message: OutboundMessage,
	attemptedAt: Date,
	config: TeamsConfig,
	tools: Tools,
): Promise<Outcome> {
	const place = placeOf(message.contactAddress);
	if (config.mode !== "graph" || place?.kind !== "chat") {
		return stillUnknown("Only what was sent into a chat by its id can be looked up.");
	}
	const userId = config.state.userId ?? (await ownId(config, tools));
	if (userId === undefined) {
		return stillUnknown("Microsoft does not say who the technical user is.");
	}
	const after = new Date(attemptedAt.getTime() - clockSkewMs).toISOString();
	const read = await readMessages(place, { after }, config, tools);
	if (!read.ok) {
		return stillUnknown(cut(read.trouble.detail, 300));
	}
	const expected = toText(toHtml(message.text));
	const found = read.messages.filter(({ senderId, text }) => senderId === userId && text === expected);
	const [only, ...others] = found;
	if (only === undefined || others.length > 0) {
		return stillUnknown(`The chat has ${found.length} messages of ours with this text since then.`);
	}
	// By Microsoft's clock, which may be behind ours: the same text may have been written shortly before, too.
	return only.at < attemptedAt.toISOString()
		? stillUnknown("The chat has a message of ours with this text, but it may be one from shortly before.")
		: { kind: "accepted", remoteIds: [remoteIdOf(place, only.id) as RemoteId] };
}

async function ownId(config: TeamsConfig, tools: Tools): Promise<string | undefined> {
	const told = await askGraph({ method: "GET", path: "/me", query: { $select: "id" } }, config, tools);
	return told.ok ? asText(told.fields["id"]) : undefined;
}

function stillUnknown(detail: string): Outcome {
	return { kind: "unknown", code: "unreachable", detail };
}
