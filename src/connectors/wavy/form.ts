// What an administrator enters for a user of Wavy Messaging, the rules about it, and the configuration that comes of it.
// As documented at https://docs.sinch.com/technical-documentation/api-and-integrations/sms-api, checked 2026-11-24.

import { Type } from "typebox";
import { asText } from "../kit/http.ts";
import type { AuthenticationRule, ConfigProblem, ConnectorForm, StoredService, WebhookCall } from "../contract.ts";
import { toWhatsappNumber } from "./addressing.ts";

export type WavyConfig = {
	/** Where the API is, e.g. `https://api-messaging.wavy.global`; undefined when Service Connection cannot be read. */
	origin: string | undefined;
	user: { name: string; token: string | undefined } | undefined;
	/** Every token that is kept, also the one that a rotation replaces: none of them may be shown. */
	tokens: readonly string[];
	shortCode: string | undefined;
	/** E.164. */
	whatsappNumber: string | undefined;
	/** In small letters. */
	subAccount: string | undefined;
	campaignAlias: string | undefined;
	templateNamespace: string | undefined;
};

const defaultServiceConnection = "https://api-messaging.wavy.global";
const visible = /^[\x21-\x7e]+$/; // Both travel as values of headers (RFC 9110 section 5.5).
const knownPath = /^\/(?:v1(?:\/(?:send-sms|whatsapp\/send))?)?\/?$/i;

const user: AuthenticationRule = {
	role: "user",
	direction: "outgoing",
	idLabel: "User name",
	secretLabel: "Authentication token",
	description:
		"A user of Wavy Messaging with its token. It must be a regular user of the sub-account: administrators cannot send.",
	idPattern: "^[\\x21-\\x7e]{1,128}$",
	idShape: "the user name or e-mail address without spaces",
	idExample: "wa_shop_br",
	min: 0,
	max: 1,
	normalise: (authenticationId) => ({ authenticationId: authenticationId.trim() }),
};

function optional(title: string, description: string, example: string, pattern: string) {
	return Type.String({ title, description, pattern: `^(?:${pattern})?$`, examples: [example], default: "" });
}

const settings = Type.Object(
	{
		shortCode: optional(
			"Short code (LA)",
			"The short code that contacts see and answer to. It is the sender of text messages that name none; Wavy itself chooses by the sub-account.",
			"28128",
			"[0-9]{3,8}",
		),
		whatsappNumber: optional(
			"WhatsApp number",
			"The number of the WhatsApp account with country code. It is the sender of WhatsApp messages that name none; when it is set, calls about another number are not taken.",
			"5519900001111",
			"\\+?[0-9]{8,15}",
		),
		subAccount: optional(
			"Sub-account",
			"The name of the sub-account at Wavy. When it is set, text messages of contacts to another sub-account are not taken.",
			"MyShop",
			".{1,100}",
		),
		campaignAlias: optional(
			"Campaign alias",
			"Sent with every message, for the reports of the provider.",
			"support",
			".{1,100}",
		),
		templateNamespace: optional(
			"Template namespace",
			"The namespace of the WhatsApp templates, for templates that are named without one.",
			"11111111_2222_3333_4444_555555555555",
			"[^/\\s]{1,200}",
		),
	},
	{ additionalProperties: false },
);

const entered = { method: "POST", url: "{webhookUrl}", namedBy: "person", headers: [] } as const;
const withHttpUser = "that Wavy calls with the HTTP user, of the address or as Basic authentication";

const webhookCalls: readonly WebhookCall[] = [
	{ purpose: "SMS: sent status (callback) and delivery report", ...entered, proposed: withHttpUser },
	{
		purpose: "SMS: messages of contacts (MO)",
		...entered,
		alsoTaken: ["GET"],
		proposed: `${withHttpUser}; that a GET has the names of the JSON`,
	},
	{ purpose: "WhatsApp: messages and statuses", ...entered, proposed: withHttpUser },
];

