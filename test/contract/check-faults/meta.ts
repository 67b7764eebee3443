// What can be wrong with any product of Meta: the host, the token, the App Secret, the app's webhook.

import type { MetaSetUp } from "#simulators/meta-app.ts";
import type { Simulator } from "#simulators/simulator.ts";
import type { CheckFault } from "./stage.ts";

export type MetaSimulator = Simulator & { readonly setUp: MetaSetUp };

const elsewhere = "https://another.example/hook";

/** A refusal of every call with the sender's token. */
function tokenFault(name: string, code: string, number: number, subcode?: number): CheckFault<MetaSimulator> {
	return {
		name,
		step: "credentials",
		code,
		arrange({ simulator }) {
			const told = { status: 400, code: number, message: `Refused: ${simulator.account.authentications[0]?.password}` };
			simulator.setUp.tokenTrouble = subcode === undefined ? told : { ...told, subcode };
		},
	};
}

const ofTokens: readonly CheckFault<MetaSimulator>[] = [
	{
		name: "the token was copied badly",
		step: "credentials",
		code: "token_invalid",
		arrange(stage) {
			const token = stage.secretsOf(stage.simulator.account.ourAddress);
			token.splice(0, 1, `${token[0]}x`);
		},
	},
	tokenFault("the token has expired", "token_expired", 190, 463),
	tokenFault("a password was changed", "token_password_changed", 190, 460),
	tokenFault("the app was removed", "app_removed", 190, 458),
	tokenFault("somebody must log on first", "token_checkpoint", 190, 459),
	tokenFault("somebody is not confirmed", "token_user_unconfirmed", 190, 464),
	tokenFault("somebody lost the role", "token_role_lost", 190, 492),
	tokenFault("a rate limit is used up", "throttled", 4),
	tokenFault("the account is blocked", "blocked_by_policy", 368),
	{
		name: "the sender has no token",
		step: "credentials",
		code: "incomplete",
		arrange(stage) {
			stage.secretsOf(stage.simulator.account.ourAddress).length = 0;
		},
	},
	{
		name: "the permission for sending is missing",
		step: "scope",
		code: "permission_missing",
		arrange({ simulator }) {
			simulator.setUp.scopes = ["public_profile"];
		},
	},
];

const ofTheApp: readonly CheckFault<MetaSimulator>[] = [
	{
		name: "the App Secret is another one",
		step: "credentials",
		code: "app_secret_wrong",
		arrange(stage) {
			stage.secretsOf("webhook").splice(0, 1, "another-app-secret");
		},
	},
	{
		name: "there is no App Secret",
		step: "credentials",
		code: "app_secret_missing",
		arrange: (stage) => stage.remove("webhook"),
	},
	{
		name: "the app has no webhook",
		step: "webhook",
		code: "webhook_not_registered",
		arrange({ simulator }) {
			simulator.setUp.webhooks = [];
		},
	},
	{
		name: "the webhook leads elsewhere",
		step: "webhook",
		code: "webhook_elsewhere",
		arrange: ({ simulator }) => spoilWebhook(simulator, { callbackUrl: elsewhere }),
	},
	{
		name: "Meta switched the webhook off",
		step: "webhook",
		code: "webhook_inactive",
		arrange: ({ simulator }) => spoilWebhook(simulator, { active: false }),
	},
	{
		name: "the webhook brings no messages",
		step: "webhook",
		code: "webhook_fields_missing",
		arrange: ({ simulator }) => spoilWebhook(simulator, { fields: ["feed"] }),
	},
];

function spoilWebhook({ setUp }: MetaSimulator, changes: Partial<MetaSetUp["webhooks"][number]>): void {
	setUp.webhooks = setUp.webhooks.map((webhook) => ({ ...webhook, ...changes }));
}

/** The host answers, but not as the Graph API does. */
const ofTheHost: readonly CheckFault<MetaSimulator>[] = [
	{
		name: "the version has ended",
		step: "credentials",
		code: "version_unknown",
		arrange({ service }) {
			service.serviceConnection = service.serviceConnection.replace(/v\d+\.0/, "v3.0");
		},
	},
	{
		name: "Meta is in trouble",
		step: "credentials",
		code: "provider_in_trouble",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 503, body: "" } };
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
			simulator.trouble = { answer: { status: 302, body: "", headers: { location: elsewhere } } };
		},
	},
];

export const metaFaults = [...ofTokens, ...ofTheApp, ...ofTheHost];

const daySeconds = 24 * 3600;
const nowSeconds = () => Math.floor(Date.now() / 1000);

export const metaNotes: readonly CheckFault<MetaSimulator>[] = [
	{
		name: "the token expires in three days",
		step: "scope",
		code: "token_expires_soon",
		arrange({ simulator }) {
			simulator.setUp.tokenExpiresAt = nowSeconds() + 3 * daySeconds;
		},
	},
	{
		name: "the token expires in a month",
		step: "scope",
		code: "ok",
		arrange({ simulator }) {
			simulator.setUp.tokenExpiresAt = nowSeconds() + 30 * daySeconds;
		},
	},
	{
		name: "the webhook is that of the whole type",
		step: "webhook",
		code: "ok",
		arrange: (stage) => spoilWebhook(stage.simulator, { callbackUrl: stage.webhookUrl.replace(/1$/, "all") }),
	},
];
