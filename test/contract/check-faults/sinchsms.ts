// What can be wrong with a Sinch SMS service that Sinch itself can tell, in either mode.

import type { CheckStepName } from "#connectors/contract.ts";
import type { SinchSmsSimulator } from "#simulators/sinchsms.ts";
import type { CheckFault, CheckStage } from "./stage.ts";

type Stage = CheckStage<SinchSmsSimulator>;

export const steps: readonly CheckStepName[] = [
	...(["address", "dns", "tls", "clock"] as const),
	...(["region", "credentials", "scope", "sender", "webhook", "publicUrl"] as const),
];

function answers(resource: "batches" | "dryRun" | "sendsms", status: number, body = "{}") {
	return ({ simulator }: Stage): void => {
		simulator.answers = { [resource]: { status, body } };
	};
}

/** How the service plan is set up otherwise. */
function plan(change: Partial<SinchSmsSimulator["plan"]>) {
	return ({ simulator }: Stage): void => {
		simulator.plan = { ...simulator.plan, ...change };
	};
}

/** The same account at the older API. */
function basic(then: (stage: Stage) => void) {
	return (stage: Stage): void => {
		const { authentications, settings } = stage.simulator.basicAccount;
		Object.assign(stage.service.settings, settings);
		stage.service.authentications = authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		}));
		then(stage);
	};
}

function withSender({ service }: Stage): void {
	service.settings["sender"] = "+447700900100";
}

export const faults: readonly CheckFault<SinchSmsSimulator>[] = [
	{
		name: "the service has no plan",
		step: "credentials",
		code: "incomplete",
		arrange({ service }) {
			service.authentications = [];
		},
	},
	{ name: "the plan is in another region", step: "region", code: "plan_unknown", arrange: plan({ isHere: false }) },
	{
		name: "another API answers",
		step: "region",
		code: "not_the_sms_api",
		arrange: answers("batches", 200, '{"welcome":"to some other API"}'),
	},
	{
		name: "the API token is another plan's",
		step: "credentials",
		code: "token_refused",
		arrange({ service }) {
			service.authentications = service.authentications.map((entry) => ({ ...entry, secrets: ["some-other-token"] }));
		},
	},
	{ name: "Sinch is in trouble", step: "credentials", code: "provider_in_trouble", arrange: answers("batches", 503) },
	{ name: "Sinch is asked too often", step: "credentials", code: "throttled", arrange: answers("batches", 429) },
	{ name: "the API has moved", step: "credentials", code: "api_elsewhere", arrange: answers("batches", 301) },
	{ name: "a page answers", step: "credentials", code: "not_the_api", arrange: answers("batches", 200, "<html>") },
	{ name: "the question is not understood", step: "credentials", code: "refused", arrange: answers("batches", 418) },
	{ name: "the account is blocked", step: "scope", code: "account_blocked", arrange: plan({ isBlocked: true }) },
	{
		name: "the token may not read batches",
		step: "scope",
		code: "access_denied",
		arrange: answers("batches", 403, '{"code":"unknown_group","text":"no"}'),
	},
	{
		name: "the sender is none of the plan",
		step: "sender",
		code: "sender_refused",
		arrange(stage) {
			withSender(stage);
			plan({ senders: ["12345"] })(stage);
		},
	},
	{
		name: "the sender has no campaign",
		step: "sender",
		code: "sender_without_campaign",
		arrange(stage) {
			withSender(stage);
			plan({ lacksCampaign: true })(stage);
		},
	},
	{
		name: "nobody says where reports go",
		step: "webhook",
		code: "no_callback_url",
		arrange(stage) {
			stage.service.settings["namesCallbackUrl"] = false;
			plan({ hasCallbackUrl: false })(stage);
		},
	},
	{
		name: "our address is too long for Sinch",
		step: "webhook",
		code: "callback_url_too_long",
		arrange: (stage) => stage.publishAt(`${stage.publicOrigin}/${"long/".repeat(400)}`),
	},
	{
		name: "older API: there is no such user",
		step: "credentials",
		code: "user_unknown",
		arrange: basic(({ service }) => {
			service.authentications = service.authentications.map((entry) => ({ ...entry, authenticationId: "clx-nobody" }));
		}),
	},
	{
		name: "older API: the password is another one",
		step: "credentials",
		code: "password_refused",
		arrange: basic(({ service }) => {
			service.authentications = service.authentications.map((entry) => ({
				...entry,
				secrets: ["some other password"],
			}));
		}),
	},
	{
		name: "older API: our address is not let in",
		step: "credentials",
		code: "user_refused",
		arrange: basic(answers("sendsms", 401, "IP address is not allowed")),
	},
	{
		name: "older API: a proxy takes the query away",
		step: "credentials",
		code: "credentials_not_seen",
		arrange: basic(answers("sendsms", 203, "User/Password parameter missing in the request")),
	},
	{
		name: "older API: something else answers",
		step: "region",
		code: "not_the_older_api",
		arrange: basic(answers("sendsms", 404, "not found")),
	},
];

export const notes: readonly CheckFault<SinchSmsSimulator>[] = [
	{ name: "the plan's callback URL is not shown", step: "webhook", code: "webhook_not_shown", arrange: () => {} },
	{ name: "older API", step: "credentials", code: "ok", arrange: basic(() => {}) },
	{
		name: "the plan has no callback URL, and messages name one",
		step: "webhook",
		code: "webhook_not_shown",
		arrange: plan({ hasCallbackUrl: false }),
	},
	{ name: "neither sender nor default", step: "sender", code: "ok", arrange: plan({ senders: ["12345"] }) },
	{ name: "with a sender of the plan", step: "sender", code: "ok", arrange: withSender },
];
