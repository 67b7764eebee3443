// The fields of one thing that SAP tells: which account it is of, whether a contact wrote it, and words as they may be used.

import { asFact } from "../kit/facts.ts";
import { asObject } from "../kit/http.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** `clientId` beside the channel, or `accountId` among the parameters; both when they name different accounts. */
export function accountsIn(fields: Fields): readonly string[] {
	const given = [fields["clientId"], fields["accountId"], asObject(fields["parameters"])?.["accountId"]];
	const words = given.map(asWord).filter((word) => word !== undefined);
	return words.filter((word, index) => words.findIndex((one) => one.toLowerCase() === word.toLowerCase()) === index);
}

/** A delivery report has a `recipient` and a `status` instead. */
export function isMessage(fields: Fields): boolean {
	return Object.hasOwn(fields, "sender") || Object.hasOwn(fields, "originatingAddress");
}

/** An id, number or word: short, printable, without spaces. */
export function asWord(value: unknown): string | undefined {
	const word = asFact(value)?.trim() ?? "";
	return /^[\x21-\x7e]{1,100}$/.test(word) && word !== "N/A" ? word : undefined;
}

export function truthOf(value: unknown): boolean | undefined {
	const word = asFact(value)?.trim().toLowerCase() ?? "";
	return ["true", "yes", "y", "1"].includes(word) ? true : ["false", "no", "n", "0"].includes(word) ? false : undefined;
}
