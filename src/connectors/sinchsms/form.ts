// What an administrator enters for a Sinch SMS account, the rules about it, and the configuration that comes of it.
// Terms as on https://developers.sinch.com/docs/sms/, checked 2026-11-24.

import { Type } from "typebox";
import { asText } from "../kit/http.ts";
import { callToOwnAddress } from "../kit/own-address.ts";
import { isCountry } from "../kit/phone.ts";
import { countrySetting, senderSetting } from "../kit/sms-addressing.ts";
import { sinchSignatureHeaders } from "../kit/sinch-signature.ts";
import type {
	AuthenticationRule,
	ConfigProblem,
	ConnectorForm,
	SettingsCondition,
	StoredAuthentication,
	StoredService,
	WebhookCall,
} from "../contract.ts";

/** `xms` the REST API with a service plan · `basic` the older HTTP API with a user name. */
export type Mode = "xms" | "basic";
export type DeliveryReport = "per_recipient" | "per_recipient_final" | "full" | "summary" | "none";

export type SinchSmsConfig = {
	mode: Mode;
	/** Where a message is posted (or, with `basic`, asked for); undefined when Service Connection cannot be read. */
	sendUrl: string | undefined;
	/** The service plan, or the user. */
	account: { id: string; secret: string | undefined } | undefined;
	/** The current one first: a callback address that was made before a rotation holds a proof under the previous one. */
	accountSecrets: readonly string[];
	webhookSecrets: readonly string[];
	sender: string | undefined;
	/** ISO 3166 code for numbers without a country code. */
	country: string | undefined;
	deliveryReport: DeliveryReport;
	namesCallbackUrl: boolean;
};

const webhookId = "webhook";
const defaultServiceConnection = "https://us.sms.api.sinch.com";
const xmsPath = /^(?:\/xms(?:\/v1(?:\/([A-Za-z0-9_-]{1,100})(?:\/batches)?)?)?)?\/?$/;
const basicPath = /^(?:\/sendsms)?\/?$/;
const planShape = /^[A-Za-z0-9_-]{1,100}$/;

function normalise(authenticationId: string): { authenticationId: string; note?: string } {
	const trimmed = authenticationId.trim();
	return trimmed.toLowerCase() === webhookId && trimmed !== webhookId
		? { authenticationId: webhookId, note: "The Authentication ID is kept as webhook." }
		: { authenticationId: trimmed };
}

const authentications: readonly AuthenticationRule[] = [
	{
		role: "webhook",
		direction: "incoming",
		idLabel: "webhook",
		secretLabel: "Webhook secret",
		description:
			"Only for service plans whose callbacks Sinch signs (HMAC, switched on by the account manager): from then on every call must be signed.",
		idPattern: "^webhook$",
		idShape: "the word webhook",
		idExample: webhookId,
		min: 0,
		max: 1,
		normalise,
	},
	{
		role: "account",
		direction: "both",
		idLabel: "Service plan ID (mode basic: user name)",
		secretLabel: "API token (mode basic: password)",
		description:
			"Sends messages. From its secret the proofs are made that delivery reports bring back in their address.",
		idPattern: "^(?!webhook$)[\\x21-\\x7e]{1,100}$",
		idShape: "the service plan ID, or in the mode basic the user name, without spaces",
		idExample: "01234567890123456789abcdefabcdef",
		min: 0,
		max: 1,
		normalise,
	},
];

const settings = Type.Object(
	{
		mode: Type.Union([Type.Literal("xms"), Type.Literal("basic")], {
			title: "API",
			description:
				"xms: the REST API, with service plan ID and API token. basic: the older HTTP API at clxcommunications.com, with user name and password.",
			default: "xms",
		}),
		sender: senderSetting("+447700900100"),
		country: countrySetting,
		deliveryReport: Type.Union(
			[
				Type.Literal("per_recipient"),
				Type.Literal("per_recipient_final"),
				Type.Literal("full"),
				Type.Literal("summary"),
				Type.Literal("none"),
			],
			{
				title: "Delivery report",
				description:
					"What Sinch reports: every change, only the final state, the batch with or without numbers, or nothing. In the mode basic anything but none asks for all.",
				default: "per_recipient",
			},
		),
		namesCallbackUrl: Type.Boolean({
			title: "Name the callback address with each message",
			description:
				"Delivery reports then come to an address that proves itself. Switch off to get them at the callback URL of the service plan, with the HTTP user that is entered there.",
			default: true,
		}),
	},
	{ additionalProperties: false },
);

