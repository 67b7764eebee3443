// What can be wrong with hub accounts of SAP Social 365, as far as the proposed protocol tells.

import type { CheckStepName } from "#connectors/contract.ts";
import type { Social365Simulator } from "#simulators/social365.ts";
import type { CheckFault, CheckStage } from "./stage.ts";

type Stage = CheckStage<Social365Simulator>;

export const steps: readonly CheckStepName[] = [
	...(["address", "dns", "tls", "clock"] as const),
	...(["region", "credentials", "scope", "sender", "webhook", "publicUrl"] as const),
];

function answers(status: number, body = "{}") {
	return ({ simulator }: Stage): void => {
		simulator.instead = { status, body };
	};
}

/** The second of the two accounts is entered so. */
function second(secrets: string[]) {
	return ({ service }: Stage): void => {
		service.authentications = service.authentications.map((entry, index) =>
			index === 1 ? { ...entry, secrets } : entry,
		);
	};
}

export const faults: readonly CheckFault<Social365Simulator>[] = [
	{
		name: "the service has no account",
		step: "credentials",
		code: "incomplete",
		arrange({ service }) {
			service.authentications = [];
		},
	},
	{
		name: "the path is another one",
		step: "region",
		code: "not_social365",
		arrange({ service }) {
			service.serviceConnection = service.serviceConnection.replace(/\/api$/, "/v2");
		},
	},
	{ name: "the address is gone", step: "region", code: "address_gone", arrange: answers(410) },
	{ name: "one of two accounts has no password", step: "credentials", code: "password_missing", arrange: second([]) },
	{
		name: "one of two accounts has another password",
		step: "credentials",
		code: "account_refused",
		arrange: second(["some other password"]),
	},
	{ name: "SAP is in trouble", step: "credentials", code: "provider_in_trouble", arrange: answers(502) },
	{ name: "SAP is asked too often", step: "credentials", code: "throttled", arrange: answers(429) },
	{ name: "the interface has moved", step: "credentials", code: "api_elsewhere", arrange: answers(307) },
	{ name: "a page answers", step: "credentials", code: "not_the_api", arrange: answers(200, "<html></html>") },
	{ name: "the order is not understood", step: "credentials", code: "refused", arrange: answers(415) },
	{ name: "the user may not send", step: "scope", code: "access_denied", arrange: answers(403) },
	{
		name: "the sender is of an account that is not here",
		step: "sender",
		code: "sender_unusable",
		arrange({ service }) {
			service.settings["sender"] = "wechat:gh_123@99999";
		},
	},
];

export const notes: readonly CheckFault<Social365Simulator>[] = [
	{ name: "webhooks are not shown", step: "webhook", code: "webhook_not_shown", arrange: () => {} },
	{
		name: "with a sender",
		step: "sender",
		code: "ok",
		arrange({ service, simulator }) {
			service.settings["sender"] = simulator.otherAddress;
		},
	},
];
