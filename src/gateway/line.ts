// One opening of a line, from the greeting to the end: frames cut out of the stream, answers given to whoever asked, what
// is told answered only after it is stored. Whatever was written and not answered when the line ends is unclear.

import type { Socket } from "node:net";
import type { HeardFrame, LineAnswer, LineCall, LineFinding } from "#connectors/contract.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import type { FaultCode } from "#domain/faults.ts";
import type { Clock } from "#platform/clock.ts";
import type { BoundLine } from "./open-service.ts";

export type LineParts = {
	protocol: BoundLine;
	clock: Clock;
	answerTimeoutMs: number;
	/** Another text for each opening. */
	opening: string;
	/** Resolves to whether the events are stored; never rejects. Called in the order in which the frames came. */
	record(frame: Uint8Array, events: readonly ChannelEvent[]): Promise<boolean>;
	/** The provider answered when nothing else was to be said. */
	alive(): void;
	/** The connector threw over a frame, which it must not. */
	failed(error: unknown): void;
};

export type Greeted = { ok: true } | ({ ok: false } & NotGreeted);
export type NotGreeted = { finding: LineFinding; code: FaultCode; detail: string };

const frameBytesMax = 65_536; // The longest text that a line carries is 64 KiB in all; who sends more sends no frames.
const unrecordedMax = 64; // Frames read and not stored yet; after that the socket is not read.
const waitingMax = 256; // Asks behind a full window: more than the sender lets one service have.
const unwrittenBytesMax = 1_048_576; // Of a provider that asks and asks, and reads no answer.
const farewellMs = 2000;
const numberMax = 0x7f_ff_ff_ff;

type Asked = { resolve(answer: LineAnswer): void; cancel(): void };
type Waiting = { call: LineCall; resolve(answer: LineAnswer): void; reject(error: unknown): void };

/** Lives until `ended`; not used again. */
export class Line {
	/** Resolves, with why, when the line is over. */
	readonly ended: Promise<NotGreeted>;
	#state: "greeting" | "open" | "closing" | "over" = "greeting";
	readonly #socket: Socket;
	readonly #parts: LineParts;
	/** By number: what was written and is not answered yet. */
	readonly #asked = new Map<number, Asked>();
	readonly #inWindow = new Set<Promise<unknown>>();
	#waiting: Waiting[] = [];
	#number = 0;
	#unread: Buffer = Buffer.alloc(0);
	readonly #unrecorded = new Set<Promise<void>>();
	#heardMs: number;
	#stopWatching: () => void = () => undefined;
	#tellEnd: (over: NotGreeted) => void = () => undefined;
	#over: NotGreeted | undefined;

