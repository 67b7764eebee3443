// What an administrator enters for an account at an SMSC, the rules about it, and the configuration that comes of it.
// Lengths as in SMPP v3.4 section 4.1.1 (https://smpp.org/SMPP_v3_4_Issue1_2.pdf, checked 2026-11-24).

import { Type } from "typebox";
import { asText } from "../kit/http.ts";
import { isCountry } from "../kit/phone.ts";
import { countrySetting, senderSetting } from "../kit/sms-addressing.ts";
import type { AuthenticationRule, ConfigProblem, ConnectorForm, StoredService } from "../contract.ts";
import type { DefaultAlphabet } from "./encoding.ts";

/** How the id of a message is spelled in its receipts, compared with the answer to the send. */
export type MessageIds = "same" | "decimalInReceipts" | "hexInReceipts";
export type DeliveryReports = "final" | "all" | "none";

export type SmppConfig = {
	isAddressFit: boolean;
	user: { systemId: string; password: string | undefined } | undefined;
	systemType: string;
	sender: string | undefined;
	/** ISO 3166 code for numbers without a country code. */
	country: string | undefined;
	alphabet: DefaultAlphabet;
	messageIds: MessageIds;
	deliveryReports: DeliveryReports;
	namesValidity: boolean;
	window: number;
};

const user: AuthenticationRule = {
	role: "esme",
	direction: "outgoing",
	idLabel: "system_id",
	secretLabel: "password",
	description:
		"The user of the SMPP account. Each node that sends binds once with it, so the account needs as many binds as there are nodes.",
	idPattern: "^[\\x21-\\x7e]{1,15}$",
	idShape: "1 to 15 letters, digits and signs without spaces",
	idExample: "parley",
	min: 1,
	max: 1,
};

const windowDefault = 10; // As Sinch allows.

const settings = Type.Object(
	{
		sender: senderSetting("+447700900100"),
		country: countrySetting,
		systemType: Type.String({
			title: "System type",
			description: "system_type of the bind, only where the provider names one.",
			pattern: "^[\\x20-\\x7e]{0,12}$",
			default: "",
		}),
		defaultAlphabet: Type.Union([Type.Literal("gsm7"), Type.Literal("latin1")], {
			title: "Default alphabet",
			description:
				"What data_coding 0 means at the provider: the GSM alphabet, unpacked, or ISO 8859-1. Texts that it cannot write go as UCS-2.",
			default: "gsm7",
		}),
		messageIds: Type.Union([Type.Literal("same"), Type.Literal("decimalInReceipts"), Type.Literal("hexInReceipts")], {
			title: "Message ids",
			description:
				"How receipts spell the id of a message: as the answer to the send did, or decimal where the answer was hexadecimal, or hexadecimal where it was decimal.",
			default: "same",
		}),
		deliveryReports: Type.Union([Type.Literal("final"), Type.Literal("all"), Type.Literal("none")], {
			title: "Delivery reports",
			description: "What the provider is asked to report: the final state, intermediate states too, or nothing.",
			default: "final",
		}),
		namesValidity: Type.Boolean({
			title: "Name the validity period",
			description:
				"Each message says how long it may be delivered, as a relative time. Switch off for providers that refuse that (0x62).",
			default: true,
		}),
		window: Type.Integer({
			title: "Window",
			description: "Messages that may wait for the provider's answer at the same time.",
			minimum: 1,
			maximum: 100,
			default: windowDefault,
		}),
	},
	{ additionalProperties: false },
);

const example = "smpps://smpp.example.com:3601";

