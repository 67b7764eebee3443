// What an administrator enters for a Telegram bot, and what the rest of the connector gets from it. The entries are told
// apart by their Authentication ID: the bot's user name or number, or the literal `webhook`.

import { Type } from "typebox";

import type {
	Addressing,
	AddressingInput,
	AuthenticationRule,
	ConfigProblem,
	ConnectorForm,
	StoredService,
} from "../contract.ts";
import { botName, isNumber, toChatId, tokenShape } from "./addresses.ts";

export const defaultBotApi = "https://api.telegram.org";

export type TelegramBot = {
	/** The Authentication ID: also our address in conversations. */
	name: string;
	token: string | undefined;
};

export type TelegramConfig = {
	/** Without the slash at its end. */
	serviceConnection: string;
	bot: TelegramBot | undefined;
	/** Secrets of the `webhook` entry, the current one first. Empty: every call is refused. */
	webhookSecrets: readonly string[];
	/** Everything that nobody may see, also what a rotation replaces, and the secret part of each token by itself. */
	hidden: readonly string[];
	previewLinks: boolean;
};

const settings = Type.Object(
	{
		previewLinks: Type.Boolean({
			title: "Link previews",
			description: "Lets Telegram show a preview of the first link in a text.",
			default: true,
		}),
	},
	{ additionalProperties: false },
);

const webhookRule: AuthenticationRule = {
	role: "webhook",
	direction: "incoming",
	idLabel: "Entry name",
	secretLabel: "secret_token",
	description:
		"A secret of your choice, the same as secret_token when the webhook is registered. Telegram sends it with every call; without this entry all of them are refused.",
	idPattern: "^webhook$",
	idShape: "the word webhook",
	idExample: "webhook",
	min: 0,
	max: 1,
	isEnteredAtProvider: true,
	normalise: (given) =>
		given !== "webhook" && given.trim().toLowerCase() === "webhook"
			? { authenticationId: "webhook", note: '"webhook" is written in small letters without spaces.' }
			: { authenticationId: given },
};

const botRule: AuthenticationRule = {
	role: "bot",
	direction: "outgoing",
	idLabel: "Bot",
	secretLabel: "Token",
	description:
		"The bot under its user name (without @), or under its number, which is the part of the token before the colon; with the whole token from BotFather. One service is one bot.",
	idPattern: botName.source,
	idShape: "the bot's user name, which ends in bot, or its number",
	idExample: "acme_support_bot",
	min: 1,
	max: 1,
	normalise: mendBot,
};

