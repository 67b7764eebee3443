// What an administrator enters for a Twilio account, the rules about it, and the configuration that comes of it.
// Terms as on https://www.twilio.com/docs/usage/api and https://www.twilio.com/docs/iam/api-keys, checked 2026-11-24.

import { Type } from "typebox";
import { asText } from "../kit/http.ts";
import type {
	AuthenticationRule,
	ConfigProblem,
	ConnectorForm,
	StoredAuthentication,
	StoredService,
	WebhookCall,
	WebhookHeader,
} from "../contract.ts";

export type TwilioConfig = {
	/** Where the API is, e.g. `https://api.twilio.com`; undefined when Service Connection cannot be read. */
	origin: string | undefined;
	/** The account whose messages these are. */
	accountSid: string | undefined;
	/** Whom we log on as: the account itself, or one of its API keys. */
	user: { id: string; secret: string | undefined } | undefined;
	/** Auth tokens of the account; each of them may have signed a webhook. */
	signingSecrets: readonly string[];
	statusCallbacks: boolean;
	messagingServiceSid: string | undefined;
};

const accountPattern = "^AC[0-9a-fA-F]{32}$";
const accountRegExp = new RegExp(accountPattern);
const apiKeyPattern = "^SK[0-9a-fA-F]{32}$";
const webhookId = "webhook";
const serviceConnectionPath = /^(?:\/2010-04-01(?:\/Accounts\/(AC[0-9a-fA-F]{32})(?:\/Messages\.json)?)?)?\/?$/;

/** One spelling for a SID, so that two of them can be compared: two capitals, then hex digits in small letters. */
export function sidSpelling(sid: string): string {
	return /^[A-Za-z]{2}[0-9a-fA-F]{32}$/.test(sid) ? sid.slice(0, 2).toUpperCase() + sid.slice(2).toLowerCase() : sid;
}

function normalise(authenticationId: string): { authenticationId: string; note?: string } {
	const trimmed = authenticationId.trim();
	const mended = trimmed.toLowerCase() === webhookId ? webhookId : sidSpelling(trimmed);
	return mended === authenticationId
		? { authenticationId }
		: { authenticationId: mended, note: `The Authentication ID is kept as ${mended}.` };
}

const authentications: readonly AuthenticationRule[] = [
	{
		role: "account",
		direction: "both",
		idLabel: "Account SID",
		secretLabel: "Auth token",
		description: "Sends messages, and its auth token proves that a webhook comes from Twilio.",
		idPattern: accountPattern,
		idShape: "AC and 32 hexadecimal digits",
		idExample: "AC0123456789abcdef0123456789abcdef",
		min: 0,
		max: 1,
		normalise,
	},
	{
		role: "apiKey",
		direction: "outgoing",
		idLabel: "API key SID",
		secretLabel: "API key secret",
		description: "Sends messages instead of the Account SID. Webhooks then need the entry webhook.",
		idPattern: apiKeyPattern,
		idShape: "SK and 32 hexadecimal digits",
		idExample: "SK0123456789abcdef0123456789abcdef",
		min: 0,
		max: 1,
		normalise,
	},
	{
		role: "webhook",
		direction: "incoming",
		idLabel: "webhook",
		secretLabel: "Auth token of the account",
		description:
			"Needed only with an API key: Twilio signs webhooks with the account's auth token, never with the key.",
		idPattern: "^webhook$",
		idShape: "the word webhook",
		idExample: webhookId,
		min: 0,
		max: 1,
		normalise,
	},
];

