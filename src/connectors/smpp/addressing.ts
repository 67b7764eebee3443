// Who talks to whom: numbers in E.164, short codes as they are, senders' names; and the same as SMPP writes them, digits
// without plus under a type of number (SMPP v3.4 section 5.2.5 and 5.2.6).

import type { Addressing, AddressingInput } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { toNumber, toSmsSender, withoutPlus } from "../kit/phone.ts";
import { smsAddressing } from "../kit/sms-addressing.ts";
import type { SmppConfig } from "./form.ts";
import type { SmppAddress } from "./pdu.ts";

const unknown = 0;
const international = 1;
const alphanumeric = 5;
const isdn = 1;

/** As Sinch documents it: a number 1/1, a short code 0/1, a name 5/0. */
export function toSmpp(address: string): SmppAddress {
	if (address.startsWith("+")) {
		return { ton: international, npi: isdn, address: withoutPlus(address) };
	}
	return /^\d+$/.test(address) ? { ton: unknown, npi: isdn, address } : { ton: alphanumeric, npi: unknown, address };
}

const addressCharactersMax = 100;

/** In our spelling; one that is no number, code or name stays as it came. Undefined: nothing is there. */
export function fromSmpp({ ton, address }: SmppAddress, country: string | undefined): string | undefined {
	const given = address.trim();
	if (given === "" || ton === alphanumeric) {
		return given === "" ? undefined : cut(given, addressCharactersMax);
	}
	const whole = ton === international ? toNumber(given, { bareIsWhole: true }) : undefined;
	return (
		whole ??
		toSmsSender(given, { country }) ??
		toSmsSender(given, { bareIsWhole: true }) ??
		cut(given, addressCharactersMax)
	);
}

export function addressing(input: AddressingInput, config: SmppConfig): Addressing {
	return smsAddressing(input, config);
}