const signature = sinchSignatureHeaders.map((header) => ({ ...header, onlyWith: "webhook" }));
const reported: SettingsCondition = { deliveryReport: ["per_recipient", "per_recipient_final", "full", "summary"] };
const keepsQuery = "the proof, and that Sinch keeps the query of the address";

const webhookCalls: readonly WebhookCall[] = [
	{
		purpose: "Messages of contacts",
		method: "POST",
		url: "{webhookUrl}",
		namedBy: "person",
		headers: signature,
		when: { mode: ["xms"] },
	},
	{
		purpose: "Delivery reports",
		method: "POST",
		...callToOwnAddress,
		headers: signature,
		when: { mode: ["xms"], namesCallbackUrl: [true], ...reported },
		proposed: `${keepsQuery} and puts no credentials on it`,
	},
	{
		purpose: "Delivery reports",
		method: "POST",
		url: "{webhookUrl}",
		namedBy: "person",
		headers: signature,
		when: { mode: ["xms"], namesCallbackUrl: [false], ...reported },
	},
	{
		purpose: "Messages of contacts",
		method: "GET",
		url: "{webhookUrl}?from=%P&to=%p&time=%T&udh=%u&text=%A",
		namedBy: "person",
		headers: [],
		when: { mode: ["basic"] },
		proposed: "which of %P and %p is the sender, and how Sinch is given the HTTP user",
	},
	{
		purpose: "Delivery reports",
		method: "GET",
		...callToOwnAddress,
		url: `${callToOwnAddress.url}&type=%d&state=%s&error=%e&id=%i`,
		when: { mode: ["basic"], namesCallbackUrl: [true], ...reported },
		proposed: keepsQuery,
	},
];

export const form: ConnectorForm = {
	label: "Sinch SMS",
	help: "SMS through the Sinch SMS API: one service plan for each service. Sinch sells no new plans; new projects use the type sinchconversation.",
	serviceConnection: {
		title: "Service Connection",
		description:
			"Address of the API in the region of the service plan: us, eu, au, br or ca. In the mode basic the host and port of the account details, such as https://http-eu1.clxcommunications.com:3801.",
		example: "https://eu.sms.api.sinch.com",
		default: defaultServiceConnection,
	},
	card: { summary: "SMS through a service plan of Sinch", channels: ["sms"] },
	sampleAddresses: { contact: "+447700900123", ours: "+447700900100" },
	usesAuthenticationUrl: false,
	authentications,
	settings: { ...settings },
	layout: {
		groups: {
			basic: ["mode", "sender", "country"],
			receiving: ["deliveryReport", "namesCallbackUrl"],
		},
		choices: {
			mode: {
				xms: "REST API: service plan and API token",
				basic: "Older HTTP API: user name and password",
			},
			deliveryReport: {
				per_recipient: "Every change",
				per_recipient_final: "Only the final state",
				full: "The batch, with its numbers",
				summary: "The batch, without numbers",
				none: "Nothing",
			},
		},
		showIf: {
			namesCallbackUrl: {
				deliveryReport: ["per_recipient", "per_recipient_final", "full", "summary"],
			},
		},
	},
	webhookSteps: [
		"In the Sinch dashboard open SMS, Service APIs, the service plan, and enter {webhookUrl} as its callback URL; keep Incoming URL and Outgoing URL empty, or enter the same address there.",
		"Ask the account manager of Sinch to give that callback URL the HTTP user of this service as Basic authentication.",
		"Better still, let the account manager also switch HMAC on for the service plan, and enter the secret here as the authentication webhook; the HTTP user is demanded all the same while Use Local Http Authentication is on.",
		"In the mode basic give Sinch this address for incoming messages: {webhookUrl}?from=%P&to=%p&time=%T&udh=%u&text=%A",
	],
	webhookCalls,
};

function modeOf(service: StoredService): Mode {
	return service.settings["mode"] === "basic" ? "basic" : "xms";
}

type Connection = { url: URL; planId: string | undefined } | { problem: string };

const examples: Readonly<Record<Mode, string>> = {
	xms: "https://eu.sms.api.sinch.com",
	basic: "https://http-eu1.clxcommunications.com:3801",
};

