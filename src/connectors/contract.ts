// What a connector is. A connector turns a provider's requests into events and our messages into requests; it has no
// store, no queue, no clock and no socket of its own. Splitting, retries, rate limits, de-duplication, redaction and
// storage belong to the gateway, once for all.

import type {
	Attachment,
	Channel,
	ChannelEvent,
	MessageTemplate,
	OutboundMessage,
	ServiceType,
} from "#domain/messages.ts";
import type { FaultCode, Fault } from "#domain/faults.ts";
import type { RemoteId, ServiceId } from "#domain/ids.ts";
import type { FormLayout, IdParts, TypeCard } from "./contract-form.ts";
import type { LineAnswer, LineCall, LineView, Line } from "./contract-line.ts";
import type { WebhookCall } from "./contract-webhook.ts";

declare const verified: unique symbol;

/** A request as it arrived. `url` is the configured public base URL + the raw path and query: never from `Host`. */
export type RawRequest = { method: string; url: string; headers: RequestHeaders; body: Uint8Array };

/** As much of `Headers` as a request's are read by; names are lower case, a header sent twice is joined by a comma. */
export type RequestHeaders = Pick<Headers, "get" | "has"> & Iterable<[name: string, value: string]>;

/** Minted only by `gateway/admit.ts`, after the door agreed. `parse` cannot be called with less. */
export type VerifiedRequest = RawRequest & { readonly [verified]: true };

export type Reply = { status: number; body?: string; contentType?: string };

/**
 * `nonce` is present where the scheme carries one: the gateway keeps it for twice the window and refuses a second use
 * that brings anything new. `stale`: genuine, but outside the time window, so one of the two clocks is wrong. `unready`:
 * signed with a key that upkeep has not fetched yet; the provider is told to come again, and upkeep is woken.
 */
export type Verdict = { ok: true; nonce?: string } | { ok: false; why: "missing" | "mismatch" | "stale" | "unready" };

export type SignatureAuth<C> = {
	kind: "signature";
	/**
	 * In small letters: the header whose value is the secret itself, the same in every call. It shows who calls, and covers
	 * nothing of what is said; its value is kept and shown nowhere.
	 */
	secretHeader?: string;
	/**
	 * The proof stands in parts of the request, such as a signed token or a text in the body, and covers these only; each
	 * fixture names them.
	 */
	provesParts?: true;
	/** The text fields of a JSON body by this name hold a secret as it is; it is kept and shown nowhere. */
	secretField?: string;
	verify(req: RawRequest, config: C, now: Date): Verdict;
};
/** The HTTP user proves the provider: refused when local HTTP authentication is off and a call brings no other proof. */
export type HttpUserAuth<C> = {
	kind: "httpUser";
	/** For providers that sign for some accounts only. Undefined: the service has no secret for it; else every call must. */
	verify?(req: RawRequest, config: C, now: Date): Verdict | undefined;
	/**
	 * Whether the address of the call holds a proof that we made for one message and told nobody but the provider. No HTTP
	 * user is demanded then; what such a call may say about other messages, `parse` must leave out. Pure.
	 */
	isProvenByAddress?(req: RawRequest, config: C): boolean;
};
/** Listed as an open door wherever the service is shown. */
export type OpenDoor<C> = {
	kind: "none";
	because: string;
	/**
	 * Whether the administrator locks the door of this service: the HTTP user is demanded then, whatever the type is exempt
	 * from and whatever the SMS Server's variable says. Pure.
	 */
	wantsHttpUser?(config: C): boolean;
};
export type InboundAuth<C> = SignatureAuth<C> | HttpUserAuth<C> | OpenDoor<C>;

/** A messaging service as the connector gets it: validated on save, secrets in clear, held in memory only. */
export type StoredService = {
	id: ServiceId;
	serviceConnection: string;
	authenticationUrl: string | null;
	authenticationScope: string | null;
	/** By type; validated against `form.settings`, defaults not yet filled in. */
	settings: Readonly<Record<string, unknown>>;
	authentications: readonly StoredAuthentication[];
	/** What the last round of upkeep left; absent before the first one, and for types without any. */
	upkeep?: UpkeepState;
};
/** `secrets`: the current one first, then the previous one while a rotation lasts. Empty: none is set. */
export type StoredAuthentication = { authenticationId: string; secrets: readonly string[] };

