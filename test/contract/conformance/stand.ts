// One connector on a stage: its simulator, the scripted provider before it, the way out of the product, a webhook of ours.
// The wall clock stands still, so that every time can be compared; timers run.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type {
	Addressing,
	HttpCall,
	Outcome,
	RawRequest,
	Reply,
	StoredService,
	Tools,
	UpkeepRound,
	UpkeepState,
} from "#connectors/contract.ts";
import { filledSettings } from "#connectors/kit/rules.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { type OpenService, openService } from "#gateway/open-service.ts";
import { type Exchange, type TokenShelf, tokenShelf, toolsFor } from "#gateway/tools.ts";
import { type Clock, systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import { openWayOut } from "#platform/safe-request.ts";
import type { SimulatedAccount, Simulator } from "#simulators/simulator.ts";
import { type Answer, type Heard, ScriptedProvider, isStall } from "./scripted-provider.ts";
import type { Subject } from "./subject.ts";

export const now = new Date("2026-11-24T12:00:00.000Z");
export const steadyClock: Clock = { ...systemClock, now: () => new Date(now) };
export const attemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId;
const anotherAttemptId = "0197F3A2B4C57E6F8091A0B1C2D3E4F8" as AttemptId;

const limits = {
	connectTimeoutMs: 5000,
	firstByteTimeoutMs: 5000,
	totalTimeoutMs: 8000,
	answerBytesMax: 65_536,
};

/** One send: what the connector said, what it asked for, what the provider heard, what the trace would show. */
export type Sending = {
	outcome: Outcome | { kind: "thrown"; detail: string };
	calls: readonly HttpCall[];
	heard: readonly Heard[];
	exchange: readonly Exchange[];
	/** What was written to the console meanwhile. */
	printed: string;
	service: OpenService;
	message: OutboundMessage;
};

export type Trial = {
	answer?: Answer;
	tokenAnswer?: Answer;
	text?: string;
	/** The port is shut: the provider's, or that of its token endpoint. */
	unreachable?: "service" | "tokens";
	/** No access token is at hand from an earlier send. */
	withoutToken?: boolean;
	/** Ask what became of the message, instead of sending it. */
	lookup?: boolean;
	/** Another message: one with another attempt id. */
	isAnother?: true;
};

/** One round of upkeep, with the same things noted; `round`: what it told, or what it threw. */
export type KeepingUp = Pick<Sending, "calls" | "heard" | "exchange" | "printed" | "service"> & {
	round: UpkeepRound | { thrown: string };
	/** The state that was handed in is another one now. */
	changedItsState: boolean;
};

type Noted<T> = Pick<Sending, "calls" | "heard" | "exchange" | "printed"> & { result: T };

export class Stand {
	readonly simulator: Simulator;
	readonly provider: ScriptedProvider;
	/** What the simulator posted to us, in order. */
	readonly received: RawRequest[] = [];
	readonly #subject: Subject;
	readonly #webhook: Server;
	readonly #tokens: TokenShelf = tokenShelf(steadyClock);

	private constructor(subject: Subject, simulator: Simulator, provider: ScriptedProvider, webhook: Server) {
		this.#subject = subject;
		this.simulator = simulator;
		this.provider = provider;
		this.#webhook = webhook;
		webhook.on("request", (request, response) => {
			void this.#receive(request).then((reply) => {
				response.writeHead(reply?.status ?? 200, { "content-type": reply?.contentType ?? "text/plain" });
				response.end(reply?.body);
			});
		});
		simulator.pointAt(this.webhookUrl);
	}

	static async open(subject: Subject): Promise<Stand> {
		const { startSimulator, connector } = subject;
		if (startSimulator === undefined) {
			throw new Error(`There is no simulator for ${connector.type}.`);
		}
		const simulator = await startSimulator({ clock: steadyClock, random: systemRandom });
		const provider = await ScriptedProvider.open(simulator, () => steadyClock.now());
		const webhook = createServer();
		await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
		return new Stand(subject, simulator, provider, webhook);
	}

	get webhookUrl(): string {
		const { port } = this.#webhook.address() as AddressInfo;
		return `http://127.0.0.1:${port}/sms/${this.#subject.connector.type}/1`;
	}

	service(account: SimulatedAccount = this.provider.account, upkeep?: UpkeepState): OpenService {
		const { connector } = this.#subject;
		const stored = storedOf(account);
		const settings = filledSettings(connector.config.form, account.settings);
		return openService(
			{
				stored: { ...stored, settings, ...(upkeep === undefined ? {} : { upkeep }) },
				type: connector.type,
				name: connector.type,
				enabled: true,
				incomingMode: "enforce",
				stoppedReason: null,
				isLocked: false,
				version: 1,
				settings: commonSettings(settings),
				webhookUrl: this.webhookUrl,
			},
			connector,
		);
	}

	/** A contact as this type names them. */
	get contact(): string {
		const config = this.#subject.connector.config.parse(this.service().stored);
		return this.#addressed(config).contactAddress;
	}

	/** One attempt through the guarded way out. */
	async try(trial: Trial): Promise<Sending> {
		const service = this.service(await this.#accountFor(trial));
		const given = this.#message(service, trial.text ?? confidentialText);
		const message = trial.isAnother === true ? { ...given, attemptId: anotherAttemptId } : given;
		const { result, ...noted } = await this.#noting(trial, service, (tools) =>
			outcomeOf(() =>
				trial.lookup === true && service.lookup !== undefined
					? service.lookup(message, now, tools)
					: service.send(message, tools),
			),
		);
		return { outcome: result, ...noted, service, message };
	}

	/** One round of upkeep from a state, at a time; undefined where this service needs none. */
	async keepUp(trial: Trial, state: UpkeepState, at: Date): Promise<KeepingUp | undefined> {
		const service = this.service(await this.#accountFor(trial), state);
		const { upkeep } = service;
		if (upkeep === undefined) {
			return undefined;
		}
		const handed = structuredClone(state);
		const { result, ...noted } = await this.#noting(trial, service, (tools) =>
			roundOf(() => upkeep(handed, { ...tools, now: () => new Date(at) })),
		);
		return { round: result, ...noted, service, changedItsState: !isDeepStrictEqual(handed, state) };
	}

	async #accountFor({ unreachable }: Trial): Promise<SimulatedAccount> {
		return unreachable === undefined ? this.provider.account : this.provider.unreachable(unreachable);
	}

	async #noting<T>(trial: Trial, service: OpenService, act: (tools: Tools) => Promise<T>): Promise<Noted<T>> {
		const { provider } = this;
		const clock = patientClock();
		provider.onStall = clock.runOut;
		const wayOut = openWayOut({
			...limits,
			outboundAllow: ["127.0.0.0/8"],
			clock: isStall(trial.answer) || isStall(trial.tokenAnswer) ? clock : steadyClock,
			lookup: () => Promise.resolve([]),
		});
		const calls: HttpCall[] = [];
		const recorded: typeof wayOut = {
			...wayOut,
			request(call) {
				calls.push(call);
				return wayOut.request(call);
			},
		};
		const tokens = trial.withoutToken === true ? tokenShelf(steadyClock) : this.#tokens;
		const { tools, exchange } = toolsFor(service, { wayOut: recorded, clock: steadyClock, tokens });
		provider.heard = [];
		provider.answer = trial.answer ?? { kind: "simulator" };
		provider.tokenAnswer = trial.tokenAnswer ?? { kind: "simulator" };
		const console = overhear();
		const result = await act(tools);
		const printed = console.end();
		provider.answer = { kind: "simulator" };
		await wayOut.close();
		return { result, calls, heard: provider.heard, exchange, printed };
	}

	async close(): Promise<void> {
		await this.simulator.settled();
		await this.simulator.close();
		await this.provider.close();
		const closed = new Promise((resolve) => this.#webhook.close(resolve));
		this.#webhook.closeAllConnections();
		await closed;
	}

	#message(service: OpenService, text: string): OutboundMessage {
		const found = this.#addressed(this.#subject.connector.config.parse(service.stored));
		return {
			messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as MessageId,
			attemptId,
			channel: found.channel,
			ourAddress: found.ourAddress,
			contactAddress: found.contactAddress,
			text,
			attachments: [],
			validUntil: new Date(now.getTime() + 600_000),
			contactLastWroteAt: new Date(now.getTime() - 60_000),
			webhookUrl: this.webhookUrl,
		};
	}

	#addressed(config: unknown): Extract<Addressing, { ok: true }> {
		const { connector } = this.#subject;
		const from = this.simulator.account.ourAddress;
		const found = connector.addressing({ from, to: this.simulator.somebody }, config);
		if (!found.ok) {
			throw new Error(`The connector does not take the contact that its simulator knows: ${found.message}`);
		}
		return found;
	}

	/** Kept; and answered, where it is a question that the provider wants answered before it begins. */
	async #receive(request: IncomingMessage): Promise<Reply | undefined> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) {
			chunks.push(chunk as Buffer);
		}
		const headers = new Headers(
			Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
		);
		const url = new URL(request.url ?? "/", this.webhookUrl).href;
		const raw = { method: request.method ?? "", url, headers, body: Buffer.concat(chunks) };
		this.received.push(raw);
		return this.service().handshake(raw);
	}
}

