// What an administrator enters for a WhatsApp service, and what the rest of the connector gets from it. The entries are
// told apart by their Authentication ID: a Phone number ID, the literal `webhook` or the literal `verify`.

import { Type } from "typebox";

import type {
	Addressing,
	AddressingInput,
	AuthenticationRule,
	ConfigProblem,
	ConnectorForm,
	StoredService,
} from "../contract.ts";
import { asText } from "../kit/http.ts";
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
import { phoneNumberId, toContactAddress } from "./addresses.ts";

/** A number of ours. Without a token it is known (its events come in) but cannot send. */
export type WhatsAppNumber = { phoneNumberId: string; token: string | undefined };

export type WhatsAppConfig = {
	/** Without the slash at its end. */
	serviceConnection: string;
	numbers: readonly WhatsAppNumber[];
	/** Secrets of the `webhook` entry, the current one first. Empty: every webhook call is refused. */
	appSecrets: readonly string[];
	/** Secrets of the `verify` entry, the current one first. */
	verifyTokens: readonly string[];
	/** Every access token that is kept, also the one that a rotation replaces: none of them may be shown. */
	tokens: readonly string[];
	proveAppSecret: boolean;
	previewLinks: boolean;
	/** Of templates that name none. */
	templateLanguage: string | undefined;
};

const settings = Type.Object(
	{
		templateLanguage: Type.String({
			title: "Template language",
			description:
				"The language of templates that are sent without one, spelt as in WhatsApp Manager. Empty: such a template is refused.",
			pattern: "^(?:[a-z]{2,3}(?:[_-][A-Za-z]{2,4})?)?$",
			examples: ["en_US"],
			default: "",
		}),
		previewLinks: Type.Boolean({
			title: "Link previews",
			description: "Lets WhatsApp show a preview of the first link in a text.",
			default: false,
		}),
		proveAppSecret: Type.Boolean({
			title: "Prove the app secret",
			description:
				"Sends a proof of the App Secret (appsecret_proof) with every message. Switch it on when the Meta app demands it (App settings > Advanced > Require app secret), and only when the access tokens belong to that app.",
			default: false,
		}),
	},
	{ additionalProperties: false },
);

const numberRule: AuthenticationRule = {
	role: "number",
	direction: "outgoing",
	idLabel: "Phone number ID",
	secretLabel: "Access Token",
	description:
		"One entry for each business phone number, under its Phone number ID (not the number itself), with the access token of a system user (permission whatsapp_business_messaging).",
	idPattern: phoneNumberId.source,
	idShape: "the digits of the Phone number ID",
	idExample: "106540352242922",
	min: 1,
	max: 1000, // Far above any known installation; keeps the form and the look-up bounded.
	normalise: (authenticationId) => withoutSpaces("Phone number ID", authenticationId),
};

export const form: ConnectorForm = {
	label: "WhatsApp (Cloud API)",
	help: "WhatsApp business numbers through the Cloud API of Meta. One service holds all numbers of one Meta app.",
	serviceConnection: {
		title: "Service Connection",
		description: "Address of the Graph API with its version. Each version ends about two years after its release.",
		example: defaultGraphApi,
		default: defaultGraphApi,
	},
	card: { summary: "WhatsApp business numbers of one Meta app", channels: ["whatsapp"] },
	sampleAddresses: { contact: "+15550100002" },
	usesAuthenticationUrl: false,
	authentications: [appSecretRule, verifyTokenRule, numberRule],
	settings: { ...settings },
	layout: {
		groups: {
			sending: ["templateLanguage", "previewLinks"],
			advanced: ["proveAppSecret"],
		},
	},
	webhookSteps: [
		"Copy the App Secret from App settings > Basic of the Meta app into an authentication named webhook.",
		"Think of a verify token and keep it in an authentication named verify; save this service.",
		"In the Meta app, open WhatsApp > Configuration, enter {webhookUrl} as Callback URL and the same verify token.",
		"Subscribe to the webhook field messages; it brings the messages of contacts and what became of ours. The fields user_preferences and smb_message_echoes are read as well.",
		"Make sure that the app is subscribed to the WhatsApp Business Account whose numbers are used.",
		"In the Business settings, make a system user with the permission whatsapp_business_messaging, generate a token that does not expire, and keep it in an authentication named after each Phone number ID.",
	],
	webhookCalls: metaCalls("Messages, and what became of ours"),
};

export function check(service: StoredService): readonly ConfigProblem[] {
	return metaProblems(service, "phone number");
}

export function parse(service: StoredService): WhatsAppConfig {
	const entries = service.authentications.filter((entry) => phoneNumberId.test(entry.authenticationId));
	const numbers = entries.map(({ authenticationId }) => ({
		phoneNumberId: authenticationId,
		token: secretsOf(service, authenticationId)[0],
	}));
	return {
		serviceConnection: graphApiOf(service),
		numbers,
		appSecrets: secretsOf(service, "webhook"),
		verifyTokens: secretsOf(service, "verify"),
		tokens: entries.flatMap((entry) => entry.secrets).filter((secret) => secret !== ""),
		proveAppSecret: service.settings["proveAppSecret"] === true,
		previewLinks: service.settings["previewLinks"] === true,
		templateLanguage: asText(service.settings["templateLanguage"]),
	};
}

export function cannotSend(config: WhatsAppConfig): string | undefined {
	if (config.numbers.length === 0) {
		return "Add an authentication named after the Phone number ID with its access token.";
	}
	return config.numbers.every((number) => number.token === undefined)
		? "Add the access token to the authentication of the phone number."
		: undefined;
}

export function addressing(input: AddressingInput, config: WhatsAppConfig): Addressing {
	if (input.channel !== undefined && input.channel.toLowerCase() !== "whatsapp") {
		return { ok: false, field: "channel", message: "A WhatsApp service sends on the channel whatsapp only." };
	}
	const number = numberFor(input.from?.trim(), config);
	if (!number.ok) {
		return { ok: false, field: "from", message: number.message };
	}
	const contactAddress = toContactAddress(input.to);
	if (contactAddress === undefined) {
		const message = "Give the contact's number with its country code, or their WhatsApp user id such as US.1349120865.";
		return { ok: false, field: "to", message };
	}
	return { ok: true, channel: "whatsapp", ourAddress: number.id, contactAddress };
}

type NumberChoice = { ok: true; id: string } | { ok: false; message: string };

function numberFor(from: string | undefined, config: WhatsAppConfig): NumberChoice {
	const [first, ...others] = config.numbers;
	if (from !== undefined && from !== "") {
		const named = config.numbers.find((number) => number.phoneNumberId === from);
		const message =
			"No number of this service has this Phone number ID; add it as an authentication or give another (the ID, not the number itself).";
		return named === undefined ? { ok: false, message } : { ok: true, id: named.phoneNumberId };
	}
	if (first === undefined) {
		return { ok: false, message: "This service has no number; add an authentication named after its Phone number ID." };
	}
	return others.length === 0
		? { ok: true, id: first.phoneNumberId }
		: { ok: false, message: "This service has several numbers; give the Phone number ID of the one that sends." };
}