function mendBot(given: string): { authenticationId: string; note?: string } {
	const trimmed = given.trim();
	const [, number] = tokenShape.exec(trimmed) ?? [];
	if (number !== undefined) {
		const note = "The whole token was entered as Authentication ID; only the number before its colon was kept.";
		return { authenticationId: number, note: `${note} The token belongs into the Password.` };
	}
	const name = trimmed.replace(/^(?:https?:\/\/)?t\.me\//i, "").replace(/^@/, "");
	return name === given
		? { authenticationId: given }
		: { authenticationId: name, note: "The user name is kept without @, spaces and address." };
}

export const form: ConnectorForm = {
	label: "Telegram",
	help: "A Telegram bot through the Bot API. One service is one bot: Telegram's calls do not say which bot they are for.",
	serviceConnection: {
		title: "Service Connection",
		description: "Address of the Bot API, without a token. An own Bot API server has another one.",
		example: defaultBotApi,
		default: defaultBotApi,
	},
	card: { summary: "One Telegram bot", channels: ["telegram"] },
	sampleAddresses: { contact: "7010000001" },
	usesAuthenticationUrl: false,
	authentications: [webhookRule, botRule],
	settings: { ...settings },
	layout: {
		groups: {
			sending: ["previewLinks"],
		},
	},
	webhookSteps: [
		"Write /newbot to @BotFather in Telegram; it asks for a name and a user name and answers with the token.",
		"Keep the token in an authentication that is named after the bot's user name.",
		"Think of a secret of 1 to 256 letters, digits, underscores and hyphens, keep it in an authentication named webhook, and save this service.",
		'Register the webhook once, with your token and your secret in place of the capital words: curl -d url={webhookUrl} -d secret_token=SECRET -d \'allowed_updates=["message","edited_message","callback_query","my_chat_member","message_reaction"]\' https://api.telegram.org/botTOKEN/setWebhook',
		"Telegram calls only https addresses with an IPv4 address and the port 443, 80, 88 or 8443.",
		"For groups, write /setprivacy to @BotFather: with privacy on, the bot sees only commands, replies to it and mentions of it.",
	],
	webhookCalls: [
		{
			purpose: "Updates: messages, edits, reactions, presses of buttons",
			method: "POST",
			url: "{webhookUrl}",
			namedBy: "person",
			headers: [{ name: "X-Telegram-Bot-Api-Secret-Token", value: "The secret_token itself" }],
		},
	],
};

export function check(service: StoredService): readonly ConfigProblem[] {
	const trouble = troubleWithConnection(service.serviceConnection);
	return [
		...(trouble === undefined ? [] : [{ pointer: "/serviceConnection", message: trouble }]),
		...service.authentications.flatMap(({ authenticationId, secrets }, index) => {
			const message = secrets.map((secret) => troubleWithSecret(authenticationId, secret)).find(isTold);
			return message === undefined ? [] : [{ pointer: `/authentications/${index}/password`, message }];
		}),
	];
}

function isTold(message: string | undefined): message is string {
	return message !== undefined;
}

function troubleWithConnection(serviceConnection: string): string | undefined {
	if (serviceConnection === "") {
		return undefined;
	}
	const url = URL.parse(serviceConnection);
	if (url === null || !["https:", "http:"].includes(url.protocol)) {
		return `must be a web address such as ${defaultBotApi}.`;
	}
	if (/\/bot\d|%3a|:/i.test(url.pathname)) {
		return "must not hold the token; it belongs into the authentication of the bot, and the address is seen by everybody.";
	}
	return url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== ""
		? "must have no query, no fragment and no user name; the token belongs into the authentication of the bot."
		: undefined;
}

function troubleWithSecret(authenticationId: string, secret: string): string | undefined {
	if (secret === "") {
		return undefined;
	}
	if (authenticationId === "webhook") {
		return /^[A-Za-z0-9_-]{1,256}$/.test(secret)
			? undefined
			: "must be 1 to 256 letters, digits, underscores and hyphens; Telegram takes no other secret_token.";
	}
	const [, number] = tokenShape.exec(secret) ?? [];
	if (number === undefined) {
		return "must be the whole token as BotFather shows it: a number, a colon and some 35 letters, digits, _ and -.";
	}
	return isNumber(authenticationId) && number !== authenticationId
		? "is the token of another bot; before its colon stands another number than the Authentication ID."
		: undefined;
}

export function parse(service: StoredService): TelegramConfig {
	const entry = service.authentications.find(({ authenticationId }) => botName.test(authenticationId));
	const tokens = setSecrets(entry);
	const webhookSecrets = setSecrets(
		service.authentications.find(({ authenticationId }) => authenticationId === "webhook"),
	);
	return {
		serviceConnection: (service.serviceConnection || defaultBotApi).replace(/\/+$/, ""),
		bot: entry === undefined ? undefined : { name: entry.authenticationId, token: tokens[0] },
		webhookSecrets,
		hidden: [...tokens, ...tokens.flatMap((token) => tokenShape.exec(token)?.[2] ?? []), ...webhookSecrets],
		previewLinks: service.settings["previewLinks"] !== false,
	};
}

function setSecrets(entry: { secrets: readonly string[] } | undefined): readonly string[] {
	return entry?.secrets.filter((secret) => secret !== "") ?? [];
}

export function cannotSend({ bot }: TelegramConfig): string | undefined {
	if (bot === undefined) {
		return "Add an authentication named after the bot's user name, with its token from BotFather.";
	}
	return bot.token === undefined ? "Add the token to the authentication of the bot." : undefined;
}

export function addressing(input: AddressingInput, { bot }: TelegramConfig): Addressing {
	if (input.channel !== undefined && input.channel.toLowerCase() !== "telegram") {
		return { ok: false, field: "channel", message: "A Telegram service sends on the channel telegram only." };
	}
	if (bot === undefined) {
		const message = "This service has no bot; add an authentication named after the bot's user name.";
		return { ok: false, field: "from", message };
	}
	if (!isNameOf(bot, input.from?.trim() ?? "")) {
		const message = `This service is the bot ${bot.name}; leave the sender out, or give that name.`;
		return { ok: false, field: "from", message };
	}
	const contactAddress = toChatId(input.to);
	if (contactAddress === undefined) {
		const message =
			"Give the number of the chat, such as 7010000001; Telegram lets a bot write neither to phone numbers nor to user names.";
		return { ok: false, field: "to", message };
	}
	return { ok: true, channel: "telegram", ourAddress: bot.name, contactAddress };
}

/** Left out, the Authentication ID in any spelling, or the number before the colon of the token. */
function isNameOf({ name, token }: TelegramBot, given: string): boolean {
	const [, number] = tokenShape.exec(token ?? "") ?? [];
	return given === "" || given.replace(/^@/, "").toLowerCase() === name.toLowerCase() || given === number;
}
