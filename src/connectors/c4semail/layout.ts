// How the form of this type is laid out: groups, choices in words, and which settings count when.

import type { FormLayout } from "../contract.ts";

export const layout: FormLayout = {
	groups: {
		basic: ["replyMode", "mailbox"],
		sending: ["replySubject", "replyProperties", "noteTypeCode", "markProperty"],
		receiving: ["demandsHttpUser", "pollSeconds", "overlapMinutes", "findsTickets"],
		advanced: [
			"directionProperty",
			"inboundValue",
			"outboundValue",
			"senderProperty",
			"senderNameProperty",
			"recipientProperty",
			"subjectProperty",
			"emailTypeCode",
			"attachmentCollection",
		],
	},
	choices: {
		replyMode: {
			c4c: "Written in SAP Cloud for Customer",
			odata: "Sent here, as an outgoing e-mail activity (proposed)",
		},
	},
	showIf: {
		replySubject: {
			replyMode: ["odata"],
		},
		replyProperties: {
			replyMode: ["odata"],
		},
		noteTypeCode: {
			replyMode: ["odata"],
		},
		markProperty: {
			replyMode: ["odata"],
		},
		emailTypeCode: {
			findsTickets: [true],
		},
	},
	multiline: ["replyProperties"],
	units: {
		pollSeconds: "seconds",
		overlapMinutes: "minutes",
	},
};