const settings = Type.Object(
	{
		accountSid: Type.String({
			title: "Account of the API key",
			description:
				"The account that an API key belongs to. Not needed when the Authentication ID or Service Connection names it.",
			pattern: "^(AC[0-9a-fA-F]{32})?$",
			examples: ["AC0123456789abcdef0123456789abcdef"],
			default: "",
		}),
		messagingServiceSid: Type.String({
			title: "Messaging Service SID",
			description:
				"Send through this Messaging Service of Twilio (MG and 32 digits). It chooses the sender when a message names none.",
			pattern: "^(MG[0-9a-fA-F]{32})?$",
			examples: ["MG0123456789abcdef0123456789abcdef"],
			default: "",
		}),
		statusCallbacks: Type.Boolean({
			title: "Ask for status callbacks",
			description:
				"Give Twilio our address with every message, so that it reports sent, delivered, read and failed. Switch off when the Messaging Service has a status callback of its own.",
			default: true,
		}),
	},
	{ additionalProperties: false },
);

const signature: WebhookHeader = {
	name: "X-Twilio-Signature",
	value: "Base64 of the HMAC-SHA-1 under the auth token of the account over the address and the sorted parameters",
};

/** `#rc=5&rp=all`: Twilio comes again after any failure; README.md has its page about that. */
const webhookCalls: readonly WebhookCall[] = [
	{
		purpose: "Messages of contacts",
		method: "POST",
		alsoTaken: ["GET"],
		url: "{webhookUrl}#rc=5&rp=all",
		namedBy: "person",
		headers: [signature],
	},
	{
		purpose: "Status callbacks",
		method: "POST",
		url: "{webhookUrl}?attempt=…#rc=5&rp=all",
		namedBy: "message",
		headers: [signature],
		when: { statusCallbacks: [true] },
	},
	{
		purpose: "Status callbacks of the Messaging Service, where there is one",
		method: "POST",
		url: "{webhookUrl}#rc=5&rp=all",
		namedBy: "person",
		headers: [signature],
		when: { statusCallbacks: [false] },
	},
	{
		purpose: "Events of Event Streams and Studio, as JSON; they are kept in the trace",
		method: "POST",
		url: "{webhookUrl}",
		namedBy: "person",
		headers: [signature],
		otherProof: "bodySHA256 in the query, which Twilio adds",
	},
];

export const form: ConnectorForm = {
	label: "Twilio",
	help: "SMS, WhatsApp, Messenger and RCS through Twilio Programmable Messaging: one account for each service.",
	serviceConnection: {
		title: "Service Connection",
		description: "Address of the Twilio API: its base, or the whole address that ends in Messages.json.",
		example: "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json",
		default: "https://api.twilio.com",
	},
	card: {
		summary: "SMS, WhatsApp, Messenger and RCS of one Twilio account",
		channels: ["sms", "whatsapp", "messenger", "rcs"],
	},
	sampleAddresses: { contact: "+15550100002", ours: "+15550100001" },
	usesAuthenticationUrl: false,
	authentications,
	settings: { ...settings },
	layout: {
		groups: {
			basic: ["accountSid"],
			sending: ["messagingServiceSid"],
			receiving: ["statusCallbacks"],
		},
	},
	webhookSteps: [
		"In the Twilio Console open Phone Numbers, choose the number and go to Messaging Configuration.",
		"For “A message comes in” choose Webhook, enter {webhookUrl}#rc=5&rp=all and the method HTTP POST.",
		"For a Messaging Service enter the same address under Integration, “Send a webhook”; for WhatsApp under the sender's “Webhook URL for incoming messages”.",
		"While Use Local Http Authentication is on, put the HTTP user before the host: https://user:password@host/… — letters and digits only.",
	],
	webhookCalls,
};

function entryOf(service: StoredService, pattern: string): StoredAuthentication | undefined {
	const shape = new RegExp(pattern);
	return service.authentications.find((entry) => shape.test(entry.authenticationId));
}

type Connection = { origin: string; accountSid: string | undefined } | { problem: string };

function readConnection(serviceConnection: string): Connection {
	const url = URL.parse(serviceConnection.trim());
	if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
		return { problem: "must be a complete web address, for example https://api.twilio.com." };
	}
	if (url.username !== "" || url.password !== "") {
		return { problem: "must not contain a user name or password; enter them as an authentication instead." };
	}
	const path = serviceConnectionPath.exec(url.pathname);
	if (path === null || url.search !== "" || url.hash !== "") {
		return { problem: "must be https://api.twilio.com, or that and /2010-04-01/Accounts/AC…/Messages.json." };
	}
	return { origin: url.origin, accountSid: path[1] === undefined ? undefined : sidSpelling(path[1]) };
}

