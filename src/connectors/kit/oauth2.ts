// Access tokens by OAuth 2.0 (RFC 6749): client credentials, a user's name and password, or a refresh token. One token for
// each set of credentials, shared by all sends of a service through `Tools.token`. A token endpoint that fails has never
// taken a message, so every failure here is a `retry`.

import { createHash } from "node:crypto";
import type { FaultCode } from "#domain/faults.ts";
import type { HttpAnswer, HttpCall, Outcome, TokenAnswer, Tools } from "../contract.ts";
import { asObject, asText, outcomeOfSilence, readJson, retryAfter } from "./http.ts";
import { quoteOf } from "./quote.ts";

/** Sections 4.4, 4.3 and 6. A refresh token that the provider replaces is not kept: a connector has no store. */
export type Grant =
	| { kind: "client_credentials" }
	| { kind: "password"; username: string; password: string }
	| { kind: "refresh_token"; refreshToken: string };

export type TokenClient = {
	tokenUrl: string;
	clientId: string;
	/** Undefined: a public client, which only names itself. */
	clientSecret: string | undefined;
	grant: Grant;
	scope?: string | undefined;
	/** Section 2.3.1: where client id and secret stand. */
	clientIn: "basic" | "body";
	/** RFC 6749 section 5.1 says seconds; not everybody keeps to it. */
	expiresIn: "seconds" | "milliseconds";
	/** What an administrator knows the credentials as: "access key". Stands in sentences. */
	credentialsName: string;
};

/** Names the token without telling the secrets; a mended secret asks for a new token at once. */
export function tokenKeyOf({ tokenUrl, clientId, clientSecret, grant, scope }: TokenClient): string {
	return createHash("sha256")
		.update(JSON.stringify([tokenUrl, clientId, clientSecret ?? null, grant, scope ?? null]))
		.digest("hex");
}

/** HTTP Basic credentials (RFC 7617 section 2), without the word Basic. */
export function basicOf(name: string, password: string): string {
	return Buffer.from(`${name}:${password}`, "utf8").toString("base64");
}

/** Every secret that a request for a token carries, as it is and as it is written there: none of them may be shown. */
export function secretsOf({ clientId, clientSecret, grant }: TokenClient): readonly string[] {
	const ofClient = clientSecret === undefined ? [] : [clientSecret];
	const ofGrant =
		grant.kind === "password" ? [grant.password] : grant.kind === "refresh_token" ? [grant.refreshToken] : [];
	const inBasic = ofClient.map((secret) => basicOf(clientId, secret));
	return [...inBasic, ...[...ofClient, ...ofGrant].flatMap((secret) => [secret, inForm(secret)])];
}

function inForm(text: string): string {
	return new URLSearchParams({ t: text }).toString().slice("t=".length);
}

export function toTokenRequest(client: TokenClient): HttpCall {
	const { tokenUrl, clientId, clientSecret, clientIn } = client;
	const isBasic = clientIn === "basic" && clientSecret !== undefined;
	const inBody =
		clientSecret === undefined ? { client_id: clientId } : { client_id: clientId, client_secret: clientSecret };
	const form = new URLSearchParams({
		...fieldsOf(client.grant),
		...(client.scope === undefined ? {} : { scope: client.scope }),
		...(isBasic ? {} : inBody),
	});
	return {
		method: "POST",
		url: tokenUrl,
		headers: {
			...(isBasic ? { authorization: `Basic ${basicOf(clientId, clientSecret)}` } : {}),
			"content-type": "application/x-www-form-urlencoded",
			accept: "application/json",
		},
		body: form.toString(),
	};
}

function fieldsOf(grant: Grant): Readonly<Record<string, string>> {
	switch (grant.kind) {
		case "client_credentials":
			return { grant_type: "client_credentials" };
		case "password":
			return { grant_type: "password", username: grant.username, password: grant.password };
		case "refresh_token":
			return { grant_type: "refresh_token", refresh_token: grant.refreshToken };
	}
}

const lifetimeMsMax = 86_400_000; // A day: whoever counts in another unit than was thought would be believed for weeks.
const lifetimeMsAssumed = 300_000; // When none is told.
const unitMs = { seconds: 1000, milliseconds: 1 } as const;

/** `confidential`: texts that must not appear in the outcome even when the endpoint repeats them. */
export type TokenReading = Partial<Pick<TokenClient, "expiresIn" | "credentialsName">> & {
	confidential?: readonly string[];
};