/** Keeps what goes to standard output and standard error, and lets it pass. */
function overhear(): { end(): string } {
	const streams = [process.stdout, process.stderr];
	const writes = streams.map((stream) => stream.write);
	const kept: string[] = [];
	for (const stream of streams) {
		const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
		stream.write = (...args: unknown[]) => {
			kept.push(typeof args[0] === "string" ? args[0] : Buffer.from(args[0] as Uint8Array).toString("utf8"));
			return write(...args);
		};
	}
	return {
		end() {
			streams.forEach((stream, index) => Object.assign(stream, { write: writes[index] }));
			return kept.join("");
		},
	};
}

/** Timers wait until `runOut`, so that a stall is over as soon as it has begun, however busy the machine is. */
export function patientClock(): Clock & { runOut(): void } {
	const timers = new Set<() => void>();
	return {
		...steadyClock,
		after(_delayMs, run) {
			timers.add(run);
			return () => timers.delete(run);
		},
		runOut() {
			const due = [...timers]; // Not those that are set meanwhile: one that sets itself again would never end.
			for (const run of due) {
				timers.delete(run);
				run();
			}
		},
	};
}

/** What must never be seen by whoever reads why a message failed. */
export const confidentialText = "Your tax number is 4711-0815 and nobody else may read this.";

export function storedOf(account: SimulatedAccount): StoredService {
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: account.serviceConnection,
		authenticationUrl: account.authenticationUrl ?? null,
		authenticationScope: null,
		settings: account.settings,
		authentications: account.authentications.map(({ authenticationId, password }) => ({
			authenticationId,
			secrets: [password],
		})),
	};
}

async function outcomeOf(run: () => Promise<Outcome>): Promise<Sending["outcome"]> {
	try {
		return await run();
	} catch (error) {
		return { kind: "thrown", detail: String(error) };
	}
}

async function roundOf(run: () => Promise<UpkeepRound>): Promise<KeepingUp["round"]> {
	try {
		return await run();
	} catch (error) {
		return { thrown: String(error) };
	}
}
