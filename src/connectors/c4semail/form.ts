// What an administrator enters for one tenant of SAP Cloud for Customer, the rules about it, and the configuration that comes
// of it. The names of properties are settings, because tenants differ; README.md says which defaults are proposed.

import { type TSchema, Type } from "typebox";
import type { AuthenticationRule, ConfigProblem, ConnectorForm, StoredService } from "../contract.ts";
import { asObject, asText } from "../kit/http.ts";
import type { Access } from "./odata.ts";
import { layout } from "./layout.ts";

export type ReplyMode = "c4c" | "odata";

/** Names of properties of an e-mail in this tenant. */
export type Properties = {
	direction: string;
	sender: string;
	senderName: string;
	recipient: string;
	subject: string;
	mark: string;
};

export type C4sConfig = {
	/** Undefined: Service Connection cannot be read, or the user or its password is not there. */
	access: Access | undefined;
	/** Every password that must not be shown. */
	secrets: readonly string[];
	replyMode: ReplyMode;
	demandsHttpUser: boolean;
	pollMs: number;
	overlapMs: number;
	/** Our address of every e-mail: the mailbox, or the tenant's host. */
	ourAddress: string;
	mailbox: string;
	properties: Properties;
	inboundValue: string;
	outboundValue: string;
	noteTypeCode: string;
	emailTypeCode: string;
	findsTickets: boolean;
	/** Empty: attachments are not asked for. */
	attachmentCollection: string;
	replySubject: string;
	/** Properties with fixed values that an e-mail of ours gets besides. */
	replyProperties: Readonly<Record<string, unknown>>;
};

const servicePath = "/sap/c4c/odata/v1/c4codataapi";
const example = `https://my123456.crm.ondemand.com${servicePath}`;
const nameShape = "^[A-Za-z_][A-Za-z0-9_]{0,127}$"; // OData V2, “SimpleIdentifier” of its schema language.

function property(title: string, description: string, byDefault: string): TSchema {
	return Type.String({ title, description, examples: [byDefault], pattern: nameShape, default: byDefault });
}

function code(title: string, description: string, byDefault: string): TSchema {
	return Type.String({ title, description, examples: [byDefault], maxLength: 60, default: byDefault });
}

function choice(title: string, description: string, byDefault: boolean): TSchema {
	return Type.Boolean({ title, description, default: byDefault });
}

const settings = Type.Object(
	{
		replyMode: Type.Union([Type.Literal("c4c"), Type.Literal("odata")], {
			title: "Answers",
			description:
				"c4c: answers are written in SAP Cloud for Customer, and a message sent here is refused. odata (proposed): a message makes an outgoing e-mail activity there.",
			default: "c4c",
		}),
		mailbox: Type.String({
			title: "Mailbox",
			description:
				"The address that contacts write to; our address of every e-mail. Empty: the host of the tenant stands for it.",
			examples: ["service@example.com"],
			maxLength: 254,
			default: "",
		}),
		demandsHttpUser: choice(
			"Demand an HTTP user of the notifications",
			"Event Notification then has to call us as an external user with the right Use. Off: its calls are let in without proof; they only make us ask.",
			false,
		),
		pollSeconds: Type.Integer({
			title: "Ask every (seconds)",
			description: "How long we wait until we ask for e-mails again, when no notification comes.",
			minimum: 10,
			maximum: 3600,
			default: 60,
		}),
		overlapMinutes: Type.Integer({
			title: "Overlap (minutes)",
			description:
				"Each question reaches back so far behind the newest e-mail that is known: what is stored late is found, and at the first question what came shortly before.",
			minimum: 1,
			maximum: 1440,
			default: 15,
		}),
		directionProperty: property("Property: direction", "Says whether an e-mail came in or went out.", "InitiatorCode"),
		inboundValue: code("Value: came in", "What the direction says of an e-mail that came in.", "2"),
		outboundValue: code("Value: went out", "What the direction says of an e-mail that went out.", "3"),
		senderProperty: property("Property: sender", "The address of who wrote.", "FromEMailURI"),
		senderNameProperty: property("Property: sender's name", "The name of who wrote.", "FromName"),
		recipientProperty: property("Property: recipient", "The address of who it is for.", "ToEMailURI"),
		subjectProperty: property("Property: subject", "The subject.", "Subject"),
		findsTickets: choice(
			"Find the ticket",
			"Look for the ticket (service request) of each e-mail that came in, and show its number with the message.",
			true,
		),
		emailTypeCode: code("Type code of e-mails", "What a ticket's reference to an e-mail has as TypeCode.", "39"),
		attachmentCollection: Type.String({
			title: "Collection of attachments",
			description: "Where attachments of e-mails are listed. Empty: attachments are not looked for.",
			examples: ["EMailAttachmentFolderCollection"],
			maxLength: 128,
			default: "EMailAttachmentFolderCollection",
		}),
		markProperty: property(
			"Property: our attempt id",
			"For answers by odata: a text of the e-mail that we may write, to know our e-mail again.",
			"ExternalID",
		),
		noteTypeCode: code("Type code of the text", "For answers by odata: the type of the note with the text.", "10002"),
		replySubject: Type.String({
			title: "Subject of answers",
			description: "For answers by odata: messages have no subject of their own.",
			examples: ["Your e-mail"],
			maxLength: 200,
			default: "Your e-mail",
		}),
		replyProperties: Type.String({
			title: "More properties of answers",
			description: "For answers by odata: a JSON object of what else your tenant demands of an outgoing e-mail.",
			examples: ['{"ProcessingTypeCode":"0005"}'],
			maxLength: 4000,
			default: "{}",
		}),
	},
	{ additionalProperties: false },
);

