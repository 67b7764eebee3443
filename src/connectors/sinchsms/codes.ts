// Sinch's words and numbers as data: answers to a send in both modes, states and codes of delivery reports. As documented
// at https://developers.sinch.com/docs/sms/api-reference/status-codes/ and, for the codes below 400,
// https://developers.sinch.com/docs/sms/other/sms-other-http-basic, checked 2026-11-24. Which fault each one is, is ours.

import type { FaultCode } from "#domain/faults.ts";
import type { ReceiptEvent } from "#domain/messages.ts";

export type SendRule = {
	/** `retry`: documented as not processed, or refused for who we are. `rejected`: it never will be. */
	kind: "retry" | "rejected" | "unknown";
	fault: FaultCode;
	/** What is the matter, to stand after "Sinch answered 400: ". */
	meaning: string;
	closesService?: true;
};

function retry(fault: FaultCode, meaning: string): SendRule {
	return { kind: "retry", fault, meaning };
}
function rejected(fault: FaultCode, meaning: string): SendRule {
	return { kind: "rejected", fault, meaning };
}
function unknown(meaning: string): SendRule {
	return { kind: "unknown", fault: "unreachable", meaning };
}

/** `code` of the body, guaranteed with 400 and 403. The docs spell one of them with a letter too few. */
const xmsCodes = new Map<string, SendRule>([
	["syntax_invalid_json", rejected("protocol", "the request is no JSON that it knows")],
	["syntax_invalid_parameter_format", rejected("content", "a number or another field has the wrong shape")],
	["syntax_constraint_violation", rejected("content", "a field is missing, too long or not allowed")],
	["unknown_group", rejected("recipient", "there is no such group of recipients")],
	["unknown_campaign", rejected("config", "the sender does not belong to the campaign")],
	["missing_callback_url", rejected("config", "the service plan has no callback URL for delivery reports")],
	["illegal_number_type", rejected("recipient", "numbers of this kind cannot be used in the region")],
	["llegal_number_type", rejected("recipient", "numbers of this kind cannot be used in the region")],
	["blocked_account", retry("credentials", "the account is blocked")],
]);

const gone: SendRule = { ...rejected("config", "this address is gone for good"), closesService: true };
const elsewhere = rejected("config", "the API is elsewhere; correct Service Connection");
const inTrouble = unknown("it is in trouble and does not say whether it took the message");

/** Of both modes, where neither says otherwise. */
const statuses = new Map<number, SendRule>([
	[400, rejected("content", "it does not take this message")],
	[401, retry("credentials", "the credentials are refused")],
	[403, rejected("credentials", "this account may not send")],
	[404, rejected("config", "there is no such address or service plan in this region")],
	[405, rejected("config", "the address is not the one for sending")],
	[406, rejected("protocol", "it does not answer in the way that is asked for")],
	[408, unknown("the request took too long")],
	[409, unknown("the request met another one")],
	[410, gone],
	[413, rejected("content", "the message is too large")],
	[415, rejected("protocol", "it does not take JSON at this address")],
	[425, unknown("the request came too early")],
	[429, retry("throttled", "too many requests are open")],
]);

/** Documented as "not processed" and "unable to perform the request"; nothing of the kind is said of 502 and 504. */
const xmsStatuses = new Map<number, SendRule>([
	[500, retry("unreachable", "an internal error; the message was not processed")],
	[503, retry("unreachable", "it cannot take messages at the moment")],
]);

function ruleOf(status: number, own: ReadonlyMap<number, SendRule>): SendRule {
	const found = own.get(status) ?? statuses.get(status);
	if (found !== undefined) {
		return found;
	}
	if (status >= 500) {
		return inTrouble;
	}
	return status < 400 ? elsewhere : rejected("content", "it does not take this message");
}

/** An answer of the REST API that is no 2xx. A code counts only with the two statuses that are documented to bring one. */
export function xmsRule(status: number, code: string | undefined): SendRule {
	const byCode = status === 400 || status === 403 ? xmsCodes.get(code ?? "") : undefined;
	return byCode ?? ruleOf(status, xmsStatuses);
}

const basicStatuses = new Map<number, SendRule>([
	[203, retry("credentials", "the user name or the password is missing")],
	[307, retry("throttled", "the account sends too fast")],
	[402, retry("credentials", "the account is blocked")],
]);

/** The older API tells in words what is wrong; these decide more than the status. */
const basicWords: readonly (readonly [RegExp, SendRule])[] = [
	[/^To number/i, rejected("recipient", "the recipient's number is missing or blocked")],
	[/^From number/i, rejected("config", "the sender is missing or blocked")],
	[/dlr-(?:url|mask)/i, rejected("config", "it does not take the address for delivery reports")],
	[/too long/i, rejected("content", "the text is too long for this account")],
];

/** An answer of the older API that is not 202. */
export function basicRule(status: number, words: string): SendRule {
	const byWords = status === 400 || status === 403 ? basicWords.find(([shape]) => shape.test(words.trim())) : undefined;
	return byWords?.[1] ?? ruleOf(status, basicStatuses);
}

/** States of a delivery report. `Unknown` is final at Sinch and says nothing about the message. */
export const deliveryStatuses = new Map<string, "sent" | "delivered" | "failed" | "activity">([
	["Queued", "sent"],
	["Dispatched", "sent"],
	["Delivered", "delivered"],
	["Aborted", "failed"],
	["Cancelled", "failed"],
	["Rejected", "failed"],
	["Deleted", "failed"],
	["Failed", "failed"],
	["Expired", "failed"],
	["Unknown", "activity"],
]);

