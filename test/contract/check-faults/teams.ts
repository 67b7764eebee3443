// What can be wrong with a technical user of Teams, its application, its certificate and its subscriptions.

import type { CheckStepName } from "#connectors/contract.ts";
import { systemClock } from "#platform/clock.ts";
import { jsonReply } from "#simulators/kit.ts";
import { keyPair, pemOf } from "#simulators/teams-keys.ts";
import type { TeamsResource, TeamsSimulator } from "#simulators/teams.ts";
import type { CheckFault, CheckStage } from "./stage.ts";

export const steps: readonly CheckStepName[] = [
	"address",
	"dns",
	"tls",
	"clock",
	"credentials",
	"scope",
	"sender",
	"webhook",
	"publicUrl",
];

type Fault = CheckFault<TeamsSimulator>;
type Stage = CheckStage<TeamsSimulator>;

/** One resource answers so, whatever is asked. */
function answering(resource: TeamsResource, status: number, body: unknown): Fault["arrange"] {
	return ({ simulator }) => {
		simulator.answers = { [resource]: jsonReply(status, body) };
	};
}

/** Microsoft's words for each number, shortened. */
const numbers: readonly (readonly [number: number, error: string, words: string, code: string])[] = [
	[50053, "invalid_grant", "The account is locked, you've tried to sign in too many times.", "user_locked"],
	[50055, "invalid_grant", "The password is expired.", "password_expired"],
	[50057, "invalid_grant", "The user account is disabled.", "user_disabled"],
	[50076, "invalid_grant", "You must use multi-factor authentication to access the resource.", "mfa_required"],
	[50079, "invalid_grant", "You must enroll in multi-factor authentication.", "mfa_enrolment_required"],
	[50158, "interaction_required", "External security challenge not satisfied.", "external_challenge"],
	[53003, "invalid_grant", "Access has been blocked by Conditional Access policies.", "access_blocked"],
	[65001, "invalid_grant", "The user or administrator has not consented to use the application.", "consent_missing"],
	[90002, "invalid_request", "Tenant not found.", "tenant_unknown"],
	[7000218, "invalid_client", "The request body must contain client_secret.", "client_secret_missing"],
	[7000222, "invalid_client", "The provided client secret keys are expired.", "client_secret_expired"],
];

const ofToken: readonly Fault[] = [
	{
		name: "the technical user has no password",
		step: "credentials",
		code: "incomplete",
		arrange: (stage) => void stage.secretsOf(stage.simulator.account.ourAddress).splice(0),
	},
	{
		name: "the password is wrong",
		step: "credentials",
		code: "password_wrong",
		arrange: (stage) => void stage.secretsOf(stage.simulator.account.ourAddress).splice(0, 1, "guessed password"),
	},
	{
		name: "there is no such user",
		step: "credentials",
		code: "user_unknown",
		arrange: (stage) => rename(stage, stage.simulator.account.ourAddress, "nobody@contoso.example"),
	},
	{
		name: "there is no such application",
		step: "credentials",
		code: "application_unknown",
		arrange: (stage) => rename(stage, stage.simulator.applicationId, "00000000-1111-4222-8333-444444444444"),
	},
	{
		name: "the client secret is wrong",
		step: "credentials",
		code: "client_secret_wrong",
		arrange: (stage) => void stage.secretsOf(stage.simulator.applicationId).splice(0, 1, "guessed secret"),
	},
	{
		name: "the scope is none",
		step: "scope",
		code: "scope_refused",
		arrange({ service }) {
			service.authenticationScope = "everything, please";
		},
	},
	...numbers.map(([number, error, words, code]): Fault => ({
		name: `the token endpoint says AADSTS${number}`,
		step: "credentials",
		code,
		arrange(stage) {
			const [secret = ""] = stage.secretsOf(stage.simulator.account.ourAddress);
			const body = { error, error_description: `AADSTS${number}: ${words} ${secret}`, error_codes: [number] };
			stage.simulator.answers = { token: jsonReply(error === "invalid_client" ? 401 : 400, body) };
		},
	})),
	{
		name: "the token endpoint refuses for a reason that nobody knows",
		step: "credentials",
		code: "client_refused",
		arrange: answering("token", 400, { error: "invalid_grant", error_description: "AADSTS99999: Something new." }),
	},
	{
		name: "the token endpoint is ill",
		step: "credentials",
		code: "token_endpoint_in_trouble",
		arrange: answering("token", 503, { error: "temporarily_unavailable" }),
	},
	{
		name: "the address gives no token",
		step: "credentials",
		code: "no_token_endpoint",
		arrange: answering("token", 200, { hello: "world" }),
	},
];

function rename({ service }: Stage, from: string, to: string): void {
	const entry = service.authentications.find(({ authenticationId }) => authenticationId === from);
	if (entry === undefined) {
		throw new Error(`The service has no authentication ${from}.`);
	}
	entry.authenticationId = to;
}

const denied = { error: { code: "Forbidden", message: "Missing scope permissions on the request." } };