/** Every place that names the account, the most telling first. */
function accountsGiven(service: StoredService): readonly { pointer: string; sid: string }[] {
	const connection = readConnection(service.serviceConnection);
	const given = [
		{ pointer: "/authentications", sid: entryOf(service, accountPattern)?.authenticationId },
		{ pointer: "/settings/accountSid", sid: asText(service.settings["accountSid"]) },
		{ pointer: "/serviceConnection", sid: "problem" in connection ? undefined : connection.accountSid },
	];
	return given.flatMap(({ pointer, sid }) =>
		sid !== undefined && accountRegExp.test(sid) ? [{ pointer, sid: sidSpelling(sid) }] : [],
	);
}

function accountProblems(service: StoredService): readonly ConfigProblem[] {
	const [first, ...others] = accountsGiven(service);
	if (first === undefined) {
		return entryOf(service, apiKeyPattern) === undefined
			? []
			: [{ pointer: "/settings/accountSid", message: "must name the account that the API key belongs to." }];
	}
	return others
		.filter(({ sid }) => sid !== first.sid)
		.map(({ pointer, sid }) => ({
			pointer,
			message: `names ${sid}, but the account is ${first.sid}; correct one of the two.`,
		}));
}

export function check(service: StoredService): readonly ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	const connection = readConnection(service.serviceConnection);
	if ("problem" in connection) {
		problems.push({ pointer: "/serviceConnection", message: connection.problem });
	}
	return [...problems, ...secondSetProblems(service), ...accountProblems(service)];
}

/** The type takes one set of credentials: the account, or a key of it. */
function secondSetProblems(service: StoredService): readonly ConfigProblem[] {
	const shape = new RegExp(`${accountPattern}|${apiKeyPattern}`);
	return service.authentications
		.map(({ authenticationId }, index) => ({ authenticationId, index }))
		.filter(({ authenticationId }) => shape.test(authenticationId))
		.slice(1)
		.map(({ index }) => ({
			pointer: `/authentications/${index}/authenticationId`,
			message: "is one too many; keep the Account SID, or the API key with the entry webhook.",
		}));
}

function secretsOf(entry: StoredAuthentication | undefined): readonly string[] {
	return (entry?.secrets ?? []).filter((secret) => secret !== "");
}

export function parse(service: StoredService): TwilioConfig {
	const connection = readConnection(service.serviceConnection);
	const account = entryOf(service, accountPattern);
	const user = account ?? entryOf(service, apiKeyPattern);
	const messagingServiceSid = asText(service.settings["messagingServiceSid"]);
	return {
		origin: "problem" in connection ? undefined : connection.origin,
		accountSid: accountsGiven(service)[0]?.sid,
		user: user === undefined ? undefined : { id: user.authenticationId, secret: secretsOf(user)[0] },
		signingSecrets: [...secretsOf(account), ...secretsOf(entryOf(service, "^webhook$"))],
		statusCallbacks: service.settings["statusCallbacks"] !== false,
		messagingServiceSid: messagingServiceSid === undefined ? undefined : sidSpelling(messagingServiceSid),
	};
}

export function cannotSend(config: TwilioConfig): string | undefined {
	if (config.origin === undefined) {
		return "Enter the address of the Twilio API in Service Connection, for example https://api.twilio.com.";
	}
	if (config.user === undefined) {
		return "Add the Account SID with its auth token, or an API key with its secret.";
	}
	if (config.user.secret === undefined) {
		return `Add the ${config.user.id.startsWith("SK") ? "secret" : "auth token"} of ${config.user.id}.`;
	}
	if (config.accountSid === undefined) {
		return "Add the Account SID that the API key belongs to, in the settings or in Service Connection.";
	}
	return undefined;
}
