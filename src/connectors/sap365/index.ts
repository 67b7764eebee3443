// SAP SMS 365, now Sinch: SMS by HTTP push, or by the JSON API Live Link 365 of the same network. README.md has the facts.
// POST /cmn/acct/acct.sms  Version=2.0 … [MSISDN] List=+447700900123 [MESSAGE] Text=Hello … answers … ORDERID=1149607999

import type { Connector } from "../contract.ts";
import { addressing } from "./addressing.ts";
import { check as checkAtProvider } from "./check.ts";
import { cannotSend, check, form, parse as parseConfig, type Sap365Config } from "./form.ts";
import { accountsNamed, accountsOf, ack, isProvenByAddress, parse } from "./inbound.ts";
import { send } from "./outbound.ts";

export const connector: Connector<Sap365Config> = {
	type: "sap365",
	config: { form, check, parse: parseConfig },
	capabilities: {
		// Ten short messages of 153 septets each (3GPP TS 23.040 section 9.2.3.24.1); the provider cuts by itself. Proposed.
		text: { max: 1530, unit: "gsm7" },
		media: false,
		templates: false,
		receipts: ["sent", "delivered"],
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
};
