// Every status and code that Sinch documents, and what each means for a message of ours. Data only; as documented,
// checked 2026-11-24. Where the documentation gives no class, ours is marked in README.md.

import type { FaultCode } from "#domain/faults.ts";

/** `says` begins a sentence; the provider's own words follow in brackets. */
export type StatusRule = {
	kind: "retry" | "rejected" | "unknown";
	code: FaultCode;
	says: string;
	closesService?: true;
};

const movedAway: StatusRule = {
	kind: "rejected",
	code: "config",
	says: "The Service Connection answers with a redirect, which is never followed",
};
const somethingElse: StatusRule = { kind: "rejected", code: "protocol", says: "Sinch refused the request" };
const ill: StatusRule = {
	kind: "unknown",
	code: "unreachable",
	says: "Sinch had a fault of its own and does not say whether it took the message",
};

const statuses: Readonly<Record<number, StatusRule>> = {
	400: { kind: "rejected", code: "content", says: "Sinch refused the message" },
	401: { kind: "retry", code: "credentials", says: "Sinch refused the access token" },
	403: { kind: "rejected", code: "credentials", says: "Sinch denies access, or a billing limit is reached" },
	404: { kind: "rejected", code: "config", says: "Sinch does not know the project or the app in this region" },
	405: { kind: "rejected", code: "config", says: "The Service Connection is not the send URL" },
	// RFC 9110 section 15.5.9: the request did not arrive completely, so it was not carried out.
	408: { kind: "retry", code: "unreachable", says: "Sinch did not get the whole request in time" },
	409: {
		kind: "unknown",
		code: "protocol",
		says: "Sinch reports a conflict and does not say whether it took the message",
	},
	410: { kind: "rejected", code: "config", says: "This Service Connection is gone for good", closesService: true },
	413: { kind: "rejected", code: "content", says: "The message is too large for Sinch" },
	422: { kind: "rejected", code: "content", says: "Sinch refused the message" },
	// RFC 8470 section 5.2: the server was unwilling to process the request.
	425: { kind: "retry", code: "throttled", says: "Sinch wants the request later" },
	429: { kind: "retry", code: "throttled", says: "Sinch asks to slow down" },
	500: ill,
	// 501 and 503: the provider asks for the same request again, with back-off.
	501: { kind: "retry", code: "unreachable", says: "Sinch cannot take messages at the moment" },
	503: { kind: "retry", code: "unreachable", says: "Sinch cannot take messages at the moment" },
};

/** What an answer to `messages:send` without a usable 2xx means. */
export function sendRule(status: number): StatusRule {
	const family: Readonly<Record<number, StatusRule>> = { 3: movedAway, 4: somethingElse };
	return statuses[status] ?? family[Math.floor(status / 100)] ?? ill;
}

/** `message_delivery_report.status`. What is missing here is kept as an activity, as is a switch of channels. */
export const deliveryStatuses = new Map<string, "sent" | "delivered" | "read" | "failed" | "activity">([
	["QUEUED_ON_CHANNEL", "sent"],
	["DELIVERED", "delivered"],
	["READ", "read"],
	["FAILED", "failed"],
	["SWITCHING_CHANNEL", "activity"],
]);

/** `reason.code` of a failed delivery. A code that is not here tells that it failed, not why: `unreachable`. */
export const reasonCodes = new Map<string, FaultCode>([
	// Transient at the provider, which has tried again by itself for up to an hour.
	["RATE_LIMITED", "throttled"],
	["CHANNEL_FAILURE", "unreachable"],
	["INTERNAL_ERROR", "unreachable"],
	["DELIVERY_TIMED_OUT", "unreachable"],
	["DELIVERY_REPORT_TIME_OUT", "unreachable"],
	["UNKNOWN", "unreachable"],
	// The contact cannot be reached on this channel.
	["RECIPIENT_NOT_REACHABLE", "recipient"],
	["RECIPIENT_INVALID_CHANNEL_IDENTITY", "recipient"],
	["CONTACT_NOT_FOUND", "recipient"],
	["NO_CHANNEL_IDENTITY_FOR_CONTACT", "recipient"],
	["NO_PROFILE_AVAILABLE", "recipient"],
	["NO_CHANNELS_LEFT", "recipient"],
	["RECIPIENT_NOT_OPTED_IN", "recipient"],
	// The message is not acceptable as it is.
	["OUTSIDE_ALLOWED_SENDING_WINDOW", "outside_window"],
	["MESSAGE_EXPIRED", "expired"],
	["CHANNEL_REJECT", "content"],
	["DELIVERY_REJECTED_DUE_TO_POLICY", "content"],
	["MEDIA_TYPE_UNSUPPORTED", "content"],
	["MEDIA_TOO_LARGE", "content"],
	["MEDIA_NOT_REACHABLE", "content"],
	["MESSAGE_SPLIT_REQUIRED", "content"],
	["UNSUPPORTED_OPERATION", "content"],
	["BAD_REQUEST", "content"],
	["TEMPLATE_NOT_FOUND", "content"],
	["TEMPLATE_INSUFFICIENT_PARAMETERS", "content"],
	["TEMPLATE_NON_EXISTING_LANGUAGE_OR_VERSION", "content"],
	// The app or the account is set up wrongly.
	["CHANNEL_BAD_CONFIGURATION", "config"],
	["CHANNEL_CONFIGURATION_MISSING", "config"],
	["UNKNOWN_APP", "config"],
	["NO_PERMISSION", "credentials"],
	["INACTIVE_CREDENTIAL", "credentials"],
]);

/** `reason.sub_code`: where it says more than the code, it decides. */
export const reasonSubCodes = new Map<string, FaultCode | undefined>([
	["UNSPECIFIED_SUB_CODE", undefined],
	["ATTACHMENT_REJECTED", "content"],
	["MEDIA_TYPE_UNDETERMINED", "content"],
	["INACTIVE_SENDER", "config"],
]);
