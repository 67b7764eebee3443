// What every provider simulator offers: a stand-in that speaks the provider's HTTP, checks our requests as strictly as
// the provider does, signs what it sends, and misbehaves on request. It knows no table and is imported by no server.

import type { ServiceType } from "#domain/messages.ts";
import type { Clock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";

export type SimulatorDeps = { clock: Clock; random: Random };

/** What an administrator enters in Parley for the simulated account. Shaped like the RCI object's fields. */
export type SimulatedAccount = {
	serviceConnection: string;
	/** Where this account's access tokens come from, for the types that use any. */
	authenticationUrl?: string;
	authentications: readonly { authenticationId: string; password: string }[];
	settings: Readonly<Record<string, unknown>>;
	/** Our address at the provider (sender number, page id, app address), for sending through CMI. */
	ourAddress: string;
};

/**
 * How the simulator treats one request of ours. `accept` as the provider would · `answer` this status and body ·
 * `resetBefore` cuts the connection before it reads · `resetAfter` takes the message, then cuts without an answer ·
 * `stall` takes the message and answers only after `delayMs` · `garbage` 200 with bytes nobody can read.
 */
export type Treatment =
	| { kind: "accept" }
	| { kind: "answer"; status: number; body?: string; headers?: Readonly<Record<string, string>> }
	| { kind: "resetBefore" }
	| { kind: "resetAfter" }
	| { kind: "stall"; delayMs: number }
	| { kind: "garbage" };

/**
 * What is wrong at the provider's host, whatever is asked: its clock is off, every request gets this answer, every
 * connection is cut, nothing is answered before `stallMs` are over. Default: nothing.
 */
export type HostTrouble = {
	clockOffsetMs?: number;
	answer?: { status: number; body: string; headers?: Readonly<Record<string, string>> };
	resets?: true;
	stallMs?: number;
};

/** How receipts and messages are sent to us. Defaults: once, in order, at once. */
export type WebhookManners = {
	/** Which receipts follow an accepted message. */
	receipts: readonly ("sent" | "delivered" | "read" | "failed")[];
	/** Every webhook is sent so many times. */
	times: number;
	/** Receipts in reverse order. */
	reversed: boolean;
	/** Wait before each webhook. */
	delayMs: number;
	/** Receipts go out before the send is answered. */
	receiptsFirst: boolean;
	/** A webhook that got no 2xx is sent again, as providers do. Default: never. */
	again?: { everyMs: number; timesMax: number };
};
export const goodManners: WebhookManners = {
	receipts: ["sent", "delivered", "read"],
	times: 1,
	reversed: false,
	delayMs: 0,
	receiptsFirst: false,
};

/** Calls to the address that the world knows go to where Parley listens on this machine, with the Host they were meant for. */
export type Detour = { publicOrigin: string; localOrigin: string };

/** A message the simulator took from us, as the person outside would see it. */
export type TakenMessage = {
	remoteId: string;
	/** Our attempt id, where the provider has a field that carries it. */
	attemptId: string | undefined;
	to: string;
	text: string;
	at: Date;
};

/** A file of a contact at the provider. `authorization`: what its link wants; none, where the link opens by itself. */
export type HostedFile = { bytes: Uint8Array; contentType: string; authorization?: string };

/** What the provider got when it fetched a file that we sent (status 0: no answer). */
export type FetchedFile = { url: string; status: number; contentType: string; bytes: Uint8Array };

/** One webhook call to Parley and what it answered (0: no answer); `at`: when that was known. */
export type SentWebhook = {
	kind: "message" | "receipt" | "handshake";
	remoteId: string;
	status: number;
	body: string;
	at: Date;
};

/** The points of a webhook and of a send at which a test may want to do something to Parley, such as end it. */
export const moments = [
	"webhook headers sent",
	"webhook body sent",
	"webhook answer began",
	"send heard",
	"send not yet answered",
	"send answered",
] as const;
export type Moment = (typeof moments)[number];

/** One request of ours that the provider would refuse, with the reason in words: a test expects none. */
export type Refusal = { status: number; reason: string };

export type ContactMessage = {
	from: string;
	text: string;
	name?: string;
	mediaUrls?: readonly string[];
	remoteId?: string;
};

export interface Simulator {
	readonly type: ServiceType;
	/** Its own base URL, e.g. `http://127.0.0.1:9123`. */
	readonly origin: string;
	readonly account: SimulatedAccount;
	/** Somebody outside, as the provider names people: a phone number, unless it knows them by something else. */
	readonly somebody: string;
	/** Every message it took, in order, twice if it was sent twice. */
	readonly taken: readonly TakenMessage[];
	readonly webhooks: readonly SentWebhook[];
	readonly refusals: readonly Refusal[];
	manners: WebhookManners;
	/** Treatments for the next requests that send a message, in order; afterwards `accept`. */
	script: Treatment[];
	trouble: HostTrouble;
	/**
	 * Called at each moment, at once. While it is set, webhooks go out piece by piece, so that their moments are apart. Of
	 * simulators that stand on the kit, as `manners.again` is.
	 */
	onMoment?: ((moment: Moment) => void) | undefined;
	/** Where webhooks go in truth; they are signed for the address they were meant for. Of simulators that stand on the kit. */
	detour?: Detour | undefined;
	/** Where Parley listens. With `httpUser`, the calls carry HTTP Basic credentials the way the provider sends them. */
	pointAt(webhookUrl: string, httpUser?: { login: string; password: string }): void;
	/** Somebody outside writes to us; resolves with what Parley answered to the (last) webhook. */
	contactWrites(message: ContactMessage): Promise<SentWebhook>;
	/** Puts a file where the provider keeps what contacts send; the address is for `mediaUrls`. */
	hostFile(file: HostedFile): string;
	/** Files that it fetched from this machine for messages that it took, of the types that do. */
	readonly fetched: readonly FetchedFile[];
	/** Resolves when every receipt that is due has been sent. */
	settled(): Promise<void>;
	close(): Promise<void>;
}

export type StartSimulator = (deps: SimulatorDeps, options?: { port?: number }) => Promise<Simulator>;
