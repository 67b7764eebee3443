// Twilio Programmable Messaging: SMS, WhatsApp, Messenger and RCS through one account. README.md has the facts.

import type { Connector } from "../contract.ts";
import { addressing, replyWindowHours } from "./addressing.ts";
import { check as checkAtProvider } from "./check.ts";
import { type TwilioConfig, cannotSend, check, form, parse as parseConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, isOwnCallback, parse } from "./inbound.ts";
import { fetchMedia, mediaHosts } from "./media.ts";
import { lookup, send, templateProblem } from "./outbound.ts";
import { verify } from "./signature.ts";

export const connector: Connector<TwilioConfig> = {
	type: "twilio",
	config: { form, check, parse: parseConfig },
	capabilities: {
		text: { max: 1600, unit: "characters" },
		media: {
			maxBytes: 5_000_000,
			maxCount: 10,
			withText: true,
			types: [
				"image/jpeg",
				"image/png",
				"image/gif",
				"image/webp",
				"audio/mpeg",
				"audio/ogg",
				"audio/amr",
				"video/mp4",
				"video/3gpp",
				"application/pdf",
				"text/vcard",
			],
		},
		templates: true,
		receipts: ["sent", "delivered", "read"],
	},
	// Messaging Services and WhatsApp senders, which a check looks at.
	hosts: ["messaging.twilio.com"],
	addressing,
	replyWindowHours,
	templateProblem,
	inbound: {
		auth: { kind: "signature", verify },
		localHttpAuthentication: "required",
		isOwnCallback,
		accountsNamed,
		accountsOf,
		parse,
		ack,
	},
	cannotSend,
	send,
	check: checkAtProvider,
	lookup,
	media: { hosts: mediaHosts, fetch: fetchMedia },
};