/** `%s` of the older API. */
export const basicStates = new Map<string, "sent" | "delivered" | "failed" | "activity">([
	["ENROUTE", "sent"],
	["DELIVRD", "delivered"],
	["UNDELIV", "failed"],
	["EXPIRED", "failed"],
	["DELETED", "failed"],
	["UNKNOWN", "activity"],
]);

/** `%d` of the older API, one bit of `dlr-mask`. */
export const basicReportTypes = new Map<string, "sent" | "delivered" | "failed">([
	["1", "delivered"],
	["2", "failed"],
	["4", "sent"],
	["8", "sent"],
	["16", "failed"],
]);

const statusFaults = new Map<string, FaultCode>([
	["Expired", "expired"],
	["EXPIRED", "expired"],
	["Cancelled", "config"],
	["Aborted", "config"],
]);

type Group = readonly [fault: FaultCode, meaning: string, temporary: boolean, codes: readonly number[]];

/** `temporary`: Sinch treats it so, and another try later may succeed. From 400 on codes of the REST API itself. */
const groups: readonly Group[] = [
	["recipient", "no route leads to the recipient", false, [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 402]],
	["unreachable", "a route could not be found at the moment", true, [4, 14]],
	["content", "the message was screened out", false, [15, 16, 19, 62, 65, 66, 67]],
	["unreachable", "an error within Sinch", true, [18, 40, 50, 51, 52, 56, 70, 71, 73, 74, 75, 76, 403]],
	["unreachable", "an error within Sinch that will not pass", false, [53, 54, 55, 72, 77]],
	["config", "the sender is blocked", false, [60]],
	["recipient", "the recipient is blocked", false, [61, 63, 254, 255, 256, 257]],
	["throttled", "the quota is exceeded", false, [64]],
	["recipient", "the recipient is not known to the network", false, [100, 150]],
	[
		"unreachable",
		"the network has a passing fault",
		true,
		[101, 102, 106, 107, 109, 111, 112, 114, 155, 161, 162, 164],
	],
	["unreachable", "the network at the recipient has a passing fault", true, [207, 211, 214, 215, 217]],
	["unreachable", "the network did not understand the message", false, [103, 104, 105, 108, 110, 113]],
	["unreachable", "the register of the network refused the message", false, [156, 157, 160, 163]],
	["unreachable", "the network at the recipient refused the message", false, [208, 209, 213, 216]],
	["recipient", "the recipient's connection is barred or has no SMS", false, [151, 152, 154, 204, 205, 206, 212]],
	["recipient", "the recipient's telephone is off, busy or out of reach", true, [153, 159, 200, 201, 202, 203]],
	["recipient", "the recipient's telephone has no room", true, [158, 210]],
	["config", "the sender may not send", false, [250, 251, 252, 253]],
	["recipient", "the recipient's number is not valid", false, [300, 301, 302, 303, 304]],
	["config", "the sender's number is not valid", false, [310, 311, 312]],
	["unreachable", "the receiving side refused the message", false, [320, 321, 331, 332, 333, 349]],
	["unreachable", "the receiving side has a passing fault", true, [322, 350, 361, 362, 370, 399]],
	[
		"content",
		"a field of the message is not valid",
		false,
		[330, 334, 335, 336, 337, 338, 339, 340, 341, 342, 343, 344, 345, 346, 347, 348],
	],
	["throttled", "the queue of the receiving side is full", true, [360]],
	["unreachable", "a passing failure of the delivery", true, [404]],
	["content", "a parameter of the text has no value", false, [405]],
	["expired", "the message expired before it left Sinch", false, [406]],
	["config", "the message was cancelled", false, [407]],
	["content", "the network rejected the message", false, [408]],
	["config", "the service plan has no sender for this recipient", false, [410]],
	["content", "the message has too many parts", false, [411]],
	["config", "the service plan may not send to this region", false, [412]],
	["credentials", "the account is blocked", false, [413]],
	["content", "the address of a medium is not valid", false, [414]],
	["content", "the MMS was rejected", false, [415]],
	["content", "the MMS is not supported there", false, [416]],
	["recipient", "the recipient cannot be reached by MMS", false, [417]],
	["content", "the recipient's telephone does not know the content", false, [418]],
];

export type DeliveryCode = { fault: FaultCode; meaning: string; temporary: boolean };

export const deliveryCodes: ReadonlyMap<number, DeliveryCode> = new Map(
	groups.flatMap(([fault, meaning, temporary, codes]) =>
		codes.map((code): [number, DeliveryCode] => [code, { fault, meaning, temporary }]),
	),
);

/** Why a delivery failed, of its state (in either API's words) and its code. */
export function faultOf(status: string, code: number | undefined): NonNullable<ReceiptEvent["fault"]> {
	const known = code === undefined ? undefined : deliveryCodes.get(code);
	const says = [
		...(code === undefined || code === 0 ? [] : [String(code)]),
		...(known === undefined ? [] : [`${known.meaning}${known.temporary ? ", for now" : ""}`]),
	].join(": ");
	return {
		code: statusFaults.get(status) ?? known?.fault ?? "unreachable",
		detail: `Sinch reports ${status}${says === "" ? "" : ` (${says})`}.`,
		...(code === undefined ? {} : { providerCode: String(code) }),
	};
}
