// What an administrator enters for a technical user or a bot of Microsoft Teams, the rules about it, and the configuration
// that comes of it. README.md has the sources.

import { type Static, Type } from "typebox";
import type { AuthenticationRule, ConfigProblem, ConnectorForm, StoredService, WebhookCall } from "../contract.ts";
import type { TokenClient } from "../kit/oauth2.ts";
import { guidPattern, type Place, placeOf } from "./addresses.ts";
import { type Certificate, type CertificateProblem, readCertificate } from "./certificate.ts";
import { stateOf, type TeamsState } from "./state.ts";
import { layout } from "./layout.ts";

/** What is subscribed to: all chats of the technical user, or one chat or channel. */
export type Target = { kind: "everyChat" } | Exclude<Place, { kind: "person" }>;
type Entry = { id: string; secrets: readonly string[] };

export type TeamsConfig = {
	mode: Settings["mode"];
	/** Service Connection without the slash at its end; undefined: it cannot be read. */
	base: string | undefined;
	/** Directory id, when the setting is one. */
	tenantId: string | undefined;
	tokenUrl: string;
	scope: string;
	/** OpenID metadata of who signs what comes in. */
	metadataUrl: string;
	application: Entry | undefined;
	/** Mode graph only. */
	user: Entry | undefined;
	/** The technical user's e-mail address, or the id of the application. */
	ourAddress: string | undefined;
	clientStates: readonly string[];
	certificates: readonly Certificate[];
	certificateProblem: CertificateProblem | undefined;
	targets: readonly Target[];
	/** Of the last round of upkeep. */
	state: TeamsState;
	/** Never to be quoted. */
	hidden: readonly string[];
};

const usual = {
	graph: { connection: "https://graph.microsoft.com/v1.0", scope: "https://graph.microsoft.com/.default" },
	bot: { connection: "https://smba.trafficmanager.net/emea", scope: "https://api.botframework.com/.default" },
} as const;
const identityHost = "https://login.microsoftonline.com";
const botMetadata = "https://login.botframework.com/v1/.well-known/openidconfiguration";

function optional(title: string, description: string, example: string, pattern: string) {
	return Type.String({ title, description, pattern, maxLength: 2048, examples: [example], default: "" });
}

const settingsSchema = Type.Object(
	{
		mode: Type.Unsafe<"graph" | "bot">(
			Type.Union([Type.Literal("graph"), Type.Literal("bot")], {
				title: "Interface",
				description:
					"graph: Microsoft Graph, as a technical user who is a licensed person to Teams. bot: Bot Framework, as an Azure Bot.",
				default: "graph",
			}),
		),
		tenant: optional(
			"Tenant",
			"Directory (tenant) ID of Microsoft Entra, or a domain of it. With an ID, what comes from another tenant is not taken.",
			"84bd8158-6d4d-4958-8b9f-9d6445542f95",
			"^[A-Za-z0-9.-]{0,100}$",
		),
		subscribeTo: optional(
			"Subscribe to",
			"Mode graph: where messages are taken from, separated by spaces: chats for every chat of the technical user, the id of a chat, or team id/channel id. Empty: chats.",
			"chats",
			"^[^\\u0000-\\u001f]*$",
		),
		openIdMetadata: optional(
			"OpenID metadata",
			"Where Microsoft tells the public keys under which it signs what comes in. Empty: the usual address. Another one in national clouds only: whoever answers there can speak for Microsoft.",
			"https://login.microsoftonline.com/common/.well-known/openid-configuration",
			"^(?:https?://\\S+)?$",
		),
	},
	{ additionalProperties: false },
);
type Settings = Static<typeof settingsSchema>;

const application: AuthenticationRule = {
	role: "application",
	direction: "outgoing",
	idLabel: "Application (client) ID",
	secretLabel: "Client secret",
	description:
		"The app registration in Microsoft Entra. A public client has no secret: leave the Password empty then. A bot needs one.",
	idPattern: guidPattern,
	idShape: "the application (client) ID",
	idExample: "8e460676-ae3f-4b1e-8790-ee0fb5d6148f",
	min: 0,
	max: 1,
	normalise: (authenticationId) => ({ authenticationId: authenticationId.trim().toLowerCase() }),
};

const user: AuthenticationRule = {
	role: "user",
	direction: "outgoing",
	idLabel: "User name of the technical user",
	secretLabel: "Password",
	description: "Mode graph: the person as whom Parley writes, by e-mail address. Without multi-factor authentication.",
	idPattern: "^[^\\s@/,;:]{1,64}@[A-Za-z0-9.-]{1,190}$",
	idShape: "an e-mail address",
	idExample: "service.desk@example.com",
	min: 0,
	max: 1,
	normalise: (authenticationId) => ({ authenticationId: authenticationId.trim().toLowerCase() }),
};

const webhook: AuthenticationRule = {
	role: "webhook",
	direction: "incoming",
	idLabel: "webhook",
	secretLabel: "Client state",
	description:
		"Mode graph: a text of your choice of at most 128 characters that Microsoft repeats in each notification (clientState).",
	idPattern: "^webhook$",
	idShape: "the literal webhook",
	idExample: "webhook",
	min: 0,
	max: 1,
};