export const form: ConnectorForm = {
	label: "Wavy Messaging",
	help: "SMS and WhatsApp through Wavy Messaging, once Movile, now Sinch Latin America: one user of one sub-account for each service.",
	serviceConnection: {
		title: "Service Connection",
		description:
			"Address of the API: its base, or the whole address of a send. The older https://api-messaging.movile.com serves as well.",
		example: "https://api-messaging.wavy.global",
		default: defaultServiceConnection,
	},
	card: { summary: "SMS and WhatsApp of one sub-account at Wavy", channels: ["sms", "whatsapp"] },
	sampleAddresses: { contact: "+5519900001111", ours: "28128" },
	usesAuthenticationUrl: false,
	authentications: [user],
	settings: { ...settings },
	layout: {
		groups: {
			basic: ["shortCode", "whatsappNumber"],
			sending: ["campaignAlias", "templateNamespace"],
			receiving: ["subAccount"],
		},
	},
	webhookSteps: [
		"In Wavy Messaging open the API settings and copy the token of the user; enter both as an authentication.",
		"There enter {webhookUrl} for the sent status (callback) and for the delivery report; it is in force about ten minutes later.",
		"Ask the provider's support to send text messages of contacts (MO) to {webhookUrl} as POST with JSON, and to switch MO on for the short code.",
		"For WhatsApp ask the support to set the same address as webhook of the account.",
		"Wavy signs nothing. Put the HTTP user of this service before the host, https://user:password@host/… — letters and digits only — or have it set as Basic authentication.",
	],
	webhookCalls,
};

type Connection = { origin: string } | { problem: string };

function readConnection(serviceConnection: string): Connection {
	const url = URL.parse(serviceConnection.trim() || defaultServiceConnection);
	if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
		return { problem: `must be a complete web address, for example ${defaultServiceConnection}.` };
	}
	const isPlain = url.search === "" && url.hash === "" && url.username === "" && url.password === "";
	return isPlain && knownPath.test(url.pathname)
		? { origin: url.origin }
		: { problem: `must be ${defaultServiceConnection}, or that and /v1/send-sms or /v1/whatsapp/send.` };
}

export function check(service: StoredService): readonly ConfigProblem[] {
	const connection = readConnection(service.serviceConnection);
	const number = asText(service.settings["whatsappNumber"]);
	return [
		...("problem" in connection ? [{ pointer: "/serviceConnection", message: connection.problem }] : []),
		...(number === undefined || toWhatsappNumber(number) !== undefined
			? []
			: [{ pointer: "/settings/whatsappNumber", message: "must be a number with its country code." }]),
		...service.authentications.flatMap(({ secrets }, index) =>
			secrets.every((secret) => secret === "" || visible.test(secret))
				? []
				: [
						{
							pointer: `/authentications/${index}/password`,
							message: "must be visible ASCII characters only; paste it again without spaces and line breaks.",
						},
					],
		),
	];
}

export function parse(service: StoredService): WavyConfig {
	const connection = readConnection(service.serviceConnection);
	const entry = service.authentications.find(({ authenticationId }) => visible.test(authenticationId));
	const tokens = service.authentications.flatMap(({ secrets }) => secrets).filter((secret) => secret !== "");
	const number = settingOf(service, "whatsappNumber");
	return {
		origin: "problem" in connection ? undefined : connection.origin,
		user:
			entry === undefined
				? undefined
				: { name: entry.authenticationId, token: entry.secrets.find((secret) => visible.test(secret)) },
		tokens,
		shortCode: settingOf(service, "shortCode"),
		whatsappNumber: number === undefined ? undefined : toWhatsappNumber(number),
		subAccount: settingOf(service, "subAccount")?.toLowerCase(),
		campaignAlias: settingOf(service, "campaignAlias"),
		templateNamespace: settingOf(service, "templateNamespace"),
	};
}

function settingOf(service: StoredService, name: string): string | undefined {
	return asText(asText(service.settings[name])?.trim());
}

export function cannotSend(config: WavyConfig): string | undefined {
	if (config.origin === undefined) {
		return `Enter the address of the API in Service Connection, for example ${defaultServiceConnection}.`;
	}
	if (config.user === undefined) {
		return "Add an authentication with the user name at Wavy and its authentication token.";
	}
	return config.user.token === undefined ? "Add the authentication token of the user." : undefined;
}
