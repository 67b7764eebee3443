// A stand-in for an SMSC: binds one user as transceiver, checks each submit_sm as strictly as the protocol allows, answers it
// as the script says, and tells receipts and messages of contacts over whichever session is bound.

import { sleep } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import {
	type ContactMessage,
	goodManners,
	type HostTrouble,
	type Refusal,
	type SentWebhook,
	type SimulatedAccount,
	type Simulator,
	type SimulatorDeps,
	type TakenMessage,
	type Treatment,
	type WebhookManners,
} from "./simulator.ts";
import { contentOf, receiptFields, sides } from "./smpp-deliveries.ts";
import { type Fields, type Frame, type Session, Smsc, statuses } from "./smpp-sessions.ts";
import { messageIn, submitTrouble } from "./smpp-submits.ts";

export type SmppSimulator = Simulator & {
	/** How receipts spell the ids: as the answer did (hexadecimal), or decimal. */
	receiptIds: "same" | "decimal";
	/** Without the optional parameters, receipts tell by their text alone. */
	receiptTlvs: boolean;
	/** Answers binds with this command_status; undefined: as the credentials deserve. */
	bindStatus: number | undefined;
	/** False: an SMSC that is older than 3.4, which does not know the command of our bind. */
	knowsTransceiver: boolean;
	/** The account may bind once, and another program has done so. */
	occupy(): void;
	/** Sessions that are bound now. */
	readonly boundCount: number;
	/** Binds so far. */
	readonly binds: number;
	/** Most submits that waited for an answer at once. */
	readonly mostUnanswered: number;
	/** Resolves when a session is bound. */
	whenBound(): Promise<void>;
	/** Ends every session with an unbind. */
	unbindAll(): Promise<void>;
	/** Cuts every session. */
	cutAll(): void;
	/** One deliver_sm as it is; resolves with the answer's command_status, undefined without one. */
	deliver(fields: Fields): Promise<number | undefined>;
	/** Bytes on every bound session, as they are. */
	writeRaw(bytes: Uint8Array): void;
};

export async function startSmppSimulator(deps: SimulatorDeps, options: { port?: number } = {}): Promise<SmppSimulator> {
	const { random } = deps;
	const account = { systemId: `gw${hex(random, 5)}`, password: hex(random, 4) };
	const simulator = new SmscSimulator(deps, account);
	await simulator.open(options.port ?? 0);
	return simulator;
}

type Submit = { frame: Frame; session: Session };

const windowMax = 100; // More submits without an answer than any provider lets one session have.

class SmscSimulator implements SmppSimulator {
	readonly type = "smpp";
	readonly taken: TakenMessage[] = [];
	readonly webhooks: SentWebhook[] = [];
	readonly refusals: Refusal[] = [];
	readonly somebody = "+4915112345678";
	/** An SMS carries no files. */
	readonly fetched = [];
	manners: WebhookManners = { ...goodManners };
	script: Treatment[] = [];
	receiptIds: "same" | "decimal" = "same";
	receiptTlvs = true;
	binds = 0;
	mostUnanswered = 0;
	readonly #deps: SimulatorDeps;
	readonly #user: { systemId: string; password: string };
	readonly #ourAddress: string;
	readonly #underWay = new Set<Promise<unknown>>();
	readonly #closing = new AbortController();
	#smsc: Smsc | undefined;
	#trouble: HostTrouble = {};
	#unanswered = 0;
	#bound = Promise.withResolvers<void>();

	constructor(deps: SimulatorDeps, user: { systemId: string; password: string }) {
		this.#deps = deps;
		this.#user = user;
		this.#ourAddress = `+1555${String(Math.floor(deps.random.fraction() * 10_000_000)).padStart(7, "0")}`;
	}

	async open(port: number): Promise<void> {
		this.#smsc = await Smsc.open(
			this.#user,
			{ clock: this.#deps.clock, port },
			{
				submitted: (frame, session) => void this.#track(this.#submitted({ frame, session })),
				bound: () => this.#noteBound(),
				refused: (status, reason) => this.refusals.push({ status, reason }),
			},
		);
	}

	get origin(): string {
		return `smpp://127.0.0.1:${this.#opened.port}`;
	}

