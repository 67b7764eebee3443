// What HTTP statuses mean where an administrator's own rules say nothing, and the usual words of receipts. Data only. The
// statuses follow RFC 9110; the words are those of SMPP 3.4 section 5.2.28 and the plain English ones of many gateways.

import type { FaultCode } from "#domain/faults.ts";

export type StatusRule = {
	kind: "retry" | "rejected" | "unknown";
	code: FaultCode;
	/** Completes "The gateway answered 400: …". */
	says: string;
	closesService?: true;
};

const moved: StatusRule = { kind: "rejected", code: "config", says: "it is elsewhere; correct Service Connection" };
const refused: StatusRule = { kind: "rejected", code: "content", says: "it does not take this message" };
const inTrouble: StatusRule = {
	kind: "unknown",
	code: "unreachable",
	says: "it is in trouble and does not say whether it took the message",
};

const statuses: Readonly<Record<number, StatusRule>> = {
	401: { kind: "retry", code: "credentials", says: "it refuses user and password" },
	403: { kind: "rejected", code: "credentials", says: "it does not let this user send" },
	404: { kind: "rejected", code: "config", says: "there is nothing at Service Connection" },
	405: { kind: "rejected", code: "config", says: "it does not take this method" },
	408: { kind: "unknown", code: "unreachable", says: "the request took too long" },
	409: { kind: "unknown", code: "protocol", says: "the request met another one" },
	410: { kind: "rejected", code: "config", says: "this address is gone for good", closesService: true },
	413: { kind: "rejected", code: "content", says: "the message is too large" },
	415: { kind: "rejected", code: "config", says: "it does not take a body of this format" },
	425: { kind: "unknown", code: "unreachable", says: "the request came too early" },
	429: { kind: "retry", code: "throttled", says: "too many requests" },
};

/** For every answer but a 2xx. */
export function statusRule(status: number): StatusRule {
	return statuses[status] ?? (status < 400 ? moved : status < 500 ? refused : inTrouble);
}

export const sentWords = ["sent", "accepted", "queued", "buffered", "submitted", "enroute", "acceptd"];
export const deliveredWords = ["delivered", "delivrd"];
export const readWords = ["read", "seen"];
export const failedWords = [
	"failed",
	"undelivered",
	"undeliv",
	"undeliverable",
	"rejected",
	"rejectd",
	"expired",
	"deleted",
];
export const ignoredWords = ["unknown"];
