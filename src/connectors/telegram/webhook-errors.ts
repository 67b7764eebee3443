// What Telegram says about its last failure to bring an update, and what to do about it. The words are those of its own
// server's source, https://github.com/tdlib/telegram-bot-api/blob/master/telegram-bot-api/WebhookActor.cpp, and of what
// users of it quote, checked 2026-11-26.

import type { CheckStep } from "../contract.ts";
import { failed } from "../kit/check-steps.ts";
import { cut } from "../kit/facts.ts";
import { asText } from "../kit/http.ts";
import type { Fields } from "./chat.ts";

type Cause = { words: RegExp; code: string; advice: string };

const answered = (status: string): RegExp => new RegExp(`^Wrong response from the webhook: ${status}`);

/** The first that fits. */
const causes: readonly Cause[] = [
	{
		words: answered("401"),
		code: "webhook_secret_refused",
		advice: "Register the webhook again, with the Password of the authentication webhook as secret_token.",
	},
	{
		words: answered("403"),
		code: "webhook_forbidden",
		advice: "Let the proxy before this server pass Telegram's calls on; it refuses them by address or rule.",
	},
	{
		words: answered("404"),
		code: "webhook_not_found",
		advice: "Let the proxy pass /sms/ on to this server, and see whether the service still exists.",
	},
	{
		words: answered("410"),
		code: "webhook_gone",
		advice:
			"See what answers 410 in place of this server; after a day of it Telegram drops the webhook, then register it again.",
	},
	{
		words: answered("3\\d\\d"),
		code: "webhook_redirected",
		advice: "Register the address to which the proxy redirects; Telegram follows no redirect.",
	},
	{
		words: answered("5\\d\\d"),
		code: "webhook_in_trouble",
		advice: "See the log of this server and of the proxy before it; Telegram comes again.",
	},
	{
		words: /^Wrong response from the webhook/,
		code: "webhook_answer_strange",
		advice: "See what the proxy before this server answers instead of it.",
	},
	{
		words: /SSL|certificate/i,
		code: "webhook_certificate",
		advice: "Give the proxy a valid certificate with its whole chain.",
	},
	{
		words: /resolve host|host name/i,
		code: "webhook_host_unknown",
		advice: "Let the DNS answer for the host of the public address from everywhere.",
	},
	{
		words: /is reserved|IPv6/i,
		code: "webhook_address_unfit",
		advice: "Give the public address a public IPv4 address; Telegram calls no other.",
	},
	{
		words: /timed out|time-?out/i,
		code: "webhook_timeout",
		advice: "Look for a firewall that drops packets of Telegram on the way.",
	},
	{
		words: /refused|can't connect|reset|closed|unreachable/i,
		code: "webhook_unreachable",
		advice: "Let the firewall pass Telegram's addresses to the port of the public address.",
	},
];

const other = { code: "webhook_failing", advice: "Do what the words say; Telegram comes again by itself." };

const waitingMax = 100; // With the usual 40 connections so many are brought in moments.
const wordsCharactersMax = 160;

/**
 * The last error stays in Telegram's answer after everything is well again: it counts while updates are waiting. Undefined:
 * nothing is wrong.
 */
export function webhookTrouble(told: Fields, now: Date): CheckStep | undefined {
	const count = waitingOf(told);
	const words = asText(told["last_error_message"]);
	if (count === 0 || (words === undefined && count <= waitingMax)) {
		return undefined;
	}
	if (words === undefined) {
		const evidence = `${count} updates are waiting at Telegram, though it tells no error.`;
		return failed("webhook", "updates_waiting", evidence, "Wait a minute, check again, then see this server's load.");
	}
	const { code, advice } = causes.find((cause) => cause.words.test(words)) ?? other;
	const said = cut(words.replaceAll(/[\s\p{Cc}]+/gu, " "), wordsCharactersMax);
	const evidence = `${count} updates are waiting at Telegram; ${ago(told["last_error_date"], now)} it noted: ${said}.`;
	return failed("webhook", code, evidence, advice);
}

/** How many updates have not been brought yet. */
export function waitingOf(told: Fields): number {
	const count = told["pending_update_count"];
	return typeof count === "number" && count > 0 ? Math.floor(count) : 0;
}

function ago(seconds: unknown, now: Date): string {
	const minutes = typeof seconds === "number" ? Math.round((now.getTime() / 1000 - seconds) / 60) : Number.NaN;
	return minutes >= 0 ? `${minutes} min ago` : "lately";
}
