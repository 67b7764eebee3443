// A connector with a line on a stage: its simulator, the guarded way out, one line of the gateway's, one send.

import type { LineView, Outcome, StoredService } from "#connectors/contract.ts";
import { filledSettings } from "#connectors/kit/rules.ts";
import type { Connector } from "#connectors/registry.ts";
import type { MessageId } from "#domain/ids.ts";
import type { OutboundMessage } from "#domain/messages.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { Line } from "#gateway/line.ts";
import { type OpenService, openService } from "#gateway/open-service.ts";
import { type Exchange, tokenShelf, toolsFor } from "#gateway/tools.ts";
import { systemRandom } from "#platform/random.ts";
import { openLineOut } from "#platform/safe-line.ts";
import type { SimulatedAccount, Simulator, Treatment } from "#simulators/simulator.ts";
import { attemptId, confidentialText, now, patientClock, steadyClock, storedOf } from "./stand.ts";
import { type Findings, noSimulator, type Subject } from "./subject.ts";

export type LineTrial = {
	treatment?: Treatment;
	text?: string;
	/** The password is another one. */
	stranger?: true;
	/** Nobody listens at the port. */
	unreachable?: true;
	/** Nothing comes back before the time is over. */
	silent?: true;
};

export type LineSending = {
	outcome: Outcome | { kind: "thrown"; detail: string };
	greeted: { ok: boolean; code?: string; detail?: string };
	/** What the provider answered to frames of ours. */
	answers: readonly Uint8Array[];
	exchange: readonly Exchange[];
	service: OpenService;
};

export class LineStand {
	readonly simulator: Simulator;
	readonly #subject: Subject;

	private constructor(subject: Subject, simulator: Simulator) {
		this.#subject = subject;
		this.simulator = simulator;
	}

	static async open(subject: Subject): Promise<LineStand | undefined> {
		const simulator = await subject.startSimulator?.({ clock: steadyClock, random: systemRandom });
		return simulator === undefined ? undefined : new LineStand(subject, simulator);
	}

	service(account: SimulatedAccount = this.simulator.account): OpenService {
		const { connector } = this.#subject;
		const stored = storedOf(account);
		const settings = filledSettings(connector.config.form, account.settings);
		const facts = { type: connector.type, name: connector.type, enabled: true, incomingMode: "enforce" as const };
		return openService(
			{
				...facts,
				stored: { ...stored, settings },
				stoppedReason: null,
				isLocked: false,
				version: 1,
				settings: commonSettings(settings),
				webhookUrl: "https://parley.example/sms/x/1",
			},
			connector,
		);
	}

	async try(trial: LineTrial): Promise<LineSending> {
		const service = this.service(accountFor(trial, this.simulator.account));
		const clock = patientClock();
		const answerClock = trial.silent === true ? clock : steadyClock;
		const limits = { connectTimeoutMs: 5000, answerTimeoutMs: 5000 };
		const out = openLineOut({ outboundAllow: ["127.0.0.0/8"], ...limits, lookup: () => Promise.resolve([]) });
		const opening = await out.open(service.stored.serviceConnection);
		const line =
			opening.ok && service.line !== undefined ? opened(opening.socket, service.line, answerClock) : undefined;
		const greeted = (await line?.greet()) ?? { ok: false };
		const answers: Uint8Array[] = [];
		const taken = trial.silent === true ? untilTaken(this.simulator) : Promise.resolve();
		const lines = {
			async ask(_id: string, call: Parameters<Line["ask"]>[0]) {
				const asked =
					line?.ask(call) ?? Promise.resolve({ kind: "notSent", why: "closed", detail: "Closed." } as const);
				if (trial.silent === true) {
					await taken;
					clock.runOut();
				}
				const answer = await asked;
				answers.push(...(answer.kind === "answered" ? [answer.frame] : []));
				return answer;
			},
			look: (): Promise<LineView> => Promise.resolve({ state: "open" }),
			isReady: () => true,
		};
		const wayOut = { request: unasked, close: () => Promise.resolve() };
		const { tools, exchange } = toolsFor(service, {
			wayOut,
			clock: steadyClock,
			tokens: tokenShelf(steadyClock),
			lines,
		});
		this.simulator.script = trial.treatment === undefined ? [] : [trial.treatment];
		const message = messageOn(this.#subject.connector, service.stored, {
			from: this.simulator.account.ourAddress,
			...(trial.text === undefined ? {} : { text: trial.text }),
		});
		const outcome = await sent(() => service.send(message, tools));
		await line?.close();
		return { outcome, greeted, answers, exchange, service };
	}

	async close(): Promise<void> {
		await this.simulator.close();
	}
}

export async function onLineStand(subject: Subject, act: (stand: LineStand) => Promise<Findings>): Promise<Findings> {
	const stand = await LineStand.open(subject);
	if (stand === undefined) {
		return [noSimulator(subject)];
	}
	try {
		return await act(stand);
	} finally {
		await stand.close();
	}
}

function opened(
	socket: ConstructorParameters<typeof Line>[0],
	protocol: NonNullable<OpenService["line"]>,
	clock: typeof steadyClock,
): Line {
	return new Line(socket, {
		protocol,
		clock,
		answerTimeoutMs: 5000,
		opening: "0197F3A2B4C57E6F8091A0B1C2D3E4F8",
		record: () => Promise.resolve(true),
		alive: () => undefined,
		failed(error) {
			throw error;
		},
	});
}

/** A port that was somebody's a moment ago is nobody's for long enough. */
function accountFor({ stranger, unreachable }: LineTrial, account: SimulatedAccount): SimulatedAccount {
	const authentications =
		stranger === true
			? account.authentications.map((entry) => ({ ...entry, password: "another1" }))
			: account.authentications;
	const serviceConnection =
		unreachable === true ? account.serviceConnection.replace(/:\d+$/, ":1") : account.serviceConnection;
	return { ...account, authentications, serviceConnection };
}

async function untilTaken({ taken }: Simulator): Promise<void> {
	const before = taken.length;
	while (taken.length === before) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

function unasked(): never {
	throw new Error("A type with a line sends nothing by HTTP.");
}

async function sent(run: () => Promise<Outcome>): Promise<LineSending["outcome"]> {
	try {
		return await run();
	} catch (error) {
		return { kind: "thrown", detail: String(error) };
	}
}

const contact = "+15550100002";
const us = "+15550100001";

export function messageOn(
	connector: Connector<unknown>,
	stored: StoredService,
	{ text = confidentialText, from = us, validUntil = new Date(now.getTime() + 600_000) } = {},
): OutboundMessage {
	const addressing = connector.addressing({ from, to: contact }, connector.config.parse(stored));
	if (!addressing.ok) {
		throw new Error("The connector takes no contact that the kit knows.");
	}
	return {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as MessageId,
		attemptId,
		channel: addressing.channel,
		ourAddress: addressing.ourAddress,
		contactAddress: addressing.contactAddress,
		text,
		attachments: [],
		validUntil,
		webhookUrl: "https://parley.example/sms/x/1",
	};
}
