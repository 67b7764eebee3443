// Twilio's words and numbers as data: message statuses, error codes of a send, error codes of a receipt.
// Codes as documented at https://www.twilio.com/docs/api/errors, checked 2026-11-24; which kind of failure each one is,
// is our judgement (README.md says where it is).

import type { FaultCode } from "#domain/faults.ts";

/**
 * What a status word makes of a message of ours. `sent` is also said of the steps before it: Twilio has taken the
 * message, and that is what our own state `sent` means. `incoming`: the word speaks about a message to us.
 */
export const messageStatuses = new Map<string, "sent" | "delivered" | "read" | "failed" | "incoming">([
	["accepted", "sent"],
	["scheduled", "sent"],
	["queued", "sent"],
	["sending", "sent"],
	["sent", "sent"],
	["partially_delivered", "sent"],
	["delivered", "delivered"],
	["read", "read"],
	["undelivered", "failed"],
	["failed", "failed"],
	["canceled", "failed"],
	["receiving", "incoming"],
	["received", "incoming"],
]);

export type SendCode = {
	/** `retry`: documented as not processed, or refused for who we are. `rejected`: it never will be. */
	kind: "retry" | "rejected" | "unknown";
	fault: FaultCode;
	meaning: string;
	/** Where the code itself says how long it lasts, in milliseconds. Used when there is no Retry-After. */
	waitMs?: number;
};

const minutesMs = 60_000;

/** Codes in the answer to a send. */
export const sendCodes = new Map<number, SendCode>([
	[20429, { kind: "retry", fault: "throttled", meaning: "too many requests at once" }],
	[21611, { kind: "retry", fault: "throttled", meaning: "the sender's queue is full", waitMs: 5 * minutesMs }],
	[14107, { kind: "retry", fault: "throttled", meaning: "the sending rate is too high", waitMs: minutesMs }],
	[20500, { kind: "unknown", fault: "unreachable", meaning: "internal error at Twilio" }],
	[20503, { kind: "unknown", fault: "unreachable", meaning: "Twilio is not available" }],
	[20003, { kind: "retry", fault: "credentials", meaning: "the credentials are refused" }],
	[20005, { kind: "retry", fault: "credentials", meaning: "the account is not active" }],
	[20403, { kind: "rejected", fault: "config", meaning: "the account may not do this" }],
	[20404, { kind: "rejected", fault: "config", meaning: "there is no such account" }],
	[63007, { kind: "rejected", fault: "config", meaning: "the sender is not set up for this channel" }],
	[21606, { kind: "rejected", fault: "config", meaning: "the sender cannot send to this recipient" }],
	[21603, { kind: "rejected", fault: "config", meaning: "the sender is missing" }],
	[21701, { kind: "rejected", fault: "config", meaning: "the Messaging Service does not exist" }],
	[21702, { kind: "rejected", fault: "config", meaning: "the Messaging Service cannot be used" }],
	[21703, { kind: "rejected", fault: "config", meaning: "the Messaging Service has no sender" }],
	[21408, { kind: "rejected", fault: "config", meaning: "sending to this country is not permitted" }],
	[21608, { kind: "rejected", fault: "config", meaning: "a trial account sends to verified numbers only" }],
	[21910, { kind: "rejected", fault: "config", meaning: "sender and recipient are on different channels" }],
	[63031, { kind: "rejected", fault: "config", meaning: "sender and recipient are on different channels" }],
	[21211, { kind: "rejected", fault: "recipient", meaning: "the recipient's number is not valid" }],
	[21214, { kind: "rejected", fault: "recipient", meaning: "the recipient cannot be reached" }],
	[21217, { kind: "rejected", fault: "recipient", meaning: "the recipient's number is not valid" }],
	[21401, { kind: "rejected", fault: "recipient", meaning: "the number is not valid" }],
	[21421, { kind: "rejected", fault: "recipient", meaning: "the number is not valid" }],
	[21604, { kind: "rejected", fault: "recipient", meaning: "the recipient is missing" }],
	[21612, { kind: "rejected", fault: "recipient", meaning: "the recipient cannot be reached from this sender" }],
	[21614, { kind: "rejected", fault: "recipient", meaning: "the recipient's number is not a mobile number" }],
	[21610, { kind: "rejected", fault: "opted_out", meaning: "the recipient has opted out (STOP)" }],
	[21602, { kind: "rejected", fault: "content", meaning: "the message is empty" }],
	[21617, { kind: "rejected", fault: "content", meaning: "the text is longer than 1600 characters" }],
	[21620, { kind: "rejected", fault: "content", meaning: "a media address is not valid" }],
	[21623, { kind: "rejected", fault: "content", meaning: "there are more than ten media" }],
	[21654, { kind: "rejected", fault: "content", meaning: "the template is not valid" }],
	[21655, { kind: "rejected", fault: "content", meaning: "the template is not valid" }],
	[21656, { kind: "rejected", fault: "content", meaning: "the template's parameters are not valid" }],
]);

