// Every documented error of the Send API and what it says about our message.
// https://developers.facebook.com/docs/messenger-platform/error-codes, as documented, checked 2026-11-24.
// A subcode decides where it is listed; any other subcode falls back to its code.

import type { FaultCode } from "#domain/faults.ts";

import type { Meaning } from "../kit/meta-graph.ts";

type Listed = Meaning & { subcodes?: Readonly<Record<number, Meaning>> };

const retry = (code: FaultCode, says: string): Meaning => ({ kind: "retry", code, says });
const rejected = (code: FaultCode, says: string): Meaning => ({ kind: "rejected", code, says });
const unknown = (code: FaultCode, says: string): Meaning => ({ kind: "unknown", code, says });

const pauseMs = 900_000; // 15 minutes; Meta names no duration for its temporary blocks, this one is ours.
const pageBusy = retry("throttled", "The page has used up its rate limit");
const windowShut = rejected("outside_window", "The reply window of Messenger is shut");
const personAway = rejected("recipient", "The person is not receiving messages from this page");
const appNotLive = rejected("config", "The Meta app is not live or not reviewed for messaging");
const emptyMessage = rejected("content", "Facebook found the message empty");
const tokenRefused = retry("credentials", "The page access token is invalid or expired; generate a new one");

export const codes: Readonly<Record<number, Listed>> = {
	1: {
		...unknown("protocol", "Facebook reports an unknown error"),
		subcodes: {
			1357046: unknown("protocol", "Facebook reports an invalid JSON reply; the message may have been sent"),
		},
	},
	2: {
		...retry("unreachable", "Facebook is temporarily unavailable"),
		subcodes: {
			2018344: rejected("config", "The terms of service of the Messenger Platform are not accepted for this page"),
		},
	},
	4: {
		...retry("throttled", "The Meta app has used up its rate limit"),
		subcodes: { 2018022: retry("throttled", "Too many messages were sent to phone numbers") },
	},
	10: {
		...rejected("config", "The Meta app lacks the permission for this"),
		subcodes: {
			2018065: windowShut,
			2018278: windowShut,
			2534022: windowShut,
			2018108: rejected("recipient", "The person cannot receive messages at the moment"),
			1893063: { ...retry("throttled", "Meta has restricted the page for some time"), pauseMs },
		},
	},
	17: pageBusy,
	32: pageBusy,
	100: {
		...rejected("content", "Facebook does not accept a field of the message"),
		subcodes: {
			2018001: rejected("recipient", "This page knows no such person"),
			2018109: rejected("content", "The attachment is too large"),
			2018032: emptyMessage,
			2018034: emptyMessage,
			2018047: retry("unreachable", "Facebook could not fetch the attachment"),
		},
	},
	190: {
		...tokenRefused,
		subcodes: {
			460: retry("credentials", "The page access token ended with a change of password; generate a new one"),
			463: retry("credentials", "The page access token has expired; generate a new one"),
			467: tokenRefused,
		},
	},
	200: {
		...rejected("config", "The Meta app lacks the permission for this"),
		subcodes: {
			1545041: personAway,
			2018027: appNotLive,
			2018028: appNotLive,
			2018021: rejected("config", "The fee for sending to phone numbers is not accepted"),
		},
	},
	230: rejected("config", "The page access token lacks the permission pages_messaging"),
	368: { ...retry("throttled", "Meta has blocked the sender for some time because of its policies"), pauseMs },
	551: { ...personAway, subcodes: { 1545041: personAway } },
	613: { ...pageBusy, subcodes: { 2534040: pageBusy } },
	1200: retry("unreachable", "Facebook could not send the message for the moment"),
	10303: rejected("content", "The account linking token is invalid"),
	36000: rejected("content", "The image is too large"),
	80006: pageBusy,
};

/** A code 100 without subcode, told apart only by its message. */
export const proofMissing = retry(
	"credentials",
	"The Meta app demands a proof of the app secret; correct the secret of the authentication webhook",
);

export function meaningOf(code: number | undefined, subcode: number | undefined): Meaning | undefined {
	const listed = code === undefined ? undefined : codes[code];
	return (subcode === undefined ? undefined : listed?.subcodes?.[subcode]) ?? listed;
}

/** What the HTTP status alone says, for answers whose body names no documented code. */
export function meaningOfStatus(status: number): Meaning {
	if (status < 300) {
		return unknown("protocol", "Facebook answered with something that cannot be read");
	}
	if (status < 400) {
		return rejected("config", "The Service Connection redirects elsewhere; enter the address of the Graph API itself");
	}
	if (status >= 500) {
		return unknown("unreachable", `Facebook answered HTTP ${status}`);
	}
	return statuses.get(status) ?? rejected("protocol", `Facebook refused the request with HTTP ${status}`);
}

const statuses: ReadonlyMap<number, Meaning> = new Map([
	[401, retry("credentials", "Facebook refused the page access token")],
	[403, rejected("config", "Facebook does not allow this request (HTTP 403)")],
	[404, rejected("config", "There is nothing at this address; check the Service Connection and the Page ID")],
	// Answers of proxies on the way, which do not say how far the request got.
	[408, unknown("unreachable", "The request took too long (HTTP 408)")],
	[409, unknown("protocol", "Facebook reports a conflict (HTTP 409)")],
	[425, unknown("protocol", "The request came too early (HTTP 425)")],
	[410, rejected("config", "This version of the Graph API is gone for good; enter a newer one as Service Connection")],
	[413, rejected("content", "The message is too large")],
	[429, retry("throttled", "Facebook asks to send more slowly")],
]);