/** A rule broken by what an administrator entered. `pointer` is a JSON pointer (RFC 6901) into the service object. */
export type ConfigProblem = { pointer: string; message: string };

/** JSON Schema as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** One kind of entry a service's list of authentications may hold. The first rule whose pattern fits an id applies. */
export type AuthenticationRule = {
	role: string;
	/** `outgoing`: we prove ourselves with it · `incoming`: the provider does · `both`. */
	direction: "outgoing" | "incoming" | "both";
	/** Names as the provider prints them, so that the form speaks the provider's language. */
	idLabel: string;
	secretLabel: string;
	description: string;
	/** Anchored regular expression source the Authentication ID must match, and the same in words. */
	idPattern: string;
	idShape: string;
	idExample: string;
	/** For an id that people know as several things: a form has a field for each. */
	idParts?: IdParts;
	min: number;
	max: number;
	/**
	 * A text of one's own choice that a person enters at the provider too, under `secretLabel`, such as a verify token. The
	 * entry has one possible id, its example.
	 */
	isEnteredAtProvider?: true;
	/** Mends what is obviously meant (the App ID in capitals). Returns the same id when there is nothing to mend. */
	normalise?(authenticationId: string): { authenticationId: string; note?: string };
};

/** ONE source: validates what is stored, marks the secrets, draws the form, writes the documentation page. */
export type ConnectorForm = {
	label: string;
	help: string;
	serviceConnection: {
		title: string;
		description: string;
		example: string;
		default?: string;
		/** What the address may begin with; `https` and `http` unless said. A scheme that ends with s is encrypted. */
		schemes?: readonly [encrypted: string, ...others: string[]];
	};
	card: TypeCard;
	/** For an invented message: a contact as this type names one; sender and channel where the service may have none. */
	sampleAddresses: { contact: string; ours?: string; channel?: Channel };
	/** Whether this type uses Authentication URL and Scope (OAuth types do; the classic types do not). */
	usesAuthenticationUrl: boolean;
	authentications: readonly AuthenticationRule[];
	/** Object schema of the settings that only this type has; every property has title, description and default. */
	settings: JsonSchema;
	layout: FormLayout;
	/** Sentences for the administrator: what to enter at the provider, in order. `{webhookUrl}` is replaced. */
	webhookSteps: readonly string[];
	/** What the provider calls us with, in every mode of the type. Empty: everything comes over a line. */
	webhookCalls: readonly WebhookCall[];
};

export type ConnectorConfig<C> = {
	form: ConnectorForm;
	/** Rules beyond counts, patterns and schemas (those the kit checks from the form). Pure. */
	check?(service: StoredService): readonly ConfigProblem[];
	/**
	 * For types whose administrator describes requests: the places where secrets stand in them. A place that was none before
	 * demands every outgoing secret anew, or who may edit a service could have it sent to himself. Pure.
	 */
	secretPlaces?(service: Pick<StoredService, "serviceConnection" | "settings">): readonly string[];
	/** Called only for a service whose form is kept; missing secrets are not an error, they make it unable to send. */
	parse(service: StoredService): C;
};

/** Each failure says what is certain: `notSent` nothing reached the provider; `unclear` bytes left, no usable answer. */
export type HttpAnswer =
	| { kind: "answered"; status: number; headers: Headers; body: Uint8Array }
	| { kind: "notSent"; why: "blocked" | "dns" | "refused" | "tls" | "timeout" }
	| { kind: "unclear"; why: "reset" | "timeout" | "too large" };

export type HttpCall = {
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	url: string;
	headers: Readonly<Record<string, string>>;
	body?: string | Uint8Array;
};

export type Tools = {
	/** The service's line, for types that have one. Neither throws. `look`: how it is, after a try where it is closed. */
	line?: { ask(call: LineCall): Promise<LineAnswer>; look(): Promise<LineView> };
	/** The guarded way out: no redirects, checked addresses, bounded answer, one attempt. Never throws. */
	http(call: HttpCall): Promise<HttpAnswer>;
	/**
	 * An access token for `key`, fetched when absent or about to expire; concurrent callers share one fetch. `fetch` may
	 * run while other sends wait; it must not throw.
	 */
	token(key: string, fetch: () => Promise<TokenAnswer>): Promise<TokenAnswer>;
	/** Forgets a token that the provider refused, unless it was replaced meanwhile. */
	dropToken(key: string, accessToken: string): void;
	now(): Date;
};
/** One question of a check; the later ones build on the earlier ones. */
export const checkSteps = [
	"address",
	"dns",
	"tls",
	"clock",
	"region",
	"credentials",
	"scope",
	"sender",
	"webhook",
	"publicUrl",
] as const;
export type CheckStepName = (typeof checkSteps)[number];

