// What an administrator enters for an account of SMS 365 or an app of Live Link 365, the rules about it, and the
// configuration that comes of it. Sources and their days are in README.md.

import type {
	AuthenticationRule,
	ConfigProblem,
	ConnectorForm,
	SettingsCondition,
	StoredService,
	WebhookCall,
} from "../contract.ts";
import type { TokenClient } from "../kit/oauth2.ts";
import { callToOwnAddress } from "../kit/own-address.ts";
import { isCountry } from "../kit/phone.ts";
import { parameterNames, type Settings, settingsOf, settingsSchema } from "./settings.ts";
import { layout } from "./layout.ts";

export type Sap365Config = {
	settings: Settings;
	/** Where messages are posted; undefined when Service Connection cannot be read or there is no account. */
	sendUrl: string | undefined;
	/** Mode json only. */
	tokenUrl: string | undefined;
	scope: string | undefined;
	/** The secret in use first: an address made before a rotation is proven by the one before. */
	account: { id: string; secrets: readonly string[] } | undefined;
};

type Mode = Settings["mode"];

const examples: Readonly<Record<Mode, string>> = {
	push: "https://sms-pp.sapmobileservices.com/cmn",
	json: "https://livelink.sapmobileservices.com/api",
};

const account: AuthenticationRule = {
	role: "account",
	direction: "outgoing",
	idLabel: "User name (mode json: app key)",
	secretLabel: "Password (mode json: app secret)",
	description:
		"The account of SMS 365 with its password. From the password the proofs are made that delivery notifications bring back in their address.",
	idPattern: "^[\\x21-\\x39\\x3b-\\x7e]{1,100}$",
	idShape: "the account name, or in the mode json the app key, without spaces and colons",
	idExample: "acct_demo01",
	min: 0,
	max: 1,
	normalise: (authenticationId) => ({ authenticationId: authenticationId.trim() }),
};

type NotificationMethods = Pick<WebhookCall, "method" | "alsoTaken">;
const notificationsBy: Readonly<Record<Mode, NotificationMethods>> = {
	push: { method: "GET", alsoTaken: ["POST"] },
	json: { method: "POST" },
};

/** By a push a message is a form with an XML document, which a query may hold as well. */
function callsOf(mode: Mode): readonly WebhookCall[] {
	const byPerson = { url: "{webhookUrl}", namedBy: "person", headers: [] } as const;
	const withHttpUser = "that SAP calls with HTTP Basic when it is asked to";
	const notification = { purpose: "Delivery notifications", ...notificationsBy[mode] };
	const asked: SettingsCondition = { mode: [mode], acknowledgements: ["message", "order"] };
	return [
		{
			purpose: "Messages of contacts",
			method: "POST",
			...(mode === "push" ? { alsoTaken: ["GET"] as const } : {}),
			...byPerson,
			when: { mode: [mode] },
			proposed: withHttpUser,
		},
		{
			...notification,
			...callToOwnAddress,
			when: { ...asked, namesCallbackUrl: [true] },
			proposed: "the proof, that SAP keeps the query of the address, and the names of its own parameters",
		},
		{
			...notification,
			...byPerson,
			when: { ...asked, namesCallbackUrl: [false] },
			proposed: `${withHttpUser}, and the names of the parameters`,
		},
	];
}

export const form: ConnectorForm = {
	label: "SAP SMS 365",
	help: "SMS through SAP SMS 365, now Sinch: one account for each service. Existing accounts only; new projects use the type sinchconversation.",
	serviceConnection: {
		title: "Service Connection",
		description:
			"Address of the interface with its cluster; the part /<account>/<account>.sms may follow. In the mode json the address of Live Link 365, such as https://livelink.sapmobileservices.com/api.",
		example: examples.push,
		default: examples.push,
	},
	card: { summary: "SMS through an existing account of SMS 365", channels: ["sms"] },
	sampleAddresses: { contact: "+447700900123", ours: "71630" },
	usesAuthenticationUrl: true,
	authentications: [account],
	settings: { ...settingsSchema },
	layout,
	webhookSteps: [
		"Make an external user with the right Use on this service: its logon name and password are what SAP calls us with, by HTTP Basic.",
		"Ask the support of the account to forward incoming messages (MO) to {webhookUrl} with that user's name and password.",
		"If the account does not allow a message to name the address for its delivery notifications, switch that off here and let the support enter {webhookUrl} for them, too.",
		"In the mode json enter {webhookUrl} in the settings of the Live Link 365 account as callback URL for replies.",
		"Send a message with an accent, one with an emoji and one with a line break to a telephone of yours, and answer it: the settings of texts are proposals where the provider's manual is not public.",
	],
	webhookCalls: [...callsOf("push"), ...callsOf("json")],
};

type Connection = { base: string; isWhole: boolean } | { problem: string };

const wholePush = /\.sms$/i;
const wholeJson = /\/v2\/sms$/i;

