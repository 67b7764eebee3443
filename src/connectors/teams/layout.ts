// How the form of this type is laid out: groups, choices in words, and which settings count when.

import type { FormLayout } from "../contract.ts";

export const layout: FormLayout = {
	groups: {
		basic: ["mode", "tenant"],
		receiving: ["subscribeTo"],
		advanced: ["openIdMetadata"],
	},
	choices: {
		mode: {
			graph: "Microsoft Graph, as a technical user",
			bot: "Bot Framework, as an Azure Bot",
		},
	},
	showIf: {
		subscribeTo: {
			mode: ["graph"],
		},
	},
};
