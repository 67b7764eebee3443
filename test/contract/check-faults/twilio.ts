// What can be wrong with a Twilio account, its senders and their webhooks.

import type { CheckStepName } from "#connectors/contract.ts";
import type { TwilioSimulator } from "#simulators/twilio.ts";
import type { CheckFault, CheckStage } from "./stage.ts";

type Stage = CheckStage<TwilioSimulator>;

export const steps: readonly CheckStepName[] = [
	"address",
	"dns",
	"tls",
	"clock",
	"region",
	"credentials",
	"sender",
	"webhook",
	"publicUrl",
];

const elsewhere = "https://another.example/hook";

/** An API key sends, the entry webhook has the auth token. */
function useKey({ service, simulator }: Stage): void {
	const [account] = service.authentications;
	const { sid, secret } = simulator.apiKey;
	service.settings["accountSid"] = account?.authenticationId;
	service.authentications = [
		{ authenticationId: sid, secrets: [secret] },
		{ authenticationId: "webhook", secrets: account?.secrets ?? [] },
	];
}

function useMessagingService({ service, simulator }: Stage): void {
	service.settings["messagingServiceSid"] = simulator.setUp.messagingService.sid;
}

function numberOf({ simulator }: Stage) {
	const [number] = simulator.setUp.numbers;
	if (number === undefined) {
		throw new Error("The simulated account has no number.");
	}
	return number;
}

const ofCredentials: readonly CheckFault<TwilioSimulator>[] = [
	{
		name: "the host is one of Twilio's, but not its API",
		step: "region",
		code: "region_unknown",
		arrange: (stage) => stage.moveProviderTo(stage.simulator.origin.replace("127.0.0.1", "console.twilio.com")),
	},
	{
		name: "the account has no auth token",
		step: "credentials",
		code: "incomplete",
		arrange({ service }) {
			service.authentications = [];
		},
	},
	{
		name: "the auth token is another one",
		step: "credentials",
		code: "credentials_refused",
		arrange({ service }) {
			service.authentications[0]?.secrets.splice(0, 1, "another-auth-token");
		},
	},
	{
		name: "the account is suspended",
		step: "credentials",
		code: "account_suspended",
		arrange({ simulator }) {
			simulator.setUp.status = "suspended";
		},
	},
	{
		name: "the account is closed",
		step: "credentials",
		code: "account_closed",
		arrange({ simulator }) {
			simulator.setUp.status = "closed";
		},
	},
	{
		name: "the API key is another one",
		step: "credentials",
		code: "key_refused",
		arrange(stage) {
			useKey(stage);
			stage.secretsOf(stage.simulator.apiKey.sid).splice(0, 1, "another-key-secret");
		},
	},
	{
		name: "the API key may not read messages",
		step: "scope",
		code: "key_not_permitted",
		arrange(stage) {
			useKey(stage);
			stage.simulator.setUp.keyReads = "nothing";
		},
	},
	{
		name: "the key belongs to another account",
		step: "credentials",
		code: "account_unknown",
		arrange(stage) {
			useKey(stage);
			stage.service.settings["accountSid"] = `AC${"9".repeat(32)}`;
		},
	},
	{
		name: "beside the API key there is no auth token",
		step: "credentials",
		code: "signing_token_missing",
		arrange(stage) {
			useKey(stage);
			stage.remove("webhook");
		},
	},
	{
		name: "the entry webhook has another auth token",
		step: "credentials",
		code: "signing_token_refused",
		arrange(stage) {
			useKey(stage);
			stage.secretsOf("webhook").splice(0, 1, "another-auth-token");
		},
	},
];

const ofSenders: readonly CheckFault<TwilioSimulator>[] = [
	{
		name: "the account has no number",
		step: "sender",
		code: "no_sender",
		arrange({ simulator }) {
			simulator.setUp.numbers = [];
		},
	},
	{
		name: "the number is for calls only",
		step: "sender",
		code: "sender_without_messages",
		arrange(stage) {
			numberOf(stage).canSendMessages = false;
		},
	},
	{
		name: "the Messaging Service is not the account's",
		step: "sender",
		code: "messaging_service_unknown",
		arrange({ service }) {
			service.settings["messagingServiceSid"] = `MG${"9".repeat(32)}`;
		},
	},
	{
		name: "the Messaging Service has no sender",
		step: "sender",
		code: "messaging_service_empty",
		arrange(stage) {
			useMessagingService(stage);
			stage.simulator.setUp.messagingService.senders = [];
		},
	},
];

