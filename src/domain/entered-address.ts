// An address as a person enters it to look for it: which keys it may have, and which digits stand in it. Pure.

import { addressKey } from "./chains.ts";

export type EnteredAddress = {
	/** What `addressKey` gives for the addresses that may be meant. */
	keys: readonly string[];
	/** What must stand in an address that is meant, where a number was entered: without what says how it is dialled. */
	digits: string | undefined;
};

const prefixes = ["", "whatsapp:", "rcs:", "messenger:"]; // Some providers put the channel before the address.
const number = /^\+?[\d\s().\-/]+$/; // As people write one.
const digitsMin = 5; // Short codes have that many.
const digitsMax = 15; // E.164 (ITU-T).

/** `+49 (0)30 123-456`, `0049 30 123456` and `4930123456` mean one address; `030 123456` any that ends like this. */
export function enteredAddress(text: string): EnteredAddress {
	const bare = text.trim();
	const digits = digitsOf(bare);
	const closedUp = bare.replaceAll(/[\s().\-/]/g, "");
	const spelled = digits === undefined ? [bare] : [bare, closedUp, digits, `+${digits}`, `00${digits}`];
	const keys = spelled.flatMap((one) => prefixes.map((prefix) => addressKey(`${prefix}${one}`)));
	return { keys: [...new Set(keys)], digits };
}

function digitsOf(text: string): string | undefined {
	if (!number.test(text)) {
		return undefined;
	}
	const all = text.replaceAll("(0)", "").replaceAll(/\D/g, "");
	const digits = text.startsWith("+") ? all : all.replace(/^0{1,2}/, "");
	return digits.length >= digitsMin && digits.length <= digitsMax ? digits : undefined;
}
