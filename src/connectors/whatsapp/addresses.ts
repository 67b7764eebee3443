// Whom WhatsApp knows: a person by their number or, where that is hidden, by a user id; us by the id of our number.

import { toNumber, withoutPlus } from "../kit/phone.ts";

/** Country code, a dot and up to 128 letters and digits; `ENT` in between where several businesses share it. */
const userId = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;
/** Numbers that WhatsApp writes but no plan knows any more, such as the Mexican +52 1 …. */
const anyNumber = /^\+[1-9]\d{3,14}$/;

/** `+16505551234` or `US.13491208655302741918`; undefined when it is neither. WhatsApp itself leaves the `+` out. */
export function toContactAddress(given: string): string | undefined {
	const trimmed = given.trim();
	if (userId.test(trimmed)) {
		return trimmed;
	}
	const asGiven = /^\d+$/.test(trimmed) ? `+${trimmed}` : trimmed;
	return toNumber(trimmed, { bareIsWhole: true }) ?? (anyNumber.test(asGiven) ? asGiven : undefined);
}

/** Whom a message goes to: numbers and user ids have fields of their own. */
export function toRecipient(contactAddress: string): Readonly<Record<string, string>> {
	return userId.test(contactAddress) ? { recipient: contactAddress } : { to: withoutPlus(contactAddress) };
}

export const phoneNumberId = /^[0-9]{1,32}$/;