export const form: ConnectorForm = {
	label: "SMS by SMPP",
	help: "SMS over a line that stays open to the SMSC of an operator or aggregator: SMPP 3.4, bound as transceiver.",
	serviceConnection: {
		title: "Service Connection",
		description:
			"Host and port of the SMSC: smpps:// with TLS, or smpp:// without, which only addresses of the setting outboundAllow may have.",
		example,
		schemes: ["smpps", "smpp"],
	},
	card: { summary: "SMS over a line to the SMSC of an operator", channels: ["sms"] },
	sampleAddresses: { contact: "+447700900123", ours: "+447700900100" },
	usesAuthenticationUrl: false,
	authentications: [user],
	settings: { ...settings },
	layout: {
		groups: {
			basic: ["sender", "country"],
			sending: ["defaultAlphabet", "namesValidity", "window"],
			receiving: ["deliveryReports", "messageIds"],
			advanced: ["systemType"],
		},
		choices: {
			defaultAlphabet: {
				gsm7: "GSM alphabet, unpacked",
				latin1: "ISO 8859-1",
			},
			messageIds: {
				same: "As in the answer to the send",
				decimalInReceipts: "Decimal, where the answer was hexadecimal",
				hexInReceipts: "Hexadecimal, where the answer was decimal",
			},
			deliveryReports: {
				final: "The final state",
				all: "Intermediate states too",
				none: "Nothing",
			},
		},
		showIf: {
			messageIds: {
				deliveryReports: ["final", "all"],
			},
		},
		units: {
			window: "messages",
		},
	},
	webhookSteps: [
		"Ask the provider for an SMPP 3.4 account that may bind as transceiver: host, port, system_id, password, and how many binds and messages a second it allows.",
		"Give the provider the public IP address of each node that sends; most providers let only known addresses in.",
		"Enter sends per second and window as the provider allows them; more is answered with ESME_RTHROTTLED.",
		"Let the provider route incoming messages of the number to this account. Nothing is to be entered as a web address.",
		"Send a message and compare the ids in its trace with the receipt; choose the setting messageIds accordingly.",
	],
	webhookCalls: [],
};

export function check(service: StoredService): readonly ConfigProblem[] {
	const message = addressProblem(service.serviceConnection);
	const country = asText(service.settings["country"]);
	return [
		...(message === undefined ? [] : [{ pointer: "/serviceConnection", message }]),
		...(country !== undefined && !isCountry(country)
			? [{ pointer: "/settings/country", message: "is no country; enter two letters such as GB." }]
			: []),
	];
}

function addressProblem(address: string): string | undefined {
	const url = URL.parse(address);
	if (address === "" || url === null) {
		return undefined; // Said by the rules that every type has.
	}
	if (url.port === "" || url.port === "0") {
		return `must name the port, for example ${example}.`;
	}
	return /^\/?$/.test(url.pathname) && url.search === ""
		? undefined
		: `must end with the port, for example ${example}.`;
}

function oneOf<Word extends string>(value: unknown, words: readonly [Word, ...Word[]]): Word {
	return words.find((word) => word === value) ?? words[0];
}

export function parse(service: StoredService): SmppConfig {
	const { settings: entered, serviceConnection } = service;
	const [entry] = service.authentications;
	const window = entered["window"];
	return {
		isAddressFit: serviceConnection !== "" && addressProblem(serviceConnection) === undefined,
		user:
			entry === undefined
				? undefined
				: { systemId: entry.authenticationId, password: entry.secrets.find((secret) => secret !== "") },
		systemType: asText(entered["systemType"]) ?? "",
		sender: asText(entered["sender"]),
		country: asText(entered["country"]),
		alphabet: oneOf(entered["defaultAlphabet"], ["gsm7", "latin1"]),
		messageIds: oneOf(entered["messageIds"], ["same", "decimalInReceipts", "hexInReceipts"]),
		deliveryReports: oneOf(entered["deliveryReports"], ["final", "all", "none"]),
		namesValidity: entered["namesValidity"] !== false,
		window: typeof window === "number" && window >= 1 ? Math.floor(window) : windowDefault,
	};
}

// SMPP's field has room for 8; some providers give longer ones and take them.
const passwordShape = /^[\x20-\x7e]{1,64}$/;

export function cannotSend({ user: entry, isAddressFit }: SmppConfig): string | undefined {
	if (entry === undefined) {
		return "Add the system_id of the SMPP account with its password.";
	}
	if (entry.password === undefined) {
		return `Add the password of ${entry.systemId}.`;
	}
	if (!passwordShape.test(entry.password)) {
		return `The password of ${entry.systemId} has characters that SMPP does not carry, or more than 64; enter it again.`;
	}
	return isAddressFit ? undefined : `Enter host and port of the SMSC in Service Connection, for example ${example}.`;
}
