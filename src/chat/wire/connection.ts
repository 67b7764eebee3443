// One connection, whatever carries it: texts in, texts out. Requests are done strictly in the order they came; a response
// stands before every change its request caused; between a snapshot and what follows nothing is lost or told twice.

import { describeError } from "#platform/log.ts";
import type { Ask } from "./asking.ts";
import { type GoodFrame, fault, frameBytesMax, helloText, parseFrame, responseText } from "./frames.ts";
import { type WireLimits, rate } from "./limits.ts";
import { type Quotas, tooManyRequests } from "./quotas.ts";
import { type ConnectedCaller, Teller, type TellerDeps } from "./teller.ts";

export const closeCodes = { loggedOut: 1000, goingDown: 1001, invalid: 1008, failed: 1011, overload: 1013 } as const;

/** What carries the texts. */
export type Carrier = {
	send(text: string): void;
	/** What was sent before still goes out, if the other side reads. */
	close(code: number, reason: string): void;
	/** Stops and goes on reading from the other side. */
	pause(): void;
	resume(): void;
	/** Resolves when a slow reader has taken most of what was sent. */
	caughtUp(): Promise<void>;
};

export type ConnectionDeps = TellerDeps & {
	ask: Ask;
	quotas: Pick<Quotas, "mayAsk">;
	limits: WireLimits;
	/** Ends the session behind the connection. */
	logOut(sessionId: string): Promise<void>;
};

const waitingMax = 1000; // Requests read but not begun. Reading stops at a few; a packet of tiny frames still comes whole.
const waitingBytesMax = 16 * frameBytesMax;
const pauseAt = 16;
const resumeAt = 4;

type Waiting = { text: string; isRefused: boolean };

export class Connection {
	readonly #deps: ConnectionDeps;
	readonly #caller: ConnectedCaller;
	readonly #carrier: Carrier;
	readonly #teller: Teller;
	readonly #mayAsk: () => boolean;
	/** Who asks too much is told so for a while, then closed. */
	readonly #mayBeRefused: () => boolean;
	#waiting: Waiting[] = [];
	#waitingBytes = 0;
	/** Frames so far without an object in them. */
	#noise = 0;
	#isOpen = true;
	#isDraining = false;
	#running: Promise<void> | undefined;

	constructor(deps: ConnectionDeps, caller: ConnectedCaller, carrier: Carrier) {
		const { clock, limits } = deps;
		this.#deps = deps;
		this.#caller = caller;
		this.#carrier = carrier;
		this.#mayAsk = rate(clock, { perSecond: limits.framesPerSecond, atOnce: limits.framesAtOnce });
		this.#mayBeRefused = rate(clock, { perSecond: 1, atOnce: limits.framesRefusedMax });
		const overload = () => this.#close(closeCodes.overload, "More changes than this connection can take.");
		this.#teller = new Teller(deps, { caller, send: (text) => this.#send(text), overload });
		this.#send(helloText(caller.terminalId, caller.sessionId));
	}

	hear(text: string): void {
		const isRefused = !this.#mayAsk();
		this.#waitingBytes += text.length;
		if ((isRefused && !this.#mayBeRefused()) || this.#isFlooded()) {
			this.#close(closeCodes.overload, "Too many frames.");
		}
		if (!this.#isOpen || this.#isDraining) {
			return;
		}
		this.#waiting.push({ text, isRefused });
		if (this.#waiting.length === pauseAt) {
			this.#carrier.pause();
		}
		this.#running ??= this.#run();
	}

	/** Takes nothing more; resolves when what had begun is answered. */
	async drain(): Promise<void> {
		this.#isDraining = true;
		this.#forget();
		await this.#running;
	}

	/** The other side is gone. */
	end(): void {
		this.#isOpen = false;
		this.#forget();
		this.#teller.end();
	}

	#isFlooded(): boolean {
		return this.#waiting.length >= waitingMax || this.#waitingBytes > waitingBytesMax;
	}

	async #run(): Promise<void> {
		for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
			this.#waitingBytes -= next.text.length;
			this.#teller.hold();
			await this.#answer(next).catch((error: unknown) => this.#fail(error));
			this.#teller.release();
			await this.#carrier.caughtUp();
			if (this.#waiting.length === resumeAt) {
				this.#carrier.resume();
			}
		}
		this.#running = undefined;
	}

	async #answer({ text, isRefused }: Waiting): Promise<void> {
		const frame = parseFrame(text);
		if (isRefused) {
			this.#send(responseText(frame.asking, tooFast));
		} else if (frame.ok) {
			await this.#do(frame);
		} else {
			this.#send(responseText(frame.asking, frame.answer));
			this.#noise += frame.isNoise ? 1 : 0;
		}
		if (this.#noise >= this.#deps.limits.noiseMax) {
			this.#close(closeCodes.invalid, "This is not the protocol that is spoken here.");
		}
	}

	async #do(frame: GoodFrame): Promise<void> {
		const { method, asking, target, body } = frame;
		if (!this.#deps.quotas.mayAsk(this.#caller)) {
			this.#send(responseText(asking, tooManyRequests));
			return;
		}
		if (method === "SUBSCRIBE") {
			return this.#teller.subscribe(frame);
		}
		if (method === "UNSUBSCRIBE") {
			return this.#teller.unsubscribe(frame);
		}
		const answer = await this.#deps.ask({ method, path: target.steps, body, caller: this.#caller });
		this.#send(responseText(asking, answer));
		if (answer.status === 200 && isLogOut(frame)) {
			await this.#deps.logOut(this.#caller.sessionId);
		}
	}

	#send(text: string): void {
		if (this.#isOpen) {
			this.#carrier.send(text);
		}
	}

	#close(code: number, reason: string): void {
		if (this.#isOpen) {
			this.end();
			this.#carrier.close(code, reason);
		}
	}

	#fail(error: unknown): void {
		const fields = { server: "Chat Server", userId: this.#caller.userId, error: describeError(error) } as const;
		this.#deps.log.error("A connection of the real-time protocol failed.", fields);
		this.#close(closeCodes.failed, "Something went wrong on our side.");
	}

	#forget(): void {
		this.#waiting = [];
		this.#waitingBytes = 0;
	}
}

const tooFast = fault(429, "too_many_frames", "Too many frames; send them more slowly.");

function isLogOut({ method, target, body }: GoodFrame): boolean {
	const { login_status } = (typeof body === "object" && body !== null ? body : {}) as { login_status?: unknown };
	return method === "PUT" && target.steps.join("/") === "properties" && login_status === "logged_out";
}