/**
 * `code` is stable and names the finding (`token_expired`, `page_not_subscribed`); `ok` where nothing is wrong.
 * `evidence` is what was seen, in one sentence without secrets; `advice` what to do, null where nothing is.
 */
export type CheckStep = { step: CheckStepName; ok: boolean; code: string; evidence: string; advice: string | null };

export type TokenAnswer = { ok: true; accessToken: string; expiresAt: Date } | { ok: false; outcome: Outcome };

export type Outcome =
	/** Handed over; receipts follow. `at` is the provider's own time of acceptance, where it tells one. */
	| { kind: "accepted"; remoteIds: readonly [RemoteId, ...RemoteId[]]; at?: Date }
	/** Certainly NOT taken; may be tried again, not before the time given. */
	| { kind: "retry"; code: FaultCode; detail: string; notBefore?: Date }
	/** Certainly never will be. `closesService`: the provider says this endpoint is gone for good (HTTP 410). */
	| { kind: "rejected"; code: FaultCode; detail: string; closesService?: true }
	/** Bytes left, no usable answer: never resent in silence. */
	| { kind: "unknown"; code: FaultCode; detail: string };

/** What a type keeps between rounds of upkeep — a cursor, a subscription, public keys. Plain JSON, no secrets. */
export type UpkeepState = Readonly<Record<string, unknown>>;

/** Something that a round found: the bytes as they came, kept for the trace, and what they say. */
export type Finding = { url: string; body: Uint8Array; events: readonly ChannelEvent[] };

export type UpkeepRound = {
	findings: readonly Finding[];
	/** Stored in one transaction with the findings. After trouble: the state as it was, as far as it still holds. */
	state: UpkeepState;
	/** When to come again; the gateway keeps it between 2 s and 24 h from now. A webhook's `wakesUpkeep` comes before it. */
	nextAt: Date;
	/** What was in the way, for the state of the service: told as an outcome of a send would be. */
	trouble?: { code: FaultCode; detail: string };
};

/** For providers that have to be asked, or whose registrations expire: work that repeats, on one node at a time. */
export type Upkeep<C> = {
	/** Whether this service needs any, as it is configured. Pure. */
	isNeeded(config: C): boolean;
	/**
	 * One round: bounded (a handful of requests), never throws, sends no message. `config` holds the state of the round
	 * before as its service's `upkeep`. A round that is cut off is repeated from that state: every event needs the same
	 * dedup key then. Also called soon after each change of the service.
	 */
	round(state: UpkeepState, config: C, our: { webhookUrl: string }, tools: Tools): Promise<UpkeepRound>;
};

/** What came of asking for a file that a contact sent. What kind of file it is, the gateway finds out from its bytes. */
export type MediaAnswer =
	| { kind: "fetched"; body: Uint8Array; contentType?: string; filename?: string }
	/** Not now; it is asked for again, not before the time given, a handful of times. */
	| { kind: "retry"; detail: string; notBefore?: Date }
	/** Never: it is not there any more, lies where we do not go, or is larger than what is taken. */
	| { kind: "failed"; why: "gone" | "not allowed" | "too large"; detail: string };

/** Where this type's incoming files lie, and how they are had. Types without it leave them at the provider. */
export type Media<C> = {
	/**
	 * Host names besides the one in Service Connection; `*.example.com` is every name below it. Nothing else is ever asked
	 * for a file, whatever a webhook, an answer or a redirect says.
	 */
	hosts: readonly string[];
	/**
	 * One try, of at most four GETs. `tools.http` refuses what is not declared (`notSent`, `blocked`); credentials go only
	 * where the provider's API is. Never throws.
	 */
	fetch(attachment: Attachment, config: C, tools: Tools): Promise<MediaAnswer>;
};

export type Capabilities = {
	/**
	 * The longest text of one part; `alone`: of a message that is one part, where that may be longer. `characters` counts
	 * Unicode code points, `bytes` UTF-8.
	 */
	text: { max: number; alone?: number; unit: "gsm7" | "utf16" | "characters" | "bytes" };
	/** `maxCount` attachments per request; `withText`: whether a text may travel in the same request. */
	media: false | { maxBytes: number; maxCount: number; withText: boolean; types: readonly string[] };
	/** Whether there are templates, or on which channels. */
	templates: boolean | readonly Channel[];
	receipts: readonly ("sent" | "delivered" | "read")[];
};

