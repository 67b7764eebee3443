// Sinch SMS: the REST API "XMS" with a service plan, or the older HTTP API with a user name. README.md has the facts.

import type { Connector } from "../contract.ts";
import { fetchPlainly } from "../kit/media.ts";
import { addressing } from "./addressing.ts";
import { check as checkAtProvider } from "./check.ts";
import { cannotSend, check, form, parse as parseConfig, type SinchSmsConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, isProvenByAddress, parse, verify } from "./inbound.ts";
import { lookup, send } from "./outbound.ts";

export const connector: Connector<SinchSmsConfig> = {
	type: "sinchsms",
	config: { form, check, parse: parseConfig },
	capabilities: {
		text: { max: 1600, unit: "utf16" },
		media: false,
		templates: false,
		receipts: ["sent", "delivered"],
	},
	hosts: [],
	addressing,
	inbound: {
		auth: { kind: "httpUser", verify, isProvenByAddress },
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
