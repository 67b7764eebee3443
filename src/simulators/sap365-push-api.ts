// The HTTP push of the simulated SMS 365: which bodies it takes, which it refuses and with which code, and the text as a
// telephone would show it. Stricter than the provider in one thing: a field that nobody has seen is refused.

import type { HeardRequest, HttpReply } from "./kit.ts";

export type PushAccount = { name: string; password: string };
export type Submission = {
	to: string;
	from: string;
	text: string;
	subject: string;
	reports: "none" | "order" | "message";
	handset: boolean;
	replyAddress: string | undefined;
};
export type PushRefusal = { code: string; words: string };

export function pushPath({ name }: PushAccount): string {
	return `/cmn/${name}/${name}.sms`;
}

export function page(status: number, ...lines: readonly string[]): HttpReply {
	const body = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><HTML><HEAD></HEAD><BODY>${lines
		.map((line) => `<br>${line}`)
		.join("")}<br></BODY></HTML>`;
	return { status, body, headers: { "content-type": "text/html" } };
}

export function refusalPage({ code, words }: PushRefusal): HttpReply {
	return page(400, `${code} ${words}`);
}

type Fields = ReadonlyMap<string, string>;

const sections: Readonly<Record<string, readonly string[]>> = {
	"": ["Version", "Subject"],
	MSISDN: ["List"],
	MESSAGE: ["Text", "Binary", "Length"],
	SETUP: [
		"OriginatingAddress",
		"DCS",
		"Class",
		"PID",
		"SplitText",
		"AckType",
		"MobileNotification",
		"AckReplyAddress",
		"ValidityPeriod",
		"DestinationPort",
		"OriginatorPort",
		"OperatorID",
		"ClientID",
		"SessionID",
	],
};

/** Every field once, in its section, up to [END]. */
function fieldsIn(body: string): Fields | PushRefusal {
	const fields = new Map<string, string>();
	let section = "";
	for (const line of body.split("\n")) {
		const heading = /^\[([A-Z]+)\]$/.exec(line)?.[1];
		if (heading === "END") {
			return fields;
		}
		const [, name = "", value = ""] = /^([A-Za-z]+)=(.*)$/su.exec(line) ?? [];
		if (heading !== undefined) {
			section = heading;
		} else if (sections[section]?.includes(name) !== true || fields.has(name) || /\p{Cc}/u.test(value)) {
			return { code: "6030", words: `Line not understood in [${section}]` };
		} else {
			fields.set(name, value);
		}
	}
	return { code: "6030", words: "There is no [END]" };
}

const rules: readonly (readonly [name: string, shape: RegExp, code: string])[] = [
	["Version", /^2\.0$/, "6030"],
	["List", /^(?:\+[1-9]\d{4,14}|\d{3,8})$/, "6019"],
	["Text", /^.+$/u, "6017"],
	["OriginatingAddress", /^(?:\+?\d{3,15}|[A-Za-z0-9 &+_.-]{1,11})$/, "6030"],
	["DCS", /^(?:7b|8b|UCS2|UTF8|BIG5|GB2312|8859-7)$/, "6010"],
	["SplitText", /^(?:yes|no)$/i, "6030"],
	["AckType", /^(?:None|Order|Message)$/, "6013"],
	["MobileNotification", /^(?:Yes|No)$/, "6012"],
	["AckReplyAddress", /^https?:\/\/[^/]+\//, "6030"],
	["ValidityPeriod", /^(?:[5-9]|[1-9]\d+)m$|^[1-9]\d*[hdw]$/, "6024"],
];

/** Every rule of a field, and what may be no less. */
function brokenRule(fields: Fields): PushRefusal | undefined {
	const missing = [
		["Version", "6030"],
		["List", "6018"],
		["Text", "6017"],
	].find(([name = ""]) => !fields.has(name));
	const broken = rules.find(([name, shape]) => fields.has(name) && !shape.test(fields.get(name) ?? ""));
	const [name, code] = missing ?? (broken === undefined ? [] : [broken[0], broken[2]]);
	return name === undefined || code === undefined ? undefined : { code, words: `Bad field ${name}` };
}

export function readSubmission(request: HeardRequest, transfer: "base64" | "hex" | "raw"): Submission | PushRefusal {
	const fields = fieldsIn(request.body);
	const refusal = "code" in fields ? fields : brokenRule(fields);
	if ("code" in fields || refusal !== undefined) {
		return refusal ?? { code: "6030", words: "Processing error" };
	}
	const said = (name: string): string => fields.get(name) ?? "";
	const text = textOf(said("Text"), said("DCS") || "7b", transfer);
	if (text === undefined) {
		return { code: "602A", words: "Invalid character" };
	}
	return {
		to: said("List"),
		from: said("OriginatingAddress"),
		text,
		subject: said("Subject"),
		reports: (said("AckType") || "None").toLowerCase() as Submission["reports"],
		handset: said("MobileNotification") === "Yes",
		replyAddress: fields.get("AckReplyAddress"),
	};
}

/** As the account's settings have it: other codings than 7b come in Base64 or as hexadecimal digits. */
function textOf(written: string, dcs: string, transfer: "base64" | "hex" | "raw"): string | undefined {
	if (dcs === "7b" || transfer === "raw") {
		return written;
	}
	const shape = transfer === "hex" ? /^(?:[0-9A-F]{2})+$/ : /^[A-Za-z0-9+/]+={0,2}$/;
	if (!shape.test(written)) {
		return undefined;
	}
	const bytes = Buffer.from(written, transfer);
	return dcs === "UCS2" ? bytes.swap16().toString("utf16le") : bytes.toString("utf8");
}

/** How many short messages it makes: 160 letters alone, 153 each together; 70 and 67 outside of ASCII (TS 23.040). */
export function partsOf(text: string): number {
	const isAscii = Array.from(text).every((character) => character.charCodeAt(0) < 128);
	const [alone, together] = isAscii ? [160, 153] : [70, 67];
	return text.length <= alone ? 1 : Math.ceil(text.length / together);
}
