// Every documented error of the Cloud API that can meet a message, and what it says about that message: as the answer to a
// send, and as the reason of a status `failed`.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, checked 2026-11-26.

import type { FaultCode } from "#domain/faults.ts";

import type { Meaning } from "../kit/meta-graph.ts";

const retry = (code: FaultCode, says: string): Meaning => ({ kind: "retry", code, says });
const rejected = (code: FaultCode, says: string): Meaning => ({ kind: "rejected", code, says });
const unknown = (code: FaultCode, says: string): Meaning => ({ kind: "unknown", code, says });
const throttled = (pauseMs: number, says: string): Meaning => ({ kind: "retry", code: "throttled", says, pauseMs });

const secondMs = 1000;
const throughputPauseMs = 5 * secondMs; // The limit is per second (80 messages); ours to choose.
const pairPauseMs = 6 * secondMs; // One message to the same person in six seconds, beyond a burst; not on the page above.
const hourlyPauseMs = 60 * secondMs; // Limits per hour; a header tells when they are back, this is for when it does not.
const blockPauseMs = 900 * secondMs; // 15 minutes; Meta names no duration for its restrictions, this one is ours.

const notPermitted = rejected("config", "The access token lacks the permission whatsapp_business_messaging");
const tokenRefused = retry("credentials", "The access token is invalid or expired; generate a new one");
const numberUnready = rejected("config", "The business phone number is not registered with the Cloud API");
const templateUnfit = rejected("content", "The parameters do not fit the template");
const badField = rejected("content", "WhatsApp does not accept a field of the message");

export const codes: Readonly<Record<number, Meaning>> = {
	// Who we are.
	0: tokenRefused,
	3: notPermitted,
	10: notPermitted,
	190: tokenRefused,
	131005: notPermitted,
	// How much we send.
	4: throttled(hourlyPauseMs, "The Meta app has used up its rate limit"),
	80007: throttled(hourlyPauseMs, "The WhatsApp Business Account has used up its rate limit"),
	130429: throttled(throughputPauseMs, "The number sends more messages a second than it may"),
	131048: throttled(blockPauseMs, "Meta has restricted the number because contacts block or report its messages"),
	131056: throttled(pairPauseMs, "Too many messages went from this number to the same person in a short time"),
	132069: throttled(blockPauseMs, "The form in the message has used up its rate limit"),
	133016: throttled(blockPauseMs, "The number was registered too often in a short time"),
	// Whether we may send at all.
	368: throttled(blockPauseMs, "Meta has restricted the account because of its policies"),
	130497: rejected("recipient", "The account may not write to people in this country"),
	131031: rejected("config", "Meta has locked the WhatsApp Business Account"),
	131037: rejected("config", "The display name of the number is not approved yet"),
	131042: rejected("config", "There is a problem with the payment method of the WhatsApp Business Account"),
	131045: numberUnready,
	133000: numberUnready,
	133004: retry("unreachable", "The registration server of WhatsApp is temporarily unavailable"),
	133005: rejected("config", "The two-step verification PIN of the number is wrong"),
	133006: numberUnready,
	133008: rejected("config", "The two-step verification PIN was guessed too often"),
	133009: rejected("config", "The two-step verification PIN was entered too quickly"),
	133010: numberUnready,
	133015: rejected("config", "The number was deleted a short time ago"),
	// Whom we write to.
	130472: rejected("recipient", "Meta holds marketing messages to this person back as part of an experiment"),
	131021: rejected("recipient", "The number cannot write to itself"),
	131026: rejected("recipient", "The person cannot be reached on WhatsApp"),
	131030: rejected("recipient", "A test number writes only to the numbers on its list of recipients"),
	131047: rejected("outside_window", "The person last wrote more than 24 hours ago; only a template may be sent"),
	131049: rejected("recipient", "Meta chose not to deliver this marketing message to this person"),
	131050: rejected("content", "The person does not want marketing messages of this business"),
	131062: rejected("recipient", "This kind of message needs the person's number, not their user id"),
	// What we write.
	33: rejected("config", "There is no such phone number, or the access token may not use it"),
	100: badField,
	131008: rejected("content", "The message lacks a field that WhatsApp demands"),
	131009: badField,
	131051: rejected("content", "WhatsApp does not know this kind of message"),
	131052: rejected("content", "WhatsApp could not fetch a file that the person sent"),
	131053: retry("unreachable", "WhatsApp could not fetch the attachment, or does not take it"),
	131055: rejected("content", "This kind of message cannot be sent this way"),
	132000: templateUnfit,
	132001: rejected("content", "There is no approved template of this name in this language"),
	132005: rejected("content", "The text of the template with its parameters is too long"),
	132007: rejected("content", "The template breaks WhatsApp's rules for characters"),
	132012: templateUnfit,
	132015: rejected("content", "The template is paused because of its low quality"),
	132016: rejected("content", "The template is disabled because of its low quality"),
	132068: rejected("content", "The form in the message is blocked"),
	134100: rejected("content", "Only marketing templates can be sent this way"),
	134101: rejected("content", "The template is not ready yet; it takes up to ten minutes after its approval"),
	134102: rejected("content", "The template cannot be used"),
	135000: rejected("content", "WhatsApp reports an error in the parameters of the request"),
	// Meta's own troubles.
	1: unknown("protocol", "Meta reports an unknown error"),
	2: retry("unreachable", "WhatsApp is temporarily unavailable"),
	131000: unknown("protocol", "WhatsApp reports that something went wrong"),
	131016: retry("unreachable", "A service of WhatsApp is temporarily unavailable"),
	131057: retry("unreachable", "The WhatsApp Business Account is in maintenance"),
};

