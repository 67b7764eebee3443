// What the simulated SAP calls us with: messages of contacts as XML in a form or as JSON, notifications as parameters or as
// JSON. What nobody documents it does in each of the ways that have been seen.

import type { WebhookCall } from "./kit.ts";
import type { Submission } from "./sap365-push-api.ts";
import type { WebhookManners } from "./simulator.ts";

export type Habits = {
	/** How a notification names its parameters. */
	names: "orderId" | "ORDER_ID" | "orderid";
	/** Whether the status says a code or only a sentence. */
	status: "code" | "sentence";
	notifiesBy: "GET" | "POST";
	/** What its part of an address begins with, when there is a query already. */
	joins: "&" | "?";
	/** Whether the form around the XML is encoded. */
	form: "encoded" | "bare";
	/** The coding of messages that are not ASCII. */
	coding: "UTF8" | "UCS2";
	/** How texts outside of the GSM alphabet are written, in the push body that is expected. */
	expects: "base64" | "hex" | "raw";
	/** What Live Link 365 answers to a message that it took. */
	takes: 200 | 201;
};

export const usualHabits: Habits = {
	names: "orderId",
	status: "code",
	notifiesBy: "GET",
	joins: "&",
	form: "encoded",
	coding: "UTF8",
	expects: "base64",
	takes: 200,
};

type Arrival = { from: string; to: string; text: string; id: string; at: Date };

export function xmlMessage({ from, to, text, id, at }: Arrival, url: string, habits: Habits): WebhookCall {
	const { dcs, written } = coded(text, habits);
	const { date, time } = timeOf(at);
	const xml =
		`<?xml version="1.0" ?><SMS_MO><MSISDN>${inXml(from)}</MSISDN>` +
		`<ORIGINATING_ADDRESS>${inXml(to)}</ORIGINATING_ADDRESS><MESSAGE>${inXml(written)}</MESSAGE>` +
		`<PARAMETERS><OPERATORID>7</OPERATORID><ACCOUNTID>10001</ACCOUNTID><MESSAGEID>${inXml(id)}</MESSAGEID>` +
		`<DCS>${dcs}</DCS><CLASS>0</CLASS><RECEIVED_SERVICENUMBER>${inXml(to)}</RECEIVED_SERVICENUMBER>` +
		`<KEYWORD>N/A</KEYWORD><RECEIVEDTIME><DATE>${date}</DATE><TIME>${time}</TIME></RECEIVEDTIME></PARAMETERS></SMS_MO>`;
	const body = habits.form === "bare" ? `XmlMsg=${xml}` : new URLSearchParams({ XmlMsg: xml }).toString();
	return { method: "POST", url, headers: { "content-type": "application/x-www-form-urlencoded" }, body };
}

/** `answered`: the order that this is taken for an answer to. */
export function jsonMessage(arrival: Arrival & { answered: string }, url: string, habits: Habits): WebhookCall {
	const { from, to, text, id, at, answered } = arrival;
	const { dcs, written } = coded(text, habits);
	const { date, time } = timeOf(at);
	const message = {
		message: written,
		messageId: answered,
		msisdn: from,
		originatingAddress: to,
		parameters: {
			accountId: "10001",
			dcs,
			keyword: "N/A",
			messageClass: "1",
			messageId: id,
			operator: { code: { mcc: "N/A", mnc: "N/A" }, standard: "GSM" },
			receivedServiceNumber: to,
			receivedTime: { Date: date, Time: time },
		},
		receivedTime: at.toISOString().slice(0, 19),
	};
	return jsonCall(url, message);
}

function jsonCall(url: string, value: object): WebhookCall {
	return { method: "POST", url, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function coded(text: string, { coding }: Habits): { dcs: string; written: string } {
	if (Array.from(text).every((character) => character.charCodeAt(0) < 128)) {
		return { dcs: "7b", written: text };
	}
	const bytes = coding === "UTF8" ? Buffer.from(text, "utf8") : Buffer.from(text, "utf16le").swap16();
	return { dcs: coding, written: bytes.toString("hex").toUpperCase() };
}

export type Told = {
	id: string;
	part: number;
	kind: WebhookManners["receipts"][number];
	submission: Submission;
	at: Date;
};

/** Account, order, status, number. */
const parameterNames: Readonly<Record<Habits["names"], readonly [string, string, string, string]>> = {
	orderId: ["customerId", "orderId", "status", "nmMessage"],
	ORDER_ID: ["CUSTOMER_ID", "ORDER_ID", "STATUS", "NM_MESSAGE"],
	orderid: ["customerid", "orderid", "status", "nmmessage"],
};

const codes = { sent: "450E", network: "450A", delivered: "451A", read: "451A", failed: "DB52" } as const;
const words = { sent: "SENT", network: "DELIVERED", delivered: "RECEIVED", read: "RECEIVED", failed: "ERROR" } as const;

/** Who asked for no receipt of the handset gets none. */
function stepOf({ kind, submission }: Told): keyof typeof codes {
	return kind === "delivered" && !submission.handset ? "network" : kind;
}

export function notification(told: Told, url: string, habits: Habits): WebhookCall {
	const names = parameterNames[habits.names];
	const { day, time } = clockOf(told.at);
	const sentence = sentenceOf(told);
	const parameters = new URLSearchParams({
		[names[0]]: "10001",
		[names[1]]: told.id,
		[names[2]]: habits.status === "code" ? `0x${codes[stepOf(told)]} ${sentence}` : sentence,
		[names[3]]: String(told.part),
		subject: told.submission.subject,
		date: day,
		time,
	}).toString();
	const headers = { "content-type": "application/x-www-form-urlencoded" };
	return habits.notifiesBy === "GET"
		? { method: "GET", url: `${url}${url.includes("?") ? habits.joins : "?"}${parameters}`, headers: {} }
		: { method: "POST", url, headers, body: parameters };
}

export function acknowledgement(told: Told, url: string): WebhookCall {
	const { id, kind, submission } = told;
	return jsonCall(url, {
		messageId: id,
		recipient: submission.to,
		subject: submission.subject,
		message: sentenceOf(told),
		status: words[stepOf(told)],
		FINAL: kind !== "sent",
	});
}

function sentenceOf({ id, part, kind, submission: { to }, at }: Told): string {
	const { day, time } = clockOf(at);
	return kind === "failed"
		? `Message ${part} of orderid ${id} for number ${to} has been filtered on customer request`
		: `Message ${part} of the order ${id} at destination of ${to} has been sent at ${time} (GMT) on the ${day}.`;
}

/** `31-12-2026`, `23:59:59`. */
function clockOf(at: Date): { day: string; time: string } {
	const text = at.toISOString();
	return { day: text.slice(0, 10).split("-").toReversed().join("-"), time: text.slice(11, 19) };
}

/** `Mon, 20 Oct 2008`, `03:15:33`. */
function timeOf(at: Date): { date: string; time: string } {
	const [day = "", number = "", month = "", year = "", time = ""] = at.toUTCString().split(" ");
	return { date: `${day} ${number} ${month} ${year}`, time };
}

function inXml(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