/** Who talks to whom, worked out from what a caller of the API gives. */
export type AddressingInput = { from?: string; to: string; channel?: Channel };
export type Addressing =
	| { ok: true; channel: Channel; ourAddress: string; contactAddress: string; scope?: string }
	| { ok: false; field: "from" | "to" | "channel"; message: string };

export type Inbound<C> = {
	auth: InboundAuth<C>;
	/**
	 * Whether the product's *Use Local Http Authentication* applies to this type. Exempt types prove themselves otherwise
	 * (`facebook`, `sinchconversation`, the C4S types).
	 */
	localHttpAuthentication: "required" | "exempt";
	/**
	 * Whether this is a callback to an address that we made for one message of ours: such an address carries no credentials,
	 * so no HTTP user is demanded there; the signature still is. Undefined: the type has no such callbacks. Pure.
	 */
	isOwnCallback?(req: RawRequest): boolean;
	/**
	 * The accounts (page, app, account) that a request names, read before anything is verified: a hint for finding the
	 * services of `/sms/<type>/all`, never trusted. Must bear any bytes. Pure.
	 */
	accountsNamed(req: RawRequest): readonly string[];
	/** The accounts that a service has, in the same spelling. */
	accountsOf(config: C): readonly string[];
	/** A provider's question that must be answered at once (Facebook's hub.challenge); undefined when it is none. Pure. */
	handshake?(req: RawRequest, config: C): Reply | undefined;
	/** Never throws for any bytes: what cannot be read becomes an `unreadable` event. Pure. */
	parse(req: VerifiedRequest, config: C): readonly ChannelEvent[];
	ack(events: readonly ChannelEvent[], config: C): Reply;
};

export interface Connector<C> {
	readonly type: ServiceType;
	readonly config: ConnectorConfig<C>;
	readonly capabilities: Capabilities;
	/** Host names this type contacts besides the one in Service Connection (token endpoint, …). */
	readonly hosts: readonly string[];
	addressing(input: AddressingInput, config: C): Addressing;
	/**
	 * How many hours after a contact's last message to this address of ours the channel lets us write freely; undefined: it
	 * does so at any time, or this type cannot know. The gateway and the interfaces keep to it. Settings as stored. Pure.
	 */
	replyWindowHours?(
		to: { channel: Channel; ourAddress: string },
		settings: StoredService["settings"],
	): number | undefined;
	/** Why this template cannot be sent as it is, in one sentence; undefined: it can, as far as this type can tell. Pure. */
	templateProblem?(template: MessageTemplate, channel: Channel, config: C): string | undefined;
	readonly inbound: Inbound<C>;
	/** Why this service cannot send, in one sentence, or undefined when it can. Pure. */
	cannotSend(config: C): string | undefined;
	/** One attempt. Never throws, never retries by itself except once with a fresh token after a 401. */
	send(message: OutboundMessage, config: C, tools: Tools): Promise<Outcome>;
	/**
	 * Asks the provider whether this service would work: region, credentials, scope, sender, webhook, as far as it can tell,
	 * in that order and no further than the first that fails for good. Changes nothing at the provider, sends nothing.
	 */
	check?(config: C, our: { webhookUrl: string }, tools: Tools): Promise<readonly CheckStep[]>;
	/** Settles an `unknown` where the provider can tell; `unknown` again when it cannot. Must not send anything. */
	lookup?(message: OutboundMessage, attemptedAt: Date, config: C, tools: Tools): Promise<Outcome>;
	/** For types that speak over a line of their own; they send with `tools.line`, and nothing comes by HTTP. */
	readonly line?: Line<C>;
	/** Files that contacts send. */
	readonly media?: Media<C>;
	/** For types whose provider does not bring everything by itself. */
	readonly upkeep?: Upkeep<C>;
	/**
	 * The request of an invented message, where its shape is the administrator's own doing: logged when the service is
	 * opened. The configuration has asterisks in place of every secret. Pure.
	 */
	example?(config: C, webhookUrl: string): HttpCall | undefined;
}

export type * from "./contract-form.ts";
export type * from "./contract-line.ts";
export type * from "./contract-webhook.ts";
export type { Fault };
