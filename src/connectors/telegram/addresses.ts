// Whom Telegram knows: a chat by its number, a bot by its number or its user name. Message ids count within one chat only,
// so ours are the two together.

import type { RemoteId } from "#domain/ids.ts";

const chatId = /^-?[1-9]\d{0,15}$/;

/** A person's private chat has the person's own number, a group a negative one; undefined when it is neither. */
export function toChatId(given: string): string | undefined {
	const trimmed = given.trim();
	return chatId.test(trimmed) && Number.isSafeInteger(Number(trimmed)) ? trimmed : undefined;
}

/** As JSON has it: at most 52 significant bits, so a number of this language holds it. */
export function chatIdOf(value: unknown): string | undefined {
	return typeof value === "number" ? toChatId(String(value)) : undefined;
}

const botNumber = String.raw`[1-9]\d{4,15}`;
/** 5 to 32 letters, digits and underscores that end in `bot`. */
const botUserName = "[A-Za-z][A-Za-z0-9_]{1,28}[Bb][Oo][Tt]";

export const botName = new RegExp(`^(?:${botNumber}|${botUserName})$`);

/** `8123456789:AAE…`: the bot's number, a colon, and what nobody may see. */
export const tokenShape = new RegExp(String.raw`^(${botNumber}):([A-Za-z0-9_-]{30,64})$`);

export function isNumber(name: string): boolean {
	return /^\d+$/.test(name);
}

export function remoteIdOf(chat: string, messageId: unknown): RemoteId | undefined {
	return typeof messageId === "number" && Number.isSafeInteger(messageId) && messageId > 0
		? (`${chat}/${messageId}` as RemoteId)
		: undefined;
}

/** The number of a message within that chat; undefined for a message of any other chat. */
export function messageIdIn(chat: string, remoteId: RemoteId): number | undefined {
	const [, ofChat, id] = /^(-?\d{1,16})\/(\d{1,16})$/.exec(remoteId) ?? [];
	return ofChat === chat ? Number(id) : undefined;
}

const pressPrefix = "callback/";

/** A press on a button is no message of its own; it has an id of another kind. */
export function remoteIdOfPress(queryId: string): RemoteId {
	return `${pressPrefix}${queryId}` as RemoteId;
}

export function pressIn(remoteId: RemoteId): string | undefined {
	return remoteId.startsWith(pressPrefix) ? remoteId.slice(pressPrefix.length) : undefined;
}
