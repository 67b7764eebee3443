// Messages of contacts (MO): an XML document in the field XmlMsg, or its twin in JSON. In both the contact is `MSISDN`, and
// ORIGINATING_ADDRESS is our number, whatever its name says.
// <SMS_MO><MSISDN>+447700900123</MSISDN><ORIGINATING_ADDRESS>71630</ORIGINATING_ADDRESS><MESSAGE>Help</MESSAGE>…

import type { RemoteId } from "#domain/ids.ts";
import type { ChannelEvent, MessageEvent } from "#domain/messages.ts";
import { asFact, type Facts, factsOf } from "../kit/facts.ts";
import { fingerprint, keyOf } from "../kit/fingerprint.ts";
import { asObject, asText } from "../kit/http.ts";
import { timeOf } from "../kit/sap-messaging.ts";
import { channel, fromSap } from "./addressing.ts";
import { type Fields, textIn } from "./calls.ts";
import { isOfAnother, type Sap365Config } from "./form.ts";
import { fromWritten } from "./text-transfer.ts";

/** What either shape tells. */
type Arrival = {
	from: string | undefined;
	to: string | undefined;
	text: string | undefined;
	dcs: string;
	id: string | undefined;
	/** The order of ours that is answered. */
	orderId: string | undefined;
	account: string | undefined;
	date: string | undefined;
	time: string | undefined;
	facts: Facts;
};

export function isJsonMessage(fields: Fields): boolean {
	return Object.hasOwn(fields, "msisdn") || Object.hasOwn(fields, "originatingAddress");
}

/** The account that the document names; undefined: none. */
export function accountInXml(message: Fields): string | undefined {
	return asWord(textIn(asObject(message["PARAMETERS"])?.["ACCOUNTID"]));
}

export function accountInJson(fields: Fields): string | undefined {
	return asWord(asFact(asObject(fields["parameters"])?.["accountId"]));
}

export function readXmlMessage(message: Fields, config: Sap365Config): ChannelEvent | string {
	const parameters = asObject(message["PARAMETERS"]) ?? {};
	const received = asObject(parameters["RECEIVEDTIME"]) ?? {};
	const { DCS: _dcs, MESSAGEID: _id, RECEIVEDTIME: _time, "#text": _space, ...others } = parameters;
	return toEvent(
		{
			from: textIn(message["MSISDN"]),
			to: textIn(message["ORIGINATING_ADDRESS"]) ?? textIn(parameters["RECEIVED_SERVICENUMBER"]),
			text: textIn(message["MESSAGE"]),
			dcs: textIn(parameters["DCS"]) ?? "",
			id: asWord(textIn(parameters["MESSAGEID"])),
			orderId: undefined,
			account: accountInXml(message),
			date: textIn(received["DATE"]),
			time: textIn(received["TIME"]),
			facts: tidied(factsOf({ ...others, SESSION_ID: message["SESSION_ID"], UDH: message["UDH"] })),
		},
		config,
	);
}

export function readJsonMessage(fields: Fields, config: Sap365Config): ChannelEvent | string {
	const parameters = asObject(fields["parameters"]) ?? {};
	const received = asObject(parameters["receivedTime"]) ?? {};
	const [date, time] = (asText(fields["receivedTime"]) ?? "").split("T");
	const { dcs, messageId, receivedTime: _time, ...others } = parameters;
	return toEvent(
		{
			from: asFact(fields["msisdn"]),
			to: asFact(fields["originatingAddress"]) ?? asFact(parameters["receivedServiceNumber"]),
			text: typeof fields["message"] === "string" ? fields["message"] : undefined,
			dcs: asText(dcs) ?? "",
			id: asWord(asFact(messageId)),
			orderId: asWord(asFact(fields["messageId"])),
			account: accountInJson(fields),
			date: asText(received["Date"]) ?? date,
			time: asText(received["Time"]) ?? time,
			facts: tidied(factsOf(others)),
		},
		config,
	);
}

/** The event, or why there is none. */
function toEvent(arrival: Arrival, { settings }: Sap365Config): ChannelEvent | string {
	const { account, id } = arrival;
	if (account !== undefined && isOfAnother(account, settings)) {
		return { kind: "foreign", dedupKey: keyOf("foreign", [id], arrival), account };
	}
	const from = fromSap(arrival.from ?? "");
	const to = fromSap(arrival.to ?? "");
	if (from === undefined || to === undefined || arrival.text === undefined) {
		return "The message lacks a number or its text.";
	}
	const at = timeOf(arrival.date, arrival.time);
	if (id === undefined && at === undefined) {
		return "The message has neither an id nor a time, so it could not be told from a repetition.";
	}
	const text = fromWritten(arrival.text, arrival.dcs, settings.incomingUnicode);
	const remoteId = id ?? `sha256:${fingerprint([from, to, text, at?.toISOString()])}`;
	return {
		kind: "message",
		dedupKey: `message:${remoteId}`,
		remoteId: remoteId as RemoteId,
		channel,
		ourAddress: to,
		contact: { address: from },
		text,
		attachments: [],
		...besides(arrival, at),
	};
}

/** What need not be there. */
function besides({ orderId, facts }: Arrival, at: Date | undefined): Pick<MessageEvent, "at" | "replyTo" | "metadata"> {
	return {
		...(at === undefined ? {} : { at }),
		...(orderId === undefined ? {} : { replyTo: orderId as RemoteId }),
		...(Object.keys(facts).length === 0 ? {} : { metadata: facts }),
	};
}

/** An id or number as providers give them: short, printable, without spaces. */
function asWord(text: string | undefined): string | undefined {
	const word = text?.trim() ?? "";
	return /^[\x21-\x7e]{1,200}$/.test(word) && word !== "N/A" ? word : undefined;
}

/** Without the white space between elements, and what says that there is nothing. */
function tidied(facts: Facts): Facts {
	return Object.fromEntries(
		Object.entries(facts)
			.map(([name, value]): [string, string] => [name, value.trim()])
			.filter(([name, value]) => value !== "" && value !== "N/A" && !name.endsWith("#text")),
	);
}
