// A Telegram bot over the Bot API (https://core.telegram.org/bots/api, checked 2026-11-26).

import type { Connector } from "../contract.ts";
import { check as checkAtProvider } from "./check.ts";
import { addressing, cannotSend, check, form, parse as parseConfig, type TelegramConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, parse, secretHeader, verify } from "./inbound.ts";
import { mediaTypes } from "./media-types.ts";
import { fetchMedia, mediaHosts } from "./media.ts";
import { send, textUnitsMax } from "./outbound.ts";

export type { TelegramConfig };

export const connector: Connector<TelegramConfig> = {
	type: "telegram",
	config: { form, check, parse: parseConfig },
	capabilities: {
		text: { max: textUnitsMax, unit: "utf16" },
		// What Telegram fetches by an address; photos end at 5 MB. A caption holds 1024 characters, a text four times as many,
		// so the two do not travel together.
		media: { maxBytes: 20_000_000, maxCount: 1, withText: false, types: mediaTypes },
		templates: false,
		receipts: [],
	},
	hosts: [],
	addressing,
	inbound: {
		auth: { kind: "signature", secretHeader, verify },
		localHttpAuthentication: "exempt",
		accountsNamed,
		accountsOf,
		parse,
		ack,
	},
	cannotSend,
	send,
	check: checkAtProvider,
	media: { hosts: mediaHosts, fetch: fetchMedia },
};
