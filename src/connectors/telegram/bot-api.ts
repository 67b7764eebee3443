// How the Bot API is called and how it refuses. The token is a part of the address, so the address is a secret.
//   {Service Connection}/bot<token>/<method>

import type { HttpCall } from "../contract.ts";
import { asObject, asText } from "../kit/http.ts";

type Json = Readonly<Record<string, unknown>>;
export type Method = { serviceConnection: string; token: string; name: string };

export function callOf({ serviceConnection, token, name }: Method, body?: Json): HttpCall {
	// The colon is allowed in a path and stays; everything else of a token that nobody looked at is spelled for an address.
	const url = `${serviceConnection}/bot${encodeURIComponent(token.toWellFormed()).replaceAll("%3A", ":")}/${name}`;
	const accept = "application/json";
	return body === undefined
		? { method: "GET", url, headers: { accept } }
		: { method: "POST", url, headers: { "content-type": "application/json", accept }, body: JSON.stringify(body) };
}

export type BotApiError = {
	code: number;
	description: string;
	/** Seconds, of 429. */
	retryAfter: number | undefined;
	migrateTo: number | undefined;
};

/** The error of an answer, or undefined when it holds none of Telegram's. */
export function errorOf(body: Json | undefined): BotApiError | undefined {
	const code = body?.["error_code"];
	if (body?.["ok"] !== false || typeof code !== "number") {
		return undefined;
	}
	const parameters = asObject(body["parameters"]);
	return {
		code,
		description: asText(body["description"]) ?? "",
		retryAfter: wholeNumber(parameters?.["retry_after"]),
		migrateTo: wholeNumber(parameters?.["migrate_to_chat_id"]),
	};
}

function wholeNumber(value: unknown): number | undefined {
	return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}
