// A simulated provider: takes our sends (or not), answers (or not), tells about them, and delivers what contacts write.
// Its ledger is what really happened; the invariants are checked against it.

import type { OutgoingAnswer, OutgoingCall } from "#platform/safe-request.ts";
import { fateOf, type ProviderMood } from "./fates.ts";
import {
	type Account,
	type Asked,
	dialectOf,
	inboundId,
	secrets,
	type Status,
	type Taken,
	type Update,
} from "./dialects.ts";
import type { Journal } from "./journal.ts";
import { type Node, startWallMs } from "./node.ts";
import type { Buggify } from "./points.ts";
import type { Timeline } from "./timeline.ts";

export type ProviderWorld = {
	timeline: Timeline;
	chance: Buggify;
	journal: Journal;
	pick(max: number): number;
	/** A running process, or undefined. */
	anyNode(): Node | undefined;
	/** A send reached the provider; it was taken. For checks at that moment. */
	sendBegins(send: Send): void;
	sendTaken(send: Send): void;
	/** One of our processes answered 2xx to these. */
	acknowledged(account: Account, updates: readonly Update[]): void;
};

export type Send = {
	account: Account;
	attemptId: string | undefined;
	callbackUrl: string | undefined;
	contact: string;
	text: string;
	node: string;
	startedMs: number;
	taken: Taken | undefined;
};

/** What a contact wrote. */
export type Written = {
	id: string;
	contact: string;
	texts: string[];
	acknowledgedMs: number | undefined;
	triedMs: number;
};
export type TellTale = { status: Status; taken: Taken; isAcknowledged: boolean };

export type Provider = {
	readonly account: Account;
	readonly sends: readonly Send[];
	readonly written: readonly Written[];
	readonly told: readonly TellTale[];
	readonly forged: readonly string[];
	/** Deliveries that were not acknowledged yet. */
	readonly pending: number;
	/** Calls of ours that were not answered yet. */
	readonly underWay: number;
	request(call: OutgoingCall, node: string): Promise<OutgoingAnswer>;
	write(contact: string): void;
	beginOutage(ms: number): void;
	refuseCredentials(ms: number): void;
};

const answerTimeoutMs = 10_000; // How long the provider waits for our answer to a webhook.
const repeatMaxMs = 600_000;

type Job = { updates: readonly Update[]; tries: number; secret?: string };

