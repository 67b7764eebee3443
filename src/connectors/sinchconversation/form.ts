// What an administrator enters for a Sinch Conversation service, and what the rest of the connector gets from it. One
// service holds the apps of one project in one region, and one webhook secret that all of these apps share.

import { Type } from "typebox";

import type { AuthenticationRule, ConfigProblem, ConnectorForm, StoredService } from "../contract.ts";
import { sinchSignatureHeaders } from "../kit/sinch-signature.ts";
import { channels } from "./addresses.ts";

/** An app that sends with an access key. Without the key's secret it receives, but cannot send. */
export type SinchApp = { appId: string; keyId: string; keySecret: string | undefined };

export type ProcessingMode = "CONVERSATION" | "DISPATCH";

export type SinchConversationConfig = {
	sendUrl: string;
	/** The project named in the send URL; undefined when there is none to be read. */
	projectId: string | undefined;
	tokenUrl: string;
	apps: readonly SinchApp[];
	/** Secrets of the `webhook` entry, the current one first. Empty: every callback is refused. */
	webhookSecrets: readonly string[];
	smsSender: string | undefined;
	processingMode: ProcessingMode;
};

export const tokenHost = "auth.sinch.com";
export const regions = ["us", "eu", "br"] as const;
export const regionHosts = regions.map((region) => `${region}.conversation.api.sinch.com`);
const defaultTokenUrl = `https://${tokenHost}/oauth2/token`;
const sendUrlShape = "https://eu.conversation.api.sinch.com/v1/projects/<project ID>/messages:send";
/** Anything but a space, an @ and a colon, which HTTP Basic (RFC 7617 section 2) forbids in a user name. */
const entryPattern = "^[^@:\\s]{1,200}@[A-Z0-9_-]{1,64}$";

const settings = Type.Object(
	{
		smsSender: Type.String({
			title: "SMS sender",
			description:
				"The number or name that SMS messages come from, when Sinch has set up several for the app. Empty: Sinch chooses.",
			maxLength: 1024, // The provider's limit for a channel property.
			default: "",
		}),
		processingMode: Type.Union([Type.Literal("DISPATCH"), Type.Literal("CONVERSATION")], {
			title: "Processing mode",
			description:
				"DISPATCH: each message is sent without a contact and a conversation being kept at Sinch, whatever the app's own mode is. CONVERSATION: the app's own mode applies.",
			default: "DISPATCH",
		}),
	},
	{ additionalProperties: false },
);

const webhookRule: AuthenticationRule = {
	role: "webhook",
	direction: "incoming",
	idLabel: "Entry name",
	secretLabel: "Secret token",
	description:
		"The secret token of the webhooks, the same in all apps of this service. Every callback must be signed with it; without this entry all of them are refused.",
	idPattern: "^webhook$",
	idShape: "the word webhook",
	idExample: "webhook",
	min: 1,
	max: 1,
	isEnteredAtProvider: true,
	normalise: (given) =>
		given !== "webhook" && given.trim().toLowerCase() === "webhook"
			? { authenticationId: "webhook", note: '"webhook" is written in small letters without spaces.' }
			: { authenticationId: given },
};

const appRule: AuthenticationRule = {
	role: "app",
	direction: "outgoing",
	idLabel: "[Key ID]@[App ID]",
	secretLabel: "Key Secret",
	description:
		"One entry for each app: the Key ID of an access key, @, and the App ID in capital letters. The secret is the one of the access key.",
	idPattern: entryPattern,
	idShape: "the Key ID, an @ and the App ID",
	idExample: "7d1b6f0c-2f5e-4c1a-9a55-0d7f5b8f2f10@01EB37HMH1M6SV18ABNS3G135H",
	idParts: {
		parts: [
			{ key: "keyId", label: "Key ID", example: "7d1b6f0c-2f5e-4c1a-9a55-0d7f5b8f2f10", pattern: "^[^@:\\s]{1,200}$" },
			{
				key: "appId",
				label: "App ID",
				example: "01EB37HMH1M6SV18ABNS3G135H",
				pattern: "^[A-Za-z0-9_-]{1,64}$",
				transform: "upperCase",
			},
		],
		joinedBy: "@",
	},
	min: 1,
	max: 100, // Far above any known project; keeps the form and the look-up bounded.
	normalise: inCapitals,
};