const technicalUser: AuthenticationRule = {
	role: "user",
	direction: "outgoing",
	idLabel: "User name",
	secretLabel: "Password",
	description: "The technical user of the communication arrangement in SAP Cloud for Customer.",
	idPattern: "^[\\x21-\\x39\\x3b-\\x7e]{1,120}$",
	idShape: "a user name of visible ASCII characters without spaces and colons",
	idExample: "_PARLEY",
	min: 1,
	max: 1,
	normalise: (authenticationId) => ({ authenticationId: authenticationId.trim() }),
};

export const form: ConnectorForm = {
	label: "SAP Cloud for Customer e-mail",
	help: "Work items for e-mail activities of SAP Cloud for Customer (Service Cloud version 1). They are found by asking its OData interface; agents answer there. The interface is SAP's documented one; the names of an e-mail's properties are proposed and may have to be set to your tenant's.",
	serviceConnection: {
		title: "Service Connection",
		description: `Address of the tenant's OData service; with the host alone, ${servicePath} is added.`,
		example,
	},
	card: { summary: "E-mail activities of SAP Cloud for Customer, found through OData", channels: ["email"] },
	sampleAddresses: { contact: "kim@example.com" },
	usesAuthenticationUrl: false,
	authentications: [technicalUser],
	settings: { ...settings },
	layout,
	webhookSteps: [
		"In SAP Cloud for Customer make a communication system and a communication arrangement with the scenario OData Services for Business Objects, basic authentication, and the services for e-mails and tickets ticked. Avoid letters outside Latin script and the signs ¤ £ € ½ § in the password.",
		"Save this service with that user and password, and run the check: it names each property that your tenant calls otherwise.",
		"Messages come in now, by asking. To have them at once: Administrator > General Settings > Event Notification, a consumer of the type External Consumer with the address {webhookUrl}, subscribed to the business object of e-mails, node root, created and updated.",
		"Better with a lock: make an external user with the right Use on this service, enter it at the consumer as user and password, and switch on Demand an HTTP user of the notifications.",
	],
	webhookCalls: [
		{
			purpose: "Event notifications, after which Parley asks at once",
			method: "POST",
			url: "{webhookUrl}",
			namedBy: "person",
			headers: [],
			proposed: "all of it: what Event Notification sends is not documented, but seen in published programs",
		},
	],
};

/** Visible, with a host and no more: enough to tell an address from what is none. */
export const addressPattern = /^[^\s<>"(),;:@\p{Cc}]{1,64}@[^\s<>"(),;:@\p{Cc}]{1,189}$/u;

function baseOf(serviceConnection: string): string | undefined {
	const url = URL.parse(serviceConnection.trim());
	const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === "";
	if (!isPlain || url.search + url.hash !== "") {
		return undefined;
	}
	const path = url.pathname.replace(/\/+(?:\$metadata)?$/, "");
	return `${url.origin}${path === "" ? servicePath : path}`;
}

