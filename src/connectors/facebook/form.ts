// What an administrator enters for a Facebook service, and what the rest of the connector gets from it. The entries
// are told apart by their Authentication ID: a Page ID, the literal `webhook` or the literal `verify`.

import { Type } from "typebox";

import type {
	Addressing,
	AddressingInput,
	AuthenticationRule,
	ConfigProblem,
	ConnectorForm,
	StoredService,
} from "../contract.ts";
import {
	appSecretRule,
	defaultGraphApi,
	graphApiOf,
	metaCalls,
	metaProblems,
	secretsOf,
	verifyTokenRule,
	withoutSpaces,
} from "../kit/meta-form.ts";

/** A page of ours. Without a token it is known (its events come in) but cannot send. */
export type FacebookPage = { pageId: string; token: string | undefined };

export type FacebookConfig = {
	/** Without the slash at its end. */
	serviceConnection: string;
	pages: readonly FacebookPage[];
	/** Secrets of the `webhook` entry, the current one first. Empty: every webhook call is refused. */
	appSecrets: readonly string[];
	/** Secrets of the `verify` entry, the current one first. */
	verifyTokens: readonly string[];
	humanAgentTag: boolean;
};

const settings = Type.Object(
	{
		humanAgentTag: Type.Boolean({
			title: "Human Agent tag",
			description:
				"Lets people answer until 7 days after the contact last wrote, instead of 24 hours. Switch it on only when Meta has approved the feature Human Agent for the app, and only for a service whose answers are written by people.",
			default: false,
		}),
	},
	{ additionalProperties: false },
);

const pageRule: AuthenticationRule = {
	role: "page",
	direction: "outgoing",
	idLabel: "Page ID",
	secretLabel: "Page Access Token",
	description: "One entry for each Facebook page, with the access token of that page (permission pages_messaging).",
	idPattern: "^[0-9]{1,32}$",
	idShape: "the digits of the Page ID",
	idExample: "104857600000001",
	min: 1,
	max: 1000, // Far above any known installation; keeps the form and the look-up bounded.
	normalise: (authenticationId) => withoutSpaces("Page ID", authenticationId),
};

export const form: ConnectorForm = {
	label: "Facebook Messenger",
	help: "Messages of Facebook pages through the Messenger Platform. One service holds all pages of one Meta app.",
	serviceConnection: {
		title: "Service Connection",
		description: "Address of the Graph API with its version. Each version ends about two years after its release.",
		example: defaultGraphApi,
		default: defaultGraphApi,
	},
	card: { summary: "Messages of Facebook pages", channels: ["messenger"] },
	sampleAddresses: { contact: "7000000000000001" },
	usesAuthenticationUrl: false,
	authentications: [appSecretRule, verifyTokenRule, pageRule],
	settings: { ...settings },
	layout: {
		groups: {
			sending: ["humanAgentTag"],
		},
	},
	webhookSteps: [
		"Copy the App Secret from App settings > Basic of the Meta app into an authentication named webhook.",
		"Think of a verify token and keep it in an authentication named verify; save this service.",
		"In the Meta app, open Messenger > Settings > Webhooks, enter {webhookUrl} as Callback URL and the same verify token.",
		"Subscribe to messages, message_echoes, message_edits, message_reactions, message_deliveries, message_reads and messaging_postbacks; echoes let Parley learn what became of a message whose answer was lost.",
		"Add each page to the app and give it the same subscriptions.",
		"Generate an access token for each page and keep it in an authentication named after its Page ID.",
	],
	webhookCalls: metaCalls("Messages, echoes, reactions and receipts"),
};

export function check(service: StoredService): readonly ConfigProblem[] {
	return metaProblems(service, "page");
}

export function parse(service: StoredService): FacebookConfig {
	const pages = service.authentications.filter((entry) => /^[0-9]{1,32}$/.test(entry.authenticationId));
	return {
		serviceConnection: graphApiOf(service),
		pages: pages.map((entry) => ({
			pageId: entry.authenticationId,
			token: entry.secrets.find((secret) => secret !== ""),
		})),
		appSecrets: secretsOf(service, "webhook"),
		verifyTokens: secretsOf(service, "verify"),
		humanAgentTag: hasHumanAgentTag(service.settings),
	};
}

export function hasHumanAgentTag(settings: StoredService["settings"]): boolean {
	return settings["humanAgentTag"] === true;
}

export function cannotSend(config: FacebookConfig): string | undefined {
	if (config.pages.length === 0) {
		return "Add an authentication named after the Page ID with its page access token.";
	}
	return config.pages.every((page) => page.token === undefined)
		? "Add the page access token to the authentication of the page."
		: undefined;
}

/** A Messenger user id means something within one page only, so the page is the contact's scope. */
export function addressing(input: AddressingInput, config: FacebookConfig): Addressing {
	if (input.channel !== undefined && input.channel.toLowerCase() !== "messenger") {
		return { ok: false, field: "channel", message: "A Facebook service sends on the channel messenger only." };
	}
	const page = pageFor(input.from?.trim(), config);
	if (!page.ok) {
		return { ok: false, field: "from", message: page.message };
	}
	const contactAddress = input.to.trim();
	if (!/^(?:user_ref:)?[A-Za-z0-9_.-]{1,100}$/.test(contactAddress)) {
		return { ok: false, field: "to", message: "Give the contact's page-scoped Messenger user id (PSID)." };
	}
	return { ok: true, channel: "messenger", ourAddress: page.pageId, contactAddress, scope: page.pageId };
}

type PageChoice = { ok: true; pageId: string } | { ok: false; message: string };

function pageFor(from: string | undefined, config: FacebookConfig): PageChoice {
	const [first, ...others] = config.pages;
	if (from !== undefined && from !== "") {
		const named = config.pages.find((page) => page.pageId === from);
		return named === undefined
			? { ok: false, message: "No page of this service has this Page ID; add it as an authentication or give another." }
			: { ok: true, pageId: named.pageId };
	}
	if (first === undefined) {
		return { ok: false, message: "This service has no page; add an authentication named after the Page ID." };
	}
	return others.length === 0
		? { ok: true, pageId: first.pageId }
		: { ok: false, message: "This service has several pages; give the Page ID of the one that sends." };
}
