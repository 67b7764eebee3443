// Who talks to whom: numbers in E.164, short codes as they are, senders' names; and the same as SMPP writes them, digits
// without plus under a type of number (SMPP v3.4 section 5.2.5 and 5.2.6).

import type { Addressing, AddressingInput } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { toNumber, toSmsContact, toSmsSender, withoutPlus } from "../kit/phone.ts";
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

export function addressing({ from, to, channel }: AddressingInput, config: SmppConfig): Addressing {
	if (channel !== undefined && channel.trim().toLowerCase() !== "sms") {
		return refusal("channel", "This service sends on the channel sms only.");
	}
	const { country } = config;
	const contactAddress = toSmsContact(to, { country });
	if (contactAddress === undefined) {
		return refusal("to", "Enter the number with + and country code, for example +447700900123.");
	}
	const given = from?.trim() || config.sender;
	if (given === undefined) {
		return refusal("from", "Name the sender, or enter one in the settings of the service.");
	}
	const ourAddress = toSmsSender(given, { country });
	return ourAddress === undefined
		? refusal("from", "Enter a number with + and country code, a short code, or a name of up to 11 characters.")
		: { ok: true, channel: "sms", ourAddress, contactAddress };
}

function refusal(field: "from" | "to" | "channel", message: string): Addressing {
	return { ok: false, field, message };
}
