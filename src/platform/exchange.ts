// One request and its answer. The states go waiting → sent → answering → over; what a failure means depends on how far
// it got. Time limits: total from the start, and first byte from the moment the request is written.

import type { Agent, Dispatcher } from "undici";
import type { Clock } from "./clock.ts";
import { NotSent, type NotSentReason } from "./guarded-socket.ts";

export type OutgoingCall = {
	method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	url: string;
	headers: Readonly<Record<string, string>>;
	body?: string | Uint8Array;
	/** Calls of one lane (a messaging service) share its 20 places; a stuck lane leaves room for the others. */
	lane?: string;
	/** Instead of the usual size that an answer may have. */
	answerBytesMax?: number;
	/** Ends the call: as `notSent` when nothing was written yet, else as `unclear`. */
	signal?: AbortSignal;
};

export type OutgoingAnswer =
	| { kind: "answered"; status: number; headers: Headers; body: Uint8Array }
	| { kind: "notSent"; why: NotSentReason }
	| { kind: "unclear"; why: "reset" | "timeout" | "too large" };

export type ExchangeLimits = { firstByteTimeoutMs: number; totalTimeoutMs: number; answerBytesMax: number };

type UnclearReason = Extract<OutgoingAnswer, { kind: "unclear" }>["why"];

// What a connection needs is for undici to say, and Host must stay what was checked.
const ownHeaders = new Set([
	"host",
	"connection",
	"content-length",
	"transfer-encoding",
	"accept-encoding",
	"expect",
	"upgrade",
	"keep-alive",
	"te",
	"trailer",
	"proxy-authorization",
]);

export class Exchange implements Dispatcher.DispatchHandler {
	readonly answer: Promise<OutgoingAnswer>;
	readonly #limits: ExchangeLimits;
	readonly #clock: Clock;
	readonly #cancels: (() => void)[] = [];
	#settle: (answer: OutgoingAnswer) => void = () => undefined;
	#state: "waiting" | "sent" | "answering" | "over" = "waiting";
	#controller: Dispatcher.DispatchController | undefined;
	#status = 0;
	#headers = new Headers();
	#chunks: Uint8Array[] = [];
	#bytes = 0;

	constructor(limits: ExchangeLimits, clock: Clock, signal: AbortSignal | undefined) {
		this.#limits = limits;
		this.#clock = clock;
		this.answer = new Promise((resolve) => {
			this.#settle = resolve;
		});
		const giveUp = (): void => this.#giveUp("timeout");
		this.#cancels.push(clock.after(limits.totalTimeoutMs, giveUp));
		if (signal?.aborted === true) {
			giveUp();
		} else if (signal !== undefined) {
			signal.addEventListener("abort", giveUp, { once: true });
			this.#cancels.push(() => signal.removeEventListener("abort", giveUp));
		}
	}

	start(agent: Agent, call: OutgoingCall): void {
		if (this.#state === "over") {
			return;
		}
		const url = new URL(call.url);
		try {
			agent.dispatch(
				{
					origin: url.origin,
					path: `${url.pathname}${url.search}`,
					method: call.method,
					headers: sentHeaders(call.headers),
					body: call.body ?? null,
				},
				this,
			);
		} catch {
			this.#notSent("blocked"); // undici refuses the call's own values (a line break in a header) before it opens a socket.
		}
	}

	onRequestStart(controller: Dispatcher.DispatchController): void {
		if (this.#state !== "waiting") {
			controller.abort(new Error("given up")); // Aborted here, undici writes nothing.
			return;
		}
		this.#controller = controller;
		this.#state = "sent";
		this.#cancels.push(this.#clock.after(this.#limits.firstByteTimeoutMs, () => this.#onNoFirstByte()));
	}

	#onNoFirstByte(): void {
		if (this.#state === "sent") {
			this.#unclear("timeout");
		}
	}

	onResponseStart(
		_controller: Dispatcher.DispatchController,
		status: number,
		headers: Record<string, string | string[]>,
	): void {
		if (this.#state === "over" || status < 200) {
			return; // 1xx announces the answer, RFC 9110 section 15.2.
		}
		this.#state = "answering";
		this.#status = status;
		this.#headers = toHeaders(headers);
		// The size of a decoded body cannot be bounded before it is decoded; identity was asked for.
		const encoding = this.#headers.get("content-encoding") ?? "identity";
		if (encoding.toLowerCase() !== "identity") {
			this.#unclear("too large");
		}
	}

	onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
		if (this.#state === "over") {
			return;
		}
		this.#bytes += chunk.length;
		if (this.#bytes > this.#limits.answerBytesMax) {
			this.#unclear("too large");
			return;
		}
		this.#chunks.push(chunk);
	}

	onResponseEnd(): void {
		const body = Buffer.concat(this.#chunks);
		this.#end({ kind: "answered", status: this.#status, headers: this.#headers, body });
	}

	onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
		if (this.#state === "waiting") {
			this.#notSent(error instanceof NotSent ? error.why : reasonBeforeSending(error));
		} else {
			this.#unclear(codeOf(error) === "UND_ERR_HEADERS_OVERFLOW" ? "too large" : "reset");
		}
	}

	#giveUp(why: "timeout"): void {
		if (this.#state === "waiting") {
			this.#notSent(why);
		} else {
			this.#unclear(why);
		}
	}

	#notSent(why: NotSentReason): void {
		this.#end({ kind: "notSent", why });
	}

	#unclear(why: UnclearReason): void {
		this.#end({ kind: "unclear", why });
		this.#controller?.abort(new Error(why));
	}

	#end(answer: OutgoingAnswer): void {
		if (this.#state === "over") {
			return;
		}
		this.#state = "over";
		this.#chunks = [];
		for (const cancel of this.#cancels) {
			cancel();
		}
		this.#settle(answer);
	}
}

function sentHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
	const kept = Object.entries(given).filter(([name]) => !ownHeaders.has(name.toLowerCase()));
	return { ...Object.fromEntries(kept), "accept-encoding": "identity" };
}

function toHeaders(given: Record<string, string | string[]>): Headers {
	const headers = new Headers();
	for (const [name, value] of Object.entries(given)) {
		for (const one of [value].flat()) {
			// Bytes above 127 came as UTF-8; `Headers` takes Latin-1 only, and one such header must not cost the answer.
			headers.append(name, Buffer.from(one, "utf8").toString("latin1"));
		}
	}
	return headers;
}

function codeOf(error: Error): unknown {
	return (error as { code?: unknown }).code;
}

/** undici's own complaints: about the call's values, or about an agent that is closed. */
function reasonBeforeSending(error: Error): NotSentReason {
	return codeOf(error) === "UND_ERR_INVALID_ARG" ? "blocked" : "refused";
}