	get account(): SimulatedAccount {
		return {
			serviceConnection: this.origin,
			authentications: [{ authenticationId: this.#user.systemId, password: this.#user.password }],
			settings: { deliveryReports: "all" },
			ourAddress: this.#ourAddress,
		};
	}

	get bindStatus(): number | undefined {
		return this.#opened.bindStatus;
	}
	set bindStatus(status: number | undefined) {
		this.#opened.bindStatus = status;
	}

	get knowsTransceiver(): boolean {
		return this.#opened.knowsTransceiver;
	}
	set knowsTransceiver(isKnown: boolean) {
		this.#opened.knowsTransceiver = isKnown;
	}

	occupy(): void {
		this.#opened.isOccupied = true;
	}

	get boundCount(): number {
		return this.#opened.bound.size;
	}

	/** Of the troubles of an HTTP host a line knows two: connections that are cut, and no answer, which is for ever here. */
	get trouble(): HostTrouble {
		return this.#trouble;
	}
	set trouble(trouble: HostTrouble) {
		this.#trouble = trouble;
		this.#opened.resets = trouble.resets === true;
		this.#opened.isDeaf = trouble.stallMs !== undefined;
	}

	hostFile(): string {
		throw new Error("An SMS carries no files.");
	}

	/** Nothing is called by HTTP: where Parley's door is does not matter. */
	pointAt(): void {}

	async whenBound(): Promise<void> {
		await this.#session();
	}

	async unbindAll(): Promise<void> {
		const { bound } = this.#opened;
		const ending = [...bound];
		bound.clear();
		await Promise.all(ending.map((session) => session.ask("unbind", {})));
	}

	cutAll(): void {
		const { bound } = this.#opened;
		const ending = [...bound];
		bound.clear();
		ending.forEach((session) => session.socket.destroy());
	}

	writeRaw(bytes: Uint8Array): void {
		this.#opened.bound.forEach((session) => session.write(bytes));
	}

	async deliver(fields: Fields): Promise<number | undefined> {
		const session = await this.#session();
		return (await session?.ask("deliver_sm", fields))?.status;
	}

	contactWrites({ from, text: words, remoteId }: ContactMessage): Promise<SentWebhook> {
		const content = contentOf(words);
		const id = remoteId ?? "";
		const idField = remoteId === undefined ? {} : { receipted_message_id: remoteId };
		const fields = { ...sides(from, this.#ourAddress), ...content, ...idField };
		return this.#track(this.#tell({ kind: "message", remoteId: id }, fields));
	}

	async settled(): Promise<void> {
		while (this.#underWay.size > 0) {
			await Promise.all(this.#underWay);
		}
	}

	async close(): Promise<void> {
		this.#closing.abort();
		await this.#opened.close();
		await this.settled();
	}

	get #opened(): Smsc {
		if (this.#smsc === undefined) {
			throw new Error("open comes first.");
		}
		return this.#smsc;
	}

	#noteBound(): void {
		this.binds += 1;
		const bound = this.#bound;
		this.#bound = Promise.withResolvers();
		bound.resolve();
	}

	#track<Result>(work: Promise<Result>): Promise<Result> {
		const tracked = work.finally(() => this.#underWay.delete(tracked));
		this.#underWay.add(tracked);
		return tracked;
	}

	/** The newest that is bound, waited for; undefined when the simulator ends. */
	async #session(): Promise<Session | undefined> {
		const ended = new Promise<void>((resolve) => {
			this.#closing.signal.addEventListener("abort", () => resolve(), { once: true });
		});
		while (!this.#closing.signal.aborted) {
			const session = [...this.#opened.bound].at(-1);
			if (session !== undefined) {
				return session;
			}
			await Promise.race([this.#bound.promise, ended]);
		}
		return undefined;
	}

	/** As often and as late as the manners say. The same frame again has the same number, while its session lasts. */
	async #tell(what: Pick<SentWebhook, "kind" | "remoteId">, fields: Fields): Promise<SentWebhook> {
		const { clock } = this.#deps;
		let place: { session: Session; number: number } | undefined;
		let last: SentWebhook = { ...what, status: 0, body: "", at: clock.now() };
		const { everyMs, timesMax } = this.manners.again ?? { everyMs: 0, timesMax: 0 };
		for (let time = 0, again = 0; time < this.manners.times; time++) {
			await sleep(clock, this.manners.delayMs, this.#closing.signal);
			const session = await this.#session();
			if (session === undefined) {
				return last;
			}
			place = place?.session === session ? place : { session, number: session.nextNumber() };
			const answer = await session.ask("deliver_sm", fields, place.number);
			last = { ...what, status: httpStatus(answer?.status), body: "", at: clock.now() };
			this.webhooks.push(last);
			if (last.status !== 200 && again < timesMax) {
				again += 1;
				time -= 1;
				await sleep(clock, everyMs, this.#closing.signal);
			}
		}
		return last;
	}

	async #submitted({ frame, session }: Submit): Promise<void> {
		this.#unanswered += 1;
		this.mostUnanswered = Math.max(this.mostUnanswered, this.#unanswered);
		const remoteId = await this.#treat({ frame, session });
		this.#unanswered -= 1;
		if (remoteId !== undefined && !this.manners.receiptsFirst) {
			await this.#report(remoteId, frame);
		}
	}

	/** The id of a message that was taken. */
	async #treat({ frame, session }: Submit): Promise<string | undefined> {
		const treatment = this.script.shift() ?? { kind: "accept" };
		const trouble = this.#unanswered > windowMax ? "the window is full" : submitTrouble(frame.fields);
		if (treatment.kind === "resetBefore") {
			session.socket.resetAndDestroy();
		} else if (trouble !== undefined) {
			const status = typeof trouble === "string" ? statuses.throttled : trouble.status;
			this.refusals.push({ status, reason: typeof trouble === "string" ? trouble : trouble.reason });
			session.answer(frame, status);
		} else if (treatment.kind === "answer") {
			refuse(treatment, { frame, session });
		} else {
			return this.#take(treatment, { frame, session });
		}
		return undefined;
	}

	/** The message is taken, whatever the answer looks like. */
	async #take(treatment: Treatment, { frame, session }: Submit): Promise<string> {
		const { clock, random } = this.#deps;
		const remoteId = hex(random, 4);
		const { to, text: words } = messageIn(frame.fields);
		this.taken.push({ remoteId, attemptId: undefined, to, text: words, at: clock.now() });
		if (this.manners.receiptsFirst) {
			await this.#report(remoteId, frame);
		}
		if (treatment.kind === "stall") {
			await sleep(clock, treatment.delayMs, this.#closing.signal);
		}
		conclude(treatment, { frame, session }, remoteId);
		return remoteId;
	}

	async #report(remoteId: string, { fields }: Frame): Promise<void> {
		const wish = Number(fields["registered_delivery"]);
		const asked = this.manners.receipts.filter(
			(kind) => kind !== "read" && (wish & 0x03) !== 0 && (kind !== "sent" || (wish & 0x10) !== 0),
		);
		for (const kind of this.manners.reversed ? asked.toReversed() : asked) {
			const receipt = receiptFields(
				kind,
				this.receiptIds === "same" ? remoteId : decimal(remoteId),
				this.#deps.clock.now(),
			);
			const { receipted_message_id: _id, message_state: _state, ...bare } = receipt;
			const addresses = {
				source_addr_ton: fields["dest_addr_ton"],
				source_addr_npi: fields["dest_addr_npi"],
				source_addr: fields["destination_addr"],
				dest_addr_ton: fields["source_addr_ton"],
				dest_addr_npi: fields["source_addr_npi"],
				destination_addr: fields["source_addr"],
			};
			await this.#tell({ kind: "receipt", remoteId }, { ...addresses, ...(this.receiptTlvs ? receipt : bare) });
		}
	}
}

function hex(random: Random, bytes: number): string {
	return Buffer.from(random.bytes(bytes)).toString("hex");
}

function decimal(id: string): string {
	return String(Number.parseInt(id, 16));
}

/** As a webhook's answer would read: 503 asks for it once more. */
function httpStatus(status: number | undefined): number {
	return status === undefined ? 0 : status === 0 ? 200 : status === 0x64 ? 503 : 400;
}

/**
 * What an HTTP status would be on a line: 429 is ESME_RTHROTTLED, 500 ESME_RSYSERR, another 5xx no answer at all and the end
 * of the session, another one ESME_RINVDSTADR. A body such as `0x45` is the command_status to answer.
 */
function refuse({ status, body = "" }: Extract<Treatment, { kind: "answer" }>, { frame, session }: Submit): void {
	const stated = /^0x[0-9a-f]{1,8}$/i.test(body) ? Number.parseInt(body, 16) : meanings.get(status);
	if (stated === undefined && status > 500) {
		session.socket.destroy();
	} else {
		session.answer(frame, stated ?? statuses.invalidDestination);
	}
}

const meanings: ReadonlyMap<number, number> = new Map([
	[429, statuses.throttled],
	[500, statuses.systemError],
]);

const garbage = Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n");

function conclude(treatment: Treatment, { frame, session }: Submit, remoteId: string): void {
	if (treatment.kind === "resetAfter") {
		session.socket.destroy();
	} else if (treatment.kind === "garbage") {
		session.write(garbage);
	} else {
		session.answer(frame, statuses.ok, { message_id: remoteId });
	}
}
