// One service's line, kept open: opened, greeted, waited for, and opened again after a while that grows with each failure.
// A provider that refuses who we are is left alone for minutes: a tight loop there gets accounts locked.

import type { LineAnswer, LineCall, LineView } from "#connectors/contract.ts";
import type { FaultCode } from "#domain/faults.ts";
import type { ChannelEvent } from "#domain/messages.ts";
import { sleep } from "#platform/clock.ts";
import type { NotSentReason } from "#platform/guarded-socket.ts";
import { describeError } from "#platform/log.ts";
import { fitting } from "./fitting.ts";
import { Line, type NotGreeted } from "./line.ts";
import type { LineKeeping } from "./lines.ts";
import type { OpenService } from "./open-service.ts";
import { nudge, sortOut, toArrival } from "./receive.ts";
import { storable } from "./storable.ts";
import { hiderOf } from "./tools.ts";

type Closed = Extract<LineView, { state: "closed" }>;

const waitMinMs = 1000;
const waitMaxMs = 60_000;
const refusedWaitMs = 5 * 60_000;

/** Evenly between half and the whole of 1, 2, 4 … 60 s, so that many nodes do not come back in one moment. Pure. */
export function waitBeforeNext(code: FaultCode, failures: number, chance: number): number {
	const wholeMs = code === "credentials" ? refusedWaitMs : Math.min(waitMaxMs, waitMinMs * 2 ** Math.min(failures, 10));
	return wholeMs * (0.5 + chance / 2);
}

