// What can be wrong with a Sinch Conversation service that Sinch itself can tell.

import type { CheckStepName } from "#connectors/contract.ts";
import type { ShownWebhook } from "#simulators/sinchconversation-apps-api.ts";
import type { SinchConversationSimulator } from "#simulators/sinchconversation.ts";
import type { CheckFault, CheckStage } from "./stage.ts";

type Stage = CheckStage<SinchConversationSimulator>;

export const steps: readonly CheckStepName[] = [
	...(["address", "dns", "tls", "clock"] as const),
	...(["region", "credentials", "scope", "sender", "webhook", "publicUrl"] as const),
];

function keyOf({ service, simulator }: Stage): { authenticationId: string; secrets: string[] } {
	const entry = service.authentications.find(({ authenticationId }) => authenticationId.endsWith(simulator.appId));
	if (entry === undefined) {
		throw new Error("The simulated account has no app.");
	}
	return entry;
}

/** The registered webhook, entered otherwise. */
function registered(change: Partial<ShownWebhook>) {
	return ({ simulator }: Stage): void => {
		simulator.registeredWebhooks = simulator.registeredWebhooks.map((webhook) => ({ ...webhook, ...change }));
	};
}

function withoutTrigger(trigger: string) {
	return ({ simulator }: Stage): void => {
		simulator.registeredWebhooks = simulator.registeredWebhooks.map((webhook) => ({
			...webhook,
			triggers: webhook.triggers.filter((other) => other !== trigger),
		}));
	};
}

function answers(resource: "token" | "apps" | "webhooks", status: number, body = "{}") {
	return ({ simulator }: Stage): void => {
		simulator.answers = { [resource]: { status, body } };
	};
}