const ofWebhooks: readonly CheckFault<TwilioSimulator>[] = [
	{
		name: "the number has no webhook",
		step: "webhook",
		code: "webhook_missing",
		arrange(stage) {
			numberOf(stage).smsUrl = "";
		},
	},
	{
		name: "an application of the number leads elsewhere",
		step: "webhook",
		code: "webhook_elsewhere",
		arrange(stage) {
			const sid = `AP${"0".repeat(32)}`;
			numberOf(stage).smsApplicationSid = sid;
			stage.simulator.setUp.applications[sid] = elsewhere;
		},
	},
	{
		name: "the Messaging Service drops what comes in",
		step: "webhook",
		code: "service_webhook_missing",
		arrange(stage) {
			useMessagingService(stage);
			stage.simulator.setUp.messagingService.inboundUrl = null;
		},
	},
	{
		name: "the Messaging Service leads elsewhere",
		step: "webhook",
		code: "service_webhook_elsewhere",
		arrange(stage) {
			useMessagingService(stage);
			stage.simulator.setUp.messagingService.inboundUrl = elsewhere;
		},
	},
	{
		name: "nobody asks for status callbacks",
		step: "webhook",
		code: "status_callback_missing",
		arrange(stage) {
			useMessagingService(stage);
			stage.service.settings["statusCallbacks"] = false;
			stage.simulator.setUp.messagingService.statusCallback = null;
		},
	},
	{
		name: "status callbacks go elsewhere",
		step: "webhook",
		code: "status_callback_elsewhere",
		arrange(stage) {
			useMessagingService(stage);
			stage.service.settings["statusCallbacks"] = false;
			stage.simulator.setUp.messagingService.statusCallback = elsewhere;
		},
	},
];

/** The host answers, but not as Twilio does. */
const ofTheHost: readonly CheckFault<TwilioSimulator>[] = [
	{
		name: "Twilio is in trouble",
		step: "credentials",
		code: "provider_in_trouble",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 503, body: "" } };
		},
	},
	{
		name: "Twilio asks for fewer calls",
		step: "credentials",
		code: "throttled",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 429, body: '{"code":20429}' } };
		},
	},
	{
		name: "a page of a proxy answers",
		step: "credentials",
		code: "not_the_api",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 200, body: "<html>Log on</html>" } };
		},
	},
	{
		name: "the address points to another",
		step: "credentials",
		code: "api_elsewhere",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 301, body: "", headers: { location: elsewhere } } };
		},
	},
];

export const notes: readonly CheckFault<TwilioSimulator>[] = [
	{
		name: "a trial account",
		step: "credentials",
		code: "trial_account",
		arrange({ simulator }) {
			simulator.setUp.type = "Trial";
		},
	},
	{
		name: "the key may read nothing but messages",
		step: "sender",
		code: "senders_not_told",
		arrange(stage) {
			useKey(stage);
			stage.simulator.setUp.keyReads = "messages";
		},
	},
	{
		name: "the webhook is entered without the fragment",
		step: "webhook",
		code: "webhook_without_retries",
		arrange(stage) {
			numberOf(stage).smsUrl = stage.webhookUrl;
		},
	},
	{
		name: "neither we nor a Messaging Service ask for status callbacks",
		step: "webhook",
		code: "no_status_callbacks",
		arrange({ service }) {
			service.settings["statusCallbacks"] = false;
		},
	},
	{
		name: "all is well with a Messaging Service and the address of the whole type",
		step: "webhook",
		code: "ok",
		arrange(stage) {
			useMessagingService(stage);
			stage.service.settings["statusCallbacks"] = false;
			const { messagingService } = stage.simulator.setUp;
			messagingService.inboundUrl = `${stage.webhookUrl.replace(/1$/, "all")}#rc=5&rp=all`;
		},
	},
	{
		name: "a Messaging Service uses the webhook of the number, and a key sends",
		step: "webhook",
		code: "ok",
		arrange(stage) {
			useKey(stage);
			useMessagingService(stage);
			const { messagingService } = stage.simulator.setUp;
			Object.assign(messagingService, { inboundUrl: null, usesWebhookOfNumber: true });
		},
	},
];

export const faults: readonly CheckFault<TwilioSimulator>[] = [
	...ofCredentials,
	...ofSenders,
	...ofWebhooks,
	...ofTheHost,
];
