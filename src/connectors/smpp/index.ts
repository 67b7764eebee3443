// SMS over SMPP 3.4, bound as transceiver. README.md has the facts.

import type { Connector } from "../contract.ts";
import { addressing } from "./addressing.ts";
import { cannotSend, check, form, parse as parseConfig, type SmppConfig } from "./form.ts";
import { accountsNamed, accountsOf, ack, parse, verify } from "./inbound.ts";
import { line, send } from "./outbound.ts";

export const connector: Connector<SmppConfig> = {
	type: "smpp",
	config: { form, check, parse: parseConfig },
	capabilities: {
		// In septets; each of several parts gives six octets to the header that joins them.
		text: { max: 153, alone: 160, unit: "gsm7" },
		media: false,
		templates: false,
		receipts: ["sent", "delivered"],
	},
	hosts: [],
	addressing,
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
	line,
};
