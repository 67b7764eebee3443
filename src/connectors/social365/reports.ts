// A delivery report of a message of ours. Proposed after Live Link 365:
// {"messageId":"1234567890","recipient":"oABC","clientId":10001,"channel":"WECHAT","subject":"parley:…","status":"DELIVERED"}

import type { AttemptId, RemoteId } from "#domain/ids.ts";
import type { ActivityEvent, ReceiptEvent, ReceiptTarget } from "#domain/messages.ts";
import { attemptOf } from "../kit/attempt-mark.ts";
import { asFact, factsOf } from "../kit/facts.ts";
import { fingerprint, keyOf } from "../kit/fingerprint.ts";
import { reportWords, retryingCodes } from "./codes.ts";
import { asWord, type Fields, truthOf } from "./fields.ts";

/** The event, or why there is none. `marked`: the attempt whose address was called. */
export function readReport(fields: Fields, marked: AttemptId | undefined): ReceiptEvent | ActivityEvent | string {
	const status = asWord(fields["status"])?.toUpperCase();
	if (status === undefined) {
		return "It is neither a message of a contact nor a delivery report with a status.";
	}
	const bySubject = attemptOf(fields["subject"]);
	if (marked !== undefined && bySubject !== undefined && marked !== bySubject) {
		return "The delivery report speaks about another message than its address.";
	}
	const remoteId = asWord(fields["messageId"]) as RemoteId | undefined;
	const target = targetOf(remoteId, marked ?? bySubject);
	if (target === undefined) {
		return "The delivery report does not say which message it is about.";
	}
	const code = codeIn(fields);
	if (triesAgain(fields, status, code)) {
		return activityOf(fields, "provider_tries_again", remoteId);
	}
	const becomes = reportWords.get(status);
	return becomes === undefined
		? activityOf(fields, "delivery_status", remoteId)
		: receiptOf(target, { word: status, becomes, code });
}

type Target = Exclude<ReceiptTarget, { by: "watermark" }>;

function targetOf(remoteId: RemoteId | undefined, attemptId: AttemptId | undefined): Target | undefined {
	if (attemptId === undefined) {
		return remoteId === undefined ? undefined : { by: "remote", remoteId };
	}
	return { by: "attempt", attemptId, ...(remoteId === undefined ? {} : { remoteId }) };
}

/** A failure that is not the last word: the message stays as it is, and nobody sends it a second time. */
function triesAgain(fields: Fields, status: string, code: string | undefined): boolean {
	const isOver = truthOf(fields["FINAL"] ?? fields["final"]);
	return reportWords.get(status) === "failed" && (isOver === false || retryingCodes.has(code ?? ""));
}

function activityOf(fields: Fields, name: string, remoteId: RemoteId | undefined): ActivityEvent {
	const about = remoteId === undefined ? {} : { remoteId };
	return { kind: "activity", dedupKey: `report:${fingerprint(fields)}`, name, ...about, facts: factsOf(fields) };
}

type Told = { word: string; becomes: "sent" | "delivered" | "failed"; code: string | undefined };

function receiptOf(target: Target, { word, becomes, code }: Told): ReceiptEvent {
	const { attemptId, remoteId } = target;
	const ids = [attemptId ?? "order", remoteId, word, code];
	const receipt = { kind: "receipt", dedupKey: keyOf("receipt", ids, ids), target } as const;
	if (becomes !== "failed") {
		return { ...receipt, status: becomes };
	}
	const detail = `SAP reports that the message could not be delivered${code === undefined ? "" : ` (${code})`}.`;
	const fault = { code: "unreachable", detail, ...(code === undefined ? {} : { providerCode: code }) } as const;
	return { ...receipt, status: becomes, fault };
}

/** Four hexadecimal digits, as the network's other services have them. */
function codeIn(fields: Fields): string | undefined {
	const told = asFact(fields["internalStatusId"]) ?? asFact(fields["internalStatus"]) ?? "";
	return /^\s*(?:0x)?([0-9A-F]{4})\s*$/i.exec(told)?.[1]?.toUpperCase();
}
