// Four SMS gateways that nobody sells, each with habits of ones that are sold: how they want to be asked, what they answer,
// how they call back. Stricter than those: what they do not know, they refuse. With each come the settings that an
// administrator would enter for it.

import { XMLParser } from "fast-xml-parser";
import { basicAuthorization, type HeardRequest, type HttpReply, jsonReply, type WebhookCall } from "./kit.ts";

export type GatewayUser = { name: string; password: string };

/** What a request asks for, in the gateway's own spelling. */
export type Submission = { to: string; from: string; text: string; reportTo: string; reference: string };
export type Ruling = { ok: true; submission: Submission } | { ok: false; reply: HttpReply; reason: string };

export type Report = { remoteId: string; status: "sent" | "delivered" | "read" | "failed"; submission: Submission };
export type Arrival = { remoteId: string; from: string; to: string; text: string; at: Date };
type Callback = Omit<WebhookCall, "headers"> & { headers?: Readonly<Record<string, string>> };

export type Dialect = {
	method: string;
	path: string;
	/** What follows the path in Service Connection. */
	query: string;
	settings: Readonly<Record<string, unknown>>;
	rule(request: HeardRequest, user: GatewayUser): Ruling;
	taken(remoteId: string): HttpReply;
	report(report: Report, webhookUrl: string): Callback;
	arrival(arrival: Arrival, webhookUrl: string): Callback;
};

const number = /^(?:[1-9]\d{6,14}|\d{3,8})$/;
const sender = /^(?:[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 &+_.-]{1,11})$/;

/** The rule of them all: a number with what the dialect puts before it, a sender, a text of at most ten short messages. */
function ruled(submission: Submission, prefix: string, refuse: (reason: string) => Ruling): Ruling {
	const bare = (address: string): string => (address.startsWith(prefix) ? address.slice(prefix.length) : address);
	const isWhole = submission.to.startsWith(prefix) || /^\d{3,8}$/.test(submission.to);
	if (!isWhole || !number.test(bare(submission.to))) {
		return refuse("bad destination");
	}
	if (!sender.test(bare(submission.from))) {
		return refuse("bad source");
	}
	return submission.text === "" || submission.text.length > 1530 ? refuse("bad text") : { ok: true, submission };
}

function fieldsOf(pairs: URLSearchParams, known: readonly string[]): Readonly<Record<string, string>> | undefined {
	const names = [...pairs.keys()];
	const isStrange = names.some((name) => !known.includes(name)) || new Set(names).size < names.length;
	return isStrange ? undefined : Object.fromEntries(pairs);
}

const formPosted = "application/x-www-form-urlencoded";

/** Forms both ways, JSON answers, HTTP Basic. What the connector's settings are by default. */
const form: Dialect = {
	method: "POST",
	path: "/send",
	query: "",
	settings: { errors: ["rejected recipient: bad destination"] },
	rule(request, user) {
		const refuse = (reason: string, status = 400): Ruling => ({
			ok: false,
			reply: jsonReply(status, { status: "error", error: reason }),
			reason,
		});
		if (request.headers.authorization !== basicAuthorization({ login: user.name, password: user.password })) {
			return refuse("unknown user", 401);
		}
		if (!(request.headers["content-type"] ?? "").startsWith(formPosted)) {
			return refuse("no form", 415);
		}
		const fields = fieldsOf(new URLSearchParams(request.body), ["from", "to", "text", "id", "dlr"]);
		if (fields === undefined) {
			return refuse("unknown parameter");
		}
		const { from = "", to = "", text = "", id = "", dlr = "" } = fields;
		return ruled({ from, to, text, reference: id, reportTo: dlr }, "+", refuse);
	},
	taken: (remoteId) => jsonReply(200, { status: "ok", id: remoteId }),
	report: ({ remoteId, status, submission }) => ({
		method: "POST",
		url: submission.reportTo,
		headers: { "content-type": formPosted },
		body: new URLSearchParams({ id: remoteId, status, ...(status === "failed" ? { error: "27" } : {}) }).toString(),
	}),
	arrival: ({ remoteId, from, to, text, at }, webhookUrl) => ({
		method: "POST",
		url: webhookUrl,
		headers: { "content-type": formPosted },
		body: new URLSearchParams({ id: remoteId, from, to, text, time: at.toISOString() }).toString(),
	}),
};

