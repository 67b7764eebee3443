// The ways in which a provider proves itself, each with a service of ours that is opened as the gateway opens it, genuine
// requests of any number, and the independent verdict.

import { createHmac, type Hmac } from "node:crypto";
import { connectorOf } from "#connectors/registry.ts";
import type { RawRequest } from "#connectors/contract.ts";
import type { ServiceId } from "#domain/ids.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { type AdmitDeps, admit, type Door } from "#gateway/admit.ts";
import { openService, type OpenService } from "#gateway/open-service.ts";
import { openHttpUsers } from "#identity/http-users.ts";
import type { Logons } from "#identity/logon.ts";
import type { Random } from "#platform/random.ts";
import { restScene } from "#test/rest-scene.ts";
import type { TestContext } from "node:test";
import { mutationNames, type Subject } from "./mutator.ts";
import { basicIsGenuine, metaIsGenuine, sinchIsGenuine, telegramIsGenuine, twilioIsGenuine } from "./reference.ts";
import { type Sign, signMeta, signSinch, signTelegram, signTwilio } from "./signing.ts";
import { below, oneOf, type Wire } from "./wire.ts";

export const now = new Date("2026-01-02T12:00:00Z");
export const page = "111";
export const appId = "01EB37HMH1M6SV18ABNS3G135H";
export const accountSid = `AC${"3".repeat(32)}`;
export const botName = "acme_support_bot";
export const current = "current-secret-5d1f";
export const previous = "previous-secret-77ab";
export const stranger = "secret-of-another-service";

export type Scheme = {
	name: string;
	subject: Subject;
	service: OpenService;
	/** A genuine request, new with every call. */
	sample(random: Random): Wire;
	isGenuine(wire: Wire): boolean;
	/** The changes that can matter here. */
	mutations: readonly string[];
	/** Whether ours must also accept whatever the reference accepts. */
	isExact: boolean;
	admit(raw: RawRequest): Promise<Door>;
};

type Entries = Readonly<Record<string, readonly string[]>>;

/** A service with these secrets, the current one first. */
export function serviceOf(type: string, entries: Entries): OpenService {
	const connector = connectorOf(type);
	if (connector === undefined) {
		throw new Error(`There is no service type ${type}.`);
	}
	const stored = {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: connections[type] ?? "",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: Object.entries(entries).map(([authenticationId, secrets]) => ({ authenticationId, secrets })),
	};
	const facts = { stored, type, name: type, enabled: true, incomingMode: "enforce", stoppedReason: null } as const;
	const settings = commonSettings({});
	return openService({ ...facts, isLocked: false, version: 1, settings, webhookUrl: "" }, connector);
}

const connections: Readonly<Record<string, string>> = {
	facebook: "https://graph.example/v25.0",
	twilio: "https://api.twilio.example",
	sinchconversation: "https://eu.conversation.example/v1/projects/p1/messages:send",
	sinchsms: "https://eu.sms.example",
	telegram: "https://telegram.example",
	whatsapp: "https://graph.example/v25.0",
};

export const entriesOf = {
	facebook: (secrets: readonly string[]): Entries => ({ [page]: ["token"], webhook: secrets }),
	whatsapp: (secrets: readonly string[]): Entries => ({ [page]: ["token"], webhook: secrets }),
	twilio: (secrets: readonly string[]): Entries => ({ [accountSid]: secrets }),
	sinchconversation: (secrets: readonly string[]): Entries => ({ [`key@${appId}`]: ["key secret"], webhook: secrets }),
	sinchsms: (secrets: readonly string[]): Entries => ({ webhook: secrets, plan1: ["API token"] }),
	telegram: (secrets: readonly string[]): Entries => ({ webhook: secrets, [botName]: ["token"] }),
};

const sinchProofs = [
	"x-sinch-webhook-signature",
	"x-sinch-webhook-signature-nonce",
	"x-sinch-webhook-signature-timestamp",
	"x-sinch-webhook-signature-algorithm",
] as const;

