// The part of the contract about lines: connections that stay open, in place of a provider's requests. The gateway keeps
// them; a connector knows the frames.

import type { ChannelEvent } from "#domain/messages.ts";
import type { FaultCode } from "#domain/faults.ts";

/** What became of a frame of ours; as certain as an HTTP answer. */
export type LineAnswer =
	| { kind: "answered"; frame: Uint8Array }
	/** Nothing left: the line is not open (`detail`: why), or too much waits on it already. */
	| { kind: "notSent"; why: "closed" | "full"; detail: string }
	| { kind: "unclear"; why: "reset" | "timeout" };

/** A frame to be put on the line, made for the number that it gets. `name` is for the trace: `submit_sm`. */
export type LineCall = {
	name: string;
	frame(number: number): Uint8Array;
	/** The answer in one line for the trace, without texts and secrets. Must bear any frame. */
	shown(answer: Uint8Array): string;
};

/** Why a provider does not let us in; `credentials_refused`: user or password, and it does not say which. */
export type GreetingRefusal =
	| "credentials_refused"
	| "user_refused"
	| "password_refused"
	| "setup_refused"
	| "version_refused"
	| "too_many_lines"
	| "greeting_throttled"
	| "greeting_refused";

/** Why a line is not open, as a check says it. */
export type LineFinding =
	| "address_blocked"
	| "dns_failed"
	| "connection_refused"
	| "connection_timeout"
	| "connection_reset"
	| "tls_failed"
	| "not_the_protocol"
	| "greeting_unanswered"
	| GreetingRefusal
	| "line_failed"
	| "line_not_kept";

/** `because`: why it is not open, in one sentence. */
export type LineView = { state: "open" } | { state: "closed"; finding: LineFinding; code: FaultCode; because: string };

/** What a frame of the provider's is. `noise`: nothing that needs anything. */
export type HeardFrame =
	| { kind: "answer"; number: number }
	/** It tells of events: answered with `taken` once they are stored, with `refused` when they cannot be just now. */
	| { kind: "told"; events: readonly ChannelEvent[]; taken: Uint8Array; refused: Uint8Array }
	| { kind: "asked"; reply: Uint8Array }
	/** The provider ends the line; it is opened again. */
	| { kind: "over"; reply?: Uint8Array }
	| { kind: "noise" };

/**
 * For providers that speak over a connection that stays open. The gateway owns the socket, the times and the numbers (1 up
 * to 2^31 − 1, then from 1 again); the connector knows the frames. Every node that sends opens a line of its own. All pure,
 * and must bear any bytes.
 */
export type Line<C> = {
	/** Answered before anything else may be sent: who we are. */
	greeting(config: C, number: number): Uint8Array;
	/**
	 * What the answer to the greeting says. A refusal for `credentials` is not tried again for some minutes. `finding` where
	 * the answer says more than the code does.
	 */
	greeted(answer: Uint8Array): { ok: true } | { ok: false; code: FaultCode; detail: string; finding?: GreetingRefusal };
	farewell(number: number): Uint8Array;
	/** Asked when nothing came for so long; a line that does not answer is opened anew. */
	keepAlive: { everyMs: number; frame(number: number): Uint8Array };
	/** Frames of ours that may wait for their answer at once. */
	window(config: C): number;
	/** Bytes of the first frame in `bytes`; undefined: too few of them to tell; `broken`: what came is no frame at all. */
	frameLength(bytes: Uint8Array): number | undefined | "broken";
	/** `opening` is another text each time the line is opened: with a frame's number it makes a key. */
	hear(frame: Uint8Array, config: C, opening: string): HeardFrame;
};
