// How the form of this type is laid out: groups, choices in words, and which settings count when.

import type { FormLayout } from "../contract.ts";

export const layout: FormLayout = {
	groups: {
		basic: ["mode", "sender", "country"],
		sending: ["charset", "lineBreak", "gsmTransfer", "unicodeCoding", "unicodeTransfer"],
		receiving: ["acknowledgements", "handsetReceipts", "namesCallbackUrl", "accountNumber", "incomingUnicode"],
		advanced: [
			"callbackShape",
			"orderIdName",
			"statusName",
			"codeName",
			"finalName",
			"partName",
			"subjectName",
			"accountName",
			"dateName",
			"timeName",
		],
	},
	choices: {
		mode: {
			push: "SMS 365, HTTP push",
			json: "Live Link 365",
		},
		acknowledgements: {
			message: "Each SMS of a message",
			order: "The order as a whole",
			none: "Nothing",
		},
		callbackShape: {
			text: "A text",
			list: "A list with one entry",
		},
		charset: {
			"utf-8": "UTF-8",
			"iso-8859-1": "ISO 8859-1 (Latin-1)",
		},
		lineBreak: {
			dash: "A dash between spaces",
			token: "The token <LF>",
		},
		gsmTransfer: {
			raw: "As they are",
			hex: "Hexadecimal digits",
			base64: "Base64",
		},
		unicodeCoding: {
			UTF8: "UTF-8",
			UCS2: "UCS-2",
		},
		unicodeTransfer: {
			base64: "Base64",
			hex: "Hexadecimal digits",
			raw: "As they are",
		},
		incomingUnicode: {
			hex: "Hexadecimal digits",
			base64: "Base64",
			raw: "As they are",
		},
	},
	showIf: {
		callbackShape: {
			mode: ["json"],
			namesCallbackUrl: [true],
		},
		charset: {
			mode: ["push"],
		},
		lineBreak: {
			mode: ["push"],
		},
		gsmTransfer: {
			mode: ["push"],
		},
		unicodeTransfer: {
			mode: ["push"],
		},
		handsetReceipts: {
			acknowledgements: ["message", "order"],
		},
		namesCallbackUrl: {
			acknowledgements: ["message", "order"],
		},
	},
};
