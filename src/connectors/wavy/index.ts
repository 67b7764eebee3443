// Wavy Messaging (once Movile, now Sinch Latin America): SMS and WhatsApp of one user. README.md has the facts.

import { metaWindowHours } from "#domain/reply-window.ts";
import type { Connector } from "../contract.ts";
import { fetchPlainly } from "../kit/media.ts";
import { addressing } from "./addressing.ts";
import { check as checkAtProvider } from "./check.ts";
import { type WavyConfig, cannotSend, check, form, parse as parseConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, parse } from "./inbound.ts";
import { mediaTypes } from "./media-types.ts";
import { lookup, send, templateProblem, textUnitsMax } from "./outbound.ts";

export const connector: Connector<WavyConfig> = {
	type: "wavy",
	config: { form, check, parse: parseConfig },
	capabilities: {
		text: { max: textUnitsMax, unit: "utf16" },
		media: { maxBytes: 5_000_000, maxCount: 1, withText: false, types: [...mediaTypes.keys()] },
		templates: ["whatsapp"],
		receipts: ["sent", "delivered", "read"],
	},
	hosts: [],
	addressing,
	templateProblem,
	replyWindowHours: ({ channel }) => metaWindowHours(channel),
	inbound: {
		auth: { kind: "httpUser" },
		localHttpAuthentication: "required",
		accountsNamed,
		accountsOf,
		parse,
		ack,
	},
	cannotSend,
	send,
	check: checkAtProvider,
	lookup,
	// At hosts that no page names: an administrator adds them (mediaHosts).
	media: { hosts: [], fetch: fetchPlainly },
};
