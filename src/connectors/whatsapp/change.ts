// What the readers of a change share: whose number it is about, times, and who the other side is.

import type { ChannelEvent, ContactAddress } from "#domain/messages.ts";

import type { Facts } from "../kit/facts.ts";
import { fingerprint } from "../kit/fingerprint.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { toContactAddress } from "./addresses.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** One change about a number of ours. */
export type Change = {
	phoneNumberId: string;
	value: Fields;
	/** Where media are asked for. */
	serviceConnection: string;
};

export function unreadable(reason: string, value: unknown, phoneNumberId: string): ChannelEvent {
	return { kind: "unreadable", dedupKey: `unreadable:${phoneNumberId}:${fingerprint(value)}`, reason };
}

const millisecondsFrom = 1e12; // Smaller numbers are seconds: both have been seen.

/** Seconds since 1970, as a text of digits; sometimes as a number. */
export function timed(value: unknown): { at?: Date } {
	const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
	if (typeof number !== "number" || !(number > 0)) {
		return {};
	}
	const date = new Date(number < millisecondsFrom ? number * 1000 : number);
	return Number.isNaN(date.getTime()) ? {} : { at: date };
}

export type Person = { contact: ContactAddress; facts: Facts };

/**
 * By number where WhatsApp tells it, else by user id: it leaves the number out of people who took a user name. `contacts[]`
 * beside the messages has the names, under either of the two.
 */
export function personOf(number: unknown, userId: unknown, change: Change): Person | undefined {
	const given = [asText(number), asText(userId)].filter((id) => id !== undefined);
	const addresses = given.map((id) => ({ id, address: toContactAddress(id) }));
	const known = addresses.find(({ address }) => address !== undefined);
	if (known?.address === undefined) {
		return undefined;
	}
	const card = cardOf(given, change);
	const profile = asObject(card?.["profile"]);
	const name = asText(profile?.["name"]);
	const userName = asText(profile?.["username"]);
	const other = addresses.find(({ address }) => address !== undefined && address !== known.address)?.address;
	return {
		contact: { address: known.address, ...(name === undefined ? {} : { name }) },
		facts: {
			...(other === undefined ? {} : { userId: other }),
			...(userName === undefined ? {} : { userName }),
		},
	};
}

function cardOf(ids: readonly string[], change: Change): Fields | undefined {
	return asArray(change.value["contacts"])
		.map(asObject)
		.find((card) => [card?.["wa_id"], card?.["user_id"]].some((id) => typeof id === "string" && ids.includes(id)));
}