/** JSON both ways in lists, a key in a header, numbers without plus, receipts to one address under our reference. */
const json: Dialect = {
	method: "POST",
	path: "/v1/messages",
	query: "",
	settings: {
		headers: ["X-Api-User: {{user}}", "X-Api-Key: {{password}}"],
		bodyFormat: "json",
		body: '{"source": "{{fromNoPlus}}", "destinations": ["{{toNoPlus}}"], "content": "{{text}}", "reference": "{{id}}"}',
		successStatuses: "202",
		successPath: "messages.0.state",
		successWords: ["queued"],
		idAt: "messages.0.messageId",
		errors: ["rejected recipient: bad destination", "retry throttled: (?i)slow down"],
		incomingFormat: "json",
		itemsPath: "events",
		messageFrom: "message.source",
		messageTo: "message.destination",
		messageText: "message.content",
		messageId: "message.id",
		messageTime: "message.receivedAt",
		kindPath: "type",
		receiptKinds: ["report"],
		receiptId: "report.messageId",
		receiptOwnId: "report.reference",
		receiptStatus: "report.state",
		receiptError: "report.code",
		receiptTime: "report.at",
		replyBody: '{"received":true}',
		replyType: "application/json",
	},
	rule(request, user) {
		const refuse = (reason: string, status = 422): Ruling => ({
			ok: false,
			reply: jsonReply(status, { errors: [{ reason }] }),
			reason,
		});
		if (request.headers["x-api-user"] !== user.name || request.headers["x-api-key"] !== user.password) {
			return refuse("unknown key", 401);
		}
		const submission = request.headers["content-type"] === "application/json" ? submissionIn(request.body) : undefined;
		return submission === undefined ? refuse("strange body", 400) : ruled(submission, "", refuse);
	},
	taken: (remoteId) => jsonReply(202, { messages: [{ messageId: remoteId, state: "queued" }] }),
	report: ({ remoteId, status, submission }, webhookUrl) =>
		events(webhookUrl, {
			type: "report",
			report: {
				messageId: remoteId,
				reference: submission.reference,
				state: status.toUpperCase(),
				code: status === "failed" ? 27 : 0,
			},
		}),
	arrival: ({ remoteId, from, to, text, at }, webhookUrl) =>
		events(webhookUrl, {
			type: "message",
			message: {
				id: remoteId,
				source: from.replace("+", ""),
				destination: to.replace("+", ""),
				content: text,
				receivedAt: at.getTime(),
			},
		}),
};

/** Undefined for a body with a field too many, too few or of another type. */
function submissionIn(body: string): Submission | undefined {
	const { source, destinations, content, reference, ...others } = fieldsIn(body) ?? {};
	const [to, ...more] = Array.isArray(destinations) ? (destinations as readonly unknown[]) : [];
	const texts = [source, to, content, reference].filter((text) => typeof text === "string");
	const [from = "", destination = "", text = "", own = ""] = texts;
	return texts.length < 4 || more.length > 0 || Object.keys(others).length > 0
		? undefined
		: { from, to: destination, text, reference: own, reportTo: "" };
}

function events(url: string, event: unknown): Callback {
	return {
		method: "POST",
		url,
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ events: [event] }),
	};
}

function fieldsIn(body: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value = JSON.parse(body) as unknown;
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined;
		}
		throw error;
	}
}

/** XML both ways, credentials in the body, always 200, attributes. */
const xml: Dialect = {
	method: "POST",
	path: "/xml",
	query: "",
	settings: {
		headers: [],
		bodyFormat: "xml",
		body: '<?xml version="1.0" encoding="UTF-8"?><request user="{{user}}" password="{{password}}"><sms from="{{from00}}" to="{{to00}}" report="{{dlrUrl}}">{{text}}</sms></request>',
		successPath: "response.@status",
		successWords: ["0"],
		idAt: "response.sms.@id",
		errors: ['retry credentials: status="9"', 'rejected recipient: status="2"', 'rejected content: status="[3-8]"'],
		incomingFormat: "xml",
		itemsPath: "push.item",
		messageFrom: "from",
		messageTo: "to",
		messageText: "body",
		messageId: "@id",
		messageTime: "@time",
		receiptId: "@id",
		receiptStatus: "state",
		receiptError: "state.@error",
		replyBody: "<ok/>",
		replyType: "text/xml",
	},
	rule(request, user) {
		const refuse = (reason: string): Ruling => {
			const status = { "unknown user": "9", "bad destination": "2" }[reason] ?? "3";
			return { ok: false, reply: xmlReply(`<response status="${status}"/>`), reason };
		};
		const tree = readXml(request.body)["request"] as Readonly<Record<string, unknown>> | undefined;
		if (tree?.["@user"] !== user.name || tree["@password"] !== user.password) {
			return refuse("unknown user");
		}
		const sms = (tree["sms"] ?? {}) as Readonly<Record<string, unknown>>;
		const [from = "", to = "", reportTo = "", text = ""] = ["@from", "@to", "@report", "#text"].map((name) => {
			const value = sms[name];
			return typeof value === "string" ? value : "";
		});
		return ruled({ from, to, text, reportTo, reference: "" }, "00", refuse);
	},
	taken: (remoteId) => xmlReply(`<response status="0"><sms id="${remoteId}"/></response>`),
	report: ({ remoteId, status, submission }) =>
		push(
			submission.reportTo,
			`<item id="${remoteId}"><state error="${status === "failed" ? 27 : 0}">${status}</state></item>`,
		),
	arrival: ({ remoteId, from, to, text, at }, webhookUrl) =>
		push(
			webhookUrl,
			`<item id="${remoteId}" time="${at.toISOString()}"><from>${from.replace("+", "00")}</from><to>${to.replace("+", "00")}</to><body>${inXml(text)}</body></item>`,
		),
};

