import assert from "node:assert/strict";
import test from "node:test";

import { descriptions, meaningOfError, meaningOfStatus } from "./codes.ts";
import { toOutcome } from "./outbound.ts";

const now = new Date("2026-11-26T12:00:00.000Z");

/** As seen, whole, with what they must become: written down a second time so that a slip in `codes.ts` shows. */
const seen: readonly [code: number, description: string, kind: string, fault: string][] = [
	[400, "Bad Request: chat not found", "rejected", "recipient"],
	[400, "Bad Request: user not found", "rejected", "recipient"],
	[400, "Bad Request: PEER_ID_INVALID", "rejected", "recipient"],
	[400, "Bad Request: USER_IS_BLOCKED", "rejected", "opted_out"],
	[400, "Bad Request: INPUT_USER_DEACTIVATED", "rejected", "recipient"],
	[400, "Bad Request: group chat was upgraded to a supergroup chat", "rejected", "recipient"],
	[400, "Bad Request: CHAT_WRITE_FORBIDDEN", "rejected", "recipient"],
	[400, "Bad Request: CHAT_RESTRICTED", "rejected", "recipient"],
	[400, "Bad Request: have no rights to send a message", "rejected", "recipient"],
	[400, "Bad Request: not enough rights to send text messages to the chat", "rejected", "recipient"],
	[400, "Bad Request: need administrator rights in the channel chat", "rejected", "recipient"],
	[400, "Bad Request: CHANNEL_PRIVATE", "rejected", "recipient"],
	[400, "Bad Request: TOPIC_CLOSED", "rejected", "recipient"],
	[400, "Bad Request: TOPIC_DELETED", "rejected", "recipient"],
	[400, "Bad Request: message text is empty", "rejected", "content"],
	[400, "Bad Request: text must be non-empty", "rejected", "content"],
	[400, "Bad Request: message is too long", "rejected", "content"],
	[400, "Bad Request: MESSAGE_TOO_LONG", "rejected", "content"],
	[400, "Bad Request: message caption is too long", "rejected", "content"],
	[400, "Bad Request: failed to get HTTP URL content", "retry", "unreachable"],
	[400, "Bad Request: WEBPAGE_CURL_FAILED", "retry", "unreachable"],
	[400, "Bad Request: wrong file identifier/HTTP URL specified", "rejected", "content"],
	[400, "Bad Request: wrong type of the web page content", "rejected", "content"],
	[400, "Bad Request: WEBPAGE_MEDIA_EMPTY", "rejected", "content"],
	[400, "Bad Request: wrong HTTP URL specified", "rejected", "content"],
	[400, "Bad Request: IMAGE_PROCESS_FAILED", "rejected", "content"],
	[400, "Bad Request: PHOTO_INVALID_DIMENSIONS", "rejected", "content"],
	[400, "Bad Request: file is too big", "rejected", "content"],
	[400, "Bad Request: Logged out", "retry", "credentials"],
	[400, "Bad Request: something new", "rejected", "content"],
	[401, "Unauthorized", "retry", "credentials"],
	[401, "Unauthorized: invalid token specified", "retry", "credentials"],
	[403, "Forbidden: bot was blocked by the user", "rejected", "opted_out"],
	[403, "Forbidden: user is deactivated", "rejected", "recipient"],
	[403, "Forbidden: bot can't initiate conversation with a user", "rejected", "recipient"],
	[403, "Forbidden: bot can't send messages to bots", "rejected", "recipient"],
	[403, "Forbidden: bot was kicked from the supergroup chat", "rejected", "recipient"],
	[403, "Forbidden: bot is not a member of the channel chat", "rejected", "recipient"],
	[403, "Forbidden: the group chat was deleted", "rejected", "recipient"],
	[403, "Forbidden: something new", "rejected", "recipient"],
	[404, "Not Found", "retry", "credentials"],
	[409, "Conflict: terminated by other getUpdates request", "unknown", "protocol"],
	[413, "Request Entity Too Large", "rejected", "content"],
	[421, "Misdirected Request: unallowed token specified", "rejected", "config"],
	[429, "Too Many Requests: retry after 5", "retry", "throttled"],
	[500, "Internal Server Error", "unknown", "unreachable"],
	[502, "Bad Gateway", "unknown", "unreachable"],
];

test("every error that was seen has its outcome, and is quoted", () => {
	for (const [error_code, description, kind, fault] of seen) {
		const body = Buffer.from(JSON.stringify({ ok: false, error_code, description }));
		const answer = { kind: "answered", status: error_code, headers: new Headers(), body } as const;
		const outcome = toOutcome(answer, { now, hidden: [] });
		assert.ok(outcome.kind !== "accepted");
		assert.deepEqual([outcome.kind, outcome.code], [kind, fault], description);
		assert.ok(outcome.detail.includes(`(Telegram error ${error_code}: ${description})`), outcome.detail);
	}
});

test("every line of the table meets something that was seen, and none hides behind an earlier one", () => {
	for (const { of, words, meaning } of descriptions) {
		const met = seen.filter(([code, description]) => code === of && description.toLowerCase().includes(words));
		assert.ok(met.length > 0, words);
		assert.ok(
			met.some(([code, description]) => meaningOfError(code, description) === meaning),
			words,
		);
	}
});

test("a sentence begins with a capital, has no full stop, and there is one for every HTTP status", () => {
	const statuses = Array.from({ length: 400 }, (_, index) => meaningOfStatus(200 + index).says);
	for (const says of [...statuses, ...descriptions.map(({ meaning }) => meaning.says)]) {
		assert.match(says, /^[A-Z].*[^.]$/);
	}
});