export type ReceiptCode = { fault: FaultCode; meaning: string };

/** Codes in a status callback that says failed or undelivered. */
export const receiptCodes = new Map<number, ReceiptCode>([
	[30001, { fault: "throttled", meaning: "the queue at Twilio overflowed" }],
	[30017, { fault: "throttled", meaning: "the carrier's network is congested" }],
	[30022, { fault: "throttled", meaning: "the sending rate of the campaign is exceeded" }],
	[30023, { fault: "throttled", meaning: "the daily limit of the brand is reached" }],
	[30027, { fault: "throttled", meaning: "the daily limit of the campaign is reached" }],
	[63017, { fault: "throttled", meaning: "the account sends too fast" }],
	[63018, { fault: "throttled", meaning: "the channel's rate limit is exceeded" }],
	[63038, { fault: "throttled", meaning: "the daily limit of the account is reached" }],
	[30410, { fault: "unreachable", meaning: "the carrier did not answer in time" }],
	[63009, { fault: "unreachable", meaning: "the channel reported an error" }],
	[63010, { fault: "unreachable", meaning: "the channel reported an internal error" }],
	[63012, { fault: "unreachable", meaning: "the channel was not available" }],
	[30008, { fault: "unreachable", meaning: "the carrier gave no reason" }],
	[30003, { fault: "recipient", meaning: "the handset could not be reached" }],
	[30004, { fault: "recipient", meaning: "the recipient blocks the message" }],
	[30005, { fault: "recipient", meaning: "the recipient is unknown" }],
	[30006, { fault: "recipient", meaning: "the recipient is a landline or cannot be reached" }],
	[63003, { fault: "recipient", meaning: "the channel does not know the recipient" }],
	[63024, { fault: "recipient", meaning: "the recipient is not valid" }],
	[63032, { fault: "recipient", meaning: "the channel limits messages to this recipient" }],
	[30002, { fault: "config", meaning: "the account is suspended" }],
	[63001, { fault: "config", meaning: "the channel refuses the sender's credentials" }],
	[63008, { fault: "config", meaning: "the sender is not set up correctly" }],
	[63020, { fault: "config", meaning: "the channel's terms are not accepted" }],
	[30007, { fault: "content", meaning: "the message was filtered as unwanted" }],
	[63005, { fault: "content", meaning: "the channel does not accept this content" }],
	[63013, { fault: "content", meaning: "the message breaks a rule of the channel" }],
	[63019, { fault: "content", meaning: "a medium could not be fetched" }],
	[63021, { fault: "content", meaning: "the channel finds the content not valid" }],
	[63027, { fault: "content", meaning: "there is no such template in this language" }],
	[63028, { fault: "content", meaning: "the number of template parameters is wrong" }],
	[63029, { fault: "content", meaning: "the template could not be filled in" }],
	[63030, { fault: "content", meaning: "a parameter is not supported for this content" }],
	[63034, { fault: "content", meaning: "a medium is too large" }],
	[63016, { fault: "outside_window", meaning: "the reply window is shut; a template is needed" }],
]);