/** Documented as ranges, or by their first digits: what is not listed above counts as its kind. */
const ranges: readonly { from: number; to: number; meaning: Meaning }[] = [
	{ from: 200, to: 299, meaning: notPermitted },
	{ from: 132000, to: 132999, meaning: rejected("content", "WhatsApp does not accept the template") },
];

/** A code 100 without subcode, told apart only by its message. */
export const proofMissing = retry(
	"credentials",
	"The Meta app demands a proof of the app secret; correct the secret of the authentication webhook, or the setting Prove the app secret",
);

/** As a subcode of 100 it says that the object of the address does not exist. */
const noSuchObject = 33;

export function meaningOf(code: number | undefined, subcode: number | undefined): Meaning | undefined {
	if (code === undefined) {
		return undefined;
	}
	const listed = code === 100 && subcode === noSuchObject ? codes[noSuchObject] : codes[code];
	return listed ?? ranges.find(({ from, to }) => code >= from && code <= to)?.meaning;
}

/** What the HTTP status alone says, for answers whose body names no documented code. */
export function meaningOfStatus(status: number): Meaning {
	if (status < 300) {
		return unknown("protocol", "WhatsApp answered with something that cannot be read");
	}
	if (status < 400) {
		return rejected("config", "The Service Connection redirects elsewhere; enter the address of the Graph API itself");
	}
	if (status >= 500) {
		return unknown("unreachable", `WhatsApp answered HTTP ${status}`);
	}
	return statuses.get(status) ?? rejected("protocol", `WhatsApp refused the request with HTTP ${status}`);
}

const statuses: ReadonlyMap<number, Meaning> = new Map([
	[401, retry("credentials", "WhatsApp refused the access token")],
	[403, rejected("config", "WhatsApp does not allow this request (HTTP 403)")],
	[404, rejected("config", "There is nothing at this address; check the Service Connection and the Phone number ID")],
	// Answers of proxies on the way, which do not say how far the request got.
	[408, unknown("unreachable", "The request took too long (HTTP 408)")],
	[409, unknown("protocol", "WhatsApp reports a conflict (HTTP 409)")],
	[425, unknown("protocol", "The request came too early (HTTP 425)")],
	[410, rejected("config", "This version of the Graph API is gone for good; enter a newer one as Service Connection")],
	[413, rejected("content", "The message is too large")],
	[429, retry("throttled", "WhatsApp asks to send more slowly")],
]);

/** The words of `status`, and what they mean for our message. Any other word changes nothing. */
export const statusWords: ReadonlyMap<string, "sent" | "delivered" | "read" | "failed"> = new Map([
	["sent", "sent"],
	["delivered", "delivered"],
	["read", "read"],
	["played", "read"], // A voice message was listened to.
	["failed", "failed"],
] as const);
