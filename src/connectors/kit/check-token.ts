// Whether a token endpoint takes the credentials of a service. It is asked for a fresh token, never for the one that sends
// share: that would still be good for credentials that are none any more.

import type { CheckStep, HttpAnswer, Tools } from "../contract.ts";
import { failed, toldBy } from "./check-steps.ts";
import { asObject, asText, readJson } from "./http.ts";
import { secretsOf, type TokenClient, toTokenAnswer, toTokenRequest } from "./oauth2.ts";
import { quoteOf } from "./quote.ts";

export type FreshToken = { ok: true; accessToken: string } | { ok: false; step: CheckStep };
/** What to do where the credentials are refused, and where the address is no token endpoint. */
export type TokenAdvice = { onRefusal: string; onAddress: string };

export async function freshToken(client: TokenClient, advice: TokenAdvice, tools: Tools): Promise<FreshToken> {
	const answer = await tools.http(toTokenRequest(client));
	if (answer.kind === "answered" && [400, 401, 403].includes(answer.status)) {
		return { ok: false, step: refusalOf(answer, client, advice) };
	}
	const told = toldBy("The token endpoint", "credentials", answer);
	const code = told.ok ? undefined : ofTokenEndpoint[told.step.code];
	if (!told.ok && code !== undefined) {
		return { ok: false, step: { ...told.step, code } };
	}
	const token = toTokenAnswer(answer, tools.now(), client);
	return token.ok
		? { ok: true, accessToken: token.accessToken }
		: { ok: false, step: noEndpoint(answer.kind === "answered" ? answer.status : 0, advice) };
}

/** The same troubles as those of the API, under names of their own: two hosts, two places to look at. */
const ofTokenEndpoint: Readonly<Record<string, string>> = {
	provider_silent: "token_endpoint_silent",
	provider_in_trouble: "token_endpoint_in_trouble",
	throttled: "token_endpoint_throttled",
};

function refusalOf(
	{ status, body }: Extract<HttpAnswer, { kind: "answered" }>,
	client: TokenClient,
	{ onRefusal }: TokenAdvice,
): CheckStep {
	const said = `HTTP ${status}${quoteOf(body, secretsOf(client))}`;
	if (asText(asObject(readJson(body))?.["error"]) === "invalid_scope") {
		return failed(
			"scope",
			"scope_refused",
			`The token endpoint does not grant the scope that is asked for (${said}).`,
			"Correct Authentication Scope.",
		);
	}
	return failed(
		"credentials",
		"client_refused",
		`The token endpoint refuses the ${client.credentialsName} ${client.clientId} (${said}).`,
		onRefusal,
	);
}

function noEndpoint(status: number, { onAddress }: TokenAdvice): CheckStep {
	const evidence = `The token endpoint answers with HTTP ${status} and no access token.`;
	return failed("credentials", "no_token_endpoint", evidence, onAddress);
}
