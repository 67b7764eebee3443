// Who talks to whom at Twilio. An address keeps its channel prefix (`whatsapp:+55…`), because the same number by SMS and
// by WhatsApp are two conversations. As documented at https://www.twilio.com/docs/messaging/channels, checked 2026-11-24.

import type { Channel } from "#domain/messages.ts";
import { metaWindowHours } from "#domain/reply-window.ts";
import type { Addressing, AddressingInput } from "../contract.ts";
import type { TwilioConfig } from "./form.ts";

/** The channels we send on that have a prefix; plain SMS has none. */
const prefixed: readonly Channel[] = ["whatsapp", "messenger", "rcs"];

export const messagingServicePattern = /^MG[0-9a-fA-F]{32}$/;

/** Twilio adds channels, so any word may stand before the colon. */
export function channelOf(address: string): Channel | undefined {
	const colon = address.indexOf(":");
	return colon === -1 ? "sms" : /^[a-z][a-z0-9_-]{0,31}$/.exec(address.slice(0, colon).toLowerCase())?.[0];
}

/** The address with the prefix of its channel; an address that has one already is left alone. */
export function withPrefix(address: string, channel: Channel): string {
	return channel === "sms" || address.includes(":") ? address : `${channel}:${address}`;
}

const phone = /^\+[1-9]\d{1,14}$/; // E.164 (ITU-T): at most 15 digits.
const shortCode = /^\d{3,8}$/;
const alphanumericSender = /^(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}$/;
/** A WhatsApp user without a visible number: country code and id. */
const whatsappUser = /^[A-Z]{2}\.[A-Za-z0-9.]{1,128}$/;
const opaque = /^[\x21-\x7e]{1,255}$/;

/** Takes the separators out of a number as people write it; an address of another shape is left alone. */
function tidy(address: string): string {
	const trimmed = address.trim();
	const bare = trimmed.replace(/[\s().-]/g, "");
	return /^(?:[a-z]+:)?\+\d+$/i.test(bare) ? bare : trimmed;
}

function fits(address: string, channel: Channel, sender: boolean): boolean {
	if (channel === "sms") {
		return phone.test(address) || shortCode.test(address) || (sender && alphanumericSender.test(address));
	}
	const rest = address.slice(channel.length + 1);
	return channel === "whatsapp" ? phone.test(rest) || whatsappUser.test(rest) : opaque.test(rest);
}

function refusal(field: "from" | "to" | "channel", message: string): Addressing {
	return { ok: false, field, message };
}

function sendableChannelOf(address: string): Channel | undefined {
	const channel = channelOf(address);
	return channel !== undefined && ["sms", ...prefixed].includes(channel) ? channel : undefined;
}

function readChannel(to: string, wanted: Channel | undefined): Channel | undefined {
	const named = sendableChannelOf(to);
	if (wanted === undefined || named === undefined) {
		return named;
	}
	const isFree = named === "sms" && prefixed.includes(wanted);
	return wanted === named || isFree ? wanted : undefined;
}

export function addressing(input: AddressingInput, config: TwilioConfig): Addressing {
	const to = tidy(input.to);
	const channel = readChannel(to, input.channel);
	if (channel === undefined) {
		return input.channel === undefined || sendableChannelOf(to) === undefined
			? refusal("to", "Twilio knows a number, whatsapp:…, messenger:… and rcs:….")
			: refusal("channel", "The channel does not fit the address: use sms, whatsapp, messenger or rcs.");
	}
	const contactAddress = spell(withPrefix(to, channel), channel);
	if (!fits(contactAddress, channel, false)) {
		return refusal("to", "Enter the number with + and country code, for example +15550100002.");
	}
	const from = input.from === undefined ? config.messagingServiceSid : tidy(input.from);
	if (from === undefined || from === "") {
		return refusal("from", "Name the sender, or enter a Messaging Service SID in the settings of the service.");
	}
	if (messagingServicePattern.test(from)) {
		return { ok: true, channel, ourAddress: from, contactAddress };
	}
	const ourAddress = spell(withPrefix(from, channel), channel);
	return channelOf(ourAddress) === channel && fits(ourAddress, channel, true)
		? { ok: true, channel, ourAddress, contactAddress }
		: refusal(
				"from",
				`Enter a sender of the channel ${channel}: a number with + and country code, or a sender's name.`,
			);
}

/** Of a Messaging Service nobody here knows which number the contact wrote to. */
export function replyWindowHours({
	channel,
	ourAddress,
}: {
	channel: Channel;
	ourAddress: string;
}): number | undefined {
	return messagingServicePattern.test(ourAddress) ? undefined : metaWindowHours(channel);
}

/** The prefix in small letters, as Twilio prints it. */
function spell(address: string, channel: Channel): string {
	return channel === "sms" ? address : channel + address.slice(channel.length);
}
