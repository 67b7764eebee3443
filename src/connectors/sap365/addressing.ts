// Who talks to whom by SMS: numbers in E.164, short codes as they are, senders' names. SAP gives numbers back with `+`, and
// in the United States without.

import type { Addressing, AddressingInput } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { toSmsContact, toSmsSender } from "../kit/phone.ts";
import type { Sap365Config } from "./form.ts";

export const channel = "sms";
const addressCharactersMax = 100;

/** An address as SAP writes it, in our spelling; one that is no number, code or name stays as it came. */
export function fromSap(address: string): string | undefined {
	const trimmed = address.trim();
	const isPrintable = /^[^\p{Cc}\p{Cs}]+$/u.test(trimmed);
	return toSmsSender(trimmed, { bareIsWhole: true }) ?? (isPrintable ? cut(trimmed, addressCharactersMax) : undefined);
}

export function addressing({ from, to, channel: given }: AddressingInput, { settings }: Sap365Config): Addressing {
	if (given !== undefined && given.trim().toLowerCase() !== channel) {
		return refusal("channel", "This service sends on the channel sms only.");
	}
	const options = { country: settings.country };
	const contactAddress = toSmsContact(to, options);
	if (contactAddress === undefined) {
		return refusal("to", "Enter the number with + and country code, for example +447700900123.");
	}
	const sender = from?.trim() || settings.sender;
	if (sender === "") {
		return refusal("from", "Name the sender, or enter one in the settings of the service.");
	}
	const ourAddress = toSmsSender(sender, options);
	return ourAddress === undefined
		? refusal("from", "Enter a number with + and country code, a short code, or a name of up to 11 characters.")
		: { ok: true, channel, ourAddress, contactAddress };
}

function refusal(field: "from" | "to" | "channel", message: string): Addressing {
	return { ok: false, field, message };
}
