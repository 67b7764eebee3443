// The request that a draft of a service would send, by rehearsing: the connector's own `send` with tools that note the request
// and let nothing out. Secrets are not even there: others stand in for them, and whatever of the request changes when these
// change – a proof, HTTP Basic, a token – is shown as the mask. Pure but for the waiting.

import type { FaultCode } from "#domain/faults.ts";
import type { AttemptId, MessageId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import { commonSettings } from "#domain/service-settings.ts";
import type { Addressing, Connector, HttpCall, Outcome, StoredService, Tools } from "../contract.ts";
import { ruleFor } from "./rules.ts";

/** What stands where a secret is sent. */
export const secretMask = "•••";

export type DraftEntry = {
	authenticationId: string;
	/** As entered just now; only asked whether it can be sent at all. */
	entered?: string;
	/** Whether there is a secret, entered or stored. */
	isSet: boolean;
};
export type Draft = Omit<StoredService, "authentications"> & { authentications: readonly DraftEntry[] };
export type DraftMessage = { from?: string; to?: string; channel?: string; text?: string; webhookUrl: string };

export type ShownRequest = {
	method: HttpCall["method"];
	url: string;
	headers: readonly { name: string; value: string }[];
	body: string | null;
};
export type Preview =
	| {
			ok: true;
			request: ShownRequest;
			/** It carries a token that is fetched first. */
			needsToken: boolean;
			/** False: a request that comes before the one with the message. */
			carriesText: boolean;
	  }
	| { ok: false; pointer: string; message: string };

const exampleText = "Example: 5 + 5 & more";

export function canPreview({ line }: Connector<unknown>): boolean {
	return line === undefined;
}

/** Only for a draft that breaks no rule. */
export async function previewOf(
	connector: Connector<unknown>,
	draft: Draft,
	given: DraftMessage,
	now: Date,
): Promise<Preview> {
	const service = withStandIns(connector, draft, "A");
	const found = addressed(connector, service, given);
	if (!found.ok) {
		return { ok: false, pointer: `/message/${found.field}`, message: found.message };
	}
	const message = toMessage(found, draft, given, now);
	const rehearsed = (one: StoredService, text = message.text, variant: Variant = "A") =>
		rehearse(connector, one, { ...message, text }, { now, variant });
	const real = await rehearsed(withEntered(service, draft));
	if (!real.ok) {
		return { ok: false, pointer: pointerOf(real.outcome, draft), message: detailOf(real.outcome) };
	}
	const one = await rehearsed(service);
	const other = await rehearsed(withStandIns(connector, draft, "B"), message.text, "B");
	const another = await rehearsed(service, `${message.text}!`);
	return one.ok && other.ok && another.ok
		? {
				ok: true,
				request: masked(one.call, other.call),
				needsToken: one.needsToken,
				carriesText: one.call.url !== another.call.url || bodyText(one.call) !== bodyText(another.call),
			}
		: { ok: false, pointer: "", message: "The request cannot be shown without its secrets." };
}

type Variant = "A" | "B";

const standIn = /Hidden7q[AB](?:\d{4}|token)zX9w/g;

/** Letters and digits only: written the same wherever they stand. The variants differ, and nothing else does. */
function standInFor(index: number | "token", variant: Variant): string {
	return `Hidden7q${variant}${index === "token" ? index : String(index).padStart(4, "0")}zX9w`;
}

/** What we prove ourselves with is shown even where it is not entered yet. */
function withStandIns(connector: Connector<unknown>, draft: Draft, variant: Variant): StoredService {
	return {
		...draft,
		authentications: draft.authentications.map(({ authenticationId, isSet }, index) => {
			const rule = ruleFor(connector.config.form, authenticationId);
			const isThere = isSet || (rule !== undefined && rule.direction !== "incoming");
			return { authenticationId, secrets: isThere ? [standInFor(index, variant)] : [] };
		}),
	};
}

/** With a secret that was just entered in its own place, since not every place takes every sign. */
function withEntered(service: StoredService, { authentications }: Draft): StoredService {
	return {
		...service,
		authentications: service.authentications.map((entry, index) => {
			const entered = authentications[index]?.entered;
			return entered === undefined ? entry : { ...entry, secrets: [entered] };
		}),
	};
}

/** As a send would ask; only what that finds missing, and nobody gave, is taken from the samples. */
function addressed(connector: Connector<unknown>, service: StoredService, given: DraftMessage): Addressing {
	const { contact, ours: from, channel } = connector.config.form.sampleAddresses;
	const config = connector.config.parse(service);
	const asked = { to: contact, ...defined({ from: given.from, to: given.to, channel: given.channel }) };
	const found = connector.addressing(asked, config);
	return found.ok || found.field === "to"
		? found
		: connector.addressing({ ...defined({ from, channel }), ...asked }, config);
}

function defined(texts: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
	return Object.fromEntries(
		Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
	);
}

const noId = "0".repeat(32);
const minuteMs = 60_000;

function toMessage(
	{ channel, ourAddress, contactAddress }: Extract<Addressing, { ok: true }>,
	{ settings }: Draft,
	{ text, webhookUrl }: DraftMessage,
	now: Date,
): OutboundMessage {
	return {
		messageId: noId as MessageId,
		attemptId: noId as AttemptId,
		channel,
		ourAddress,
		contactAddress,
		text: text ?? exampleText,
		attachments: [],
		validUntil: new Date(now.getTime() + commonSettings(settings).timeToLiveMinutes * minuteMs),
		contactLastWroteAt: now,
		webhookUrl,
	};
}

type Rehearsed = { ok: true; call: HttpCall; needsToken: boolean } | { ok: false; outcome: Outcome };

/** Up to the first request, which is certainly not sent: a connector goes no further then. */
async function rehearse(
	connector: Connector<unknown>,
	service: StoredService,
	message: OutboundMessage,
	{ now, variant }: { now: Date; variant: Variant },
): Promise<Rehearsed> {
	const calls: HttpCall[] = [];
	let needsToken = false;
	const tools: Tools = {
		http(call) {
			calls.push(call);
			return Promise.resolve({ kind: "notSent", why: "blocked" });
		},
		token() {
			needsToken = true;
			const expiresAt = new Date(now.getTime() + minuteMs);
			return Promise.resolve({ ok: true, accessToken: standInFor("token", variant), expiresAt });
		},
		dropToken: () => undefined,
		now: () => now,
	};
	const outcome = await connector.send(message, connector.config.parse(service), tools);
	const [call] = calls;
	return call === undefined ? { ok: false, outcome } : { ok: true, call, needsToken };
}

function detailOf(outcome: Outcome): string {
	return "detail" in outcome ? outcome.detail : "Nothing is sent.";
}

/** Where a fault is mended; of other codes, the address where there is none, else the whole. */
const places: Readonly<Partial<Record<FaultCode, string>>> = {
	recipient: "/message/to",
	content: "/message/text",
	credentials: "/authentications",
};

function pointerOf(outcome: Outcome, { serviceConnection, authentications }: Draft): string {
	const place = "code" in outcome ? places[outcome.code] : undefined;
	const lacksAddress = serviceConnection === "" && (place === undefined || authentications.length > 0);
	return lacksAddress && !place?.startsWith("/message") ? "/serviceConnection" : (place ?? "");
}

/** @param other the same request with other secrets */
function masked(call: HttpCall, other: HttpCall): ShownRequest {
	const [body, otherBody] = [bodyText(call), bodyText(other)];
	return {
		method: call.method,
		url: maskedText(call.url, other.url, pieces),
		headers: Object.entries(call.headers).map(([name, value]) => ({
			name,
			value: maskedText(value, other.headers[name] ?? "", words),
		})),
		body: body === null ? null : maskedText(body, otherBody ?? "", pieces),
	};
}

function bodyText({ body, headers }: HttpCall): string | null {
	if (body === undefined || typeof body === "string") {
		return body ?? null;
	}
	const isLatin1 = /charset="?iso-8859-1/i.test(headers["content-type"] ?? "");
	return Buffer.from(body).toString(isLatin1 ? "latin1" : "utf8");
}

/** An escape of a URL, a word that a secret or a proof may be written as, or one other sign. */
const pieces = /%[0-9A-Fa-f]{2}|[A-Za-z0-9_-]+|[^]/g;
const words = /\S+|\s+/g;

function maskedText(text: string, other: string, unit: RegExp): string {
	const [one, two] = [text, other].map(
		(whole) => whole.replaceAll(standIn, secretMask).match(unit) ?? [],
	) as unknown as [readonly string[], readonly string[]];
	if (one.length === two.length) {
		return one.map((piece, index) => (piece === two[index] ? piece : secretMask)).join("");
	}
	const start = one.findIndex((piece, index) => piece !== two[index]);
	const end = one.toReversed().findIndex((piece, index) => piece !== two.at(-1 - index));
	return [...one.slice(0, start), secretMask, ...one.slice(Math.max(start, one.length - end))].join("");
}