const signatureDeps: AdmitDeps = {
	now: () => now,
	usesLocalHttpAuthentication: () => false,
	identity: { checkHttpUser: () => Promise.resolve({ ok: false, status: 401, challenge: "Basic" }) },
};

type Plan = {
	name: string;
	type: keyof typeof entriesOf;
	proofs: readonly [string, ...string[]];
	sign: Sign;
	unsigned(random: Random): Wire;
	isGenuine(wire: Wire, secrets: readonly string[]): boolean;
	/** Two while a rotation lasts. */
	secrets: readonly [string, ...string[]];
	isExact: boolean;
	/** The same secret in every call: only changes of the proof can spoil it. */
	provesSender?: true;
};

const plans: readonly Plan[] = [
	{
		name: "Meta sha256",
		type: "facebook",
		proofs: ["x-hub-signature-256"],
		sign: signMeta,
		unsigned: metaWire,
		isGenuine: metaIsGenuine,
		secrets: [current, previous],
		isExact: true,
	},
	{
		name: "Sinch Conversation",
		type: "sinchconversation",
		proofs: sinchProofs,
		sign: signSinch,
		unsigned: sinchWire,
		isGenuine: (wire, secrets) => sinchIsGenuine(wire, secrets, now),
		secrets: [current, previous],
		isExact: true,
	},
	{
		name: "Sinch SMS",
		type: "sinchsms",
		proofs: sinchProofs,
		sign: signSinch,
		unsigned: sinchSmsWire,
		isGenuine: (wire, secrets) => sinchIsGenuine(wire, secrets, now),
		secrets: [current, previous],
		isExact: true,
	},
	{
		name: "Twilio form",
		type: "twilio",
		proofs: ["x-twilio-signature"],
		sign: signTwilio,
		unsigned: twilioFormWire,
		isGenuine: twilioIsGenuine,
		secrets: [current],
		// Ours refuses spellings of a form that no signer writes: broken escapes, empty pairs.
		isExact: false,
	},
	{
		name: "Twilio JSON",
		type: "twilio",
		proofs: ["x-twilio-signature"],
		sign: signTwilio,
		unsigned: twilioJsonWire,
		isGenuine: twilioIsGenuine,
		secrets: [current],
		isExact: false,
	},
	{
		name: "WhatsApp sha256",
		type: "whatsapp",
		proofs: ["x-hub-signature-256"],
		sign: signMeta,
		unsigned: whatsappWire,
		isGenuine: metaIsGenuine,
		secrets: [current, previous],
		isExact: true,
	},
	{
		name: "Telegram secret",
		type: "telegram",
		proofs: ["x-telegram-bot-api-secret-token"],
		sign: signTelegram,
		unsigned: telegramWire,
		isGenuine: telegramIsGenuine,
		secrets: [current, previous],
		isExact: true,
		provesSender: true,
	},
];

const changesOfProof = mutationNames.filter((name) => /^proof|^headerMore$|Key$/.test(name));

export const signedSchemes: readonly Scheme[] = plans.map((plan) => {
	const service = serviceOf(plan.type, entriesOf[plan.type](plan.secrets));
	const { sign, secrets } = plan;
	return {
		name: plan.name,
		subject: { proof: plan.proofs[0], proofs: plan.proofs, secret: current, otherSecret: stranger, sign },
		service,
		mutations: plan.provesSender === true ? changesOfProof : mutationNames,
		sample: (random) => sign(plan.unsigned(random), oneOf(random, secrets)),
		isGenuine: (wire) => plan.isGenuine(wire, secrets),
		isExact: plan.isExact,
		admit: (raw) => admit(raw, service, "192.0.2.1", signatureDeps),
	};
});

const login = "provider";
const password = "pässword:with=colon";