export function openProvider(account: Account, world: ProviderWorld): Provider {
	const { timeline, chance, journal, pick } = world;
	const dialect = dialectOf(account);
	const name = account.type;
	const sends: Send[] = [];
	const taken: Taken[] = [];
	const written: Written[] = [];
	const told: TellTale[] = [];
	const forged: string[] = [];
	const basket: Update[] = [];
	const mood: ProviderMood = { outageUntilMs: 0, credentialsRefusedUntilMs: 0 };
	let pending = 0;
	let underWay = 0;
	let numbers = 0;
	const trueNow = () => startWallMs + timeline.nowMs;
	const later = (ms: number, run: () => void) => void timeline.after(ms, run, "world");

	// --- our calls

	function request(call: OutgoingCall, node: string): Promise<OutgoingAnswer> {
		const asked = dialect.read(call);
		underWay += 1;
		return new Promise((resolve) => {
			const answer = (given: OutgoingAnswer) => {
				underWay -= 1;
				resolve(given);
			};
			if (asked.kind === "look-up") {
				lookUp(asked.contact, answer);
			} else {
				takeSend(asked, node, answer);
			}
		});
	}

	function lookUp(contact: string, answer: (given: OutgoingAnswer) => void): void {
		const fails = chance.fires("look-up: no answer", 0.5) || timeline.nowMs < mood.outageUntilMs;
		journal.note(`${name} asked about ${contact}${fails ? ", no answer" : ""}`);
		later(fails ? 15_000 : 10 + pick(300), () =>
			answer(
				fails
					? { kind: "unclear", why: "timeout" }
					: dialect.listed(
							taken.filter((one) => one.contact === contact),
							trueNow(),
						),
			),
		);
	}

	function takeSend(
		asked: Extract<Asked, { kind: "send" }>,
		node: string,
		answer: (given: OutgoingAnswer) => void,
	): void {
		const { kind: _kind, ...what } = asked;
		const send: Send = { account, ...what, node, startedMs: timeline.nowMs, taken: undefined };
		sends.push(send);
		const fate = fateOf(mood, world);
		journal.note(`${name} gets "${send.text}" from ${node}: ${fate.name}`);
		world.sendBegins(send);
		if (fate.takenAfterMs !== undefined) {
			later(fate.takenAfterMs, () => take(send, fate.isTold));
		}
		later(fate.answerAfterMs, () => {
			const given = fate.answer ?? (send.taken === undefined ? undefined : dialect.accepted(send.taken));
			answer(given ?? { kind: "unclear", why: "reset" });
		});
	}

	function take(send: Send, isToldFirst: boolean): void {
		numbers += 1;
		const { attemptId, callbackUrl, contact, text } = send;
		send.taken = { attemptId, callbackUrl, contact, text, remoteId: dialect.newRemoteId(numbers), atMs: trueNow() };
		taken.push(send.taken);
		journal.note(`${name} took "${text}"`);
		world.sendTaken(send);
		tell(send.taken, isToldFirst);
	}

	/** Receipts, each in its own webhook. */
	function tell(one: Taken, isToldFirst: boolean): void {
		if (chance.fires("receipt: never", 0.3)) {
			return;
		}
		const failed = dialect.statuses.includes("failed") && chance.fires("receipt: failed", 0.1);
		const statuses: Status[] = failed ? ["sent", "failed"] : ["sent", "delivered", "read"];
		const said = statuses.slice(0, 1 + pick(statuses.length));
		if (chance.fires("receipt: out of order", 0.3)) {
			said.reverse();
		}
		let atMs = isToldFirst ? 1 : 200 + pick(4000);
		for (const status of said) {
			if (status === "sent" && name === "facebook" && chance.fires("echo: missing", 0.4)) {
				continue;
			}
			told.push({ status, taken: one, isAcknowledged: false });
			deliverLater({ updates: [{ kind: "receipt", status, taken: one, atMs: trueNow() + atMs }], tries: 0 }, atMs);
			if (chance.fires("receipt: twice", 0.3)) {
				deliverLater(
					{ updates: [{ kind: "receipt", status, taken: one, atMs: trueNow() + atMs }], tries: 0 },
					atMs + pick(50),
				);
			}
			atMs += pick(20_000);
		}
	}

	// --- our webhooks

	function deliverLater(job: Job, delayMs: number): void {
		pending += 1;
		later(delayMs, () => deliver(job));
	}

	function deliver(job: Job): void {
		job.tries += 1;
		const node = world.anyNode();
		if (node === undefined) {
			again(job);
			return;
		}
		let isOver = false;
		later(answerTimeoutMs, () => {
			if (!isOver) {
				isOver = true;
				again(job);
			}
		});
		for (const update of job.updates) {
			note(update);
		}
		void node.knock(dialect.webhook(job.updates, job.secret)).then((status) => {
			journal.note(`${node.name} answers ${name} ${status} for ${job.updates.map(nameOf).join(", ")}`);
			if (status < 300) {
				accept(job);
			}
			if (!isOver) {
				isOver = true;
				heard(job, status);
			}
		});
	}

	function note(update: Update): void {
		const found = update.kind === "message" ? written.find(({ id }) => id === update.id) : undefined;
		if (found !== undefined && found.triedMs === Number.POSITIVE_INFINITY) {
			found.triedMs = timeline.nowMs;
		}
	}

	function accept(job: Job): void {
		if (job.secret !== undefined) {
			journal.violated(`a forged webhook was answered with a yes: ${job.updates.map(nameOf).join(", ")}`);
			return;
		}
		for (const update of job.updates) {
			const found = update.kind === "message" ? written.find(({ id }) => id === update.id) : undefined;
			if (found !== undefined) {
				found.acknowledgedMs ??= timeline.nowMs;
			}
			if (update.kind === "receipt") {
				const tale = told.find((one) => one.taken === update.taken && one.status === update.status);
				if (tale !== undefined) {
					tale.isAcknowledged = true;
				}
			}
		}
		world.acknowledged(account, job.updates);
	}

	function heard(job: Job, status: number): void {
		if (job.secret !== undefined) {
			pending -= 1;
		} else if (status >= 300 || chance.fires("webhook: our answer is lost", 0.1)) {
			again(job);
		} else {
			pending -= 1;
			if (chance.fires("webhook: again after our yes", 0.15)) {
				deliverLater({ ...job, tries: 0 }, pick(60_000));
			}
		}
	}

	function again(job: Job): void {
		if (job.secret !== undefined) {
			pending -= 1;
			return;
		}
		later(Math.min(repeatMaxMs, 2000 * 2 ** Math.min(job.tries, 12)), () => deliver(job));
	}

	function write(contact: string): void {
		numbers += 1;
		const id = inboundId(account, numbers);
		const text = `in ${numbers}`;
		const update: Update = { kind: "message", id, contact, text, atMs: trueNow() };
		written.push({ id, contact, texts: [text], acknowledgedMs: undefined, triedMs: Number.POSITIVE_INFINITY });
		if (dialect.batches && chance.fires("webhook: several events in one", 0.3)) {
			basket.push(update);
			if (basket.length === 1) {
				pending += 1;
				later(pick(3000), () => {
					deliver({ updates: basket.splice(0), tries: 0 });
				});
			}
			return;
		}
		deliverLater({ updates: [update], tries: 0 }, chance.fires("webhook: out of order", 0.2) ? pick(30_000) : 1);
		if (chance.fires("webhook: twice at once", 0.2)) {
			deliverLater({ updates: [update], tries: 0 }, 1);
		}
		oddities(update);
	}

	function oddities(update: Extract<Update, { kind: "message" }>): void {
		if (chance.fires("webhook: known id, other content", 0.1)) {
			const other = { ...update, text: `${update.text} changed` };
			written.at(-1)?.texts.push(other.text);
			deliverLater({ updates: [other], tries: 0 }, pick(2000));
		}
		if (chance.fires("webhook: forged", 0.1)) {
			numbers += 1;
			const id = inboundId(account, numbers);
			forged.push(id);
			deliverLater({ updates: [{ ...update, id }], tries: 0, secret: secrets.wrong }, pick(2000));
		}
		if (chance.fires("webhook: unreadable", 0.05)) {
			numbers += 1;
			deliverLater({ updates: [{ kind: "nonsense", id: String(numbers), atMs: trueNow() }], tries: 0 }, pick(2000));
		}
	}

	return {
		account,
		sends,
		written,
		told,
		forged,
		get pending() {
			return pending;
		},
		get underWay() {
			return underWay;
		},
		request,
		write,
		beginOutage(ms) {
			mood.outageUntilMs = timeline.nowMs + ms;
		},
		refuseCredentials(ms) {
			mood.credentialsRefusedUntilMs = timeline.nowMs + ms;
		},
	};
}

function nameOf(update: Update): string {
	return update.kind === "receipt" ? `${update.status} of "${update.taken.text}"` : `${update.kind} ${update.id}`;
}
