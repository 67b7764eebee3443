// What an administrator enters for the hub accounts of one landscape, the rules about it, and the configuration that comes
// of it. Which part of it is known and which is proposed is in README.md.

import { Type } from "typebox";
import type { AuthenticationRule, ConfigProblem, ConnectorForm, StoredService, WebhookCall } from "../contract.ts";
import { asText } from "../kit/http.ts";
import { callToOwnAddress } from "../kit/own-address.ts";
import { addressing, channels } from "./addressing.ts";

/** The secret in use first: an address made before a rotation is proven by the one before. */
export type HubAccount = { id: string; username: string; secrets: readonly string[] };

export type Social365Config = {
	/** Where messages are posted; undefined when Service Connection cannot be read. */
	sendUrl: string | undefined;
	accounts: readonly HubAccount[];
	/** Address of ours for messages that name none; empty: there is none. */
	sender: string;
	namesCallbackUrl: boolean;
};

const example = "https://peopleconnect.sapmobileservices.com/api";
/** Visible ASCII without the colon, which HTTP Basic (RFC 7617 section 2) forbids in a user name. */
const entryPattern = "^[\\x21-\\x39\\x3b-\\x7e]{1,200}@[A-Za-z0-9._-]{1,40}$";

const settings = Type.Object(
	{
		sender: Type.String({
			title: "Sender",
			description:
				"Sender of messages that name none: channel, sender and account ID. With one account only, channel and sender are enough.",
			examples: ["wechat:gh_123@10001"],
			maxLength: 320,
			default: "",
		}),
		namesCallbackUrl: Type.Boolean({
			title: "Name the report address with each message",
			description:
				"Delivery reports then come to an address that proves itself. Switch off to get them at the address that is entered at the provider, with its HTTP user.",
			default: true,
		}),
	},
	{ additionalProperties: false },
);

const account: AuthenticationRule = {
	role: "account",
	direction: "outgoing",
	idLabel: "User name@Account ID",
	secretLabel: "Password",
	description:
		"One entry for each hub account: a user of it, @, and the account ID. From the password the proofs are made that delivery reports bring back in their address.",
	idPattern: entryPattern,
	idShape: "the user name, an @ and the account ID, without spaces and colons",
	idExample: "parley@10001",
	idParts: {
		parts: [
			{ key: "username", label: "User name", example: "parley", pattern: "^[\\x21-\\x39\\x3b-\\x7e]{1,200}$" },
			{ key: "accountId", label: "Account ID", example: "10001", pattern: "^[A-Za-z0-9._-]{1,40}$" },
		],
		joinedBy: "@",
	},
	min: 1,
	max: 100, // Far above any known landscape; keeps the form and the look-up bounded.
	normalise: (authenticationId) => ({ authenticationId: authenticationId.trim() }),
};

const proposed = "all of it: the provider's protocol is not public";
const entered = { method: "POST", url: "{webhookUrl}", namedBy: "person", headers: [], proposed } as const;

const webhookCalls: readonly WebhookCall[] = [
	{ purpose: "Messages of contacts", ...entered },
	{
		purpose: "Delivery reports",
		method: "POST",
		...callToOwnAddress,
		when: { namesCallbackUrl: [true] },
		proposed,
	},
	{ purpose: "Delivery reports", ...entered, when: { namesCallbackUrl: [false] } },
];