/**
 * HTTP users of ours, before a service whose signature is always right: only the HTTP user decides. What compares the
 * password is a stand-in (it has its own tests); what reads the header and asks for the right is the product's.
 */
export async function basicScheme(t: Pick<TestContext, "after">): Promise<Scheme> {
	const { deps, person, identity, clock, storage } = await restScene(t);
	const service = serviceOf("twilio", entriesOf.twilio([current]));
	const user = await person({
		login,
		externalUser: true,
		grants: [{ objectType: "messagingService", objectId: service.id, access: ["use"] }],
	});
	const known = await identity.logOn({ login, password: user.password, address: "192.0.2.1" });
	if (!known.ok) {
		throw new Error("The stage's own user cannot log on.");
	}
	const logons: Logons = {
		verify: (given) =>
			Promise.resolve(
				given.login === login && given.password === password
					? { ok: true, user: known.user }
					: { ok: false, why: "wrong" },
			),
		forget: () => undefined,
	};
	const mac = (purpose: string, ...pieces: readonly (string | Uint8Array)[]) =>
		pieces.reduce<Hmac>((hmac, piece) => hmac.update(piece), createHmac("sha256", purpose)).digest();
	const settings = { ...deps.settings, session: { idleMinutes: 30, absoluteHours: 10 } };
	const users = openHttpUsers({ ...deps, settings, storage, clock, mac }, logons);
	const admitDeps: AdmitDeps = {
		now: () => now,
		usesLocalHttpAuthentication: () => true,
		identity: { checkHttpUser: (authorization, asked) => users.check(authorization, asked) },
	};
	const token = Buffer.from(`${login}:${password}`).toString("base64");
	return {
		name: "HTTP Basic",
		subject: {
			proof: "authorization",
			proofs: ["authorization"],
			secret: token,
			otherSecret: stranger,
			sign: (wire, secret) => ({
				...wire,
				headers: wire.headers.map((line) =>
					line[0] === "authorization"
						? ([line[0], `Basic ${Buffer.from(`${login}:${secret}`).toString("base64")}`] as const)
						: line,
				),
			}),
		},
		service: { ...service, verify: () => ({ ok: true }) },
		mutations: changesOfProof,
		sample(random) {
			const wire = signTwilio(twilioFormWire(random), current);
			return { ...wire, headers: [...wire.headers, ["authorization", `Basic ${token}`]] };
		},
		isGenuine: (wire) => basicIsGenuine(wire, login, password),
		isExact: true,
		admit: (raw) => admit(raw, { ...service, verify: () => ({ ok: true }) }, "192.0.2.1", admitDeps),
	};
}

const words = [
	"Hello",
	"Olá + & 👍",
	"10% = ½",
	"a=b&c=d",
	"line\nline",
	"ünïcödé",
	"",
	'{"x":"/é"}',
	"\u0000",
	"сheck",
] as const;

function textFrom(random: Random): string {
	return `${oneOf(random, words)} ${below(random, 1_000_000)}`;
}

function hexFrom(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}

function metaWire(random: Random): Wire {
	const at = 1_767_355_200_000 + below(random, 1000);
	const message = { mid: `m_${hexFrom(random)}`, text: textFrom(random) };
	const item = { sender: { id: "u1" }, recipient: { id: page }, timestamp: at, message };
	return {
		method: "POST",
		path: "/sms/facebook/1",
		headers: [
			["content-type", "application/json"],
			["user-agent", "facebookplatform/1.0 (+http://developers.facebook.com)"],
			["x-hub-signature-256", ""],
		],
		body: Buffer.from(JSON.stringify({ object: "page", entry: [{ id: page, time: at, messaging: [item] }] })),
	};
}