/** Of one version of a service; lives until `stop`. */
export class KeptLine {
	readonly version: number;
	readonly #service: OpenService;
	readonly #deps: LineKeeping;
	readonly #stopping = new AbortController();
	#line: Line | undefined;
	#closed: Closed = {
		state: "closed",
		finding: "line_not_kept",
		code: "unreachable",
		because: "The line to the provider is being opened.",
	};
	#failures = 0;
	#endPause: () => void = () => undefined;
	/** Resolved at the end of each try. */
	#tried = Promise.withResolvers<void>();
	#running: Promise<void> = Promise.resolve();
	#stopped: Promise<void> | undefined;

	private constructor(service: OpenService, deps: LineKeeping) {
		this.version = service.version;
		this.#service = service;
		this.#deps = deps;
	}

	static start(service: OpenService, deps: LineKeeping): KeptLine {
		const kept = new KeptLine(service, deps);
		kept.#running = kept.#run();
		return kept;
	}

	get isOpen(): boolean {
		return this.#line?.isOpen === true;
	}

	/** A try to open it failed, and none has succeeded since. */
	get isDown(): boolean {
		return this.#failures > 0;
	}

	get isStopping(): boolean {
		return this.#stopping.signal.aborted;
	}

	ask(call: LineCall): Promise<LineAnswer> {
		return this.#line?.ask(call) ?? Promise.resolve({ kind: "notSent", why: "closed", detail: this.#closed.because });
	}

	async look(): Promise<LineView> {
		if (!this.isOpen && !this.isStopping) {
			const { promise } = this.#tried;
			this.#endPause();
			await promise;
		}
		return this.isOpen ? { state: "open" } : this.#closed;
	}

	/** What waits for an answer is waited for. */
	stop(): Promise<void> {
		this.#stopped ??= this.#end();
		return this.#stopped;
	}

	async #end(): Promise<void> {
		this.#stopping.abort();
		this.#endPause();
		await this.#line?.close();
		await this.#running;
		this.#tried.resolve();
	}

	async #run(): Promise<void> {
		const { random } = this.#deps;
		while (!this.isStopping) {
			const failure = await this.#openOnce().catch((error: unknown) => this.#bug(error));
			this.#tellTried();
			if (failure === undefined) {
				await this.#untilEnded();
			} else {
				this.#noteFailure(failure);
			}
			if (!this.isStopping) {
				await this.#pause(waitBeforeNext(failure?.code ?? "unreachable", this.#failures, random.fraction()));
			}
		}
	}

	#tellTried(): void {
		const tried = this.#tried;
		this.#tried = Promise.withResolvers();
		tried.resolve();
	}

	/** Undefined: it is open. */
	async #openOnce(): Promise<Closed | undefined> {
		const { lineOut, clock, ids } = this.#deps;
		const { stored, line: protocol } = this.#service;
		const opening = await lineOut.open(stored.serviceConnection);
		if (!opening.ok || protocol === undefined) {
			return this.#fail(notOpened[opening.ok ? "blocked" : opening.why]);
		}
		const { socket } = opening;
		if (this.isStopping) {
			socket.destroy();
			return this.#closed;
		}
		const line = new Line(socket, {
			protocol,
			clock,
			answerTimeoutMs: lineOut.answerTimeoutMs,
			opening: ids.next(),
			record: (frame, events) => this.#record(frame, events, socket.remoteAddress ?? ""),
			alive: () => this.#deps.vitals.upkept(this.#service.id),
			failed: (error) => this.#bug(error),
		});
		this.#line = line;
		const greeted = await line.greet();
		return greeted.ok ? this.#opened() : this.#fail(greeted);
	}

	#opened(): undefined {
		const { log, signals, vitals } = this.#deps;
		this.#failures = 0;
		vitals.lineOpened(this.#service.id);
		log.info("A line to a provider is open.", this.#named());
		signals.nudge("sender");
	}

	#fail({ finding, code, detail }: NotGreeted): Closed {
		this.#closed = { state: "closed", finding, code, because: hiderOf(this.#service)(detail) };
		return this.#closed;
	}

	#noteFailure({ code, because }: Closed): void {
		const { log, vitals } = this.#deps;
		if (this.isStopping) {
			return;
		}
		vitals.lineFailed(this.#service.id, { code, detail: because });
		this.#failures += 1;
		if (this.#failures === 1) {
			log.warn("A line to a provider could not be opened and is tried again.", { ...this.#named(), code });
		}
	}

	#bug(error: unknown): Closed {
		this.#deps.log.error("A connector failed on a line.", { ...this.#named(), error: describeError(error) });
		return this.#fail({
			finding: "line_failed",
			code: "protocol",
			detail: "The connector failed on the line; the log of the SMS Server has the cause.",
		});
	}

	#named() {
		return { server: "SMS Server", serviceId: this.#service.id, serviceType: this.#service.type } as const;
	}

	async #untilEnded(): Promise<void> {
		const over = await this.#line?.ended;
		if (over !== undefined) {
			this.#fail(over);
		}
		if (!this.isStopping) {
			this.#deps.log.warn("A line to a provider ended and is opened again.", this.#named());
		}
	}

	async #pause(waitMs: number): Promise<void> {
		const ending = new AbortController();
		this.#endPause = () => ending.abort();
		await sleep(this.#deps.clock, waitMs, ending.signal);
		this.#endPause = () => undefined;
	}

	/** Stored as a webhook's request would be: the frame as it came, and what it says. What is not stored is told again. */
	async #record(frame: Uint8Array, events: readonly ChannelEvent[], address: string): Promise<boolean> {
		const { arrivals, log, signals, vitals } = this.#deps;
		const service = this.#service;
		const { ours } = sortOut(events.map((event) => fitting(storable(event))));
		if (ours.length === 0) {
			return true;
		}
		const raw = { method: "LINE", url: service.stored.serviceConnection, headers: new Headers(), body: frame };
		const content = { service, caller: { address }, nonce: undefined, events: ours, verdict: "ok" };
		try {
			const recorded = await arrivals.add(toArrival(raw, content, this.#deps));
			vitals.received(service.id, recorded.kind === "stored" ? recorded.fresh : 0);
			nudge(ours, signals);
			return true;
		} catch (error) {
			log.warn("What a provider told could not be stored; it is to tell it again.", {
				...this.#named(),
				error: describeError(error),
			});
			return false;
		}
	}
}

const notOpened: Readonly<Record<NotSentReason, NotGreeted>> = {
	blocked: {
		finding: "address_blocked",
		code: "config",
		detail: "The address of the line may not be called: it is internal, not encrypted, or has a port of the system's.",
	},
	dns: { finding: "dns_failed", code: "unreachable", detail: "The host of the line has no address in the DNS." },
	refused: {
		finding: "connection_refused",
		code: "unreachable",
		detail: "The provider's host refuses the connection.",
	},
	tls: {
		finding: "tls_failed",
		code: "unreachable",
		detail: "The provider's host has no certificate that is valid for it.",
	},
	timeout: {
		finding: "connection_timeout",
		code: "unreachable",
		detail: "The provider's host does not answer in time.",
	},
};
