// Who talks to whom by SMS. Numbers have one spelling (`kit/phone.ts`), whatever the gateway's own is: a number in two
// spellings would be two conversations.

import type { Addressing, AddressingInput } from "../contract.ts";
import { type PhoneOptions, toSmsContact, toSmsSender } from "../kit/phone.ts";
import type { SmsHttpConfig } from "./form.ts";
import type { Settings } from "./settings.ts";

export const channel = "sms";

export function numbersOf({ bareNumbers, country }: Settings): PhoneOptions {
	return bareNumbers === "international"
		? { bareIsWhole: true }
		: { country: country === "" ? undefined : country, bareIsWhole: false };
}

export function addressing(input: AddressingInput, { settings }: SmsHttpConfig): Addressing {
	if (input.channel !== undefined && input.channel.toLowerCase() !== channel) {
		return { ok: false, field: "channel", message: "This service sends sms only." };
	}
	const options = numbersOf(settings);
	const contactAddress = toSmsContact(input.to, options);
	if (contactAddress === undefined) {
		return { ok: false, field: "to", message: "Enter the number with + and country code, for example +15550100002." };
	}
	const given = input.from === undefined || input.from === "" ? settings.ourAddress : input.from;
	const ourAddress = toSmsSender(given, options);
	return ourAddress === undefined
		? {
				ok: false,
				field: "from",
				message:
					"Name the sender, a number or up to 11 characters, or enter Our number in the settings of the service.",
			}
		: { ok: true, channel, ourAddress, contactAddress };
}

/** An address as a gateway writes it, in our spelling; what is no number stays as it is. Undefined: it is no address. */
export function tidy(given: string, settings: Settings): string | undefined {
	const trimmed = given.trim();
	const isPrintable = /^[^\p{Cc}\p{Cs}]{1,100}$/u.test(trimmed);
	return toSmsSender(trimmed, numbersOf(settings)) ?? (isPrintable ? trimmed : undefined);
}