/** The Phone number ID is the one that a page has elsewhere: an id of digits. */
function whatsappWire(random: Random): Wire {
	const timestamp = String(1_767_355_200 + below(random, 1000));
	const message = { from: "16505551234", id: `wamid.${hexFrom(random)}`, timestamp, type: "text" };
	const messages = [{ ...message, text: { body: `x ${textFrom(random)}` } }];
	const value = { messaging_product: "whatsapp", metadata: { phone_number_id: page }, messages };
	return {
		method: "POST",
		path: "/sms/whatsapp/1",
		headers: [
			["content-type", "application/json"],
			["user-agent", "facebookexternalua"],
			["x-hub-signature-256", ""],
		],
		body: Buffer.from(
			JSON.stringify({
				object: "whatsapp_business_account",
				entry: [{ id: "1", changes: [{ field: "messages", value }] }],
			}),
		),
	};
}

function telegramWire(random: Random): Wire {
	const id = below(random, 2 ** 31);
	const person = { id: 7_010_000_001, first_name: "Ana" };
	const message = { message_id: 1, from: person, chat: { ...person, type: "private" }, date: 1_767_355_200 };
	return {
		method: "POST",
		path: "/sms/telegram/1",
		headers: [
			["content-type", "application/json"],
			["accept-encoding", "gzip, deflate"],
			["x-telegram-bot-api-secret-token", ""],
		],
		body: Buffer.from(JSON.stringify({ update_id: id, message: { ...message, text: `x ${textFrom(random)}` } })),
	};
}

function sinchWire(random: Random): Wire {
	const message = {
		id: hexFrom(random),
		direction: "TO_APP",
		contact_message: { text_message: { text: textFrom(random) } },
		channel_identity: { channel: "WHATSAPP", identity: "491701234567", app_id: "" },
	};
	return sinchCall("/sms/sinchconversation/1", { app_id: appId, project_id: "p1", message }, random);
}

function sinchSmsWire(random: Random): Wire {
	const numbers = { from: "491701234567", to: "447700900100" };
	const message = { type: "mo_text", id: hexFrom(random), ...numbers, body: textFrom(random) };
	return sinchCall("/sms/sinchsms/1", message, random);
}

function sinchCall(path: string, body: object, random: Random): Wire {
	const time = Math.floor(now.getTime() / 1000) + below(random, 599) - 299;
	return {
		method: "POST",
		path,
		headers: [
			["content-type", "application/json"],
			["x-sinch-webhook-signature", ""],
			["x-sinch-webhook-signature-nonce", hexFrom(random).slice(0, 26)],
			["x-sinch-webhook-signature-timestamp", String(time)],
			["x-sinch-webhook-signature-algorithm", "HmacSHA256"],
		],
		body: Buffer.from(JSON.stringify(body)),
	};
}

function twilioFormWire(random: Random): Wire {
	const sid = `SM${hexFrom(random)}`;
	const form = new URLSearchParams({
		ToCountry: "US",
		SmsMessageSid: sid,
		NumMedia: "0",
		FromCity: "",
		SmsStatus: "received",
		Body: textFrom(random),
		To: "+15550100001",
		MessageSid: sid,
		AccountSid: accountSid,
		From: "+15550100002",
		ApiVersion: "2010-04-01",
	});
	return {
		method: "POST",
		path: "/sms/twilio/1?tenant=acme",
		headers: [
			["content-type", "application/x-www-form-urlencoded; charset=UTF-8"],
			["user-agent", "TwilioProxy/1.1"],
			["x-twilio-signature", ""],
		],
		body: Buffer.from(form.toString()),
	};
}

function twilioJsonWire(random: Random): Wire {
	const event = { specversion: "1.0", type: "com.twilio.messaging.message.sent", id: `EZ${hexFrom(random)}` };
	const data = { accountSid, messageSid: `SM${hexFrom(random)}`, note: textFrom(random) };
	return {
		method: "POST",
		path: "/sms/twilio/1?bodySHA256=",
		headers: [
			["content-type", "application/json"],
			["x-twilio-signature", ""],
		],
		body: Buffer.from(JSON.stringify([{ ...event, data }])),
	};
}
