// What an administrator enters for a gateway, the rules about it, and the configuration that comes of it, with templates
// and expressions read once. The names follow the "SMS Interface" page of the original as far as it is known (README.md).

import type { AuthenticationRule, ConfigProblem, ConnectorForm, StoredService, WebhookCall } from "../contract.ts";
import { callToOwnAddress } from "../kit/own-address.ts";
import { isCountry } from "../kit/phone.ts";
import { type AnswerRules, readAnswerRules } from "./answer-rules.ts";
import { type Broken, placeholdersOf, readRequestTemplates, type RequestTemplates } from "./request-templates.ts";
import { writtenOut } from "./secrets.ts";
import { type Settings, settingsOf, settingsSchema } from "./settings.ts";
import { layout } from "./layout.ts";

export type SmsHttpConfig = {
	settings: Settings;
	/** Undefined when Service Connection or a template cannot be read. */
	templates: RequestTemplates | undefined;
	rules: AnswerRules | undefined;
	/** The password in use first: an address made before a rotation is proven by the one before. */
	user: { id: string; passwords: readonly string[] } | undefined;
};

const user: AuthenticationRule = {
	role: "user",
	direction: "outgoing",
	idLabel: "User name",
	secretLabel: "Password",
	description:
		"Stands in the templates as {{user}} and {{password}}. For calls of the gateway to us (Set Local Password) make an external user with the right Use instead.",
	idPattern: "^[^\\s:\\p{Cc}](?:[^:\\p{Cc}]{0,98}[^\\s:\\p{Cc}])?$",
	idShape: "1 to 100 characters without a colon",
	idExample: "gateway-user",
	min: 0,
	max: 1,
};

/** Receipts come to whichever of the two addresses the gateway was told: that is up to the templates. */
function callsOf(how: Pick<WebhookCall, "method" | "alsoTaken" | "when">): readonly WebhookCall[] {
	return [
		{
			purpose: "Messages of contacts, and receipts where the send request carries no {{dlrUrl}}",
			...how,
			url: "{webhookUrl}",
			namedBy: "person",
			headers: [],
		},
		{ purpose: "Receipts, where the send request carries {{dlrUrl}}", ...how, ...callToOwnAddress },
	];
}

export const form: ConnectorForm = {
	label: "SMS Interface (HTTP)",
	help: "Any SMS gateway that is called by HTTP: its request, its answers and its calls are described by templates, paths and word lists.",
	serviceConnection: {
		title: "Service Connection",
		description:
			"Address of the gateway's send request. Placeholders such as {{to}} may stand in the path and behind a = in the query, never in the host.",
		example: "https://sms.example.com/send",
	},
	card: { summary: "Any SMS gateway that is called by HTTP", channels: ["sms"] },
	sampleAddresses: { contact: "+15550100002", ours: "+15550100001" },
	usesAuthenticationUrl: false,
	authentications: [user],
	settings: { ...settingsSchema },
	layout,
	webhookSteps: [
		"Make an external user with the right Use on this service (Set Local Password): its name and password are what the gateway calls us with, by HTTP Basic.",
		"At the gateway enter {webhookUrl} for incoming messages, with POST or GET, and that user's name and password.",
		"For receipts let the send request carry {{dlrUrl}}, or enter {webhookUrl} at the gateway for them too.",
		"Name the parameters or fields of messages and receipts in the settings, and the words of its statuses.",
		"Compare the preview of the request, or the example in the log that is written when the service is opened, with the gateway's manual.",
	],
	webhookCalls: [
		...callsOf({ method: "POST", alsoTaken: ["GET"], when: { incomingFormat: ["parameters"] } }),
		...callsOf({ method: "POST", when: { incomingFormat: ["json", "xml"] } }),
	],
};

