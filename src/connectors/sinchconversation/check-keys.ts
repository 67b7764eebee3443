// Whether the token endpoint takes an access key.

import type { CheckStep, Tools } from "../contract.ts";
import { failed, toldBy } from "../kit/check-steps.ts";
import type { SinchConversationConfig } from "./form.ts";
import { credentialsOf } from "./outbound.ts";
import { quoteOf } from "./quote.ts";
import { toTokenAnswer, toTokenRequest } from "./token.ts";

/** An access key with the number of apps that send with it. */
export type KeyOfApps = { tokenUrl: string; keyId: string; keySecret: string | undefined; apps: number };
type Token = { ok: true; accessToken: string } | { ok: false; step: CheckStep };

/** A fresh one, never the one that sends share: that would still be good for a key that is none any more. */
export async function tokenFor(key: KeyOfApps, config: SinchConversationConfig, tools: Tools): Promise<Token> {
	const { keyId, keySecret } = key;
	if (keySecret === undefined) {
		return refuse(
			"key_secret_missing",
			`The key ${keyId} has no secret here, so ${key.apps} app(s) receive and cannot send.`,
			"Enter the secret of the access key, or take the entry out.",
		);
	}
	const answer = await tools.http(toTokenRequest({ ...key, keySecret }));
	if (answer.kind === "answered" && [400, 401, 403].includes(answer.status)) {
		const said = `HTTP ${answer.status}${quoteOf(answer.body, credentialsOf(config))}`;
		return refuse(
			"key_refused",
			`The token endpoint refuses the access key ${keyId} (${said}).`,
			"Copy Key ID and secret again from Settings > Access keys of the project, or make a new key.",
		);
	}
	const told = toldBy("The token endpoint", "credentials", answer);
	if (!told.ok) {
		return { ok: false, step: { ...told.step, code: ofTokenEndpoint[told.step.code] ?? noTokenEndpoint } };
	}
	const token = toTokenAnswer(answer, tools.now());
	return token.ok
		? token
		: refuse(
				noTokenEndpoint,
				`The Authentication URL answers with HTTP ${told.status} and no access token.`,
				"Leave Authentication URL empty, or enter https://auth.sinch.com/oauth2/token.",
			);
}

const noTokenEndpoint = "no_token_endpoint";
/** The same troubles as those of the API, under names of their own: two hosts, two places to look at. */
const ofTokenEndpoint: Readonly<Record<string, string>> = {
	provider_silent: "token_endpoint_silent",
	provider_in_trouble: "token_endpoint_in_trouble",
	throttled: "token_endpoint_throttled",
};

function refuse(code: string, evidence: string, advice: string): Token {
	return { ok: false, step: failed("credentials", code, evidence, advice) };
}