function readConnection({ serviceConnection }: StoredService, mode: Mode): Connection {
	const url = URL.parse(serviceConnection.trim());
	if (url === null || !/^https?:$/.test(url.protocol)) {
		return { problem: `must be a complete web address, for example ${examples[mode]}.` };
	}
	if (url.username + url.password + url.search + url.hash !== "") {
		return { problem: "must have no user name, no password and nothing behind a ? or #." };
	}
	const path = url.pathname.replace(/\/+$/, "");
	if ((mode === "push" ? wholeJson : wholePush).test(path)) {
		return {
			problem: `is an address of the other interface; enter one such as ${examples[mode]}, or change the mode.`,
		};
	}
	return mode === "push"
		? { base: url.origin + path, isWhole: wholePush.test(path) }
		: { base: url.origin + path.replace(wholeJson, ""), isWhole: false };
}

export function check(service: StoredService): readonly ConfigProblem[] {
	const settings = settingsOf(service);
	const connection = service.serviceConnection === "" ? undefined : readConnection(service, settings.mode);
	return [
		...(connection !== undefined && "problem" in connection
			? [{ pointer: "/serviceConnection", message: connection.problem }]
			: []),
		...tokenProblems(service, settings.mode),
		...textProblems(settings),
		...nameProblems(settings),
	];
}

function tokenProblems(
	{ authenticationUrl, authenticationScope }: StoredService,
	mode: Mode,
): readonly ConfigProblem[] {
	const given = mode === "json" ? [] : [authenticationUrl ?? "", authenticationScope ?? ""];
	const message = "serves the mode json only; leave it empty in the mode push.";
	return given.flatMap((text, index) =>
		text === "" ? [] : [{ pointer: index === 0 ? "/authenticationUrl" : "/authenticationScope", message }],
	);
}

function textProblems({ country, charset, unicodeTransfer }: Settings): readonly ConfigProblem[] {
	return [
		...(country === "" || isCountry(country)
			? []
			: [{ pointer: "/settings/country", message: "is no country; enter two letters such as GB." }]),
		...(charset === "iso-8859-1" && unicodeTransfer === "raw"
			? [
					{
						pointer: "/settings/unicodeTransfer",
						message: "must not be raw with the character set iso-8859-1, which does not have these letters.",
					},
				]
			: []),
	];
}

function nameProblems(settings: Settings): readonly ConfigProblem[] {
	const names = parameterNames.map((name) => plainName(settings[name]));
	return parameterNames.flatMap((name, index) =>
		names.indexOf(names[index] ?? "") < index
			? [{ pointer: `/settings/${name}`, message: "is the name of another parameter too; each has its own." }]
			: [],
	);
}

/** Names of parameters and fields are compared so: nobody documents their spelling. */
export function plainName(name: string): string {
	return name.toLowerCase().replaceAll(/[_-]/g, "");
}

/** Whether a call about this account is none of ours. */
export function isOfAnother(account: string, { accountNumber }: Settings): boolean {
	return accountNumber !== "" && account !== accountNumber;
}

export function parse(service: StoredService): Sap365Config {
	const settings = settingsOf(service);
	const isJson = settings.mode === "json";
	const connection = readConnection(service, settings.mode);
	const [entry] = service.authentications;
	const secrets = (entry?.secrets ?? []).filter((secret) => secret !== "");
	const base = "problem" in connection ? undefined : connection.base;
	return {
		settings,
		sendUrl: "problem" in connection ? undefined : sendUrlOf(connection, settings.mode, entry?.authenticationId),
		tokenUrl: isJson && base !== undefined ? service.authenticationUrl || `${base}/oauth/token` : undefined,
		scope: isJson ? service.authenticationScope || undefined : undefined,
		account: entry === undefined ? undefined : { id: entry.authenticationId, secrets },
	};
}

function sendUrlOf(
	{ base, isWhole }: Exclude<Connection, { problem: string }>,
	mode: Mode,
	accountId: string | undefined,
): string | undefined {
	if (mode === "json") {
		return `${base}/v2/sms`;
	}
	const name = accountId === undefined ? undefined : encodeURIComponent(accountId);
	return isWhole ? base : name === undefined ? undefined : `${base}/${name}/${name}.sms`;
}

export function cannotSend({ settings: { mode }, account: entry, sendUrl }: Sap365Config): string | undefined {
	if (entry === undefined) {
		return `Add an authentication with the ${mode === "json" ? "app key and its secret" : "account name and its password"}.`;
	}
	if (entry.secrets.length === 0) {
		return `Add the ${mode === "json" ? "app secret" : "password"} of ${entry.id}.`;
	}
	return sendUrl === undefined
		? `Enter the address of the interface in Service Connection, for example ${examples[mode]}.`
		: undefined;
}

/** Live Link 365 counts `expires_in` in milliseconds; as seconds its 2700000 would be a month. */
export function tokenClientOf({ tokenUrl, scope, account: entry }: Sap365Config): TokenClient {
	return {
		tokenUrl: tokenUrl ?? "",
		clientId: entry?.id ?? "",
		clientSecret: entry?.secrets[0] ?? "",
		grant: { kind: "client_credentials" },
		scope,
		clientIn: "basic",
		expiresIn: "milliseconds",
		credentialsName: "app key",
	};
}