function xmlReply(body: string): HttpReply {
	return { status: 200, body, headers: { "content-type": "text/xml; charset=utf-8" } };
}

function push(url: string, item: string): Callback {
	return { method: "POST", url, headers: { "content-type": "text/xml" }, body: `<push>${item}</push>` };
}

function inXml(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("\r", "&#13;");
}

function readXml(body: string): Readonly<Record<string, unknown>> {
	const options = {
		ignoreAttributes: false,
		attributeNamePrefix: "@",
		parseTagValue: false,
		trimValues: false,
		htmlEntities: true,
	};
	return new XMLParser(options).parse(body) as Record<string, unknown>;
}

/** One GET with everything in the query, digits for Unicode, a bare id as the answer, receipts by an address with escapes. */
const query: Dialect = {
	method: "GET",
	path: "/sendsms",
	query:
		"?username={{user}}&password={{password}}&from={{fromNoPlus}}&to={{toNoPlus}}&coding={{encoding}}&text={{text}}&id={{id}}&dlr-url={{dlrUrl}}%26id%3D%25i%26status%3D%25s%26error%3D%25e",
	settings: {
		method: "GET",
		bodyFormat: "none",
		headers: [],
		unicodeText: "hex",
		gsmWord: "0",
		unicodeWord: "2",
		successStatuses: "202",
		idFrom: "expression",
		idAt: "^([0-9a-f]{32})\\s*$",
		errors: ["rejected recipient: bad destination", "rejected content: bad (?:text|source)"],
		messageEncoding: "coding",
		hexWords: ["2"],
	},
	rule({ query: given }, user) {
		const refuse = (reason: string, status = 400): Ruling => ({ ok: false, reply: plainReply(status, reason), reason });
		const fields = fieldsOf(given, ["username", "password", "from", "to", "coding", "text", "id", "dlr-url"]);
		if (fields === undefined) {
			return refuse("unknown parameter");
		}
		if (fields["username"] !== user.name || fields["password"] !== user.password) {
			return refuse("unknown user", 401);
		}
		const { from = "", to = "", coding, text: written = "", id = "" } = fields;
		const text = coding === "2" ? fromDigits(written) : written;
		return ruled({ from, to, text, reference: id, reportTo: fields["dlr-url"] ?? "" }, "", refuse);
	},
	taken: (remoteId) => plainReply(202, `${remoteId}\n`),
	report: ({ remoteId, status, submission }) => ({
		method: "GET",
		url: filledIn(submission.reportTo, remoteId, status),
	}),
	arrival({ remoteId, from, to, text, at }, webhookUrl) {
		const digits = Buffer.from(text, "utf16le").swap16().toString("hex");
		const fields = { id: remoteId, from: from.replace("+", ""), to: to.replace("+", ""), coding: "2", text: digits };
		const asked = new URLSearchParams({ ...fields, time: String(Math.floor(at.getTime() / 1000)) });
		return { method: "GET", url: `${webhookUrl}?${asked.toString()}` };
	},
};

function plainReply(status: number, body: string): HttpReply {
	return { status, body, headers: { "content-type": "text/plain" } };
}

function fromDigits(digits: string): string {
	return /^(?:[0-9A-F]{4})*$/.test(digits) ? Buffer.from(digits, "hex").swap16().toString("utf16le") : "";
}

const smppWords = { sent: "ENROUTE", delivered: "DELIVRD", read: "read", failed: "UNDELIV" } as const;

function filledIn(url: string, remoteId: string, status: Report["status"]): string {
	const values: Readonly<Record<string, string>> = {
		"%i": remoteId,
		"%s": smppWords[status],
		"%e": status === "failed" ? "027" : "",
	};
	return url.replaceAll(/%[ise]/g, (escape) => values[escape] ?? "");
}

export const dialects = { form, json, xml, query } as const;
export type DialectName = keyof typeof dialects;