export const form: ConnectorForm = {
	label: "Sinch Conversation API",
	help: "SMS, WhatsApp, RCS, Messenger, Viber and other channels through the apps of one Sinch project. Apps in another region need a service of their own.",
	serviceConnection: {
		title: "Service Connection",
		description: "The complete send URL, with the region of the apps (us, eu or br) and the project ID.",
		example: "https://eu.conversation.api.sinch.com/v1/projects/c36f3d3d-1523-4edd-ae42-11995557ff61/messages:send",
	},
	card: {
		summary: "Many channels through the apps of one Sinch project",
		channels: channels.map(({ channel }) => channel),
	},
	sampleAddresses: { contact: "+447700900123", channel: "sms" },
	usesAuthenticationUrl: true,
	authentications: [webhookRule, appRule],
	settings: { ...settings },
	layout: {
		groups: {
			sending: ["smsSender", "processingMode"],
		},
		choices: {
			processingMode: {
				DISPATCH: "Dispatch: nothing is kept at Sinch",
				CONVERSATION: "As the app is set up at Sinch",
			},
		},
	},
	webhookSteps: [
		"In the Sinch dashboard, create an access key (Settings > Access keys) and keep its Key ID and secret; the secret is shown only once.",
		"Open Conversation API > Apps and add an authentication [Key ID]@[App ID] with the key secret here for each app.",
		"Choose one secret token and keep it here in an authentication named webhook; save this service.",
		"In each app add a webhook: target type HTTP, target {webhookUrl}, and the same secret token.",
		"Choose the triggers MESSAGE_INBOUND, MESSAGE_DELIVERY, EVENT_INBOUND, OPT_IN, OPT_OUT and UNSUPPORTED; others are welcome and kept in the trace.",
	],
	webhookCalls: [
		{
			purpose: "Messages, delivery reports and other events",
			method: "POST",
			url: "{webhookUrl}",
			namedBy: "person",
			headers: sinchSignatureHeaders,
		},
	],
};

function inCapitals(given: string): { authenticationId: string; note?: string } {
	const at = given.lastIndexOf("@");
	const authenticationId = at < 0 ? given : given.slice(0, at) + given.slice(at).toUpperCase();
	return authenticationId === given
		? { authenticationId }
		: { authenticationId, note: "The App ID was put into capital letters." };
}

/** Rules that counts and patterns cannot say. */
export function check(service: StoredService): readonly ConfigProblem[] {
	const found = [
		{ pointer: "/serviceConnection", message: troubleWithConnection(service.serviceConnection) },
		{ pointer: "/authenticationUrl", message: troubleWithTokenUrl(service.authenticationUrl ?? "") },
		{
			pointer: "/authenticationScope",
			message: (service.authenticationScope ?? "") === "" ? undefined : "must stay empty; Sinch knows no scopes.",
		},
		...troubleWithEntries(service),
	];
	return found.flatMap(({ pointer, message }) => (message === undefined ? [] : [{ pointer, message }]));
}

function troubleWithConnection(serviceConnection: string): string | undefined {
	if (serviceConnection === "") {
		return undefined; // A draft, which says itself that it cannot send.
	}
	const url = webAddress(serviceConnection);
	if (url === undefined || projectOf(url.pathname) === undefined) {
		return `must be the complete send URL, such as ${sendUrlShape}.`;
	}
	if (url.hostname.endsWith(".sinch.com") && url.protocol !== "https:") {
		return "must begin with https://.";
	}
	const isSinch = url.hostname.endsWith("conversation.api.sinch.com");
	return isSinch && regionOf(serviceConnection) === undefined
		? "must name the region of the apps: us, eu or br before .conversation.api.sinch.com."
		: undefined;
}

