// Consents: whether a contact wants messages on a channel. What a consent is about, spelled so that the same person is the
// same row whichever provider or caller names them. Pure.

import { addressKey } from "./chains.ts";
import type { Channel } from "./messages.ts";

export type ConsentState = "granted" | "refused";

/** `contact`: said it with a word · `provider`: told us · `user`: somebody entered it. */
export type ConsentSource = "contact" | "provider" | "user";

/** As it stands before the `_` of the interface's addresses, so without one. */
export const usagePattern = "^[a-z0-9][a-z0-9.-]{0,39}$";

/** What a consent is for: the channel. */
export function usageOf(channel: Channel): string {
	return channel.toLowerCase().replaceAll("_", "-");
}

const phone = /^\+?([1-9]\d{5,14})$/; // E.164 (ITU-T): at most 15 digits.

/**
 * Equal for two addresses of one contact: providers write a number with or without `+`, and some put the channel before it
 * (`whatsapp:+49…`).
 */
export function consentKey(usage: string, address: string): string {
	const bare = withoutPrefix(usage, address.trim());
	const number = bare.startsWith("+") ? bare.replaceAll(/[\s().-]/g, "") : bare;
	return phone.exec(number)?.[1] ?? addressKey(bare);
}

function withoutPrefix(usage: string, address: string): string {
	const prefix = `${usage}:`;
	return address.toLowerCase().startsWith(prefix) ? address.slice(prefix.length) : address;
}

/** The ways in which an address of that key may stand at a message. */
export function spellingsOf(usage: string, address: string): string[] {
	const key = consentKey(usage, address);
	const numbers = phone.test(key) ? [key, `+${key}`] : [];
	const bare = [withoutPrefix(usage, address.trim()), ...numbers];
	return [...new Set([address, ...bare, ...bare.map((one) => `${usage}:${one}`)])];
}

/** The provider's time of a word, if it tells one; but a clock that is ahead must not outdo what the contact says later. */
export function saidAt({ at }: { at?: Date | undefined }, { receivedAt }: { receivedAt: Date }): Date {
	return at !== undefined && at < receivedAt ? at : receivedAt;
}