function readConnection(service: StoredService): Connection {
	const mode = modeOf(service);
	const url = URL.parse(service.serviceConnection.trim());
	if (url === null || !/^https?:$/.test(url.protocol)) {
		return { problem: `must be a complete web address, for example ${examples[mode]}.` };
	}
	if (url.username !== "" || url.password !== "") {
		return { problem: "must not contain a user name or password; enter them as an authentication instead." };
	}
	if (url.hostname.startsWith("zt.")) {
		return {
			problem: "is the address for project keys; enter the one for service plans, without zt. at its beginning.",
		};
	}
	const path = (mode === "xms" ? xmsPath : basicPath).exec(url.pathname);
	if (path === null || url.search !== "" || url.hash !== "") {
		const whole = mode === "xms" ? "/xms/v1/<service plan ID>/batches" : "/sendsms";
		return { problem: `must be ${examples[mode]}, or such a base and ${whole}.` };
	}
	return { url, planId: path[1] };
}

function accountOf(service: StoredService): StoredAuthentication | undefined {
	return service.authentications.find(({ authenticationId }) => authenticationId !== webhookId);
}

export function check(service: StoredService): readonly ConfigProblem[] {
	const connection = readConnection(service);
	const country = asText(service.settings["country"]);
	return [
		...("problem" in connection ? [{ pointer: "/serviceConnection", message: connection.problem }] : []),
		...accountProblems(service, connection),
		...(country !== undefined && !isCountry(country)
			? [{ pointer: "/settings/country", message: "is no country; enter two letters such as GB." }]
			: []),
	];
}

function accountProblems(service: StoredService, connection: Connection): readonly ConfigProblem[] {
	const mode = modeOf(service);
	const planId = "problem" in connection ? undefined : connection.planId;
	return service.authentications.flatMap(({ authenticationId: id }, index) => {
		const message = accountProblem(id, mode, planId);
		return message === undefined ? [] : [{ pointer: `/authentications/${index}/authenticationId`, message }];
	});
}

function accountProblem(id: string, mode: Mode, planId: string | undefined): string | undefined {
	if (id === webhookId) {
		return mode === "basic" ? "serves the mode xms only; the older API signs nothing." : undefined;
	}
	if (mode === "xms" && !planShape.test(id)) {
		return "must be a service plan ID: letters, digits, - and _ only; copy it from the Sinch dashboard.";
	}
	return planId === undefined || planId === id
		? undefined
		: `is ${id}, but Service Connection names the service plan ${planId}; correct one of the two.`;
}

function secretsOf(entry: StoredAuthentication | undefined): readonly string[] {
	return (entry?.secrets ?? []).filter((secret) => secret !== "");
}

const deliveryReports: readonly DeliveryReport[] = ["per_recipient", "per_recipient_final", "full", "summary", "none"];

export function parse(service: StoredService): SinchSmsConfig {
	const mode = modeOf(service);
	const account = accountOf(service);
	const webhook = service.authentications.find(({ authenticationId }) => authenticationId === webhookId);
	const wanted = service.settings["deliveryReport"];
	return {
		mode,
		sendUrl: sendUrlOf(readConnection(service), mode, account?.authenticationId),
		account: account === undefined ? undefined : { id: account.authenticationId, secret: secretsOf(account)[0] },
		accountSecrets: secretsOf(account),
		webhookSecrets: mode === "xms" ? secretsOf(webhook) : [],
		sender: asText(service.settings["sender"]),
		country: asText(service.settings["country"]),
		deliveryReport: deliveryReports.find((report) => report === wanted) ?? "per_recipient",
		namesCallbackUrl: service.settings["namesCallbackUrl"] !== false,
	};
}

function sendUrlOf(connection: Connection, mode: Mode, accountId: string | undefined): string | undefined {
	if ("problem" in connection) {
		return undefined;
	}
	const { origin } = connection.url;
	if (mode === "basic") {
		return `${origin}/sendsms`;
	}
	const planId = connection.planId ?? accountId;
	return planId === undefined ? undefined : `${origin}/xms/v1/${encodeURIComponent(planId)}/batches`;
}

export function cannotSend({ mode, account, sendUrl }: SinchSmsConfig): string | undefined {
	const isXms = mode === "xms";
	if (account === undefined) {
		return isXms ? "Add the service plan ID with its API token." : "Add the user name with its password.";
	}
	if (account.secret === undefined) {
		return `Add the ${isXms ? "API token" : "password"} of ${account.id}.`;
	}
	if (isXms && !/^[\x21-\x7e]+$/.test(account.secret)) {
		return `The API token of ${account.id} has a character that no token has; copy it from the Sinch dashboard again.`;
	}
	return sendUrl === undefined
		? `Enter the address of the API in Service Connection, for example ${examples[mode]}.`
		: undefined;
}
