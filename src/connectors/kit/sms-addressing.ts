// Who talks to whom, for types that send SMS and nothing else: numbers in E.164, short codes as they are, senders' names.
// The two settings that this depends on, and the rule.

import { Type } from "typebox";
import type { Addressing, AddressingInput } from "../contract.ts";
import { toSmsContact, toSmsSender } from "./phone.ts";

export function senderSetting(example: string) {
	return Type.String({
		title: "Sender",
		description: "Sender of messages that name none: a number, a short code, or a name of up to 11 characters.",
		pattern: "^(?:[+0-9A-Za-z &_.-]{3,20})?$",
		examples: [example],
		default: "",
	});
}

export const countrySetting = Type.String({
	title: "Country",
	description: "Two letters (ISO 3166), for numbers that are written without a country code. Empty: refused.",
	pattern: "^(?:[A-Z]{2})?$",
	examples: ["GB"],
	default: "",
});

/** @param settings as entered; undefined or empty: there is none */
export function smsAddressing(
	{ from, to, channel }: AddressingInput,
	settings: { sender: string | undefined; country: string | undefined },
): Addressing {
	if (channel !== undefined && channel.trim().toLowerCase() !== "sms") {
		return refusal("channel", "This service sends on the channel sms only.");
	}
	const { country } = settings;
	const contactAddress = toSmsContact(to, { country });
	if (contactAddress === undefined) {
		return refusal("to", "Enter the number with + and country code, for example +447700900123.");
	}
	const given = from?.trim() || settings.sender;
	if (given === undefined || given === "") {
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
