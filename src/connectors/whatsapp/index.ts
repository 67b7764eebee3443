// WhatsApp business numbers over the Cloud API (https://developers.facebook.com/documentation/business-messaging/whatsapp,
// checked 2026-11-26).

import { metaWindowHours } from "#domain/reply-window.ts";
import type { Connector } from "../contract.ts";
import { check as checkAtProvider } from "./check.ts";
import { addressing, cannotSend, check, form, parse as parseConfig, type WhatsAppConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, handshake, parse, verify } from "./inbound.ts";
import { fetchMedia, mediaHosts } from "./media.ts";
import { send, textCharactersMax } from "./outbound.ts";
import { templateProblem } from "./template.ts";

export type { WhatsAppConfig };

export const connector: Connector<WhatsAppConfig> = {
	type: "whatsapp",
	config: { form, check, parse: parseConfig },
	capabilities: {
		text: { max: textCharactersMax, unit: "characters" },
		// 100 MB for documents; images end at 5 MB, audio and video at 16 MB. A caption holds 1024 characters, a text four
		// times as many, so the two do not travel together.
		media: {
			maxBytes: 100_000_000,
			maxCount: 1,
			withText: false,
			types: ["image/*", "audio/*", "video/*", "application/*", "text/*"],
		},
		templates: true,
		receipts: ["sent", "delivered", "read"],
	},
	hosts: [],
	addressing,
	templateProblem,
	replyWindowHours: ({ channel }) => metaWindowHours(channel),
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
	media: { hosts: mediaHosts, fetch: fetchMedia },
};