export const form: ConnectorForm = {
	label: "SAP Social 365",
	help: "Experimental: the provider's protocol is not public, and this is a proposal that nobody has tried against it. WeChat, WhatsApp, Messenger, LINE, Viber and Telegram through the hub accounts of one landscape; another landscape is a service of its own. Existing accounts only; new projects use the type sinchconversation.",
	serviceConnection: {
		title: "Service Connection",
		description: "Address of the landscape's interface; /messages is added where it does not end so.",
		example,
		default: example,
	},
	card: {
		summary: "Social channels through existing hub accounts of SAP",
		channels: channels.map(({ channel }) => channel),
		isExperimental: true,
	},
	sampleAddresses: { contact: "+447700900123", ours: "whatsapp:+447700900100" },
	usesAuthenticationUrl: false,
	authentications: [account],
	settings: { ...settings },
	layout: {
		groups: {
			sending: ["sender"],
			receiving: ["namesCallbackUrl"],
		},
	},
	webhookSteps: [
		"Add an authentication username@accountId with its password for each hub account of the landscape; save this service.",
		"Make an external user with the right Use on this service: its logon name and password are what SAP calls us with, by HTTP Basic.",
		"Ask the support of each account to send incoming messages to {webhookUrl} with that user's name and password. One address serves all accounts.",
		"If an account does not allow a message to name the address for its delivery reports, switch that off here and have {webhookUrl} entered for them, too.",
		"Send a message to a telephone of yours on each channel and answer it: what is spoken here is a proposal.",
	],
	webhookCalls,
};

type Connection = { sendUrl: string } | { problem: string };

function readConnection(serviceConnection: string): Connection {
	const url = URL.parse(serviceConnection.trim() || example);
	if (url === null || !/^https?:$/.test(url.protocol)) {
		return { problem: `must be a complete web address, for example ${example}.` };
	}
	if (url.username + url.password + url.search + url.hash !== "") {
		return { problem: "must have no user name, no password and nothing behind a ? or #." };
	}
	return { sendUrl: `${url.origin}${url.pathname.replace(/(?:\/+messages)?\/*$/, "")}/messages` };
}

export function check(service: StoredService): readonly ConfigProblem[] {
	const connection = readConnection(service.serviceConnection);
	return [
		...("problem" in connection ? [{ pointer: "/serviceConnection", message: connection.problem }] : []),
		...repeatedAccounts(service),
		...senderProblems(parse(service)),
	];
}

function repeatedAccounts({ authentications }: StoredService): readonly ConfigProblem[] {
	const ids = authentications.map(({ authenticationId }) => toAccount(authenticationId)?.id.toLowerCase());
	return ids.flatMap((id, index) =>
		id !== undefined && ids.indexOf(id) < index
			? [
					{
						pointer: `/authentications/${index}/authenticationId`,
						message: "names an account that another entry has already; each account has one entry.",
					},
				]
			: [],
	);
}

/** Asked as a send would ask, with a contact that every channel takes. */
function senderProblems(config: Social365Config): readonly ConfigProblem[] {
	const isDraft = config.sender === "" || config.accounts.length === 0;
	const found = isDraft ? undefined : addressing({ to: "+447700900123" }, config);
	return found === undefined || found.ok
		? []
		: [{ pointer: "/settings/sender", message: "must be channel, sender and account, as in wechat:gh_123@10001." }];
}

export function parse(service: StoredService): Social365Config {
	const connection = readConnection(service.serviceConnection);
	return {
		sendUrl: "problem" in connection ? undefined : connection.sendUrl,
		accounts: service.authentications.flatMap(({ authenticationId, secrets }) => {
			const named = toAccount(authenticationId);
			return named === undefined ? [] : [{ ...named, secrets: secrets.filter((secret) => secret !== "") }];
		}),
		sender: asText(service.settings["sender"])?.trim() ?? "",
		namesCallbackUrl: service.settings["namesCallbackUrl"] !== false,
	};
}

/** Split at the last @: a user name may be an e-mail address. */
function toAccount(authenticationId: string): Pick<HubAccount, "id" | "username"> | undefined {
	const whole = authenticationId.trim();
	const at = whole.lastIndexOf("@");
	return new RegExp(entryPattern, "u").test(whole)
		? { username: whole.slice(0, at), id: whole.slice(at + 1) }
		: undefined;
}

export function cannotSend({ accounts, sendUrl }: Social365Config): string | undefined {
	if (accounts.length === 0) {
		return "Add an authentication username@accountId with its password.";
	}
	if (accounts.every(({ secrets }) => secrets.length === 0)) {
		return "Add the password to the authentication username@accountId.";
	}
	return sendUrl === undefined
		? `Enter the address of the interface in Service Connection, for example ${example}.`
		: undefined;
}
