// The settings of a service of this type, with their defaults. What is no public fact about the provider is a setting:
// README.md says which defaults are known and which are proposed.

import { type Static, Type } from "typebox";
import { asObject } from "../kit/http.ts";
import { countrySetting, senderSetting } from "../kit/sms-addressing.ts";
import type { StoredService } from "../contract.ts";

function choice<Value extends string>(title: string, description: string, values: readonly [Value, ...Value[]]) {
	const schema = Type.Union(
		values.map((value) => Type.Literal(value)),
		{ title, description, default: values[0] },
	);
	return Type.Unsafe<Value>(schema); // The static type of a mapped list would be lost.
}

function optional(title: string, description: string, example: string, pattern: string) {
	return Type.String({ title, description, pattern: `^(?:${pattern})?$`, examples: [example], default: "" });
}

function nameOf(title: string, description: string, usual: string) {
	return Type.String({
		title,
		description,
		pattern: "^[A-Za-z][A-Za-z0-9_-]{0,39}$",
		examples: [usual],
		default: usual,
	});
}

const going = {
	mode: choice(
		"Interface",
		"push: SMS 365 HTTP push, with account name and password. json: Live Link 365, with app key and secret.",
		["push", "json"],
	),
	sender: senderSetting("71630"),
	country: countrySetting,
	acknowledgements: choice(
		"Delivery notifications",
		"What SAP reports about a message: each SMS of it, the order as a whole, or nothing.",
		["message", "order", "none"],
	),
	handsetReceipts: Type.Boolean({
		title: "Ask for receipts of the handset",
		description:
			"Delivered then means that the telephone has it. Switched off, or where an operator knows none, the acceptance by the operator is the last word.",
		default: true,
	}),
	namesCallbackUrl: Type.Boolean({
		title: "Name the notification address with each message",
		description:
			"Delivery notifications then come to an address that proves itself. Switch off to get them at the address of the account, with the HTTP user that is entered there.",
		default: true,
	}),
	callbackShape: choice(
		"Form of the notification address",
		"Mode json only: a text, as the API is described, or a list with one entry, as some accounts want it.",
		["text", "list"],
	),
};

const texts = {
	charset: choice("Character set", "Mode push only: the bytes of a text that is sent as it is.", [
		"utf-8",
		"iso-8859-1",
	]),
	lineBreak: choice(
		"Line breaks",
		"Mode push only: a text that is sent as it is has one line. dash: breaks become a dash between spaces. token: they become <LF>.",
		["dash", "token"],
	),
	gsmTransfer: choice(
		"How texts of the GSM alphabet are written",
		"Mode push only: raw as they are, or their bytes as hexadecimal digits or in Base64.",
		["raw", "hex", "base64"],
	),
	unicodeCoding: choice("DCS of all other texts", "The coding that is named for texts outside of the GSM alphabet.", [
		"UTF8",
		"UCS2",
	]),
	unicodeTransfer: choice(
		"How all other texts are written",
		"Mode push only: their bytes in Base64 or as hexadecimal digits, or raw as they are.",
		["base64", "hex", "raw"],
	),
	incomingUnicode: choice(
		"How such texts come in",
		"Texts of contacts whose DCS is another one than 7b: hexadecimal digits, Base64, or raw as they are.",
		["hex", "base64", "raw"],
	),
};

const coming = {
	accountNumber: optional(
		"Account number",
		"The number that SAP gives the account in its calls (ACCOUNTID, customerId). When it is set, calls about another account are not taken.",
		"10001",
		"[A-Za-z0-9._-]{1,40}",
	),
	orderIdName: nameOf("Notification: order", "Name of the parameter with the ORDERID.", "orderId"),
	statusName: nameOf("Notification: status", "Name of the parameter with the status, a sentence or a code.", "status"),
	codeName: nameOf("Notification: code", "Name of the parameter with the code, where there is one.", "internalStatus"),
	finalName: nameOf("Notification: final", "Name of the parameter that says whether it is the last one.", "final"),
	partName: nameOf("Notification: number", "Name of the parameter that counts the messages of an order.", "nmMessage"),
	subjectName: nameOf("Notification: subject", "Name of the parameter that repeats our Subject.", "subject"),
	accountName: nameOf("Notification: account", "Name of the parameter with the account number.", "customerId"),
	dateName: nameOf("Notification: date", "Name of the parameter with the date, as 31-12-2026.", "date"),
	timeName: nameOf("Notification: time", "Name of the parameter with the time of day, as 23:59:59.", "time"),
};

export const settingsSchema = Type.Object({ ...going, ...texts, ...coming }, { additionalProperties: false });
export type Settings = Static<typeof settingsSchema>;

export const parameterNames = [
	"orderIdName",
	"statusName",
	"codeName",
	"finalName",
	"partName",
	"subjectName",
	"accountName",
	"dateName",
	"timeName",
] as const satisfies readonly (keyof Settings)[];

/** Every setting, stored or by default. A value of another type than its default counts as not there: it breaks a rule. */
export function settingsOf({ settings }: Pick<StoredService, "settings">): Settings {
	const entries = Object.entries(asObject(settingsSchema.properties) ?? {}).map(([name, schema]) => {
		const usual = asObject(schema)?.["default"];
		const stored = Object.hasOwn(settings, name) ? settings[name] : undefined;
		return [name, typeof stored === typeof usual ? stored : usual];
	});
	return Object.fromEntries(entries) as Settings;
}
