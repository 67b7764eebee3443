// What can be wrong with a user of Wavy Messaging that Wavy itself can tell, by its only harmless question.

import type { CheckStepName } from "#connectors/contract.ts";
import type { InboxMessage, WavySimulator } from "#simulators/wavy.ts";
import type { CheckFault, CheckStage } from "./stage.ts";

type Stage = CheckStage<WavySimulator>;

export const steps: readonly CheckStepName[] = [
	...(["address", "dns", "tls", "clock"] as const),
	...(["region", "credentials", "scope", "sender", "webhook", "publicUrl"] as const),
];

function answers(status: number, body = "{}") {
	return ({ simulator }: Stage): void => {
		simulator.searchAnswers = { status, body };
	};
}

function inbox(...subAccounts: string[]): InboxMessage[] {
	return subAccounts.map((subAccount) => ({ subAccount, shortCode: "28128" }));
}

export const faults: readonly CheckFault<WavySimulator>[] = [
	{
		name: "the service has no user",
		step: "credentials",
		code: "incomplete",
		arrange({ service }) {
			service.authentications = [];
		},
	},
	{
		name: "the search is not there",
		step: "region",
		code: "not_the_wavy_api",
		arrange: answers(404),
	},
	{ name: "the address is gone", step: "region", code: "address_gone", arrange: answers(410) },
	{
		name: "the token is another user's",
		step: "credentials",
		code: "user_refused",
		arrange({ service }) {
			service.authentications = service.authentications.map((entry) => ({ ...entry, secrets: ["some-other-token"] }));
		},
	},
	{ name: "Wavy is in trouble", step: "credentials", code: "provider_in_trouble", arrange: answers(503) },
	{ name: "Wavy is asked too often", step: "credentials", code: "throttled", arrange: answers(429) },
	{ name: "the user is slowed down", step: "credentials", code: "rate_limited", arrange: answers(420) },
	{ name: "the API has moved", step: "credentials", code: "api_elsewhere", arrange: answers(302) },
	{ name: "a page answers", step: "credentials", code: "not_the_api", arrange: answers(200, "<html></html>") },
	{ name: "the question is not understood", step: "credentials", code: "refused", arrange: answers(412) },
	{
		name: "there are more messages than are read, even of a minute",
		step: "credentials",
		code: "provider_silent",
		arrange: answers(200, `{"messages":["${"x".repeat(100_000)}"]}`),
	},
	{ name: "the user may not read", step: "scope", code: "user_forbidden", arrange: answers(403) },
	{
		name: "the user is an administrator",
		step: "scope",
		code: "user_is_administrator",
		arrange({ simulator }) {
			simulator.inbox = inbox("Shop", "Marketing");
		},
	},
	{
		name: "the user is one of another sub-account",
		step: "scope",
		code: "sub_account_differs",
		arrange({ service, simulator }) {
			service.settings["subAccount"] = "Support";
			simulator.inbox = inbox("Shop");
		},
	},
];

export const notes: readonly CheckFault<WavySimulator>[] = [
	{ name: "webhooks are not shown", step: "webhook", code: "webhook_not_shown", arrange: () => {} },
	{
		name: "contacts write to another short code",
		step: "sender",
		code: "short_code_unused",
		arrange({ service, simulator }) {
			service.settings["shortCode"] = "27182";
			simulator.inbox = inbox("Shop");
		},
	},
	{
		name: "contacts write to the short code",
		step: "sender",
		code: "ok",
		arrange({ service, simulator }) {
			service.settings["subAccount"] = "shop";
			simulator.inbox = inbox("Shop", "Shop");
		},
	},
];