const ofGraph: readonly Fault[] = [
	{
		name: "the application may not read chats",
		step: "scope",
		code: "permission_missing",
		arrange: answering("chats", 403, denied),
	},
	{
		name: "the token is not for Graph",
		step: "scope",
		code: "token_not_for_graph",
		arrange: answering("chats", 401, { error: { code: "InvalidAuthenticationToken", message: "Wrong audience." } }),
	},
	{
		name: "Graph is asked too often",
		step: "scope",
		code: "throttled",
		arrange: answering("chats", 429, { error: { code: "TooManyRequests", message: "Too many requests." } }),
	},
	{
		name: "Graph is ill",
		step: "scope",
		code: "provider_in_trouble",
		arrange: answering("chats", 502, { error: { code: "BadGateway", message: "Later." } }),
	},
	{
		name: "Graph refuses for a reason that nobody knows",
		step: "scope",
		code: "refused",
		arrange: answering("chats", 418, { error: { code: "Teapot", message: "No coffee." } }),
	},
	{
		name: "something else answers in place of Graph",
		step: "scope",
		code: "not_the_api",
		arrange({ simulator }) {
			simulator.answers = { chats: { status: 200, body: "<html>It works!</html>" } };
		},
	},
	{
		name: "the application may not know who the user is",
		step: "sender",
		code: "profile_forbidden",
		arrange: answering("me", 403, denied),
	},
];

const dayMs = 86_400_000;

function pem(from: number, until: number): string {
	const nowMs = systemClock.now().getTime();
	return pemOf(keyPair(1), new Date(nowMs + from * dayMs), new Date(nowMs + until * dayMs));
}

function certified(entered: () => string): Fault["arrange"] {
	return (stage) => void stage.secretsOf("certificate").splice(0, 1, entered());
}

const ofWebhook: readonly Fault[] = [
	{
		name: "there is no client state",
		step: "webhook",
		code: "client_state_missing",
		arrange: (stage) => stage.remove("webhook"),
	},
	{
		name: "the client state is too long",
		step: "webhook",
		code: "client_state_too_long",
		arrange: (stage) => void stage.secretsOf("webhook").splice(0, 1, "s".repeat(129)),
	},
	{
		name: "the certificate is a text that is none",
		step: "webhook",
		code: "certificate_unreadable",
		arrange: certified(() => "a text that is none"),
	},
	{
		name: "the certificate is there without its second half",
		step: "webhook",
		code: "certificate_incomplete",
		arrange: certified(() => pem(-1, 30).replace(/-----BEGIN CERTIFICATE[^]*/, "")),
	},
	{
		name: "the certificate is of another key",
		step: "webhook",
		code: "certificate_mismatched",
		arrange: certified(() => {
			const [, certificate = ""] = /(-----BEGIN CERTIFICATE[^]*)/.exec(pem(-1, 30)) ?? [];
			return String(keyPair(0).privateKey.export({ type: "pkcs8", format: "pem" })) + certificate;
		}),
	},
	{
		name: "the certificate has expired",
		step: "webhook",
		code: "certificate_expired",
		arrange: certified(() => pem(-30, -1)),
	},
	{
		name: "the public keys are not to be had",
		step: "webhook",
		code: "keys_unreachable",
		arrange: answering("keys", 404, { error: "gone" }),
	},
	{
		name: "Microsoft lost the subscription",
		step: "webhook",
		code: "subscription_missing",
		arrange: (stage) => subscribed(stage, []),
	},
	{
		name: "another program has the subscription",
		step: "webhook",
		code: "subscription_elsewhere",
		arrange: (stage) => subscribed(stage, [{ id: "s2", notificationUrl: "https://another.example/hook" }]),
	},
];

/** What was subscribed to, and what Microsoft tells of it. */
function subscribed(stage: Stage, listed: readonly object[]): void {
	stage.service.upkeep = {
		userId: stage.simulator.graph.directory.user.id,
		subscriptions: [{ id: "s1", resource: "/x", expiresAt: "2030-01-01T00:00:00.000Z", mark: "m" }],
	};
	const value = listed.map((one) => ({ expirationDateTime: "2030-01-01T00:00:00Z", ...one }));
	stage.simulator.answers = { subscriptions: jsonReply(200, { value }) };
}

export const faults: readonly Fault[] = [...ofToken, ...ofGraph, ...ofWebhook];

export const notes: readonly Fault[] = [
	{
		name: "Microsoft knows the user by another name",
		step: "sender",
		code: "other_name",
		arrange: answering("me", 200, { id: "8ea0e38b", userPrincipalName: "another.name@contoso.example" }),
	},
	{
		name: "there is no certificate",
		step: "webhook",
		code: "certificate_missing",
		arrange: (stage) => stage.remove("certificate"),
	},
	{
		name: "the certificate ends soon",
		step: "webhook",
		code: "certificate_expires_soon",
		arrange: certified(() => pem(-30, 3)),
	},
	{
		name: "there was no round of upkeep yet",
		step: "webhook",
		code: "subscription_pending",
		arrange: () => undefined,
	},
];
