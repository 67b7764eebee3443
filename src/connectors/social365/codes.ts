// What SAP answers and reports, as data. No table of Social 365 is public: statuses of HTTP are read as RFC 9110 and Live
// Link 365 mean them, the words of reports are those of Live Link 365. All of it is proposed (README.md).

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

const statuses = new Map<number, SendRule>([
	[400, rejected("content", "it does not take this message")],
	[401, retry("credentials", "it refuses the user name or the password of the account")],
	[403, rejected("credentials", "this user may not send for the account")],
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

/** For every answer but a 2xx. */
export function sendRule(status: number): SendRule {
	return statuses.get(status) ?? (status < 400 ? elsewhere : status < 500 ? refused : inTrouble);
}

/** `status` of a report. What is missing here is kept as an activity. */
export const reportWords: ReadonlyMap<string, "sent" | "delivered" | "failed"> = new Map([
	["SENT", "sent"],
	["DELIVERED", "delivered"],
	["RECEIVED", "delivered"],
	["ERROR", "failed"],
]);

/** Codes beside a status by which the network says that it tries again by itself: whoever sends again sends twice. */
export const retryingCodes: ReadonlySet<string> = new Set(["DBF3"]);