	constructor(socket: Socket, parts: LineParts) {
		this.#socket = socket;
		this.#parts = parts;
		this.#heardMs = parts.clock.monotonicMs();
		this.ended = new Promise((resolve) => {
			this.#tellEnd = resolve;
		});
		socket.on("data", (bytes: Buffer) => this.#read(bytes));
		socket.on("error", () => this.#end(closedByProvider)); // How exactly it broke helps nobody who reads it.
		socket.on("close", () => this.#end(closedByProvider));
	}

	get isOpen(): boolean {
		return this.#state === "open";
	}

	/** Says who we are. Nothing else is sent before that is answered. */
	async greet(): Promise<Greeted> {
		const { protocol } = this.#parts;
		const answer = await this.#write((number) => protocol.greeting(number));
		if (answer.kind !== "answered") {
			const isLate = answer.kind === "unclear" && answer.why === "timeout";
			return this.#refused(
				isLate
					? { finding: "greeting_unanswered", code: "unreachable", detail: "The provider did not answer the greeting." }
					: (this.#over ?? closedByProvider),
			);
		}
		const greeted = protocol.greeted(answer.frame);
		if (greeted.ok) {
			return greeted;
		}
		const { finding = refusals[greeted.code] ?? "greeting_refused", code, detail } = greeted;
		return this.#refused(because(finding, code, detail));
	}

	ask(call: LineCall): Promise<LineAnswer> {
		if (this.#state !== "open") {
			return Promise.resolve(notOpen);
		}
		if (this.#waiting.length >= waitingMax) {
			return Promise.resolve({ kind: "notSent", why: "full", detail: "Too much waits for the line already." });
		}
		return new Promise((resolve, reject) => {
			this.#waiting.push({ call, resolve, reject });
			this.#fillWindow();
		});
	}

	/** Nothing new is asked; what was asked is waited for; then the farewell. */
	async close(): Promise<void> {
		if (this.#state === "open") {
			this.#state = "closing";
			this.#dropWaiting();
			await Promise.all(this.#inWindow);
		}
		if (this.#state === "closing") {
			await this.#write((number) => this.#parts.protocol.farewell(number), farewellMs);
			await Promise.all(this.#unrecorded);
			await this.#hangUp();
		}
		this.#end(because("line_not_kept", "unreachable", "We closed it."));
	}

	#refused(found: NotGreeted): Greeted {
		this.#end(found);
		return { ok: false, ...found };
	}

	/** What was answered last still leaves, unless the provider does not read it. */
	#hangUp(): Promise<void> {
		return new Promise((resolve) => {
			const cancel = this.#parts.clock.after(farewellMs, resolve);
			const done = (): void => {
				cancel();
				resolve();
			};
			this.#socket.once("close", done);
			this.#socket.end(done);
		});
	}

	#fillWindow(): void {
		const { protocol } = this.#parts;
		while (this.#state === "open" && this.#inWindow.size < protocol.window) {
			const next = this.#waiting.shift();
			if (next === undefined) {
				return;
			}
			const answered = this.#write((number) => next.call.frame(number)).then(next.resolve, next.reject);
			this.#inWindow.add(answered);
			void answered.finally(() => {
				this.#inWindow.delete(answered);
				this.#fillWindow();
			});
		}
	}

	async #write(frameOf: (number: number) => Uint8Array, timeoutMs?: number): Promise<LineAnswer> {
		const number = this.#nextNumber();
		const frame = frameOf(number);
		if (this.#state === "over") {
			return notOpen;
		}
		const { clock, answerTimeoutMs } = this.#parts;
		return new Promise((resolve) => {
			const settle = (answer: LineAnswer): void => {
				cancel();
				this.#asked.delete(number);
				resolve(answer);
			};
			const late = (): void => settle({ kind: "unclear", why: "timeout" });
			const cancel = clock.after(timeoutMs ?? answerTimeoutMs, late);
			this.#asked.set(number, { resolve: settle, cancel });
			this.#put(frame);
		});
	}

	/** A number whose answer is still awaited is not given again. */
	#nextNumber(): number {
		do {
			this.#number = (this.#number % numberMax) + 1;
		} while (this.#asked.has(this.#number));
		return this.#number;
	}

	#put(bytes: Uint8Array): void {
		this.#socket.write(bytes);
		if (this.#socket.writableLength > unwrittenBytesMax) {
			this.#end(because("connection_reset", "unreachable", "The provider does not read what we answer."));
		}
	}

