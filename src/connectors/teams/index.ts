// Microsoft Teams: chats and channels as a technical user through Microsoft Graph, or as a bot through the Bot Framework.
// README.md has the facts with their sources.

import type { Connector } from "../contract.ts";
import { addressing } from "./addresses.ts";
import { check as checkAtProvider } from "./check.ts";
import { cannotSend, check, form, parse as parseConfig, type TeamsConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, handshake, parse, verify } from "./inbound.ts";
import { fetchMedia, mediaHosts } from "./media.ts";
import { lookup, send, textCharactersMax } from "./outbound.ts";
import { upkeep } from "./upkeep.ts";

export const connector: Connector<TeamsConfig> = {
	type: "teams",
	config: { form, check, parse: parseConfig },
	capabilities: {
		text: { max: textCharactersMax, unit: "characters" },
		// As links beside the text; Teams fetches nothing through Graph. Proposed.
		media: {
			maxBytes: 25_000_000,
			maxCount: 10,
			withText: true,
			types: ["image/*", "audio/*", "video/*", "application/*", "text/*"],
		},
		templates: false,
		receipts: [],
	},
	// Where Authentication URL and the setting OpenID metadata are left empty.
	hosts: ["login.microsoftonline.com", "login.botframework.com"],
	addressing,
	inbound: {
		auth: { kind: "signature", provesParts: true, secretField: "clientState", verify },
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
	lookup,
	upkeep,
	media: { hosts: mediaHosts, fetch: fetchMedia },
};
