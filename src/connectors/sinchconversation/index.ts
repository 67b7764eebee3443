// Sinch Conversation API: many channels behind one send URL, callbacks proven by an HMAC over body, nonce and time.
// As documented at https://developers.sinch.com/docs/conversation/, checked 2026-11-24.
// POST …/messages:send {"app_id":"01EB37…","recipient":{…},"message":{"text_message":{"text":"Hello"}}}
// answers {"message_id":"01W4FF…","accepted_time":"2026-11-24T12:42:42.379Z"}

import { metaWindowHours } from "#domain/reply-window.ts";
import type { Connector } from "../contract.ts";
import { fetchPlainly } from "../kit/media.ts";
import { addressing } from "./addresses.ts";
import { check as checkAtProvider } from "./check.ts";
import {
	cannotSend,
	check,
	form,
	parse as parseConfig,
	regionHosts,
	type SinchConversationConfig,
	tokenHost,
} from "./form.ts";
import { accountsNamed, accountsOf, ack, parse, verify } from "./inbound.ts";
import { send } from "./outbound.ts";

export const connector: Connector<SinchConversationConfig> = {
	type: "sinchconversation",
	config: { form, check, parse: parseConfig },
	capabilities: {
		// Judgement: the provider publishes no general limit and transcodes for each channel; WhatsApp takes 4096.
		text: { max: 4096, unit: "utf16" },
		media: {
			maxBytes: 16 * 1024 * 1024, // Judgement: limits differ by channel and come back as MEDIA_TOO_LARGE.
			maxCount: 1,
			withText: false,
			types: ["image/*", "audio/*", "video/*", "application/*", "text/*"], // The channel decides in the end.
		},
		templates: true,
		receipts: ["sent", "delivered", "read"],
	},
	// A check looks for a lost app in the other regions.
	hosts: [tokenHost, ...regionHosts],
	addressing,
	replyWindowHours: ({ channel }) => metaWindowHours(channel),
	inbound: {
		auth: { kind: "signature", verify },
		localHttpAuthentication: "exempt",
		accountsNamed,
		accountsOf,
		parse,
		ack,
	},
	cannotSend,
	send,
	check: checkAtProvider,
	// Links of the channels, at hosts that no page names: an administrator adds them (mediaHosts).
	media: { hosts: [], fetch: fetchPlainly },
};
