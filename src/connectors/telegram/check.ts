// Whether the bot would work: who the token says it is, and where Telegram sends its updates. Two questions that change
// nothing. https://core.telegram.org/bots/api#getme and #getwebhookinfo, checked 2026-11-26.
//   {"ok":true,"result":{"id":8123456789,"is_bot":true,"username":"acme_support_bot",…}}
//   {"ok":true,"result":{"url":"https://…","pending_update_count":0,"last_error_date":…,"last_error_message":"…"}}

import type { CheckStep, CheckStepName, Tools } from "../contract.ts";
import { askInOrder, failed, passed, refusal, toldBy } from "../kit/check-steps.ts";
import { asArray, asObject, asText } from "../kit/http.ts";
import { chatIdOf, isNumber } from "./addresses.ts";
import { callOf, errorOf } from "./bot-api.ts";
import type { Fields } from "./chat.ts";
import type { TelegramConfig } from "./form.ts";
import { waitingOf, webhookTrouble } from "./webhook-errors.ts";

export function check(
	config: TelegramConfig,
	our: { webhookUrl: string },
	tools: Tools,
): Promise<readonly CheckStep[]> {
	return askInOrder([() => whoWeAre(config, tools), () => whereUpdatesGo(config, our.webhookUrl, tools)]);
}

type Asked = { ok: true; result: Fields } | { ok: false; step: CheckStep };

async function ask(config: TelegramConfig, name: string, step: CheckStepName, tools: Tools): Promise<Asked> {
	const { bot, serviceConnection } = config;
	const answer = await tools.http(callOf({ serviceConnection, token: bot?.token ?? "", name }));
	const told = toldBy("Telegram", step, answer);
	if (!told.ok) {
		return told;
	}
	const result = asObject(told.fields["result"]);
	return told.fields["ok"] === true && result !== undefined
		? { ok: true, result }
		: { ok: false, step: refused(told, step, config.hidden) };
}

const takeToken = "Take the present token from BotFather (/mybots, API Token) and enter it as the Password of the bot.";

function refused(told: { status: number; fields: Fields }, step: CheckStepName, hidden: readonly string[]): CheckStep {
	const error = errorOf(told.fields);
	const code = error?.code ?? told.status;
	const description = hidden.reduce((text, secret) => text.replaceAll(secret, "…"), error?.description ?? "");
	if (code === 401) {
		return failed(
			step,
			"token_refused",
			"Telegram refuses the token: it was revoked, or the bot was deleted.",
			takeToken,
		);
	}
	if (code === 404 && error !== undefined) {
		return failed(step, "token_unknown", "Telegram does not know the token.", takeToken);
	}
	return code === 400 && /logged out/i.test(description)
		? failed(
				step,
				"bot_logged_out",
				"The bot was moved to another Bot API server by logOut.",
				"Enter the address of that server as Service Connection, or wait ten minutes and use the bot here again.",
			)
		: refusal("Telegram", step, code, description);
}

async function whoWeAre(config: TelegramConfig, tools: Tools): Promise<readonly CheckStep[]> {
	const asked = await ask(config, "getMe", "credentials", tools);
	if (!asked.ok) {
		return [asked.step];
	}
	const { username } = asked.result;
	const id = chatIdOf(asked.result["id"]) ?? "?";
	const name = config.bot?.name ?? "";
	const told = `Telegram knows the token as the bot @${asText(username) ?? "?"} with the number ${id}.`;
	const known = passed("credentials", told);
	if (isNumber(name) && id !== name) {
		return [known, otherBot("other_bot", `The Authentication ID is the number ${name}, the token's is ${id}.`)];
	}
	if (!isNumber(name) && asText(username)?.toLowerCase() !== name.toLowerCase()) {
		return [known, otherBot("other_user_name", `The Authentication ID is ${name}; the token's bot has another name.`)];
	}
	return [known, passed("sender", `The bot is the one that the Authentication ID ${name} names.`)];
}

function otherBot(code: string, evidence: string): CheckStep {
	return failed("sender", code, evidence, "Enter the token of that bot, or correct the Authentication ID.");
}

async function whereUpdatesGo(config: TelegramConfig, webhookUrl: string, tools: Tools): Promise<readonly CheckStep[]> {
	if (config.webhookSecrets.length === 0) {
		return [
			failed(
				"webhook",
				"webhook_secret_missing",
				"There is no authentication webhook, so every call of Telegram is refused.",
				"Add an authentication named webhook with a secret, and register the webhook with it as secret_token.",
			),
		];
	}
	const asked = await ask(config, "getWebhookInfo", "webhook", tools);
	return [asked.ok ? judgeWebhook(asked.result, webhookUrl, tools.now()) : asked.step];
}

const register = "Register the webhook by setWebhook, as the steps of this service say.";

function judgeWebhook(told: Fields, webhookUrl: string, now: Date): CheckStep {
	const registered = asText(told["url"]);
	if (registered === undefined) {
		return failed("webhook", "webhook_missing", "Telegram has no webhook for the bot; updates wait there.", register);
	}
	return (
		elsewhere(registered, webhookUrl) ??
		unasked(told) ??
		webhookTrouble(told, now) ??
		passed("webhook", `Telegram sends the updates here; ${waitingOf(told)} are waiting. It does not tell the secret.`)
	);
}

/** Of an address that is not ours only the host is shown: many programs put the token into the path. */
function elsewhere(registered: string, webhookUrl: string): CheckStep | undefined {
	const theirs = URL.parse(registered);
	const ours = URL.parse(webhookUrl);
	if (theirs === null || ours === null || theirs.origin !== ours.origin) {
		const evidence = `Telegram sends the updates to another server, ${theirs?.host ?? "which cannot be read"}.`;
		return failed("webhook", "webhook_elsewhere", evidence, `${register} A bot has one webhook only.`);
	}
	if (theirs.pathname === ours.pathname) {
		return undefined;
	}
	return theirs.pathname === ours.pathname.replace(/[^/]+$/, "all")
		? failed(
				"webhook",
				"webhook_for_all",
				"Telegram sends the updates to the address of all services, but they do not say which bot they are for.",
				`${register} Use this service's own address.`,
			)
		: failed("webhook", "webhook_other_path", "Telegram sends the updates to another path of this server.", register);
}

/** A list that is absent or empty means everything that comes by default, messages among it. */
function unasked(told: Fields): CheckStep | undefined {
	const allowed = asArray(told["allowed_updates"]);
	return allowed.length === 0 || allowed.includes("message")
		? undefined
		: failed(
				"webhook",
				"messages_not_allowed",
				"Telegram was told to send no messages: message is not in allowed_updates.",
				`${register} Name message in allowed_updates, or leave that list out.`,
			);
}
