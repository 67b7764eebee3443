// SMPP's numbers and words as data: command_status of answers, states of receipts. Meanings as in SMPP v3.4 section 5.1.3
// and appendix B (https://smpp.org/SMPP_v3_4_Issue1_2.pdf, checked 2026-11-24). Which fault each one is, is ours.

import type { FaultCode } from "#domain/faults.ts";
import type { ReceiptEvent } from "#domain/messages.ts";

export type StatusRule = {
	/** A provider that answers with an error has not taken the message: it is tried again or never will be taken. */
	kind: "retry" | "rejected";
	fault: FaultCode;
	name: string;
	/** To stand after "The provider answered 0x0B (ESME_RINVDSTADR): ". */
	meaning: string;
};

type Row = readonly [status: number, name: string, fault: FaultCode, meaning: string];

const retried: readonly Row[] = [
	[0x04, "ESME_RINVBNDSTS", "unreachable", "the line is not bound for this"],
	[0x05, "ESME_RALYBND", "unreachable", "the user is bound already"],
	[0x08, "ESME_RSYSERR", "unreachable", "it has an error within"],
	[0x0d, "ESME_RBINDFAIL", "credentials", "the bind failed"],
	[0x0e, "ESME_RINVPASWD", "credentials", "the password is wrong"],
	[0x0f, "ESME_RINVSYSID", "credentials", "the user is not known"],
	[0x14, "ESME_RMSGQFUL", "throttled", "its queue is full"],
	[0x45, "ESME_RSUBMITFAIL", "unreachable", "the message could not be taken"],
	[0x58, "ESME_RTHROTTLED", "throttled", "more is sent than is allowed"],
	[0x64, "ESME_RX_T_APPN", "unreachable", "it cannot take the message just now"],
	[0xff, "ESME_RUNKNOWNERR", "unreachable", "something went wrong"],
];

const refused: readonly Row[] = [
	[0x01, "ESME_RINVMSGLEN", "content", "the text is too long"],
	[0x02, "ESME_RINVCMDLEN", "protocol", "the length of the frame is wrong"],
	[0x03, "ESME_RINVCMDID", "protocol", "it does not know the command"],
	[0x06, "ESME_RINVPRTFLG", "protocol", "it does not take the priority"],
	[0x07, "ESME_RINVREGDLVFLG", "config", "it does not take the wish for receipts; change the setting deliveryReports"],
	[0x0a, "ESME_RINVSRCADR", "config", "the sender is not allowed"],
	[0x0b, "ESME_RINVDSTADR", "recipient", "the recipient's number is not valid"],
	[0x0c, "ESME_RINVMSGID", "protocol", "it does not know the message"],
	[0x15, "ESME_RINVSERTYP", "config", "it does not know the service type"],
	[0x43, "ESME_RINVESMCLASS", "content", "it does not take messages in parts"],
	[0x48, "ESME_RINVSRCTON", "config", "the sender's type of number is not allowed"],
	[0x49, "ESME_RINVSRCNPI", "config", "the sender's numbering plan is not allowed"],
	[0x50, "ESME_RINVDSTTON", "recipient", "the recipient's type of number is not allowed"],
	[0x51, "ESME_RINVDSTNPI", "recipient", "the recipient's numbering plan is not allowed"],
	[0x53, "ESME_RINVSYSTYP", "config", "the system type is wrong"],
	[0x61, "ESME_RINVSCHED", "protocol", "it does not take the time of delivery"],
	[0x62, "ESME_RINVEXPIRY", "config", "it does not take the validity period; switch off the setting namesValidity"],
	[0x65, "ESME_RX_P_APPN", "content", "it refuses the message for good"],
	[0x66, "ESME_RX_R_APPN", "content", "it rejects the message"],
	[0xc0, "ESME_RINVOPTPARSTREAM", "protocol", "it cannot read the optional parameters"],
	[0xc1, "ESME_ROPTPARNOTALLWD", "protocol", "an optional parameter is not allowed"],
	[0xc2, "ESME_RINVPARLEN", "protocol", "the length of a parameter is wrong"],
	[0xc3, "ESME_RMISSINGOPTPARAM", "protocol", "it misses an optional parameter"],
	[0xc4, "ESME_RINVOPTPARAMVAL", "protocol", "the value of a parameter is wrong"],
	[0xfe, "ESME_RDELIVERYFAILURE", "recipient", "the message could not be delivered"],
];

export const commandStatuses: ReadonlyMap<number, StatusRule> = new Map(
	[
		...retried.map((row) => ({ kind: "retry" as const, row })),
		...refused.map((row) => ({ kind: "rejected" as const, row })),
	].map(({ kind, row: [status, name, fault, meaning] }): [number, StatusRule] => [
		status,
		{ kind, fault, name, meaning },
	]),
);

/** Providers' own codes say nothing that is known here; most of them are about the moment. */
const ofVendor: StatusRule = {
	kind: "retry",
	fault: "unreachable",
	name: "a code of the provider's own",
	meaning: "the provider's documentation says what it means",
};
const reserved: StatusRule = {
	kind: "rejected",
	fault: "content",
	name: "a code that SMPP 3.4 does not have",
	meaning: "it does not take the message",
};

export function statusRule(status: number): StatusRule {
	return commandStatuses.get(status) ?? (status >= 0x4_00 && status <= 0x4_ff ? ofVendor : reserved);
}

/** `0x0B (ESME_RINVDSTADR)`. */
export function shownStatus(status: number): string {
	const name = status === 0 ? "ESME_ROK" : statusRule(status).name;
	return `0x${status.toString(16).toUpperCase().padStart(2, "0")} (${name})`;
}

type State = { status: ReceiptEvent["status"] | "activity"; fault?: FaultCode; meaning: string };

const enroute: State = { status: "sent", meaning: "it is on its way" };
const unknown: State = { status: "activity", meaning: "nothing is known of it" };

/** `stat:` of a receipt's text; UNKNOWN is used for buffered messages too, so it settles nothing. */
export const receiptWords: ReadonlyMap<string, State> = new Map([
	["SCHEDULED", enroute],
	["ENROUTE", enroute],
	["ACCEPTD", enroute],
	["DELIVRD", { status: "delivered", meaning: "it is delivered" }],
	["EXPIRED", { status: "failed", fault: "expired", meaning: "its validity period ended" }],
	["DELETED", { status: "failed", fault: "config", meaning: "it was deleted at the provider" }],
	["UNDELIV", { status: "failed", fault: "recipient", meaning: "it cannot be delivered" }],
	["REJECTD", { status: "failed", fault: "content", meaning: "it was rejected" }],
	["UNKNOWN", unknown],
]);

/** `message_state` (section 5.2.28), in the words of the text. */
export const messageStates: readonly string[] = [
	"SCHEDULED",
	"ENROUTE",
	"DELIVRD",
	"EXPIRED",
	"DELETED",
	"UNDELIV",
	"ACCEPTD",
	"UNKNOWN",
	"REJECTD",
];
