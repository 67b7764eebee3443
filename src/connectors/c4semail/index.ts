// SAP Cloud for Customer (C4C), e-mail activities: what comes in there comes in here as a message, found by asking its OData
// interface. Its Event Notification only says that there is something to ask for. Answers are written in C4C, unless a
// service is told otherwise. README.md says what is known and what is proposed.

import type { Connector } from "../contract.ts";
import { addressing } from "./addressing.ts";
import { check as checkTenant } from "./check.ts";
import { type C4sConfig, cannotSend, check, form, parse as parseConfig } from "./form.ts";
import { ack, openBecause, parse } from "./inbound.ts";
import { fetchMedia } from "./media.ts";
import { lookup, send } from "./outbound.ts";
import { round } from "./polling.ts";

export const connector: Connector<C4sConfig> = {
	type: "c4semail",
	config: { form, check, parse: parseConfig },
	capabilities: {
		text: { max: 20_000, unit: "characters" }, // Judgement: longer than what people type, shorter than what a note takes.
		media: false,
		templates: false,
		receipts: ["sent"], // Found by asking, when the e-mail that we made is listed.
	},
	hosts: [],
	addressing,
	inbound: {
		auth: { kind: "none", because: openBecause, wantsHttpUser: ({ demandsHttpUser }) => demandsHttpUser },
		localHttpAuthentication: "exempt",
		accountsNamed: () => [],
		accountsOf: () => [],
		parse,
		ack,
	},
	cannotSend,
	send,
	lookup,
	check: checkTenant,
	media: { hosts: [], fetch: fetchMedia },
	upkeep: { isNeeded: () => true, round },
};
