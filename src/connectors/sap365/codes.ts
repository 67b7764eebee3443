// SAP's codes, statuses and words as data: answers to a send in both modes, and delivery notifications. The codes are from
// the tables of clients that work with the interface, the statuses of Live Link 365 from its pages (README.md, with the
// day). Which outcome and which fault each one is, is ours.

import type { FaultCode } from "#domain/faults.ts";

export type SendRule = {
	kind: "retry" | "rejected" | "unknown";
	fault: FaultCode;
	/** What is the matter, to stand after "SAP answered 400: ". */
	meaning: string;
	closesService?: true;
};

function retry(fault: FaultCode, meaning: string): SendRule {
	return { kind: "retry", fault, meaning };
}
function rejected(fault: FaultCode, meaning: string): SendRule {
	return { kind: "rejected", fault, meaning };
}
function unknown(fault: FaultCode, meaning: string): SendRule {
	return { kind: "unknown", fault, meaning };
}

const unavailable = retry("unreachable", "the server cannot take messages at the moment");
const processing = unknown(
	"unreachable",
	"an error in the processing, and it does not say whether it took the message",
);

/** Of the push: the page that comes with status 400 begins a line with one of these. */
export const pushCodes: ReadonlyMap<string, SendRule> = new Map([
	...["5001", "5002", "5003", "5004", "5005", "5006", "8000"].map((code): [string, SendRule] => [code, unavailable]),
	["600F", retry("credentials", "it refuses the account name or its password")],
	["6010", rejected("config", "it does not take this DCS")],
	["6011", rejected("protocol", "it does not take this PID")],
	["6012", rejected("protocol", "it does not take MobileNotification like this")],
	["6013", rejected("protocol", "it does not take AckType like this")],
	["6017", rejected("content", "the text is missing or not acceptable")],
	["6018", rejected("recipient", "the recipient's number is missing")],
	["6019", rejected("recipient", "the recipient's number is not acceptable")],
	["601A", rejected("protocol", "it does not take this Class")],
	["6024", rejected("protocol", "it does not take this ValidityPeriod")],
	["6026", rejected("protocol", "it does not take this DestinationPort")],
	["6028", rejected("protocol", "the Length is not acceptable")],
	["6029", rejected("content", "the bytes of the message are not acceptable")],
	["602A", rejected("content", "a character of the message is not acceptable")],
	["602B", rejected("content", "the message is too long")],
	["6030", processing],
	["6100", processing],
]);

const statuses = new Map<number, SendRule>([
	[400, rejected("content", "it does not take this message")],
	[401, retry("credentials", "it refuses the credentials")],
	[403, rejected("credentials", "this account may not send")],
	[404, rejected("config", "there is nothing at this address")],
	[405, rejected("config", "the address is not the one for sending")],
	[408, unknown("unreachable", "the request took too long")],
	[409, unknown("protocol", "the request met another one")],
	[410, { ...rejected("config", "this address is gone for good"), closesService: true }],
	[413, rejected("content", "the message is too large")],
	[425, unknown("unreachable", "the request came too early")],
	[429, retry("throttled", "too many requests")],
]);
const elsewhere = rejected("config", "the interface is elsewhere; correct Service Connection");
const refused = rejected("content", "it does not take this message");
const inTrouble = unknown("unreachable", "it is in trouble and does not say whether it took the message");

/** For every answer but a 2xx. `code`: the one that a push of status 400 was answered with. */
export function sendRule(status: number, code?: string): SendRule {
	const byCode = status === 400 && code !== undefined ? pushCodes.get(code) : undefined;
	return byCode ?? statuses.get(status) ?? (status < 400 ? elsewhere : status < 500 ? refused : inTrouble);
}

/**
 * How far a message is. `accepted` SAP has it · `network` the operator has it: the last word where no handset receipt is
 * asked for · `handset` the telephone has it · `retrying` SAP tries again by itself: whoever sends again sends twice ·
 * `failed` it will not arrive.
 */
export type Stage =
	| { stage: "accepted" | "network" | "handset" | "retrying" }
	| { stage: "failed"; fault: FaultCode; meaning: string };

function failed(fault: FaultCode, meaning: string): Stage {
	return { stage: "failed", fault, meaning };
}

/** Codes of delivery notifications. Of those that failed DB62, DB65 and DB78 may be sent again, says the client. */
export const notificationCodes: ReadonlyMap<string, Stage> = new Map<string, Stage>([
	["450E", { stage: "accepted" }],
	["450A", { stage: "network" }],
	["451A", { stage: "handset" }],
	["DBF3", { stage: "retrying" }],
	["DB62", failed("unreachable", "it could not be delivered for now")],
	["DB65", failed("expired", "its validity ended before it could be delivered")],
	["DB78", failed("recipient", "there is no credit left")],
	["DB05", failed("recipient", "the recipient's connection is barred")],
	["DB52", failed("unreachable", "the delivery failed")],
	["DB76", failed("recipient", "the recipient's connection has no such service")],
	["DB99", failed("recipient", "the recipient's number was ported")],
	["4503", failed("recipient", "no operator serves the recipient's number")],
	["4524", failed("recipient", "the recipient is on the block list")],
]);

/** `status` of Live Link 365. */
export const notificationWords: ReadonlyMap<string, Stage> = new Map<string, Stage>([
	["SENT", { stage: "accepted" }],
	["DELIVERED", { stage: "network" }],
	["RECEIVED", { stage: "handset" }],
	["ERROR", failed("unreachable", "it could not be delivered")],
]);

/** `Message 1 of the order 17… at destination of +… has been sent at 21:54:15 (GMT) on the 07-01-2019.` */
export const notificationSentences: readonly (readonly [RegExp, Stage])[] = [
	[/has been filtered on customer request/i, failed("recipient", "it was filtered out as the account asked for")],
	[/has been sent\b/i, { stage: "network" }],
];
