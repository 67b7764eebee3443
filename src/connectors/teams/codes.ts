// What Microsoft's answers mean: by HTTP status for both interfaces, and the numbers of the token endpoint in plain words.
// Graph: https://learn.microsoft.com/graph/errors and …/throttling; bots:
// https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit; as documented, checked 2026-11-26.

import type { FaultCode } from "#domain/faults.ts";
import type { Outcome } from "../contract.ts";

export type SendRule = { kind: "retry" | "rejected" | "unknown"; code: FaultCode; says: string; closesService?: true };

const inTrouble: SendRule = {
	kind: "unknown",
	code: "unreachable",
	says: "Microsoft is in trouble and does not say whether it took the message",
};
const elsewhere: SendRule = {
	kind: "rejected",
	code: "config",
	says: "Service Connection leads to another address",
};
const refused: SendRule = { kind: "rejected", code: "content", says: "Microsoft does not take this message" };

/** Of both interfaces. */
const statuses = new Map<number, SendRule>([
	[401, { kind: "retry", code: "credentials", says: "Microsoft does not accept the access token" }],
	[404, { kind: "rejected", code: "recipient", says: "Microsoft does not know this chat, channel or conversation" }],
	[408, { ...inTrouble, says: "Microsoft did not get the whole request, or says so" }],
	[409, { ...inTrouble, code: "protocol", says: "Microsoft speaks of a conflict, and nobody knows with what" }],
	[410, { kind: "rejected", code: "config", says: "Microsoft ended this interface", closesService: true }],
	[412, { ...inTrouble, code: "protocol", says: "Microsoft speaks of a condition, and none was given" }],
	[413, { kind: "rejected", code: "content", says: "The message is too large" }],
	[423, { ...inTrouble, code: "protocol", says: "Microsoft says that the chat is locked" }],
	[425, { ...inTrouble, says: "Microsoft wants the request at another time" }],
	[429, { kind: "retry", code: "throttled", says: "Microsoft asks to slow down" }],
]);

const ofGraph = new Map<number, SendRule>([
	[403, { kind: "rejected", code: "config", says: "The technical user may not write there" }],
]);

/**
 * 412, 502 and 504 are documented as to be tried again, but behind each of them the message may have been taken: they stay
 * unknown, as everything does that may reach a person twice.
 */
const ofBot = new Map<number, SendRule>([
	[403, { kind: "rejected", code: "recipient", says: "The bot is not in this conversation, or was blocked there" }],
]);

export function sendRule(status: number, mode: "graph" | "bot"): SendRule {
	const own = (mode === "graph" ? ofGraph : ofBot).get(status) ?? statuses.get(status);
	return own ?? (status < 400 ? elsewhere : status < 500 ? refused : inTrouble);
}

/** `code` names the finding of a check; `advice` says what to do. */
export type TokenFault = { code: string; fault: FaultCode; says: string; advice: string };

function fault(code: string, says: string, advice: string, kind: FaultCode = "credentials"): TokenFault {
	return { code, fault: kind, says, advice };
}

const noMfa = "Exempt the technical user from multi-factor authentication, for example by a conditional access policy.";
const consent = "Grant the administrator's consent to the application in Microsoft Entra.";

/**
 * Numbers of https://learn.microsoft.com/entra/identity-platform/reference-error-codes. Those with a password, consent and
 * MFA are documented with the flow; the others are from memory, not verified.
 */
export const tokenFaults: ReadonlyMap<string, TokenFault> = new Map([
	["50126", fault("password_wrong", "the user name or the password is wrong", "Enter the technical user's password.")],
	["50034", fault("user_unknown", "the tenant has no such user", "Correct the e-mail address, or the setting Tenant.")],
	["50053", fault("user_locked", "the user is locked after too many attempts", "Wait, or unlock the user in Entra.")],
	[
		"50055",
		fault("password_expired", "the password has expired", "Log on as the user once, and enter the new password."),
	],
	["50057", fault("user_disabled", "the user's account is disabled", "Enable the user in Microsoft Entra.")],
	["50076", fault("mfa_required", "a second factor is demanded", noMfa)],
	["50079", fault("mfa_enrolment_required", "the user has to enrol for a second factor", noMfa)],
	["50158", fault("external_challenge", "a challenge of another provider is demanded", noMfa)],
	["53003", fault("access_blocked", "conditional access blocks the logon", "Let the policy pass this server.")],
	["65001", fault("consent_missing", "nobody consented to the application", consent, "config")],
	[
		"90002",
		fault("tenant_unknown", "there is no such tenant", "Correct the setting Tenant, or Authentication URL.", "config"),
	],
	[
		"700016",
		fault("application_unknown", "the tenant has no such application", "Correct the application ID.", "config"),
	],
	["7000215", fault("client_secret_wrong", "the client secret is wrong", "Enter the secret's value, not its ID.")],
	[
		"7000218",
		fault("client_secret_missing", "the application has to give a secret", "Enter one, or allow public client flows."),
	],
	["7000222", fault("client_secret_expired", "the client secret has expired", "Make a new one in Microsoft Entra.")],
	[
		"70011",
		fault("scope_refused", "the scope is not valid", "Correct Authentication Scope, or leave it empty.", "config"),
	],
]);

/** The number that stands in Microsoft's words, with what it means where we know it. */
export function tokenFaultIn(words: string): { number: string; known: TokenFault | undefined } | undefined {
	const number = /\bAADSTS(\d{5,7})\b/.exec(words)?.[1];
	return number === undefined ? undefined : { number, known: tokenFaults.get(number) };
}

/** The outcome of a refused token with the number explained. */
export function explained(outcome: Outcome): Outcome {
	const found = outcome.kind === "retry" ? tokenFaultIn(outcome.detail) : undefined;
	if (outcome.kind !== "retry" || found?.known === undefined) {
		return outcome;
	}
	const { fault: code, says, advice } = found.known;
	return { ...outcome, code, detail: `Microsoft gives no access token: ${says} (AADSTS${found.number}). ${advice}` };
}
