// Who talks to whom. SMS goes between a short code (LA) and a number, WhatsApp between two numbers; WhatsApp addresses
// carry the prefix `whatsapp:`, because the same number by SMS and by WhatsApp are two conversations.
// As documented at https://docs.sinch.com/technical-documentation/api-and-integrations/whatsapp-api, checked 2026-11-24.

import type { Addressing, AddressingInput } from "../contract.ts";
import { toNumber, toSmsContact, toSmsSender, withoutPlus } from "../kit/phone.ts";
import type { WavyConfig } from "./form.ts";

export type WavyChannel = "sms" | "whatsapp";

const prefix = /^(sms|whatsapp):/i;
const bare = { bareIsWhole: true }; // Wavy leaves the + out: 5519900001111.

/** The number of a WhatsApp account. Ids of old accounts (521… in Mexico) are no phone numbers any more, but valid here. */
export function toWhatsappNumber(given: string): string | undefined {
	const digits = given.trim().replaceAll(/[\s().-]/g, "");
	return toNumber(given, bare) ?? (/^\+?[1-9]\d{7,14}$/.test(digits) ? `+${withoutPlus(digits)}` : undefined);
}

export function whatsappAddress(given: string): string | undefined {
	const number = toWhatsappNumber(given.replace(/^whatsapp:/i, ""));
	return number === undefined ? undefined : `whatsapp:${number}`;
}

export function smsContactAddress(given: string): string | undefined {
	return toSmsContact(given, bare);
}

/** As Wavy wants a recipient: the digits alone. */
export function destinationOf(contactAddress: string): string {
	return withoutPlus(contactAddress.replace(prefix, ""));
}

export function addressing(input: AddressingInput, config: WavyConfig): Addressing {
	const channel = channelOf(input, config);
	if (channel === undefined) {
		return refusal("channel", "Wavy sends on the channels sms and whatsapp; the addresses must be of that channel.");
	}
	const to = input.to.trim().replace(prefix, "");
	const contactAddress = channel === "sms" ? smsContactAddress(to) : whatsappAddress(to);
	if (contactAddress === undefined) {
		return refusal("to", "Enter the number with country code, for example +5519900001111.");
	}
	const from = (input.from ?? "").trim().replace(prefix, "");
	const ourAddress = channel === "sms" ? ourSmsAddress(from, config) : ourWhatsappAddress(from, config);
	return ourAddress === undefined
		? refusal("from", fromAdvice[channel])
		: { ok: true, channel, ourAddress, contactAddress };
}

const fromAdvice: Readonly<Record<WavyChannel, string>> = {
	sms: "Give the short code that contacts answer to, or enter it in the settings of the service.",
	whatsapp: "Give the WhatsApp number of the account with country code, or enter it in the settings of the service.",
};

function refusal(field: "from" | "to" | "channel", message: string): Addressing {
	return { ok: false, field, message };
}

/** What is asked for, else what a prefix says, else the only one that is set up. Undefined: they contradict each other. */
function channelOf({ from, to, channel }: AddressingInput, config: WavyConfig): WavyChannel | undefined {
	const named = [channel?.trim().toLowerCase(), prefixOf(to), prefixOf(from)].filter((word) => word !== undefined);
	const [first, ...others] = named;
	if (first === undefined) {
		return isOwnWhatsapp(from, config) ? "whatsapp" : "sms";
	}
	const isClear = others.every((other) => other === first);
	return isClear && (first === "sms" || first === "whatsapp") ? first : undefined;
}

function prefixOf(address = ""): string | undefined {
	return prefix.exec(address.trim())?.[1]?.toLowerCase();
}

function isOwnWhatsapp(from: string | undefined, { whatsappNumber, shortCode }: WavyConfig): boolean {
	if (whatsappNumber === undefined) {
		return false;
	}
	return from === undefined || from.trim() === "" ? shortCode === undefined : toWhatsappNumber(from) === whatsappNumber;
}

function ourSmsAddress(from: string, { shortCode }: WavyConfig): string | undefined {
	return from === "" ? shortCode : toSmsSender(from, bare);
}

function ourWhatsappAddress(from: string, { whatsappNumber }: WavyConfig): string | undefined {
	const number = from === "" ? whatsappNumber : toWhatsappNumber(from);
	return number === undefined ? undefined : `whatsapp:${number}`;
}
