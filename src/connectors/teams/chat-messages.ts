// A chatMessage of Graph as an event: brought by a notification, or found by asking. The same message gives the same key
// either way. https://learn.microsoft.com/graph/api/resources/chatmessage, checked 2026-11-26.
//   {"id":"1700000000123","chatId":"19:abc@thread.v2","messageType":"message","from":{"user":{"id":"…","displayName":"…"}},
//    "body":{"contentType":"html","content":"<p>Olá</p>"},"attachments":[], …}

import type { RemoteId } from "#domain/ids.ts";
import type { Attachment, ChannelEvent } from "#domain/messages.ts";
import { factsOf } from "../kit/facts.ts";
import { fingerprint, keyOf } from "../kit/fingerprint.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { channel, placeOf, remoteIdOf } from "./addresses.ts";
import type { TeamsConfig } from "./form.ts";
import type { Fields } from "./graph-api.ts";
import { hostedContentAt, messagePath } from "./hosted-contents.ts";
import { attributeOf } from "./html.ts";
import { type ReadPlace, senderOf, textOf } from "./reading.ts";

export type ChangeType = "created" | "updated" | "deleted";

export function eventOf(message: Fields, change: ChangeType, config: TeamsConfig): ChannelEvent {
	const id = asText(message["id"]);
	const place = placeIn(message);
	if (id === undefined || place === undefined) {
		const reason = "A message names no id, or no chat or channel.";
		return { kind: "unreadable", dedupKey: `unreadable:${fingerprint(message)}`, reason };
	}
	const name = activityName(message, change, config);
	return name === undefined ? toMessage(message, { id, place }, config) : toActivity(name, message, { id, place });
}

function placeIn(message: Fields): ReadPlace | undefined {
	const inChannel = asObject(message["channelIdentity"]);
	const [teamId, channelId] = [asText(inChannel?.["teamId"]), asText(inChannel?.["channelId"])];
	const chatId = asText(message["chatId"]);
	const place = placeOf(chatId ?? `${teamId ?? ""}/${channelId ?? ""}`);
	return place === undefined || place.kind === "person" ? undefined : place;
}

/** Undefined: a person wrote something new to us. */
function activityName(message: Fields, change: ChangeType, { state, application }: TeamsConfig): string | undefined {
	const sender = senderOf(message);
	const program = asText(asObject(asObject(message["from"])?.["application"])?.["id"]);
	if (change !== "created" || asText(message["deletedDateTime"]) !== undefined) {
		return change === "created" ? "message_deleted" : `message_${change}`;
	}
	if (message["messageType"] !== "message") {
		return "system_message";
	}
	if (sender === undefined) {
		return program !== undefined && program === application?.id ? "echo" : "message_of_program";
	}
	return sender === state.userId ? "echo" : undefined;
}

type Where = { id: string; place: ReadPlace };

/** `etag` changes with each reaction and edit, so each of them is an event of its own. */
function toActivity(name: string, message: Fields, { id, place }: Where): ChannelEvent {
	const version = asText(message["etag"]) ?? asText(message["lastModifiedDateTime"]) ?? fingerprint(message);
	const remoteId = remoteIdOf(place, id);
	const { body: _body, ...told } = message;
	return {
		kind: "activity",
		dedupKey: keyOf(name, [remoteId, version], message),
		name,
		remoteId: remoteId as RemoteId,
		facts: factsOf({ place: addressOf(place, message), reactions: told["reactions"], from: told["from"] }),
	};
}

function toMessage(message: Fields, { id, place }: Where, config: TeamsConfig): ChannelEvent {
	const at = new Date(asText(message["createdDateTime"]) ?? Number.NaN);
	const person = asObject(asObject(message["from"])?.["user"]);
	const name = asText(person?.["displayName"]);
	const remoteId = remoteIdOf(place, id);
	const root = asText(message["replyToId"]);
	const subject = asText(message["subject"]);
	const importance = message["importance"] === "normal" ? undefined : message["importance"];
	const { attachments, others } = attachmentsIn(message, messagePath(placeWithRoot(place, root), id), config);
	return {
		kind: "message",
		dedupKey: keyOf("message", [remoteId], message),
		...(Number.isNaN(at.getTime()) ? {} : { at }),
		remoteId: remoteId as RemoteId,
		channel,
		ourAddress: config.ourAddress ?? "",
		contact: { address: addressOf(place, message), ...(name === undefined ? {} : { name }) },
		text: textOf(message),
		attachments,
		...(root === undefined ? {} : { replyTo: remoteIdOf(place, root) as RemoteId }),
		metadata: factsOf({ from: person?.["id"], subject, importance, attachment: others }),
	};
}

/** What is answered: the chat, or in a channel the thread. */
function addressOf(place: ReadPlace, message: Fields): string {
	if (place.kind === "chat") {
		return place.chatId;
	}
	const root = asText(message["replyToId"]) ?? asText(message["id"]) ?? "";
	return `${place.teamId.toLowerCase()}/${place.channelId}/${root}`;
}

function placeWithRoot(place: ReadPlace, root: string | undefined): ReadPlace {
	return place.kind === "channel" ? { ...place, root } : place;
}

type Attached = { attachments: readonly Attachment[]; others: readonly unknown[] };

/** Pictures lie in Graph, as content of the message; files are links to SharePoint. Cards and the like become facts. */
function attachmentsIn(message: Fields, path: string, { base = "" }: TeamsConfig): Attached {
	const items = asArray(message["attachments"]).map((item) => asObject(item) ?? {});
	const files = items.filter(({ contentType, contentUrl }) => contentType === "reference" && isFile(contentUrl, base));
	const content = asText(asObject(message["body"])?.["content"]) ?? "";
	return {
		attachments: [
			...picturesIn(content, path, base).map((url) => ({ url })),
			...files.map(({ contentUrl, name }) => {
				const filename = asText(name);
				return { url: String(contentUrl), ...(filename === undefined ? {} : { filename }) };
			}),
		],
		others: items.filter((item) => !files.includes(item)),
	};
}

const picturesMax = 20;

function picturesIn(html: string, path: string, base: string): readonly string[] {
	return [...html.matchAll(/<img\s[^<>]{1,4000}>/gi)]
		.slice(0, picturesMax)
		.flatMap(([source]) => hostedContentAt(attributeOf({ source }, "src"), base) ?? [])
		.filter((picture) => picture.message === path)
		.map(({ url }) => url);
}

/** Whoever posts by an interface names any address; at Graph it would be had with our token. */
function isFile(value: unknown, base: string): value is string {
	return isWebAddress(value) && URL.parse(value)?.origin !== URL.parse(base)?.origin;
}

function isWebAddress(value: unknown): value is string {
	return typeof value === "string" && /^https:\/\//i.test(value) && URL.canParse(value);
}
