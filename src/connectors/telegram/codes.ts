// Every error of the Bot API that can meet a message, and what it says about that message. There are few numbers, so the
// words decide; Telegram keeps the right to change them. https://core.telegram.org/bots/api#making-requests and
// https://github.com/tdlib/telegram-bot-api, checked 2026-11-26; the words also from lists of integrators (README.md).
//   {"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user","parameters":{…}}

import type { FaultCode } from "#domain/faults.ts";

export type Meaning = {
	kind: "retry" | "rejected" | "unknown";
	code: FaultCode;
	/** One sentence for a person, without its full stop. */
	says: string;
};

const retry = (code: FaultCode, says: string): Meaning => ({ kind: "retry", code, says });
const rejected = (code: FaultCode, says: string): Meaning => ({ kind: "rejected", code, says });
const unknown = (code: FaultCode, says: string): Meaning => ({ kind: "unknown", code, says });

const blocked = rejected("opted_out", "The contact has blocked the bot");
const gone = rejected("recipient", "The contact's account does not exist any more");
const neverWrote = rejected("recipient", "There is no such chat, or the contact has never written to this bot");
const notInside = rejected("recipient", "The bot is not in this group or channel, or was removed from it");
const mayNotWrite = rejected("recipient", "The bot may not write in this group or channel");
const unfetched = retry("unreachable", "Telegram could not fetch the attachment");
const unfitFile = rejected("content", "Telegram does not take the attachment by its address");
const tooLong = rejected("content", "The text is too long");
const empty = rejected("content", "The message is empty");

/** By a piece of the description in small letters; the first that fits. */
export const descriptions: readonly { of: number; words: string; meaning: Meaning }[] = [
	{ of: 400, words: "chat not found", meaning: neverWrote },
	{ of: 400, words: "user not found", meaning: neverWrote },
	{ of: 400, words: "peer_id_invalid", meaning: neverWrote },
	{ of: 400, words: "user_is_blocked", meaning: blocked },
	{ of: 400, words: "input_user_deactivated", meaning: gone },
	{ of: 400, words: "upgraded to a supergroup", meaning: rejected("recipient", "The group has become a supergroup") },
	{ of: 400, words: "chat_write_forbidden", meaning: mayNotWrite },
	{ of: 400, words: "chat_restricted", meaning: mayNotWrite },
	{ of: 400, words: "have no rights to send", meaning: mayNotWrite },
	{ of: 400, words: "not enough rights", meaning: mayNotWrite },
	{ of: 400, words: "need administrator rights", meaning: mayNotWrite },
	{ of: 400, words: "channel_private", meaning: notInside },
	{ of: 400, words: "topic_closed", meaning: mayNotWrite },
	{ of: 400, words: "topic_deleted", meaning: rejected("recipient", "The topic of the group was deleted") },
	{ of: 400, words: "message text is empty", meaning: empty },
	{ of: 400, words: "text must be non-empty", meaning: empty },
	{ of: 400, words: "message is too long", meaning: tooLong },
	{ of: 400, words: "message_too_long", meaning: tooLong },
	{ of: 400, words: "caption is too long", meaning: tooLong },
	{ of: 400, words: "failed to get http url content", meaning: unfetched },
	{ of: 400, words: "webpage_curl_failed", meaning: unfetched },
	{ of: 400, words: "wrong file identifier", meaning: unfitFile },
	{ of: 400, words: "wrong type of the web page content", meaning: unfitFile },
	{ of: 400, words: "webpage_media_empty", meaning: unfitFile },
	{ of: 400, words: "wrong http url", meaning: unfitFile },
	{ of: 400, words: "image_process_failed", meaning: unfitFile },
	{ of: 400, words: "photo_invalid_dimensions", meaning: unfitFile },
	{ of: 400, words: "file is too big", meaning: rejected("content", "The attachment is too large") },
	{ of: 400, words: "logged out", meaning: retry("credentials", "The bot was moved to another Bot API server") },
	{ of: 403, words: "blocked by the user", meaning: blocked },
	{ of: 403, words: "user is deactivated", meaning: gone },
	{ of: 403, words: "initiate conversation", meaning: neverWrote },
	{
		of: 403,
		words: "messages to bots",
		meaning: rejected("recipient", "The contact is a bot; bots cannot be written to"),
	},
	{ of: 403, words: "bot was kicked", meaning: notInside },
	{ of: 403, words: "not a member", meaning: notInside },
	{ of: 403, words: "group chat was deleted", meaning: rejected("recipient", "The group was deleted") },
];

/** What no description says: by the number in the JSON, or by the HTTP status where there is no JSON of Telegram. */
const statuses: ReadonlyMap<number, Meaning> = new Map([
	[400, rejected("content", "Telegram does not accept the message")],
	[401, retry("credentials", "Telegram refuses the token; take the bot's present one from BotFather")],
	[403, rejected("recipient", "Telegram does not let the bot write to this chat")],
	[404, rejected("config", "There is nothing at this address; check the Service Connection")],
	// Answers of proxies on the way, which do not say how far the request got.
	[408, unknown("unreachable", "The request took too long (HTTP 408)")],
	[409, unknown("protocol", "Telegram reports a conflict (HTTP 409)")],
	[425, unknown("protocol", "The request came too early (HTTP 425)")],
	[410, rejected("config", "This address is gone for good; enter another Service Connection")],
	[413, rejected("content", "The message is too large")],
	[421, rejected("config", "This Bot API server does not serve this bot; check the Service Connection")],
	[429, retry("throttled", "Telegram asks to send more slowly")],
]);

/** Only in Telegram's own JSON: a path with a token that it does not know is no place for it. */
const unknownToken = retry(
	"credentials",
	"Telegram does not know the token; take the bot's present one from BotFather",
);

export function meaningOfError(code: number, description: string): Meaning {
	const words = description.toLowerCase();
	const listed = descriptions.find((line) => line.of === code && words.includes(line.words));
	return listed?.meaning ?? (code === 404 ? unknownToken : meaningOfStatus(code));
}

export function meaningOfStatus(status: number): Meaning {
	if (status < 300) {
		return unknown("protocol", "Telegram answered with something that cannot be read");
	}
	if (status < 400) {
		return rejected("config", "The Service Connection redirects elsewhere; enter the address of the Bot API itself");
	}
	if (status >= 500) {
		return unknown("unreachable", `Telegram answered HTTP ${status}`);
	}
	return statuses.get(status) ?? rejected("protocol", `Telegram refused the request with HTTP ${status}`);
}