/** The region that a send URL names; undefined: it leads to no host of Sinch's, but to a proxy perhaps. */
export function regionOf(sendUrl: string): (typeof regions)[number] | undefined {
	return regions[regionHosts.indexOf(webAddress(sendUrl)?.hostname ?? "")];
}

function troubleWithTokenUrl(authenticationUrl: string): string | undefined {
	return authenticationUrl === "" || webAddress(authenticationUrl) !== undefined
		? undefined
		: `must be a web address such as ${defaultTokenUrl}, or stay empty.`;
}

/** A URL for our requests: no query, no fragment, and no credentials, which would end up in logs. */
function webAddress(text: string): URL | undefined {
	const url = URL.parse(text);
	const isPlain = url !== null && url.search + url.hash + url.username + url.password === "";
	return isPlain && ["https:", "http:"].includes(url.protocol) ? url : undefined;
}

function projectOf(pathname: string): string | undefined {
	return /\/v1\/projects\/([A-Za-z0-9_-]{1,100})\/messages:send$/.exec(pathname)?.[1];
}

function troubleWithEntries(service: StoredService): readonly { pointer: string; message: string | undefined }[] {
	const appIds = service.authentications.map((entry) => toApp(entry.authenticationId)?.appId);
	return service.authentications.flatMap((entry, index) => [
		{
			pointer: `/authentications/${index}/authenticationId`,
			message:
				appIds[index] !== undefined && appIds.indexOf(appIds[index]) < index
					? "names an App ID that another entry has already; each app has one entry."
					: undefined,
		},
		{
			pointer: `/authentications/${index}/password`,
			message: entry.secrets.some((secret) => secret !== secret.trim())
				? "must not begin or end with a space; paste it again."
				: undefined,
		},
	]);
}

export function parse(service: StoredService): SinchConversationConfig {
	const webhook = service.authentications.find((entry) => entry.authenticationId === "webhook");
	const mode = service.settings["processingMode"];
	const smsSender = service.settings["smsSender"];
	return {
		sendUrl: service.serviceConnection,
		projectId: projectOf(webAddress(service.serviceConnection)?.pathname ?? ""),
		tokenUrl:
			service.authenticationUrl === null || service.authenticationUrl === ""
				? defaultTokenUrl
				: service.authenticationUrl,
		apps: service.authentications.flatMap((entry) => {
			const app = toApp(entry.authenticationId);
			return app === undefined ? [] : [{ ...app, keySecret: entry.secrets.find(isSet) }];
		}),
		webhookSecrets: webhook?.secrets.filter(isSet) ?? [],
		smsSender: typeof smsSender === "string" && isSet(smsSender) ? smsSender : undefined,
		processingMode: mode === "CONVERSATION" ? "CONVERSATION" : "DISPATCH",
	};
}

function toApp(authenticationId: string): { appId: string; keyId: string } | undefined {
	const { authenticationId: inShape } = inCapitals(authenticationId);
	if (!new RegExp(entryPattern, "u").test(inShape)) {
		return undefined;
	}
	const at = inShape.lastIndexOf("@");
	return { keyId: inShape.slice(0, at), appId: inShape.slice(at + 1) };
}

function isSet(secret: string): boolean {
	return secret !== "";
}

export function cannotSend(config: SinchConversationConfig): string | undefined {
	if (config.apps.length === 0) {
		return "Add an authentication [Key ID]@[App ID] with its key secret.";
	}
	if (config.apps.every((app) => app.keySecret === undefined)) {
		return "Add the key secret to the authentication [Key ID]@[App ID].";
	}
	return config.projectId === undefined ? "Add the complete send URL as Service Connection." : undefined;
}
