// Access tokens: OAuth2 client credentials with the access key, one token for each key. A token endpoint that fails has
// never taken a message, so every failure here is a `retry`.

import { createHash } from "node:crypto";

import type { HttpAnswer, HttpCall, Outcome, TokenAnswer } from "../contract.ts";
import { asObject, outcomeOfSilence, readJson, retryAfter } from "../kit/http.ts";
import { tokenRule } from "./codes.ts";
import { quoteOf } from "./quote.ts";

export type AccessKey = { tokenUrl: string; keyId: string; keySecret: string };

/** Names the token without telling the secret; a mended secret asks for a new token at once. */
export function tokenKeyOf({ tokenUrl, keyId, keySecret }: AccessKey): string {
	return createHash("sha256")
		.update(JSON.stringify([tokenUrl, keyId, keySecret]))
		.digest("hex");
}

/** HTTP Basic credentials (RFC 7617 section 2), without the word Basic. */
export function basicOf({ keyId, keySecret }: Pick<AccessKey, "keyId" | "keySecret">): string {
	return Buffer.from(`${keyId}:${keySecret}`, "utf8").toString("base64");
}

export function toTokenRequest(key: AccessKey): HttpCall {
	return {
		method: "POST",
		url: key.tokenUrl,
		headers: {
			authorization: `Basic ${basicOf(key)}`,
			"content-type": "application/x-www-form-urlencoded",
			accept: "application/json",
		},
		body: "grant_type=client_credentials",
	};
}

const lifetimeSecondsMax = 86_400; // A day: a provider that counts in milliseconds would be believed for a month.
const lifetimeSecondsAssumed = 300; // When none is told; the provider's tokens live about 3600.

/** `confidential`: texts that must not appear in the outcome even when the endpoint repeats them. */
export function toTokenAnswer(answer: HttpAnswer, now: Date, confidential: readonly string[] = []): TokenAnswer {
	if (answer.kind !== "answered") {
		return { ok: false, outcome: outcomeOfTokenSilence(answer) };
	}
	const fields = asObject(readJson(answer.body));
	const accessToken = fields?.["access_token"];
	if (answer.status < 200 || answer.status > 299) {
		return { ok: false, outcome: outcomeOfRefusal(answer, now, confidential) };
	}
	if (typeof accessToken !== "string" || !/^[\x21-\x7e]+$/.test(accessToken)) {
		return { ok: false, outcome: retry("protocol", "The token endpoint answered without a usable access token.") };
	}
	const told = Number(fields?.["expires_in"] ?? Number.NaN);
	const lifetimeSeconds = told > 0 ? Math.min(told, lifetimeSecondsMax) : lifetimeSecondsAssumed;
	return { ok: true, accessToken, expiresAt: new Date(now.getTime() + lifetimeSeconds * 1000) };
}

type Retry = Extract<Outcome, { kind: "retry" }>;

function retry(code: Retry["code"], detail: string): Retry {
	return { kind: "retry", code, detail };
}

function outcomeOfTokenSilence(answer: Exclude<HttpAnswer, { kind: "answered" }>): Outcome {
	return answer.kind === "unclear"
		? retry("unreachable", `The token endpoint did not answer (${answer.why}); no message was sent.`)
		: outcomeOfSilence(answer);
}

function outcomeOfRefusal(
	answer: Extract<HttpAnswer, { kind: "answered" }>,
	now: Date,
	confidential: readonly string[],
): Outcome {
	const rule = tokenRule(answer.status);
	const notBefore = retryAfter(answer.headers, now);
	const outcome = retry(rule.code, `${rule.says} (${answer.status}${quoteOf(answer.body, confidential)}).`);
	return notBefore === undefined ? outcome : { ...outcome, notBefore };
}
