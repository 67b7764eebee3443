// What can be wrong with an account of SAP SMS 365, or an app of Live Link 365, that SAP tells.

import type { CheckStepName } from "#connectors/contract.ts";
import type { Sap365Resource, Sap365Simulator } from "#simulators/sap365.ts";
import type { CheckFault, CheckStage } from "./stage.ts";

type Stage = CheckStage<Sap365Simulator>;

export const steps: readonly CheckStepName[] = [
	...(["address", "dns", "tls", "clock"] as const),
	...(["region", "credentials", "scope", "webhook", "publicUrl"] as const),
];

function answers(resource: Sap365Resource, status: number, body = "{}") {
	return ({ simulator }: Stage): void => {
		simulator.answers = { [resource]: { status, body } };
	};
}

/** The app of the same customer at Live Link 365. */
function app(then: (stage: Stage) => void) {
	return (stage: Stage): void => {
		const { serviceConnection, authenticationUrl, authentications, settings } = stage.simulator.appAccount;
		Object.assign(stage.service, { serviceConnection, authenticationUrl });
		Object.assign(stage.service.settings, settings);
		stage.service.authentications = authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		}));
		then(stage);
	};
}

function withSecret(secret: string) {
	return ({ service }: Stage): void => {
		service.authentications = service.authentications.map((entry) => ({ ...entry, secrets: [secret] }));
	};
}

const ofPush: readonly CheckFault<Sap365Simulator>[] = [
	{
		name: "the service has no account",
		step: "credentials",
		code: "incomplete",
		arrange({ service }) {
			service.authentications = [];
		},
	},
	{
		name: "the account is in another cluster",
		step: "region",
		code: "not_the_push",
		arrange({ service }) {
			service.serviceConnection = service.serviceConnection.replace("/cmn", "/cmc");
		},
	},
	{ name: "the address is gone", step: "region", code: "address_gone", arrange: answers("push", 410) },
	{
		name: "the password is another account's",
		step: "credentials",
		code: "account_refused",
		arrange: withSecret("some other password"),
	},
	{
		name: "SAP takes no messages at the moment",
		step: "credentials",
		code: "server_unavailable",
		arrange: answers("push", 400, "<HTML><BODY><br>5003 Server unavailable<br></BODY></HTML>"),
	},
	{ name: "SAP is in trouble", step: "credentials", code: "provider_in_trouble", arrange: answers("push", 503) },
	{ name: "SAP is asked too often", step: "credentials", code: "throttled", arrange: answers("push", 429) },
	{ name: "the interface has moved", step: "credentials", code: "api_elsewhere", arrange: answers("push", 301) },
	{ name: "a page answers", step: "credentials", code: "not_the_api", arrange: answers("push", 200, "<html></html>") },
	{ name: "the order is not understood", step: "credentials", code: "refused", arrange: answers("push", 422) },
	{ name: "the account may not send", step: "scope", code: "access_denied", arrange: answers("push", 403) },
];

const ofApp: readonly CheckFault<Sap365Simulator>[] = [
	{
		name: "Live Link: the secret is another app's",
		step: "credentials",
		code: "client_refused",
		arrange: app(withSecret("some other secret")),
	},
	{
		name: "Live Link: Authentication URL gives no token",
		step: "credentials",
		code: "no_token_endpoint",
		arrange: app(({ service, simulator }) => {
			service.authenticationUrl = `${simulator.origin}/api/authorize`;
		}),
	},
	{
		name: "Live Link: the token endpoint is in trouble",
		step: "credentials",
		code: "token_endpoint_in_trouble",
		arrange: app(answers("token", 502)),
	},
	{
		name: "Live Link: the token endpoint is asked too often",
		step: "credentials",
		code: "token_endpoint_throttled",
		arrange: app(answers("token", 429)),
	},
	{
		name: "Live Link: the scope is none of the app's",
		step: "scope",
		code: "scope_refused",
		arrange: app(answers("token", 400, '{"error":"invalid_scope"}')),
	},
	{
		name: "Live Link: the tokens are another product's",
		step: "credentials",
		code: "token_refused",
		arrange: app(answers("token", 200, '{"access_token":"of-another-product","expires_in":2700000}')),
	},
	{
		name: "Live Link: nothing is there",
		step: "region",
		code: "not_live_link",
		arrange: app(answers("sms", 404)),
	},
];

export const faults: readonly CheckFault<Sap365Simulator>[] = [...ofPush, ...ofApp];

export const notes: readonly CheckFault<Sap365Simulator>[] = [
	{ name: "webhooks are not shown", step: "webhook", code: "webhook_not_shown", arrange: () => {} },
	{ name: "Live Link", step: "credentials", code: "ok", arrange: app(() => {}) },
];
