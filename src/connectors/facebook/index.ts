// Facebook Messenger pages over the Graph API (https://developers.facebook.com/docs/messenger-platform, as documented,
// checked 2026-11-24).

import type { Connector } from "../contract.ts";
import { fetchPlainly } from "../kit/media.ts";
import { check as checkAtProvider } from "./check.ts";
import { addressing, cannotSend, check, type FacebookConfig, form, parse as parseConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, handshake, parse, verify } from "./inbound.ts";
import { replyWindowHours, send, textCharactersMax } from "./outbound.ts";

export type { FacebookConfig };

export const connector: Connector<FacebookConfig> = {
	type: "facebook",
	config: { form, check, parse: parseConfig },
	capabilities: {
		text: { max: textCharactersMax, unit: "characters" },
		// 25 MB for every kind; images fetched by URL end at 8 MB (Send API). One attachment per message, without text.
		media: {
			maxBytes: 25_000_000,
			maxCount: 1,
			withText: false,
			types: ["image/*", "audio/*", "video/*", "application/*", "text/*"],
		},
		templates: false,
		receipts: ["sent", "delivered", "read"],
	},
	hosts: [],
	addressing,
	replyWindowHours,
	inbound: {
		auth: { kind: "signature", verify },
		localHttpAuthentication: "exempt",
		accountsNamed,
		accountsOf,
		handshake,
		parse,
		ack,
	},
	cannotSend,
	send,
	check: checkAtProvider,
	// From memory: Meta names no hosts. The links are signed and end.
	media: { hosts: ["*.fbcdn.net", "*.fbsbx.com"], fetch: fetchPlainly },
};
