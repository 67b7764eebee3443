// Every number and word that Wavy documents, as data: HTTP statuses of a send, and the codes in a status callback.
// As documented at https://docs.sinch.com/technical-documentation/api-and-integrations/sms-api and …/whatsapp-api,
// checked 2026-11-24; which kind of failure each one is, is our judgement (README.md says where it is).

import type { FaultCode } from "#domain/faults.ts";

export type SendRule = {
	/** `retry`: refused for who we are, or a throttle. `rejected`: it never will be. `unknown`: it may have been sent. */
	kind: "retry" | "rejected" | "unknown";
	fault: FaultCode;
	/** One sentence for a person, without its full stop. */
	says: string;
	closesService?: true;
};

const ill: SendRule = {
	kind: "unknown",
	fault: "unreachable",
	says: "Wavy had a fault of its own and does not say whether it took the message",
};
const moved: SendRule = {
	kind: "rejected",
	fault: "config",
	says: "The Service Connection answers with a redirect, which is never followed",
};
const somethingElse: SendRule = { kind: "rejected", fault: "content", says: "Wavy does not take this message" };

const sendRules = new Map<number, SendRule>([
	[400, { kind: "rejected", fault: "content", says: "Wavy finds the message not valid" }],
	[401, { kind: "retry", fault: "credentials", says: "Wavy refuses the user name or the authentication token" }],
	[403, { kind: "rejected", fault: "credentials", says: "This user may not send; administrators of Wavy cannot" }],
	[404, { kind: "rejected", fault: "config", says: "There is nothing at this address; check the Service Connection" }],
	[405, { kind: "rejected", fault: "config", says: "The Service Connection is not the address of the API" }],
	[408, { kind: "unknown", fault: "unreachable", says: "The request took too long" }],
	[409, { kind: "unknown", fault: "protocol", says: "The request met another one" }],
	[410, { kind: "rejected", fault: "config", says: "This Service Connection is gone for good", closesService: true }],
	[412, { kind: "rejected", fault: "content", says: "Wavy finds a precondition of the message not met" }],
	[413, { kind: "rejected", fault: "content", says: "The message is too large" }],
	[420, { kind: "retry", fault: "throttled", says: "Wavy limits the rate of messages" }],
	[425, { kind: "unknown", fault: "protocol", says: "The request came too early" }],
	[429, { kind: "retry", fault: "throttled", says: "Wavy asks to send more slowly" }],
	[500, ill],
	[503, ill],
	[504, { kind: "unknown", fault: "unreachable", says: "Wavy did not answer in time and may have taken the message" }],
]);

/** What an answer without a usable 2xx means. */
export function sendRule(status: number): SendRule {
	const family = status < 400 ? moved : status < 500 ? somethingElse : ill;
	return sendRules.get(status) ?? family;
}

export type StatusChannel = "sms" | "whatsapp";

export type StatusRow = {
	channel: StatusChannel | "both";
	code: number;
	word: string;
	becomes: "sent" | "delivered" | "read" | "failed";
	/** Only of failures. */
	fault?: FaultCode;
	meaning: string;
};

function failure(
	[channel, code, word]: readonly [StatusRow["channel"], number, string],
	fault: FaultCode,
	meaning: string,
): StatusRow {
	return { channel, code, word, becomes: "failed", fault, meaning };
}

export const statusRows: readonly StatusRow[] = [
	{ channel: "both", code: 2, word: "SENT_SUCCESS", becomes: "sent", meaning: "handed to the carrier or to WhatsApp" },
	{ channel: "both", code: 4, word: "DELIVERED_SUCCESS", becomes: "delivered", meaning: "on the device" },
	{ channel: "whatsapp", code: 5, word: "READ_SUCCESS", becomes: "read", meaning: "read by the contact" },
	failure(["both", 101, "EXPIRED"], "expired", "the time to deliver it ran out"),
	failure(["sms", 102, "CARRIER_COMMUNICATION_ERROR"], "unreachable", "the carrier could not be reached"),
	failure(["whatsapp", 102, "CARRIER_COMMUNICATION_ERROR"], "content", "the medium could not be handed to WhatsApp"),
	failure(["sms", 103, "REJECTED_BY_CARRIER"], "recipient", "the carrier rejected it"),
	failure(["whatsapp", 103, "REJECTED_BY_CARRIER"], "unreachable", "the provider's database failed"),
	failure(["sms", 104, "NOT_DELIVERED"], "recipient", "it did not reach the device"),
	failure(["whatsapp", 104, "NOT_DELIVERED"], "recipient", "WhatsApp did not deliver it, one of many reasons"),
	failure(["sms", 201, "NO_CREDIT"], "config", "the account has no credit"),
	failure(["both", 202, "INVALID_DESTINATION_NUMBER"], "recipient", "the recipient's number is not valid"),
	failure(["sms", 203, "BLACKLISTED"], "recipient", "the recipient is on a blacklist"),
	failure(["both", 204, "DESTINATION_BLOCKED_BY_OPTOUT"], "opted_out", "the recipient has opted out"),
	failure(["sms", 205, "DESTINATION_MESSAGE_LIMIT_REACHED"], "throttled", "the recipient got too many messages"),
	failure(["whatsapp", 206, "INVALID_MESSAGE_LENGTH"], "content", "the text is too long"),
	failure(["sms", 207, "INVALID_MESSAGE_TEXT"], "content", "the text holds words that are not accepted"),
	failure(["whatsapp", 207, "INVALID_MESSAGE_TEXT"], "content", "a parameter is not valid"),
	failure(["whatsapp", 209, "INVALID_CONTENT"], "content", "the kind of message is not known"),
	failure(["whatsapp", 210, "INVALID_SESSION"], "outside_window", "the reply window is shut; a template is needed"),
	failure(["whatsapp", 211, "DESTINATION_BLOCKED_BY_OPTIN"], "recipient", "the recipient has not opted in"),
	failure(["whatsapp", 212, "DESTINATION_BLOCKED_BY_WHITELIST"], "config", "the recipient is not on the whitelist"),
	failure(["sms", 301, "INTERNAL_ERROR"], "unreachable", "the provider had a fault of its own"),
	failure(["whatsapp", 311, "INTERNAL_ERROR"], "unreachable", "the provider could not ask WhatsApp for the contact"),
];

/**
 * What a status says: by its word, and by its number only where no word stands beside it. Several rows may have the word
 * or the number; the one that fits best counts. Undefined: nobody documents it.
 */
export function statusRow(
	channel: StatusChannel,
	word: string | undefined,
	code: number | undefined,
): StatusRow | undefined {
	const rows = (word === undefined ? byCode.get(code ?? 0) : byWord.get(spelled(word))) ?? [];
	const ofChannel = rows.filter((row) => row.channel === "both" || row.channel === channel);
	return ofChannel.find((row) => row.code === code) ?? ofChannel[0] ?? rows[0];
}

const byCode: ReadonlyMap<number, readonly StatusRow[]> = Map.groupBy(statusRows, ({ code }) => code);
const byWord: ReadonlyMap<string, readonly StatusRow[]> = Map.groupBy(statusRows, ({ word }) => word);

/** The pages write CARRIER_COMMUNICATION_ERROR with spaces once. */
function spelled(word: string): string {
	return word.toUpperCase().replaceAll(/[\s-]+/g, "_");
}