export function check(service: StoredService): readonly ConfigProblem[] {
	const settings = settingsOf(service);
	const { templates, broken } = readRequestTemplates(service.serviceConnection, settings);
	const problems = [
		...broken,
		...writtenOut(service.serviceConnection, settings),
		...readAnswerRules(settings).broken,
		...idProblems(settings, templates),
		...numberProblems(settings),
		...incomingProblems(settings),
		...wordProblems(settings),
	];
	return problems.map(({ place, message }) => ({ pointer: pointerOf(place, service), message }));
}

/** At the first of the places that was entered: the others are what they are by default. */
function pointerOf(place: Broken["place"], { settings }: StoredService): string {
	const entered = place.find((name) => Object.hasOwn(settings, name.split("/")[0] ?? "")) ?? place[0] ?? "";
	return entered === "serviceConnection" ? "/serviceConnection" : `/settings/${entered}`;
}

function idProblems({ idFrom }: Settings, templates: RequestTemplates | undefined): readonly Broken[] {
	const sent = templates === undefined ? new Set() : placeholdersOf(templates);
	const isSent = templates === undefined || sent.has("id") || sent.has("dlrUrl");
	return idFrom !== "ours" || isSent
		? []
		: [
				{
					place: ["idFrom"],
					message: "is ours, so the request must carry it: put {{id}} or {{dlrUrl}} into the request.",
				},
			];
}

function numberProblems({ bareNumbers, country }: Settings): readonly Broken[] {
	if (country !== "" && !isCountry(country)) {
		return [{ place: ["country"], message: "must be a country of ISO 3166 in two capital letters, for example FI." }];
	}
	return bareNumbers === "national" && country === ""
		? [{ place: ["bareNumbers"], message: "is national, so enter the country as well." }]
		: [];
}

/** Without an id and a time the second "Yes" of a contact could not be told from a repeated call. */
function incomingProblems({
	messageText,
	messageId,
	messageTime,
	kindPath,
	receiptKinds,
}: Settings): readonly Broken[] {
	return [
		...(messageText !== "" && messageId === "" && messageTime === ""
			? [
					{
						place: ["messageId", "messageTime"] as const,
						message: "must be named, or the time: without either a repeated call and a repeated answer look the same.",
					},
				]
			: []),
		...(kindPath !== "" && receiptKinds.length === 0
			? [{ place: ["receiptKinds"] as const, message: "must have a word, or the kind of call is not asked for." }]
			: []),
	];
}

const wordLists = ["sentWords", "deliveredWords", "readWords", "failedWords", "ignoredWords"] as const;

/** One word, one meaning. */
function wordProblems(settings: Settings): readonly Broken[] {
	const seen = new Map<string, string>();
	const broken: Broken[] = [];
	for (const list of wordLists) {
		for (const word of settings[list].map((one) => one.trim().toLowerCase())) {
			const other = seen.get(word) ?? list;
			seen.set(word, other);
			if (other !== list) {
				broken.push({
					place: [list, other as (typeof wordLists)[number]],
					message: "has a word that another list of statuses has too.",
				});
			}
		}
	}
	return broken;
}

export function parse(service: StoredService): SmsHttpConfig {
	const settings = settingsOf(service);
	const [entry] = service.authentications;
	const secrets = (entry?.secrets ?? []).filter((secret) => secret !== "");
	return {
		settings,
		templates: readRequestTemplates(service.serviceConnection, settings).templates,
		rules: readAnswerRules(settings).rules,
		user: entry === undefined ? undefined : { id: entry.authenticationId, passwords: secrets },
	};
}

export function cannotSend({ templates, rules, user: entry }: SmsHttpConfig): string | undefined {
	if (templates === undefined || rules === undefined) {
		return "Enter Service Connection and correct the templates and rules of the service.";
	}
	const used = placeholdersOf(templates);
	const asksForUser = (["user", "password", "basic"] as const).some((name) => used.has(name));
	if (asksForUser && entry === undefined) {
		return "Add an authentication with user name and password; the templates ask for them.";
	}
	const asksForPassword = used.has("password") || used.has("basic");
	return asksForPassword && (entry?.passwords ?? []).length === 0
		? "Add the password of the authentication; the templates ask for it."
		: undefined;
}
