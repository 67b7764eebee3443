// The generic SMS Interface: any gateway that is called by HTTP, described by an administrator. README.md has the facts.

import type { Connector } from "../contract.ts";
import { addressing } from "./addressing.ts";
import { check as checkAtProvider } from "./check.ts";
import { cannotSend, check, form, parse as parseConfig, type SmsHttpConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, isProvenByAddress, parse } from "./inbound.ts";
import { example, send } from "./outbound.ts";
import { secretPlaces } from "./secrets.ts";

export const connector: Connector<SmsHttpConfig> = {
	type: "smshttp",
	config: { form, check, parse: parseConfig, secretPlaces },
	capabilities: {
		// Ten short messages of 153 septets each (3GPP TS 23.040 section 9.2.3.24.1); gateways join and cut by themselves.
		text: { max: 1530, unit: "gsm7" },
		media: false,
		templates: false,
		receipts: ["sent", "delivered", "read"],
	},
	hosts: [],
	addressing,
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
	example,
};