export function toTokenAnswer(answer: HttpAnswer, now: Date, reading: TokenReading = {}): TokenAnswer {
	if (answer.kind !== "answered") {
		return { ok: false, outcome: outcomeOfTokenSilence(answer) };
	}
	if (answer.status < 200 || answer.status > 299) {
		return { ok: false, outcome: outcomeOfRefusal(answer, now, reading) };
	}
	const fields = asObject(readJson(answer.body));
	const accessToken = fields?.["access_token"];
	if (typeof accessToken !== "string" || !/^[\x21-\x7e]+$/.test(accessToken)) {
		return { ok: false, outcome: retry("protocol", "The token endpoint answered without a usable access token.") };
	}
	const toldMs = Number(fields?.["expires_in"] ?? Number.NaN) * unitMs[reading.expiresIn ?? "seconds"];
	const lifetimeMs = toldMs > 0 ? Math.min(toldMs, lifetimeMsMax) : lifetimeMsAssumed;
	return { ok: true, accessToken, expiresAt: new Date(now.getTime() + lifetimeMs) };
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
	{ confidential = [], credentialsName = "credentials" }: TokenReading,
): Outcome {
	const { code, says } = refusalRule(answer, credentialsName);
	const notBefore = retryAfter(answer.headers, now);
	const outcome = retry(code, `${says} (${answer.status}${quoteOf(answer.body, confidential)}).`);
	return notBefore === undefined ? outcome : { ...outcome, notBefore };
}

/** Section 5.2: the words that speak of the request or of what is allowed, and not of a secret. */
const settingErrors: ReadonlySet<string> = new Set([
	"invalid_request",
	"invalid_scope",
	"unauthorized_client",
	"unsupported_grant_type",
]);

type RefusalRule = { code: FaultCode; says: string };

function refusalRule(
	{ status, body }: Extract<HttpAnswer, { kind: "answered" }>,
	credentialsName: string,
): RefusalRule {
	if (status === 400 && settingErrors.has(asText(asObject(readJson(body))?.["error"]) ?? "")) {
		return { code: "config", says: "The token endpoint does not grant what is asked for" };
	}
	if (status === 400 || status === 401 || status === 403) {
		return { code: "credentials", says: `The token endpoint refused the ${credentialsName}` };
	}
	if (status === 429) {
		return { code: "throttled", says: "The token endpoint asks to slow down" };
	}
	return status >= 500
		? { code: "unreachable", says: "The token endpoint had a fault of its own" }
		: { code: "config", says: "The Authentication URL is no token endpoint" };
}

/** What came of a call with a token, and which token it was. */
export type Authorised = { ok: true; answer: HttpAnswer; accessToken: string } | { ok: false; outcome: Outcome };

/**
 * One call with an access token; a second one with a fresh token only when the first token was refused, because then
 * nothing was taken. Concurrent calls share one request for the token. Never throws.
 */
export async function callWithToken(
	call: HttpCall,
	client: TokenClient,
	tools: Tools,
	confidential: readonly string[] = [],
): Promise<Authorised> {
	const first = await callOnce(call, client, tools, confidential);
	return first.ok && isRefused(first.answer) ? callOnce(call, client, tools, confidential) : first;
}

async function callOnce(
	call: HttpCall,
	client: TokenClient,
	tools: Tools,
	confidential: readonly string[],
): Promise<Authorised> {
	const token = await askToken(client, tools, confidential);
	if (!token.ok) {
		return token;
	}
	const { accessToken } = token;
	const answer = await tools.http({ ...call, headers: { ...call.headers, authorization: `Bearer ${accessToken}` } });
	if (isRefused(answer)) {
		tools.dropToken(tokenKeyOf(client), accessToken);
	}
	return { ok: true, answer, accessToken };
}

/** The one that is shared, or a fresh one: what a provider that takes no harmless question says of the credentials. */
export function askToken(
	client: TokenClient,
	tools: Tools,
	confidential: readonly string[] = [],
): Promise<TokenAnswer> {
	const reading = { ...client, confidential: [...confidential, ...secretsOf(client)] };
	return tools.token(tokenKeyOf(client), async () =>
		toTokenAnswer(await tools.http(toTokenRequest(client)), tools.now(), reading),
	);
}

function isRefused(answer: HttpAnswer): boolean {
	return answer.kind === "answered" && answer.status === 401;
}
