// What the readers of an update share: who the other side is, when it was, which message it is about.

import type { RemoteId } from "#domain/ids.ts";
import type { ChannelEvent, ContactAddress } from "#domain/messages.ts";

import { asFact, type Facts, factsOf } from "../kit/facts.ts";
import { asObject, asText } from "../kit/http.ts";
import { chatIdOf, remoteIdOf } from "./addresses.ts";

export type Fields = Readonly<Record<string, unknown>>;

export type Update = {
	dedupKey: string;
	ourAddress: string;
	/** Where files are asked for. */
	serviceConnection: string;
};

export type Chat = { contact: ContactAddress; isPrivate: boolean };

/** Who can be answered: in private the person, whose chat has their own number; else the whole group. */
export function chatOf(value: unknown): Chat | undefined {
	const chat = asObject(value);
	const address = chatIdOf(chat?.["id"]);
	if (chat === undefined || address === undefined) {
		return undefined;
	}
	const name = asText(chat["title"]) ?? nameOf(chat);
	// Telegram's own examples for trying out a webhook leave the type out.
	const isPrivate = chat["type"] === "private" || (chat["type"] === undefined && !address.startsWith("-"));
	return { contact: name === undefined ? { address } : { address, name }, isPrivate };
}

function nameOf(person: Fields | undefined): string | undefined {
	const names = [person?.["first_name"], person?.["last_name"]].map(asText).filter((name) => name !== undefined);
	return asText(names.join(" ")) ?? asText(person?.["username"]);
}

/** In private more about the contact; in a group, who of its members it was. */
export function authorFacts(value: unknown, { isPrivate }: Chat): Facts {
	const author = asObject(value);
	const told = { userName: author?.["username"], language: author?.["language_code"] };
	return factsOf(isPrivate ? told : { ...told, sender: asFact(author?.["id"]), senderName: nameOf(author) });
}

const timeMaxSeconds = 8.64e12; // The last moment that a date of this language holds.

/** Seconds since 1970. */
export function timed(value: unknown): { at?: Date } {
	return typeof value === "number" && value > 0 && value <= timeMaxSeconds
		? { at: new Date(Math.floor(value * 1000)) }
		: {};
}

/** The message that something is about. */
export type Place = { chat: Chat; remoteId: RemoteId };

export function placeOf(message: Fields | undefined): Place | undefined {
	const chat = chatOf(message?.["chat"]);
	const remoteId = chat === undefined ? undefined : remoteIdOf(chat.contact.address, message?.["message_id"]);
	return chat === undefined || remoteId === undefined ? undefined : { chat, remoteId };
}

export function unreadable({ dedupKey }: Update, reason: string): ChannelEvent {
	return { kind: "unreadable", dedupKey, reason };
}