	/** A connector that throws has a bug; it ends this line, and not the process. */
	#read(bytes: Buffer): void {
		try {
			this.#cutFrames(bytes);
		} catch (error) {
			this.#parts.failed(error);
			this.#end(
				because(
					"line_failed",
					"protocol",
					"The connector failed on what the provider sent; the log of the SMS Server has the cause.",
				),
			);
		}
	}

	#cutFrames(bytes: Buffer): void {
		this.#heardMs = this.#parts.clock.monotonicMs();
		this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
		while (this.#state !== "over") {
			const length = this.#parts.protocol.frameLength(this.#unread);
			if (length === "broken" || (length ?? this.#unread.length) > frameBytesMax || length === 0) {
				this.#end(because("not_the_protocol", "protocol", "What the provider sent is no frame."));
				return;
			}
			if (length === undefined || this.#unread.length < length) {
				return;
			}
			const frame = Uint8Array.from(this.#unread.subarray(0, length));
			this.#unread = this.#unread.subarray(length);
			this.#hear(frame);
		}
	}

	#hear(frame: Uint8Array): void {
		const heard = this.#parts.protocol.hear(frame, this.#parts.opening);
		switch (heard.kind) {
			case "answer":
				this.#answered(heard.number, frame);
				return;
			case "told":
				this.#take(frame, heard);
				return;
			case "asked":
				this.#put(heard.reply);
				return;
			case "over":
				this.#obeyEnd(heard.reply);
				return;
			case "noise":
		}
	}

	/** The greeting's own answer opens the line at once: the next frame may be in the same packet. */
	#answered(number: number, frame: Uint8Array): void {
		const asked = this.#asked.get(number);
		if (this.#state === "greeting" && asked !== undefined && this.#parts.protocol.greeted(frame).ok) {
			this.#state = "open";
			this.#watch();
		}
		asked?.resolve({ kind: "answered", frame });
	}

	#take(frame: Uint8Array, { events, taken, refused }: Extract<HeardFrame, { kind: "told" }>): void {
		if (this.#state === "greeting") {
			this.#end(
				because("not_the_protocol", "protocol", "The provider told something before it answered the greeting."),
			);
			return;
		}
		const recorded = this.#parts.record(frame, events).then((isStored) => {
			this.#unrecorded.delete(recorded);
			if (this.#state !== "over") {
				this.#put(isStored ? taken : refused);
				this.#socket.resume();
			}
		});
		this.#unrecorded.add(recorded);
		if (this.#unrecorded.size >= unrecordedMax) {
			this.#socket.pause();
		}
	}

	/** What is stored meanwhile is not answered any more: the provider brings it again, and it is known then or not. */
	#obeyEnd(reply: Uint8Array | undefined): void {
		if (reply !== undefined) {
			this.#socket.end(reply);
		}
		this.#end(because("connection_reset", "unreachable", "The provider ended the line."), reply !== undefined);
	}

	/** A line on which nothing came for a while is asked whether it is still there. */
	#watch(): void {
		const { clock, protocol } = this.#parts;
		const quietMs = clock.monotonicMs() - this.#heardMs;
		this.#stopWatching = clock.after(Math.max(1, protocol.keepAlive.everyMs - quietMs), () => void this.#keepAlive());
	}

	async #keepAlive(): Promise<void> {
		const { clock, protocol, alive } = this.#parts;
		const askedMs = clock.monotonicMs();
		if (askedMs - this.#heardMs >= protocol.keepAlive.everyMs && this.#state === "open") {
			const answer = await this.#write((number) => protocol.keepAlive.frame(number));
			if (answer.kind === "answered") {
				alive();
			} else if (this.#heardMs <= askedMs) {
				this.#end(because("connection_timeout", "unreachable", "The provider does not answer any more."));
			}
		}
		if (this.#state === "open") {
			this.#watch();
		}
	}

	#dropWaiting(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		waiting.forEach(({ resolve }) => resolve(notOpen));
	}

	#end(over: NotGreeted, isFlushed = false): void {
		if (this.#state === "over") {
			return;
		}
		this.#state = "over";
		this.#over = over;
		this.#stopWatching();
		this.#dropWaiting();
		for (const { resolve } of this.#asked.values()) {
			resolve({ kind: "unclear", why: "reset" });
		}
		if (isFlushed) {
			this.#socket.once("finish", () => this.#socket.destroy());
			this.#parts.clock.after(farewellMs, () => this.#socket.destroy());
		} else {
			this.#socket.destroy();
		}
		this.#tellEnd(over);
	}
}

const notOpen: LineAnswer = { kind: "notSent", why: "closed", detail: "The line to the provider is not open." };

function because(finding: LineFinding, code: FaultCode, detail: string): NotGreeted {
	return { finding, code, detail };
}

const closedByProvider = because("connection_reset", "unreachable", "The provider closed the connection.");

const refusals: Readonly<Partial<Record<FaultCode, LineFinding>>> = {
	credentials: "credentials_refused",
	config: "setup_refused",
	protocol: "not_the_protocol",
};
