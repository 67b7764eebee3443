// Who talks to whom. An address of ours names the channel, the sender and the hub account that it belongs to:
// `wechat:gh_123@10001`. The one after the last @ chooses the account; a contact's address is the channel's own.

import type { Channel } from "#domain/messages.ts";
import type { Addressing, AddressingInput } from "../contract.ts";
import { toNumber, withoutPlus } from "../kit/phone.ts";
import type { HubAccount, Social365Config } from "./form.ts";

/**
 * `phoneOrId` a number with + and country code, or an id of the channel · `id` an id of the channel · `scopedId` an id that
 * means something for one sender only.
 */
type IdentityKind = "phoneOrId" | "id" | "scopedId";

/** `code` the word in calls · `channel` as the product calls the medium everywhere. */
export type ChannelRow = { code: string; channel: Channel; identity: IdentityKind };

export const channels: readonly ChannelRow[] = [
	{ code: "WECHAT", channel: "wechat", identity: "scopedId" },
	{ code: "WHATSAPP", channel: "whatsapp", identity: "phoneOrId" },
	{ code: "FACEBOOK", channel: "messenger", identity: "scopedId" },
	{ code: "LINE", channel: "line", identity: "scopedId" },
	{ code: "VIBER", channel: "viber", identity: "phoneOrId" },
	{ code: "TELEGRAM", channel: "telegram", identity: "id" },
];

/** The row of a word in a call; a channel that is not in the table keeps its own name. Undefined: it is no such word. */
export function channelOfCode(given: string): ChannelRow | undefined {
	const code = given.trim().toUpperCase();
	return /^[A-Z][A-Z0-9_]{0,39}$/.test(code)
		? (channels.find((row) => row.code === code) ?? { code, channel: code.toLowerCase(), identity: "id" })
		: undefined;
}

/** The row for what a person writes. Only what the table has can be sent on. */
function channelOfWord(given: string): ChannelRow | undefined {
	const word = given.toLowerCase();
	return channels.find(({ code, channel }) => channel === word || code.toLowerCase() === word);
}

export type OurAddress = { row: ChannelRow; sender: string; accountId: string };

export function toAddress({ row, sender, accountId }: OurAddress): string {
	return `${row.channel}:${sender}@${accountId}`;
}

type Named = { row: ChannelRow | undefined; sender: string; accountId: string | undefined };

/** Channel and account may be missing. A LINE id begins with an @, so the first letter separates nothing. */
function readOurs(given: string): Named {
	const [, word = "", behind = ""] = /^([A-Za-z]+):([^]*)$/.exec(given.trim()) ?? [];
	const row = channelOfWord(word);
	const whole = row === undefined ? given.trim() : behind.trim();
	const at = whole.lastIndexOf("@");
	return at > 0
		? { row, sender: whole.slice(0, at).trim(), accountId: whole.slice(at + 1).trim() }
		: { row, sender: whole, accountId: undefined };
}

/** A whole address; undefined when it is none. */
export function fromAddress(address: string): OurAddress | undefined {
	const { row, sender, accountId } = readOurs(address);
	return row === undefined || sender === "" || accountId === undefined ? undefined : { row, sender, accountId };
}

/** The account with this id, in whichever case it is written. */
export function accountWith(id: string, { accounts }: Pick<Social365Config, "accounts">): HubAccount | undefined {
	return accounts.find((account) => account.id.toLowerCase() === id.toLowerCase());
}

/** The sender or contact in our spelling, or undefined when it cannot be one on this channel. */
export function toIdentity(address: string, row: ChannelRow): string | undefined {
	const bare = address.trim().replace(new RegExp(`^(?:(?:${row.channel}|${row.code}):)+`, "i"), "");
	const number = row.identity === "phoneOrId" ? toPhone(bare) : undefined;
	if (number !== undefined) {
		return number;
	}
	const isOfAnother = channelOfWord(/^([A-Za-z]+):/.exec(bare)?.[1] ?? "") !== undefined;
	return !isOfAnother && /^[^\p{Cc}\p{Cs}\s]{1,255}$/u.test(bare) ? bare : undefined;
}

/** Numbers of accounts may be no phone numbers any more (521… in Mexico); their digits still are valid. */
function toPhone(given: string): string | undefined {
	const digits = given.replaceAll(/[\s().-]/g, "");
	return (
		toNumber(given, { bareIsWhole: true }) ??
		(/^\+?[1-9]\d{7,14}$/.test(digits) ? `+${withoutPlus(digits)}` : undefined)
	);
}

/** The sender within whose account a contact's id has its meaning. */
export function scopeOf({ row, sender, accountId }: OurAddress): string | undefined {
	return row.identity === "scopedId" ? `${sender}@${accountId}` : undefined;
}

export function addressing({ from, to, channel }: AddressingInput, config: Social365Config): Addressing {
	const named = readOurs(from?.trim() || config.sender);
	const row = rowFor(channel?.trim() ?? "", named.row);
	if (!("code" in row)) {
		return row;
	}
	const account = accountFor(named, config);
	if (!("id" in account)) {
		return account;
	}
	const sender = toIdentity(named.sender, row);
	if (sender === undefined) {
		return refusal("from", "Give the sender as it is named on the channel, and its account: wechat:gh_123@10001.");
	}
	const contactAddress = toIdentity(to, row);
	if (contactAddress === undefined) {
		return refusal("to", `Give the contact's address on the channel ${row.channel}.`);
	}
	const ours = { row, sender, accountId: account.id };
	const scope = scopeOf(ours);
	return {
		ok: true,
		channel: row.channel,
		ourAddress: toAddress(ours),
		contactAddress,
		...(scope === undefined ? {} : { scope }),
	};
}

type Refusal = Extract<Addressing, { ok: false }>;

function refusal(field: Refusal["field"], message: string): Refusal {
	return { ok: false, field, message };
}

const words = channels.map(({ channel }) => channel).join(", ");

function rowFor(given: string, ofAddress: ChannelRow | undefined): ChannelRow | Refusal {
	if (given === "") {
		return ofAddress ?? refusal("channel", "Name the channel here or before the sender, as in wechat:gh_123@10001.");
	}
	const named = channelOfWord(given);
	if (named === undefined) {
		return refusal("channel", `This service sends on ${words}.`);
	}
	return ofAddress === undefined || ofAddress === named
		? named
		: refusal("channel", "The channel is another one than that of the address in from.");
}

function accountFor({ sender, accountId }: Named, config: Social365Config): HubAccount | Refusal {
	const [only, ...others] = config.accounts;
	if (only === undefined) {
		return refusal("from", "This service has no account; add an authentication username@accountId.");
	}
	if (sender === "") {
		return refusal("from", "Name the sender, or enter one in the settings of the service.");
	}
	if (accountId !== undefined) {
		const named = accountWith(accountId, config);
		return named ?? refusal("from", "No account of this service has the ID behind the @; add it or give another.");
	}
	return others.length > 0 || accountWith(sender, config) !== undefined
		? refusal("from", "Give the sender and its account with an @ between them, as in wechat:gh_123@10001.")
		: only;
}
