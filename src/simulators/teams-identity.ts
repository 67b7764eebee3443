// The simulated Microsoft Entra: the token endpoint with its numbered errors, as
// https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc has them.

import type { HeardRequest, HttpReply } from "./kit.ts";
import { jsonReply } from "./kit.ts";

export type TeamsIdentity = {
	tenant: string;
	applicationId: string;
	/** Undefined: a public client, which must not give one. */
	clientSecret: string | undefined;
	/** Undefined: the endpoint of a bot. */
	user: { name: string; password: string } | undefined;
};
export type TokenRefusal = { error: string; number: number; words: string };

export function tokenPath({ tenant }: Pick<TeamsIdentity, "tenant">): string {
	return `/${tenant}/oauth2/v2.0/token`;
}

export function tokenErrorReply({ error, number, words }: TokenRefusal, now: Date): HttpReply {
	const status = error === "invalid_client" ? 401 : 400;
	const ids = {
		trace_id: "0d1e2f3a-0000-4000-8000-000000000000",
		correlation_id: "0d1e2f3a-0000-4000-8000-000000000001",
	};
	const stamp = now.toISOString().replace("T", " ").slice(0, 19);
	const description = `AADSTS${number}: ${words} Trace ID: ${ids.trace_id} Timestamp: ${stamp}Z`;
	return jsonReply(status, { error, error_description: description, error_codes: [number], timestamp: stamp, ...ids });
}

type Rule = readonly [isBroken: boolean, error: string, number: number, words: string];

export function tokenRefusal(request: HeardRequest, identity: TeamsIdentity): TokenRefusal | undefined {
	const form = new URLSearchParams(request.body);
	const given = (name: string): string => form.get(name) ?? "";
	const { applicationId, clientSecret, user } = identity;
	const known = [
		"client_id",
		"client_secret",
		"scope",
		"grant_type",
		...(user === undefined ? [] : ["username", "password"]),
	];
	const isForm = request.headers["content-type"]?.split(";")[0] === "application/x-www-form-urlencoded";
	const isStrange = [...form.keys()].some((name) => !known.includes(name) || form.getAll(name).length > 1);
	const rules: readonly Rule[] = [
		[!isForm || isStrange, "invalid_request", 900144, "The request body is not as it has to be."],
		[
			given("grant_type") !== (user === undefined ? "client_credentials" : "password"),
			"unsupported_grant_type",
			70003,
			"The grant type is not supported.",
		],
		[
			given("client_id") !== applicationId,
			"unauthorized_client",
			700016,
			"Application was not found in the directory.",
		],
		[
			clientSecret !== undefined && !form.has("client_secret"),
			"invalid_client",
			7000218,
			"The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
		],
		[clientSecret === undefined && form.has("client_secret"), "invalid_client", 700025, "Client is public."],
		[
			clientSecret !== undefined && given("client_secret") !== clientSecret,
			"invalid_client",
			7000215,
			"Invalid client secret provided.",
		],
		[
			!isScope(given("scope"), user === undefined),
			"invalid_scope",
			70011,
			"The provided value for scope is not valid.",
		],
		[user !== undefined && given("username") !== user.name, "invalid_grant", 50034, "The user account does not exist."],
		[
			user !== undefined && given("password") !== user.password,
			"invalid_grant",
			50126,
			"Error validating credentials due to invalid username or password.",
		],
	];
	const broken = rules.find(([isBroken]) => isBroken);
	return broken === undefined ? undefined : { error: broken[1], number: broken[2], words: broken[3] };
}

function isScope(scope: string, isBot: boolean): boolean {
	return isBot
		? scope === "https://api.botframework.com/.default"
		: /^(?:https:\/\/graph\.microsoft\.com\/\.default|(?:[A-Z][A-Za-z.]+|offline_access)(?: (?:[A-Z][A-Za-z.]+|offline_access))*)$/.test(
				scope,
			);
}
