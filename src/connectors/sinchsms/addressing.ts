// Who talks to whom: numbers in E.164, short codes as they are, senders' names. Sinch gives numbers back without `+`.
// As documented at https://developers.sinch.com/docs/sms/api-reference/, checked 2026-11-24.

import type { Addressing, AddressingInput } from "../contract.ts";
import { cut } from "../kit/facts.ts";
import { toSmsContact, toSmsSender } from "../kit/phone.ts";
import type { SinchSmsConfig } from "./form.ts";

const addressCharactersMax = 100;

/** An address as Sinch writes it, in our spelling; one that is no number, code or name stays as it came. */
export function fromSinch(address: string): string {
	return toSmsSender(address, { bareIsWhole: true }) ?? cut(address.trim() || address, addressCharactersMax);
}

export function addressing({ from, to, channel }: AddressingInput, config: SinchSmsConfig): Addressing {
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