const certificate: AuthenticationRule = {
	role: "certificate",
	direction: "incoming",
	idLabel: "certificate",
	secretLabel: "Private key and certificate",
	description:
		"Mode graph: a PEM text with an RSA private key and its certificate. Microsoft encrypts messages with it; without one it only tells that there are some, and Parley fetches them.",
	idPattern: "^certificate$",
	idShape: "the literal certificate",
	idExample: "certificate",
	min: 0,
	max: 1,
};

const webhookCalls: readonly WebhookCall[] = [
	{
		purpose: "Question while Parley subscribes",
		method: "POST",
		url: "{webhookUrl}?validationToken=…",
		namedBy: "subscription",
		headers: [],
		when: { mode: ["graph"] },
	},
	{
		purpose: "Notifications of messages, and events of the subscriptions",
		method: "POST",
		url: "{webhookUrl}",
		namedBy: "subscription",
		headers: [],
		otherProof: "the client state of each item and, with content, tokens that Microsoft signed, in the body",
		when: { mode: ["graph"] },
	},
	{
		purpose: "Activities: messages and everything else that happens to the bot",
		method: "POST",
		url: "{webhookUrl}",
		namedBy: "person",
		headers: [{ name: "Authorization", value: "Bearer and a token that the Bot Framework signed for the application" }],
		when: { mode: ["bot"] },
	},
];

export const form: ConnectorForm = {
	label: "Microsoft Teams",
	help: "Chats and channels of Microsoft Teams: as a technical user through Microsoft Graph, or as a bot through the Bot Framework.",
	serviceConnection: {
		title: "Service Connection",
		description: `Address of Microsoft Graph with its version, or in the mode bot the address of the Bot Connector for your region, such as ${usual.bot.connection}.`,
		example: usual.graph.connection,
		default: usual.graph.connection,
	},
	card: { summary: "Chats and channels of Microsoft Teams", channels: ["teams"] },
	sampleAddresses: { contact: "kim@example.com" },
	usesAuthenticationUrl: true,
	authentications: [webhook, certificate, application, user],
	settings: { ...settingsSchema },
	layout,
	webhookSteps: [
		"In Microsoft Entra, register an application and enter its application (client) ID here, with a client secret unless it is a public client. Enter the directory (tenant) ID in the setting Tenant.",
		"Authentication URL is the token endpoint, https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token; empty: made of the setting Tenant. Authentication Scope, empty: everything that was consented to.",
		"Mode graph: give the application the delegated permissions User.Read, Chat.ReadWrite, Chat.Create and ChatMessage.Send, for channels also ChannelMessage.Send and ChannelMessage.Read.All, and grant the administrator's consent.",
		"Mode graph: make a user with a Teams licence and without multi-factor authentication, and enter its e-mail address and password here.",
		"Mode graph: think of a client state and enter it in an authentication named webhook; make a key and a certificate by the command in the README and paste both into an authentication named certificate. Parley then subscribes by itself, and Microsoft calls {webhookUrl} to see whether it answers.",
		"Mode bot: make an Azure Bot with this application, enter {webhookUrl} as its messaging endpoint, add the channel Microsoft Teams, and enter the address of the Bot Connector for your region as Service Connection.",
	],
	webhookCalls,
};

function settingsOf({ settings }: Pick<StoredService, "settings">): Settings {
	const text = (name: string): string => (typeof settings[name] === "string" ? settings[name].trim() : "");
	return {
		mode: settings["mode"] === "bot" ? "bot" : "graph",
		tenant: text("tenant"),
		subscribeTo: text("subscribeTo"),
		openIdMetadata: text("openIdMetadata"),
	};
}

function baseIn(serviceConnection: string): string | undefined {
	const url = URL.parse(serviceConnection.trim());
	const isPlain = url !== null && url.username + url.password + url.search + url.hash === "";
	return isPlain && /^https?:$/.test(url.protocol) ? url.origin + url.pathname.replace(/\/+$/, "") : undefined;
}

const targetsMax = 20; // Each of them is a subscription that is renewed twice an hour.

function targetsIn({ subscribeTo }: Settings): readonly (Target | undefined)[] {
	const words = [...new Set((subscribeTo === "" ? "chats" : subscribeTo).split(/[\s,;]+/))].filter(
		(word) => word !== "",
	);
	return words.map((word) => {
		const place = word === "chats" ? undefined : placeOf(word);
		const isThread = place?.kind === "channel" && place.root !== undefined;
		return word === "chats" ? { kind: "everyChat" } : place?.kind === "person" || isThread ? undefined : place;
	});
}

export function check(service: StoredService): readonly ConfigProblem[] {
	const settings = settingsOf(service);
	const targets = targetsIn(settings);
	return [
		...connectionProblems(service, settings),
		...(targets.includes(undefined) || targets.length > targetsMax
			? [
					{
						pointer: "/settings/subscribeTo",
						message: `must be chats, ids of chats (19:…) or team id/channel id, separated by spaces, at most ${targetsMax}.`,
					},
				]
			: []),
		...trustProblems(settings),
	];
}

