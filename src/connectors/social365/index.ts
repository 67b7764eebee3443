// SAP Social 365 (People Connect 365): chat channels of several hub accounts. Its protocol is not public; what is spoken here
// is a proposal after its sibling Live Link 365. README.md says what is known.
// POST /api/messages {"clientId":10001,"channel":"WECHAT","origin":"gh_123","destination":["oABC"],"type":"text",…}

import { metaWindowHours } from "#domain/reply-window.ts";
import type { Connector } from "../contract.ts";
import { fetchPlainly } from "../kit/media.ts";
import { addressing } from "./addressing.ts";
import { check as checkAtProvider } from "./check.ts";
import { cannotSend, check, form, parse as parseConfig, type Social365Config } from "./form.ts";
import { accountsNamed, accountsOf, ack, isProvenByAddress, parse } from "./inbound.ts";
import { send } from "./outbound.ts";

export const connector: Connector<Social365Config> = {
	type: "social365",
	config: { form, check, parse: parseConfig },
	capabilities: {
		// Judgement: below what any of the six channels takes, also in three bytes a letter.
		text: { max: 1000, unit: "bytes" },
		media: {
			maxBytes: 5_000_000, // Judgement: the channel decides in the end.
			maxCount: 1,
			withText: false,
			types: ["image/*", "audio/*", "video/*", "application/*", "text/*"],
		},
		templates: false,
		receipts: ["sent", "delivered"],
	},
	hosts: [],
	addressing,
	replyWindowHours: ({ channel }) => metaWindowHours(channel),
	inbound: {
		auth: { kind: "httpUser", isProvenByAddress },
		localHttpAuthentication: "required",
		accountsNamed,
		accountsOf,
		parse,
		ack,
	},
	cannotSend,
	send,
	check: checkAtProvider,
	// At hosts that no page names: an administrator adds them (mediaHosts).
	media: { hosts: [], fetch: fetchPlainly },
};
