// Addresses of ours look like `<APP ID>@<channel word>.sinchconversation.com`, as in the original's queues; a contact's
// address is the provider's channel identity. Which words exist is one table; a channel not in it keeps its own name.

import type { Channel } from "#domain/messages.ts";

import type { Addressing, AddressingInput } from "../contract.ts";
import type { SinchConversationConfig } from "./form.ts";

/**
 * What a channel identity is: `phone` a number in international form without `+` · `phoneOrId` that, or an id of the
 * channel · `id` an id of the channel · `scopedId` an id that means something within one app only (the request must
 * then name the app beside the identity).
 */
type IdentityKind = "phone" | "phoneOrId" | "id" | "scopedId";

/** `code` the provider's word · `word` ours in addresses · `channel` as the product calls the medium everywhere. */
export type ChannelRow = { code: string; word: string; channel: Channel; identity: IdentityKind };

export const channels: readonly ChannelRow[] = [
	{ code: "SMS", word: "sms", channel: "sms", identity: "phone" },
	{ code: "MMS", word: "mms", channel: "mms", identity: "phone" },
	{ code: "RCS", word: "rcs", channel: "rcs", identity: "phone" },
	{ code: "WHATSAPP", word: "whatsapp", channel: "whatsapp", identity: "phoneOrId" },
	{ code: "VIBERBM", word: "viber", channel: "viber", identity: "phone" },
	{ code: "VIBER", word: "viber-bot", channel: "viber-bot", identity: "id" },
	{ code: "MESSENGER", word: "facebook", channel: "messenger", identity: "scopedId" },
	{ code: "INSTAGRAM", word: "instagram", channel: "instagram", identity: "scopedId" },
	{ code: "LINE", word: "line", channel: "line", identity: "scopedId" },
	{ code: "WECHAT", word: "wechat", channel: "wechat", identity: "scopedId" },
	{ code: "TELEGRAM", word: "telegram", channel: "telegram", identity: "id" },
	{ code: "KAKAOTALK", word: "kakaotalk", channel: "kakaotalk", identity: "phoneOrId" },
	{ code: "KAKAOTALKCHAT", word: "kakaotalkchat", channel: "kakaotalkchat", identity: "id" },
	{ code: "APPLEBC", word: "applebc", channel: "applebc", identity: "id" },
	{ code: "SINCH_CHAT", word: "nativechannel", channel: "nativechannel", identity: "id" },
];

/** The row of a provider's channel code; undefined when it is no code at all. */
export function channelOfCode(code: unknown): ChannelRow | undefined {
	if (typeof code !== "string" || !/^[A-Z][A-Z0-9_]{0,39}$/.test(code)) {
		return undefined;
	}
	const word = code.toLowerCase();
	return channels.find((row) => row.code === code) ?? { code, word, channel: word, identity: "id" };
}

/** The row for what a person or a caller writes: our word, the product's name or the provider's code, in any case. */
export function channelOfWord(given: string): ChannelRow | undefined {
	const word = given.toLowerCase();
	const known = channels.find((row) => row.word === word || row.channel === word || row.code.toLowerCase() === word);
	return known ?? channelOfCode(given.toUpperCase());
}

export type OurAddress = { appId: string; row: ChannelRow };

export function toAddress({ appId, row }: OurAddress): string {
	return `${appId}@${row.word}.sinchconversation.com`;
}

export function fromAddress(address: string): OurAddress | undefined {
	const [, appId, word] = /^([A-Za-z0-9_-]{1,64})@([A-Za-z0-9_-]{1,40})\.sinchconversation\.com$/i.exec(address) ?? [];
	const row = word === undefined ? undefined : channelOfWord(word);
	return appId === undefined || row === undefined ? undefined : { appId: appId.toUpperCase(), row };
}

/**
 * The channel identity for an address as people write it, or undefined when it cannot be one. The provider's numbers
 * carry no `+`; without one spelling the answer to a message would open a second conversation.
 */
export function toIdentity(address: string, row: ChannelRow): string | undefined {
	const given = address.trim();
	const isPhone = row.identity === "phone" || row.identity === "phoneOrId";
	const digits = isPhone ? given.replaceAll(/[\s().-]/g, "").replace(/^(?:\+|00)/, "") : "";
	if (/^[1-9]\d{2,14}$/.test(digits)) {
		return digits; // E.164 allows 15 digits; short codes have 3 and more.
	}
	const isOpaque = row.identity !== "phone" && /^[^\p{Cc}\s]{1,255}$/u.test(given);
	return isOpaque ? given : undefined;
}

/** The app within which a contact's address has its meaning. */
export function scopeOf({ appId, row }: OurAddress): string | undefined {
	return row.identity === "scopedId" ? appId : undefined;
}

export function addressing(input: AddressingInput, config: SinchConversationConfig): Addressing {
	const ours = ourSide(input, config);
	if (!("appId" in ours)) {
		return ours;
	}
	const contactAddress = toIdentity(input.to, ours.row);
	if (contactAddress === undefined) {
		return refuse(
			"to",
			ours.row.identity === "phone"
				? "Give the number in international form, such as +46732000000."
				: `Give the contact's address on the channel ${ours.row.channel}.`,
		);
	}
	const scope = scopeOf(ours);
	return {
		ok: true,
		channel: ours.row.channel,
		ourAddress: toAddress(ours),
		contactAddress,
		...(scope === undefined ? {} : { scope }),
	};
}

type Refused = Extract<Addressing, { ok: false }>;

function refuse(field: Refused["field"], message: string): Refused {
	return { ok: false, field, message };
}

/** `from` may be a whole address, an App ID, or absent when the service has one app; the channel comes from either. */
function ourSide(input: AddressingInput, config: SinchConversationConfig): OurAddress | Refused {
	const from = input.from?.trim() ?? "";
	const whole = fromAddress(from);
	if (from.includes("@") && whole === undefined) {
		return refuse("from", "Give the address as <APP ID>@<channel>.sinchconversation.com.");
	}
	const appId = appFor(whole?.appId ?? from.toUpperCase(), config);
	if (typeof appId !== "string") {
		return appId;
	}
	const row = channelFor(input.channel?.trim() ?? "", whole?.row);
	return "code" in row ? { appId, row } : row;
}

function channelFor(given: string, ofAddress: ChannelRow | undefined): ChannelRow | Refused {
	if (given === "") {
		return (
			ofAddress ??
			refuse("channel", "Name the channel, or give a from address as <APP ID>@<channel>.sinchconversation.com.")
		);
	}
	const named = channelOfWord(given);
	if (named === undefined) {
		return refuse("channel", "Name a channel such as sms or whatsapp.");
	}
	return ofAddress === undefined || ofAddress.code === named.code
		? named
		: refuse("channel", "The channel is another one than that of the address in from.");
}

function appFor(given: string, config: SinchConversationConfig): string | Refused {
	const [first, ...others] = config.apps;
	if (first === undefined) {
		return refuse("from", "This service has no app; add an authentication [Key ID]@[App ID] with its key secret.");
	}
	if (given === "") {
		return others.length === 0
			? first.appId
			: refuse("from", "This service has several apps; give the App ID or the address that sends.");
	}
	return config.apps.some((app) => app.appId === given)
		? given
		: refuse("from", "No app of this service has this App ID; add it as an authentication or give another.");
}
