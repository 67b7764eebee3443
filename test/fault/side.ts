// One messaging service under load, as its provider and its callers live through it: contacts who write, agents who send,
// each going on with what got no answer until it gets one; and the witness of it all.

import { setTimeout as wait } from "node:timers/promises";
import type { Simulator } from "#simulators/simulator.ts";
import type { Witness } from "#test/invariants.ts";
import { type Api, configure, type MessageObject } from "#test/parley.ts";

export type SideOptions = {
	/** Keeps the texts of several sides apart. */
	name: string;
	/** The contacts' addresses begin with it. */
	prefix: string;
	contacts: number;
	agents: number;
	settings: Record<string, unknown>;
	power: Power;
};

/** Whether Parley runs, as far as the test knows: it does not know at the moment of a kill. */
export type Power = {
	/** How often it has been started: after each start, some of what was said before is said again. */
	starts: number;
	/** Callers that got no answer wait for it: knocking at a closed door costs the start its processor. */
	isUp: Promise<void>;
};

export type Side = {
	service: string;
	simulator: Simulator;
	witness: Witness;
	/** Answers to a repeated Idempotency-Key that were not those of the first call. */
	differing: string[];
	/** Each caller ends once its last call is answered. */
	finish(): Promise<void>;
};

type Books = Required<Pick<Side, "differing">> & {
	offered: Map<string, string>;
	acknowledged: Set<string>;
	accepted: { id: string; key: string; text: string; to: string }[];
};

const lanesPerAgent = 4; // Contacts that an agent sends to in turn; one that waits for proof does not stop the others.
const againMs = 25; // Before a caller that got no answer tries again.
const agentPauseMs = 25;

export async function openSide(api: Api, simulator: Simulator, options: SideOptions): Promise<Side> {
	const { id: service } = await configure(api, simulator, { keepReplyWindow: false, ...options.settings });
	const books: Books = { offered: new Map(), acknowledged: new Set(), accepted: [], differing: [] };
	const over = new AbortController();
	const caller = { api, simulator, service, books, options, over: over.signal };
	const callers = [
		...Array.from({ length: options.contacts }, (_, number) => contactTalks(caller, number)),
		...Array.from({ length: options.agents }, (_, number) => agentSends(caller, number)),
	];
	return {
		service,
		simulator,
		witness: books,
		differing: books.differing,
		async finish() {
			over.abort();
			await Promise.all(callers);
		},
	};
}

type Caller = {
	api: Api;
	simulator: Simulator;
	service: string;
	books: Books;
	options: SideOptions;
	over: AbortSignal;
};

function contactOf({ prefix }: SideOptions, number: number): string {
	return `${prefix}${String(number).padStart(3, "0")}`;
}

/** One message after the other; after each start of Parley the last one once more, as a provider repeats itself. */
async function contactTalks(caller: Caller, number: number): Promise<void> {
	const { options, books, over } = caller;
	const from = contactOf(options, number);
	let starts = options.power.starts;
	for (let count = 1, last: string | undefined; !over.aborted; count++) {
		if (last !== undefined && options.power.starts !== starts) {
			starts = options.power.starts;
			await untilTaken(caller, from, last);
		}
		last = `01${options.name}${number}x${count}`.toUpperCase();
		books.offered.set(last, `message ${last}`);
		await untilTaken(caller, from, last);
		books.acknowledged.add(last);
	}
}

async function untilTaken({ simulator, options }: Caller, from: string, remoteId: string): Promise<void> {
	for (;;) {
		const { status } = await simulator.contactWrites({ from, text: `message ${remoteId}`, remoteId });
		if (status >= 200 && status <= 299) {
			return;
		}
		await wait(againMs);
		await options.power.isUp;
	}
}

/** One send after the other, each with its key; after each start of Parley the last one once more. */
async function agentSends(caller: Caller, agent: number): Promise<void> {
	const { options, books, over } = caller;
	let starts = options.power.starts;
	let last: { text: string; to: string; answer: string } | undefined;
	for (let count = 1; !over.aborted; count++) {
		if (last !== undefined && options.power.starts !== starts) {
			starts = options.power.starts;
			const again = await untilAccepted(caller, last);
			if (again !== last.answer) {
				books.differing.push(`${last.text}: ${last.answer} – ${again}`);
			}
		}
		const to = contactOf(options, agent * lanesPerAgent + (count % lanesPerAgent));
		const text = `answer ${options.name} ${agent} ${count}`;
		last = { text, to, answer: await untilAccepted(caller, { text, to }) };
		await wait(agentPauseMs);
	}
}

/** @returns the answer, byte for byte */
async function untilAccepted(caller: Caller, { text, to }: { text: string; to: string }): Promise<string> {
	const { api, service, simulator, books, options } = caller;
	const body = { service, from: simulator.account.ourAddress, to, text };
	const key = text.replaceAll(" ", "-");
	for (;;) {
		const answer = await post(api, body, key);
		if (answer?.status === 202) {
			const { id } = JSON.parse(answer.text) as MessageObject;
			books.accepted.push({ id, key, text, to });
			return answer.text;
		}
		if (answer !== undefined && answer.status < 500 && answer.status !== 409) {
			throw new Error(`A send was answered ${answer.status}: ${answer.text}`);
		}
		await wait(againMs);
		await options.power.isUp;
	}
}

/** Undefined: no whole answer came. */
async function post(api: Api, body: unknown, key: string): Promise<{ status: number; text: string } | undefined> {
	try {
		const answer = await api.ask("POST", "/RI/cmi/messages", body, { "idempotency-key": key });
		return { status: answer.status, text: await answer.text() };
	} catch (error) {
		if (error instanceof TypeError) {
			return undefined; // What fetch throws when the connection fails.
		}
		throw error;
	}
}
