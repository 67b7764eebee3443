// Would this service work? Wavy has one question that changes nothing and consumes nothing: the search for text messages of
// contacts. It proves the user, and shows the sub-account and the short codes that are really in use.
// GET /v1/sms/receive/search?start=2026-11-25T12:00:00 answers {"total":1,"messages":[{"subAccount":"MyShop","shortCode":"28128",…}]};
// as documented at https://docs.sinch.com/technical-documentation/api-and-integrations/sms-api, checked 2026-11-26.

import type { CheckStep, HttpAnswer, HttpCall, Tools } from "../contract.ts";
import { failed, noted, passed, refusal, toldBy } from "../kit/check-steps.ts";
import { asArray } from "../kit/http.ts";
import { type Fields, fieldsOf, textAt } from "./fields.ts";
import type { WavyConfig } from "./form.ts";
import { headersOf } from "./outbound.ts";

/** A day shows what is in use; where it is more than the way out takes, a minute does. */
const spansMs = [86_400_000, 60_000];

export async function check(
	config: WavyConfig,
	our: { webhookUrl: string },
	tools: Tools,
): Promise<readonly CheckStep[]> {
	let answer: HttpAnswer = { kind: "unclear", why: "too large" };
	for (const spanMs of spansMs) {
		if (answer.kind === "unclear" && answer.why === "too large") {
			answer = await tools.http(toSearch(config, new Date(tools.now().getTime() - spanMs)));
		}
	}
	const messages = messagesIn(answer);
	if (messages === undefined) {
		return [troubleOf(answer, config)];
	}
	const scope = scopeStep(messages, config);
	const before = [
		passed("region", `Wavy Messaging answers at ${config.origin ?? ""}.`),
		passed("credentials", `Wavy takes the token of ${config.user?.name ?? ""}.`),
		scope,
	];
	return scope.ok ? [...before, senderStep(messages, config), webhookStep(our.webhookUrl)] : before;
}

/** Times without a zone, as in the provider's examples; it counts them in UTC. */
function toSearch(config: WavyConfig, start: Date): HttpCall {
	const query = new URLSearchParams({ start: start.toISOString().slice(0, 19) });
	return {
		method: "GET",
		url: `${config.origin ?? ""}/v1/sms/receive/search?${query.toString()}`,
		headers: headersOf(config),
	};
}

/** Undefined: the answer is none to this question. */
function messagesIn(answer: HttpAnswer): readonly Fields[] | undefined {
	const told = toldBy("Wavy", "credentials", answer);
	const list = told.ok && told.status < 300 ? fieldsOf(told.fields)?.values.get("messages") : undefined;
	return Array.isArray(list) ? asArray(list).flatMap((entry) => fieldsOf(entry) ?? []) : undefined;
}

function troubleOf(answer: HttpAnswer, { user, origin }: WavyConfig): CheckStep {
	const status = answer.kind === "answered" ? answer.status : 0;
	const name = user?.name ?? "";
	switch (status) {
		case 401:
			return failed(
				"credentials",
				"user_refused",
				`Wavy knows no user ${name} with this token (HTTP 401).`,
				"Copy user name and authentication token again from the API settings of the portal.",
			);
		case 403:
			return failed(
				"scope",
				"user_forbidden",
				`The user ${name} may not read messages of contacts (HTTP 403).`,
				"Ask the support whether the user is active, and whether it is a regular user of the sub-account.",
			);
		case 404:
		case 405:
			return notThisApi(status, origin);
		case 410:
			return failed(
				"region",
				"address_gone",
				`${origin ?? ""} is gone for good (HTTP 410).`,
				"Enter https://api-messaging.wavy.global as Service Connection, or ask the support for the address of today.",
			);
		case 420:
			return failed(
				"credentials",
				"rate_limited",
				"Wavy limits the rate of this user (HTTP 420).",
				"Check again later.",
			);
		default:
			return otherwise(answer, status, origin);
	}
}

function otherwise(answer: HttpAnswer, status: number, origin: string | undefined): CheckStep {
	const told = toldBy("Wavy", "credentials", answer);
	if (!told.ok) {
		return told.step;
	}
	return status < 300 ? notThisApi(status, origin) : refusal("Wavy", "credentials", status);
}

function notThisApi(status: number, origin: string | undefined): CheckStep {
	return failed(
		"region",
		"not_the_wavy_api",
		`${origin ?? ""} answers the search for messages with something else (HTTP ${status}).`,
		"Enter https://api-messaging.wavy.global as Service Connection.",
	);
}

/** What all the messages say of themselves, each value once. */
function seen(messages: readonly Fields[], name: string): readonly string[] {
	return [...new Set(messages.flatMap((message) => textAt(message, name) ?? []))];
}

/** A regular user sees the messages of its own sub-account and no others. */
function scopeStep(messages: readonly Fields[], { user, subAccount }: WavyConfig): CheckStep {
	const subAccounts = seen(messages, "subaccount");
	const name = user?.name ?? "";
	if (subAccounts.length > 1) {
		return failed(
			"scope",
			"user_is_administrator",
			`The user ${name} sees ${subAccounts.length} sub-accounts, so it is an administrator, and those cannot send.`,
			"Make a regular user in the sub-account, and enter it with its token.",
		);
	}
	const [only] = subAccounts;
	return subAccount === undefined || only === undefined || only.toLowerCase() === subAccount
		? passed("scope", `The user ${name} sees ${only === undefined ? "no messages yet" : "one sub-account"}.`)
		: failed(
				"scope",
				"sub_account_differs",
				"The user belongs to another sub-account than the one in the settings, so every text message would be foreign.",
				"Enter the user's own sub-account, or leave the setting Sub-account empty.",
			);
}

function senderStep(messages: readonly Fields[], { shortCode }: WavyConfig): CheckStep {
	const used = seen(messages, "shortcode").filter((code) => /^\d{3,8}$/.test(code));
	if (shortCode === undefined || used.length === 0) {
		return passed("sender", "No recent text message of a contact tells which short code is in use.");
	}
	return used.includes(shortCode)
		? passed("sender", `Contacts write to the short code ${shortCode}.`)
		: noted(
				"sender",
				"short_code_unused",
				`Contacts write to ${used.slice(0, 5).join(", ")}, and nobody to the short code ${shortCode} of the settings.`,
				"See whether the setting Short code is the one that the sub-account sends from.",
			);
}

function webhookStep(webhookUrl: string): CheckStep {
	return noted(
		"webhook",
		"webhook_not_shown",
		"Wavy does not tell which addresses it calls.",
		`Compare the API settings in the portal, and what the support has set up, with ${webhookUrl}.`,
	);
}