export const faults: readonly CheckFault<SinchConversationSimulator>[] = [
	{
		name: "the project is not in this region",
		step: "region",
		code: "project_unknown",
		arrange({ service, simulator }) {
			service.serviceConnection = service.serviceConnection.replace(simulator.projectId, "of-another-region");
		},
	},
	{
		name: "the project has its apps in another region",
		step: "region",
		code: "no_app_in_region",
		arrange({ simulator }) {
			simulator.apps = [];
		},
	},
	{
		name: "the app is in another region than Service Connection names",
		step: "region",
		code: "other_region",
		arrange(stage) {
			stage.simulator.region = "us";
			stage.moveProviderTo(stage.simulator.origin.replace("127.0.0.1", "eu.conversation.api.sinch.com"));
		},
	},
	{
		name: "the service has no app",
		step: "credentials",
		code: "incomplete",
		arrange({ service }) {
			service.authentications = service.authentications.filter(
				({ authenticationId }) => authenticationId === "webhook",
			);
		},
	},
	{
		name: "another API answers at Service Connection",
		step: "region",
		code: "not_the_conversation_api",
		arrange: answers("apps", 200, '{"welcome":"to some other API"}'),
	},
	{
		name: "the secret is another key's",
		step: "credentials",
		code: "client_refused",
		arrange(stage) {
			keyOf(stage).secrets = ["the secret of some other key"];
		},
	},
	{
		name: "one of two apps has no key secret",
		step: "credentials",
		code: "key_secret_missing",
		arrange({ service }) {
			service.authentications.push({ authenticationId: "other-key@01EB37HMH1M6SV18ABNS3G135H", secrets: [] });
		},
	},
	{
		name: "Authentication URL leads to no token endpoint",
		step: "credentials",
		code: "no_token_endpoint",
		arrange({ service, simulator }) {
			service.authenticationUrl = `${simulator.origin}/oauth2/authorize`;
		},
	},
	{
		name: "the token endpoint is in trouble",
		step: "credentials",
		code: "token_endpoint_in_trouble",
		arrange: answers("token", 503),
	},
	{
		name: "the token endpoint is asked too often",
		step: "credentials",
		code: "token_endpoint_throttled",
		arrange: answers("token", 429),
	},
	{
		name: "the API does not take the tokens of this endpoint",
		step: "credentials",
		code: "token_refused",
		arrange: answers("token", 200, '{"access_token":"of-some-other-product","expires_in":3599}'),
	},
	{ name: "the API is in trouble", step: "credentials", code: "provider_in_trouble", arrange: answers("apps", 500) },
	{ name: "the API is asked too often", step: "credentials", code: "throttled", arrange: answers("apps", 429) },
	{ name: "the API has moved", step: "credentials", code: "api_elsewhere", arrange: answers("apps", 308) },
	{ name: "a page answers", step: "credentials", code: "not_the_api", arrange: answers("apps", 200, "<html></html>") },
	{
		name: "the key may not use the API",
		step: "scope",
		code: "access_denied",
		arrange({ simulator }) {
			simulator.isKeyDenied = true;
		},
	},
	{
		name: "the app is none of this project",
		step: "sender",
		code: "app_unknown",
		arrange(stage) {
			keyOf(stage).authenticationId = keyOf(stage).authenticationId.replace(/@.*/, "@01EB37HMH1M6SV18ABNS3G135H");
		},
	},
	{
		name: "the app has no channel",
		step: "sender",
		code: "app_without_channel",
		arrange({ simulator }) {
			simulator.apps = [{ id: simulator.appId, channels: [] }];
		},
	},
	{
		name: "a channel of the app does not work",
		step: "sender",
		code: "channel_failing",
		arrange({ simulator }) {
			const channels = [
				{ channel: "SMS", status: "ACTIVE" } as const,
				{ channel: "WHATSAPP", status: "FAILING" } as const,
			];
			simulator.apps = [{ id: simulator.appId, channels }];
		},
	},
	{
		name: "the only channel is not set up yet",
		step: "sender",
		code: "channel_pending",
		arrange({ simulator }) {
			simulator.apps = [{ id: simulator.appId, channels: [{ channel: "WHATSAPP", status: "PENDING" }] }];
		},
	},
	{
		name: "an SMS sender for an app without SMS",
		step: "sender",
		code: "sms_sender_without_sms",
		arrange({ service, simulator }) {
			service.settings["smsSender"] = "12345";
			simulator.apps = [{ id: simulator.appId, channels: [{ channel: "WHATSAPP", status: "ACTIVE" }] }];
		},
	},
	{
		name: "the service has no secret token",
		step: "webhook",
		code: "webhook_secret_missing",
		arrange: (stage) => stage.remove("webhook"),
	},
	{
		name: "the app has no webhook to us",
		step: "webhook",
		code: "webhook_missing",
		arrange: registered({ target: "https://elsewhere.example/hook" }),
	},
	{
		name: "the webhook has a slash too many",
		step: "webhook",
		code: "webhook_address_differs",
		arrange: (stage) => registered({ target: `${stage.webhookUrl}/` })(stage),
	},
	{
		name: "the webhook calls nobody",
		step: "webhook",
		code: "webhook_dismissed",
		arrange: registered({ targetType: "DISMISS" }),
	},
	{ name: "the webhook has no secret", step: "webhook", code: "webhook_unsigned", arrange: registered({ secret: "" }) },
	{
		name: "the webhook has another secret",
		step: "webhook",
		code: "webhook_secret_differs",
		arrange: registered({ secret: "a secret that we were not told" }),
	},
	{
		name: "messages are not asked for",
		step: "webhook",
		code: "trigger_inbound_missing",
		arrange: withoutTrigger("MESSAGE_INBOUND"),
	},
	{
		name: "delivery reports are not asked for",
		step: "webhook",
		code: "trigger_delivery_missing",
		arrange: withoutTrigger("MESSAGE_DELIVERY"),
	},
	{
		name: "webhooks are not shown",
		step: "webhook",
		code: "webhooks_hidden",
		arrange: answers("webhooks", 403),
	},
];

export const notes: readonly CheckFault<SinchConversationSimulator>[] = [
	{
		name: "an app without SMS, and no SMS sender",
		step: "sender",
		code: "ok",
		arrange({ simulator }) {
			const channels = [
				{ channel: "WHATSAPP", status: "ACTIVE" } as const,
				{ channel: "RCS", status: "PENDING" } as const,
			];
			simulator.apps = [{ id: simulator.appId, channels }];
		},
	},
	{
		name: "an SMS sender",
		step: "sender",
		code: "ok",
		arrange({ service }) {
			service.settings["smsSender"] = "12345";
		},
	},
];
