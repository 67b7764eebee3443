// How the form of this type is laid out: groups, choices in words, and which settings count when.

import type { FormLayout } from "../contract.ts";

export const layout: FormLayout = {
	groups: {
		basic: ["ourAddress", "bareNumbers", "country"],
		sending: [
			"method",
			"headers",
			"bodyFormat",
			"body",
			"charset",
			"unicodeText",
			"gsmWord",
			"unicodeWord",
			"successStatuses",
			"successPattern",
			"successPath",
			"successWords",
			"idFrom",
			"idAt",
			"errors",
		],
		receiving: [
			"incomingFormat",
			"itemsPath",
			"messageFrom",
			"messageTo",
			"messageText",
			"messageId",
			"messageTime",
			"messageEncoding",
			"hexWords",
			"kindPath",
			"receiptKinds",
			"receiptId",
			"receiptOwnId",
			"receiptStatus",
			"receiptError",
			"receiptTime",
			"sentWords",
			"deliveredWords",
			"readWords",
			"failedWords",
			"ignoredWords",
		],
		advanced: ["replyStatus", "replyBody", "replyType"],
	},
	choices: {
		method: {
			POST: "POST",
			GET: "GET (no body)",
			PUT: "PUT",
		},
		bodyFormat: {
			form: "Form: name=value&name=value",
			json: "JSON",
			xml: "XML",
			text: "Plain text",
			none: "No body",
		},
		charset: {
			"utf-8": "UTF-8",
			"iso-8859-1": "ISO 8859-1 (Latin-1)",
		},
		unicodeText: {
			characters: "The characters as they are",
			hex: "Hexadecimal digits of UCS-2",
		},
		idFrom: {
			field: "In a field of JSON or XML",
			expression: "In the first group of an expression",
			header: "In a header",
			ours: "None: it reports under our {{id}}",
		},
		bareNumbers: {
			international: "Whole numbers without their plus",
			national: "Numbers of the country",
		},
		incomingFormat: {
			parameters: "Parameters of a query or form",
			json: "JSON",
			xml: "XML",
		},
		replyType: {
			"text/plain": "Plain text",
			"application/json": "JSON",
			"text/xml": "XML",
		},
	},
	showIf: {
		body: {
			method: ["POST", "PUT"],
			bodyFormat: ["form", "json", "xml", "text"],
		},
		idAt: {
			idFrom: ["field", "expression", "header"],
		},
		country: {
			bareNumbers: ["national"],
		},
		itemsPath: {
			incomingFormat: ["json", "xml"],
		},
	},
	multiline: ["body", "replyBody"],
	templates: ["headers", "body"],
};