function connectionProblems({ serviceConnection }: StoredService, { mode }: Settings): readonly ConfigProblem[] {
	const base = baseIn(serviceConnection);
	if (serviceConnection !== "" && base === undefined) {
		const message = `must be a complete web address without anything behind a ? or #, for example ${usual[mode].connection}.`;
		return [{ pointer: "/serviceConnection", message }];
	}
	return mode === "bot" && base?.startsWith("https://graph.microsoft.") === true
		? [
				{
					pointer: "/serviceConnection",
					message: `must be the address of the Bot Connector in the mode bot, for example ${usual.bot.connection}.`,
				},
			]
		: [];
}

/** Keys that come without TLS are anybody's keys. */
function trustProblems({ openIdMetadata }: Settings): readonly ConfigProblem[] {
	const url = openIdMetadata === "" ? undefined : URL.parse(openIdMetadata);
	const isSafe = url === undefined || url?.protocol === "https:" || /^(?:127\.|localhost$)/.test(url?.hostname ?? "");
	return isSafe ? [] : [{ pointer: "/settings/openIdMetadata", message: "must be an https address." }];
}

export function parse(service: StoredService): TeamsConfig {
	const settings = settingsOf(service);
	const { mode, tenant } = settings;
	const tokenUrl = service.authenticationUrl || `${identityHost}/${tenant || anyTenant[mode]}/oauth2/v2.0/token`;
	const entries = service.authentications.map(({ authenticationId, secrets }) => ({
		id: authenticationId,
		secrets: secrets.filter((secret) => secret !== ""),
	}));
	const entryOf = (rule: AuthenticationRule) => entries.find(({ id }) => new RegExp(rule.idPattern).test(id));
	const app = entryOf(application);
	return {
		mode,
		base: baseIn(service.serviceConnection),
		tenantId: new RegExp(guidPattern).test(tenant) ? tenant.toLowerCase() : undefined,
		tokenUrl,
		scope: service.authenticationScope || usual[mode].scope,
		metadataUrl: settings.openIdMetadata || (mode === "graph" ? metadataBeside(tokenUrl) : botMetadata),
		application: app,
		...(mode === "graph" ? ofGraph(entryOf, settings) : ofBot(app)),
		state: stateOf(service.upkeep),
		hidden: entries.flatMap(({ secrets }) => secrets),
	};
}

const anyTenant = { graph: "organizations", bot: "botframework.com" } as const;

type OfMode = Pick<
	TeamsConfig,
	"user" | "ourAddress" | "clientStates" | "certificates" | "certificateProblem" | "targets"
>;

function ofGraph(entryOf: (rule: AuthenticationRule) => Entry | undefined, settings: Settings): OfMode {
	const person = entryOf(user);
	const kept = (entryOf(certificate)?.secrets ?? []).map(readCertificate);
	return {
		user: person,
		ourAddress: person?.id,
		clientStates: entryOf(webhook)?.secrets ?? [],
		certificates: kept.flatMap((one) => ("code" in one ? [] : [one])),
		certificateProblem: kept.find((one) => "code" in one),
		targets: targetsIn(settings).flatMap((target) => target ?? []),
	};
}

function ofBot(app: Entry | undefined): OfMode {
	return {
		user: undefined,
		ourAddress: app?.id,
		clientStates: [],
		certificates: [],
		certificateProblem: undefined,
		targets: [],
	};
}

/** The keys are those of the cloud that gives the tokens. */
function metadataBeside(tokenUrl: string): string {
	return `${URL.parse(tokenUrl)?.origin ?? identityHost}/common/.well-known/openid-configuration`;
}

export function cannotSend({ mode, base, application: app, user: person }: TeamsConfig): string | undefined {
	if (app === undefined) {
		return "Add an authentication with the application (client) ID of the app registration.";
	}
	if (mode === "bot" && app.secrets.length === 0) {
		return "Add the client secret of the application: a bot cannot send without one.";
	}
	if (mode === "graph" && person === undefined) {
		return "Add an authentication with the technical user's e-mail address and password.";
	}
	if (mode === "graph" && person?.secrets.length === 0) {
		return "Add the password of the technical user.";
	}
	return base === undefined
		? `Enter the address of the interface in Service Connection, for example ${usual[mode].connection}.`
		: undefined;
}

/** RFC 6749 section 4.3 for the technical user; the secret only where the application has one. */
export function tokenClientOf({ mode, tokenUrl, scope, application: app, user: person }: TeamsConfig): TokenClient {
	return {
		tokenUrl,
		clientId: app?.id ?? "",
		clientSecret: app?.secrets[0],
		grant:
			mode === "graph"
				? { kind: "password", username: person?.id ?? "", password: person?.secrets[0] ?? "" }
				: { kind: "client_credentials" },
		scope,
		clientIn: "body",
		expiresIn: "seconds",
		credentialsName: mode === "graph" ? "technical user or the application" : "application",
	};
}