export function check(service: StoredService): readonly ConfigProblem[] {
	const { mailbox = "", replyProperties } = service.settings;
	return [
		...(baseOf(service.serviceConnection) === undefined
			? [{ pointer: "/serviceConnection", message: `must be a complete web address, for example ${example}.` }]
			: []),
		...(mailbox === "" || (typeof mailbox === "string" && addressPattern.test(mailbox.trim()))
			? []
			: [{ pointer: "/settings/mailbox", message: "must be an e-mail address, as in service@example.com." }]),
		...repeatedNames(service),
		...(replyProperties === undefined || objectIn(replyProperties) !== undefined
			? []
			: [{ pointer: "/settings/replyProperties", message: 'must be a JSON object, as in {"PriorityCode":"3"}.' }]),
	];
}

/** Of two things under one name, the second would overwrite the first. */
function repeatedNames({ settings: given }: StoredService): readonly ConfigProblem[] {
	const names = Object.entries(propertiesIn(given));
	return names.flatMap(([role, name], index) =>
		names.slice(0, index).some(([, other]) => other === name)
			? [{ pointer: `/settings/${role}Property`, message: `must be another property: ${name} is used already.` }]
			: [],
	);
}

function objectIn(text: unknown): Readonly<Record<string, unknown>> | undefined {
	try {
		return asObject(JSON.parse(String(text)) as unknown);
	} catch (error) {
		if (error instanceof SyntaxError) {
			return undefined; // No JSON; the caller says so.
		}
		throw error;
	}
}

export function parse(service: StoredService): C4sConfig {
	const { settings: given } = service;
	const base = baseOf(service.serviceConnection);
	const secrets = secretsOf(service);
	const mailbox = asText(given["mailbox"])?.trim().toLowerCase() ?? "";
	return {
		access: accessOf(service, base),
		secrets,
		replyMode: given["replyMode"] === "odata" ? "odata" : "c4c",
		demandsHttpUser: given["demandsHttpUser"] === true,
		pollMs: 1000 * numberOf(given["pollSeconds"], 60),
		overlapMs: 60_000 * numberOf(given["overlapMinutes"], 15),
		ourAddress: mailbox === "" ? hostOf(base) : mailbox,
		mailbox,
		properties: propertiesIn(given),
		inboundValue: textIn(given, "inboundValue"),
		outboundValue: textIn(given, "outboundValue"),
		noteTypeCode: textIn(given, "noteTypeCode"),
		emailTypeCode: textIn(given, "emailTypeCode"),
		findsTickets: given["findsTickets"] !== false,
		attachmentCollection: collectionIn(given["attachmentCollection"]),
		replySubject: textIn(given, "replySubject"),
		replyProperties: objectIn(given["replyProperties"] ?? "{}") ?? {},
	};
}

function secretsOf({ authentications: [entry] }: StoredService): readonly string[] {
	return entry?.secrets.filter((secret) => secret !== "") ?? [];
}

function accessOf(service: StoredService, base: string | undefined): Access | undefined {
	const user = service.authentications[0]?.authenticationId.trim();
	const [password] = secretsOf(service);
	return base === undefined || user === undefined || password === undefined ? undefined : { base, user, password };
}

function hostOf(base: string | undefined): string {
	return URL.parse(base ?? "")?.hostname ?? "c4c"; // Of a draft, which nothing is sent from.
}

type Given = Readonly<Record<string, unknown>>;

function propertiesIn(given: Given): Properties {
	return {
		direction: textIn(given, "directionProperty"),
		sender: textIn(given, "senderProperty"),
		senderName: textIn(given, "senderNameProperty"),
		recipient: textIn(given, "recipientProperty"),
		subject: textIn(given, "subjectProperty"),
		mark: textIn(given, "markProperty"),
	};
}

function textIn(given: Given, name: keyof typeof settings.properties): string {
	return asText(given[name]) ?? defaultOf(name);
}

function defaultOf(name: keyof typeof settings.properties): string {
	return String(Reflect.get(settings.properties[name], "default"));
}

function numberOf(value: unknown, byDefault: number): number {
	return typeof value === "number" && value > 0 ? value : byDefault;
}

/** Switched off by an empty text; a text that is no name would lead elsewhere. */
function collectionIn(value: unknown): string {
	const name = value ?? defaultOf("attachmentCollection");
	return typeof name === "string" && new RegExp(nameShape, "u").test(name) ? name : "";
}

/** In the mode `c4c` too: whoever cannot be asked is not ready, even if it never sends. */
export function cannotSend({ access, secrets }: C4sConfig): string | undefined {
	if (access !== undefined) {
		return undefined;
	}
	return secrets.length === 0
		? "Add an authentication with the technical user of SAP Cloud for Customer and its password."
		: `Enter the address of the tenant in Service Connection, for example ${example}.`;
}
