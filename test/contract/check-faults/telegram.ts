// What can be wrong with a Telegram bot, its token and its webhook.

import type { CheckStepName } from "#connectors/contract.ts";
import type { TelegramSimulator } from "#simulators/telegram.ts";
import type { CheckFault, CheckStage } from "./stage.ts";

export const steps: readonly CheckStepName[] = [
	"address",
	"dns",
	"tls",
	"clock",
	"credentials",
	"sender",
	"webhook",
	"publicUrl",
];

type Stage = CheckStage<TelegramSimulator>;

/** The entry of the bot under another Authentication ID, with the token that it has. */
function renameBot({ service, simulator }: Stage, authenticationId: string): void {
	const bot = service.authentications.find((entry) => entry.authenticationId === simulator.account.ourAddress);
	if (bot === undefined) {
		throw new Error("The service has no bot.");
	}
	bot.authenticationId = authenticationId;
}

const ofToken: readonly CheckFault<TelegramSimulator>[] = [
	{
		name: "the bot has no token",
		step: "credentials",
		code: "incomplete",
		arrange: (stage) => void stage.secretsOf(stage.simulator.account.ourAddress).splice(0),
	},
	{
		name: "the token was revoked",
		step: "credentials",
		code: "token_refused",
		arrange(stage) {
			const secrets = stage.secretsOf(stage.simulator.account.ourAddress);
			secrets.splice(0, 1, `${stage.simulator.me.id}:${"r".repeat(35)}`);
		},
	},
	{
		name: "Telegram does not know the token",
		step: "credentials",
		code: "token_unknown",
		arrange({ simulator }) {
			simulator.refusal = { code: 404, description: "Not Found" };
		},
	},
	{
		name: "the bot was moved to another server",
		step: "credentials",
		code: "bot_logged_out",
		arrange({ simulator }) {
			simulator.refusal = { code: 400, description: "Bad Request: Logged out" };
		},
	},
	{
		name: "the Bot API is ill",
		step: "credentials",
		code: "provider_in_trouble",
		arrange({ simulator }) {
			simulator.refusal = { code: 500, description: "Internal Server Error" };
		},
	},
	{
		name: "the bot is asked too often",
		step: "credentials",
		code: "throttled",
		arrange({ simulator }) {
			const parameters = { retry_after: 5 };
			simulator.refusal = { code: 429, description: "Too Many Requests: retry after 5", parameters };
		},
	},
	{
		name: "the Bot API refuses for a reason that nobody knows",
		step: "credentials",
		code: "refused",
		arrange({ simulator, service }) {
			const token = service.authentications.flatMap(({ secrets }) => secrets)[0] ?? "";
			simulator.refusal = { code: 403, description: `Forbidden: bot${token} is not wanted` };
		},
	},
	{
		name: "something else answers in place of the Bot API",
		step: "credentials",
		code: "not_the_api",
		arrange({ simulator }) {
			simulator.trouble = { answer: { status: 200, body: "<html>It works!</html>" } };
		},
	},
	{
		name: "the token is of a bot with another number",
		step: "sender",
		code: "other_bot",
		arrange: (stage) => renameBot(stage, String(stage.simulator.me.id + 1)),
	},
	{
		name: "the token is of a bot with another name",
		step: "sender",
		code: "other_user_name",
		arrange({ simulator }) {
			simulator.me = { ...simulator.me, username: "another_support_bot" };
		},
	},
];

const ofRegistration: readonly CheckFault<TelegramSimulator>[] = [
	{
		name: "there is no secret for the webhook",
		step: "webhook",
		code: "webhook_secret_missing",
		arrange: (stage) => stage.remove("webhook"),
	},
	{
		name: "no webhook is registered",
		step: "webhook",
		code: "webhook_missing",
		arrange: ({ simulator }) => register(simulator, ""),
	},
	{
		name: "the webhook is another program's",
		step: "webhook",
		code: "webhook_elsewhere",
		arrange(stage) {
			const [token = ""] = stage.secretsOf(stage.simulator.account.ourAddress);
			register(stage.simulator, `https://another.example/${token}`);
		},
	},
	{
		name: "the webhook is that of another service",
		step: "webhook",
		code: "webhook_other_path",
		arrange: ({ simulator, webhookUrl }) => register(simulator, `${webhookUrl}2`),
	},
	{
		name: "the webhook is that of the whole type",
		step: "webhook",
		code: "webhook_for_all",
		arrange: ({ simulator, webhookUrl }) => register(simulator, webhookUrl.replace(/[^/]+$/, "all")),
	},
	{
		name: "Telegram sends no messages",
		step: "webhook",
		code: "messages_not_allowed",
		arrange({ simulator }) {
			simulator.registration = { ...simulator.registration, allowedUpdates: ["callback_query"] };
		},
	},
	{
		name: "updates wait, and nobody knows why",
		step: "webhook",
		code: "updates_waiting",
		arrange({ simulator }) {
			simulator.registration = { ...simulator.registration, pending: 101 };
		},
	},
];

function register(simulator: TelegramSimulator, url: string): void {
	simulator.registration = { ...simulator.registration, url };
}

/** In the words of Telegram's server. */
const errors: readonly (readonly [words: string, code: string])[] = [
	["Wrong response from the webhook: 401 Unauthorized", "webhook_secret_refused"],
	["Wrong response from the webhook: 403 Forbidden", "webhook_forbidden"],
	["Wrong response from the webhook: 404 Not Found", "webhook_not_found"],
	["Wrong response from the webhook: 410 Gone", "webhook_gone"],
	["Wrong response from the webhook: 302 Moved Temporarily", "webhook_redirected"],
	["Wrong response from the webhook: 502 Bad Gateway", "webhook_in_trouble"],
	["Wrong response from the webhook: 418 I'm a teapot", "webhook_answer_strange"],
	["SSL error {error:0A000086:SSL routines::certificate verify failed}", "webhook_certificate"],
	["Failed to resolve host: Name or service not known", "webhook_host_unknown"],
	["IP address 10.0.0.1 is reserved", "webhook_address_unfit"],
	["Connection timed out", "webhook_timeout"],
	["Connection refused", "webhook_unreachable"],
	["Something new", "webhook_failing"],
];

const ofDelivery = errors.map(([message, code]): CheckFault<TelegramSimulator> => ({
	name: `an update waits since “${message}”`,
	step: "webhook",
	code,
	arrange({ simulator }) {
		const lastError = { at: new Date(0), message };
		simulator.registration = { ...simulator.registration, pending: 1, lastError };
	},
}));

export const faults: readonly CheckFault<TelegramSimulator>[] = [...ofToken, ...ofRegistration, ...ofDelivery];
