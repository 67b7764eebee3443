// Agents and visitors in great number: each has a socket, some have chats, and those write to each other. How long a message
// takes counts from when it is due until each socket of the chat has been told.

import { setTimeout as pause } from "node:timers/promises";
import { Seat, type Transaction } from "./seat.ts";
import { quantile } from "./statistics.ts";

export type PeopleJob = {
	port: number;
	agents: readonly { login: string; password: string }[];
	/** Addresses of queues, in turns. */
	addresses: readonly string[];
	visitors: number;
	/** Of the visitors: who chat. */
	chats: number;
	messagesPerSecond: number;
	seconds: number;
};

export type PeopleResult = {
	/** Milliseconds until all had logged in and subscribed. */
	openedMs: number;
	/** Milliseconds from the first new chat until every one had its agent. */
	allocatedMs: number;
	sent: number;
	/** Messages that were not told to both ends within a few seconds. */
	lost: number;
	/** Told to the sockets, in milliseconds. */
	p50: number;
	p99: number;
	worst: number;
};

const openAtOnce = 40;
const graceMs = 5000;

export async function gather(job: PeopleJob, setMark: (mark: "seats") => void): Promise<PeopleResult> {
	const crowd = new Crowd(job);
	try {
		const startMs = performance.now();
		await crowd.open();
		const openedMs = performance.now() - startMs;
		setMark("seats");
		const allocatedMs = await crowd.begin();
		return { openedMs, allocatedMs, ...(await crowd.talk()) };
	} finally {
		crowd.leave();
	}
}

type Chat = { id: string; visitor?: Seat; agent?: Seat };

/** `left`: ends that have not heard it. */
type Sent = { dueMs: number; left: number };

class Crowd {
	readonly #job: PeopleJob;
	readonly #agents: Seat[] = [];
	readonly #visitors: Seat[] = [];
	readonly #chats = new Map<string, Chat>();
	readonly #sent = new Map<string, Sent>();
	readonly #tookMs: number[] = [];
	#accepted = 0;

	constructor(job: PeopleJob) {
		this.#job = job;
	}

	async open(): Promise<void> {
		const { port, agents, visitors } = this.#job;
		await inGroups(agents, async (agent) => {
			const seat: Seat = await Seat.ofAgent(port, agent, (one) => this.#agentHears(seat, one));
			await seat.subscribe(["/properties", "/interactions", "/queues"]);
			await seat.ask("PUT", "/properties", { work_status: "ready" });
			this.#agents.push(seat);
		});
		await inGroups([...Array(visitors).keys()], async (number) => {
			const seat: Seat = await Seat.ofVisitor(port, number, (one) => this.#visitorHears(seat, one));
			await seat.subscribe(["/properties", "/interactions"]);
			this.#visitors.push(seat);
		});
	}

	/** @returns milliseconds until every chat had its agent */
	async begin(): Promise<number> {
		const { chats, addresses } = this.#job;
		const startMs = performance.now();
		await inGroups(this.#visitors.slice(0, chats), async (visitor, number) => {
			const destination = addresses[number % addresses.length];
			await visitor.ask("POST", "/interactions", { channel_type: "chat", destination });
		});
		while (this.#accepted < chats) {
			if (performance.now() - startMs > 120_000) {
				throw new Error(`Only ${this.#accepted} of ${chats} chats came to an agent.`);
			}
			await pause(5);
		}
		return performance.now() - startMs;
	}

	/** Both ends write, in turns. */
	async talk(): Promise<Omit<PeopleResult, "openedMs" | "allocatedMs">> {
		const { messagesPerSecond, seconds } = this.#job;
		const chats = [...this.#chats.values()];
		const startMs = performance.now();
		const total = messagesPerSecond * seconds;
		for (let number = 0; number < total; number += 1) {
			const dueMs = startMs + (number * 1000) / messagesPerSecond;
			const early = dueMs - performance.now();
			if (early > 0) {
				await pause(early);
			}
			this.#send(chats, number, dueMs);
		}
		const endMs = performance.now() + graceMs;
		while (this.#sent.size > 0 && performance.now() < endMs) {
			await pause(20);
		}
		const sorted = this.#tookMs.toSorted((a, b) => a - b);
		return {
			sent: total,
			lost: this.#sent.size,
			p50: quantile(sorted, 0.5),
			p99: quantile(sorted, 0.99),
			worst: sorted.at(-1) ?? Number.NaN,
		};
	}

	leave(): void {
		[...this.#agents, ...this.#visitors].forEach((seat) => seat.leave());
	}

	#send(chats: readonly Chat[], number: number, dueMs: number): void {
		// With a step that has no common divisor with their number, every chat has its turn before one has a second.
		const chat = chats[(number * 7919) % chats.length];
		const text = `message ${number} of the bench, about as long as what people write in chats`;
		const writer = number % 2 === 0 ? chat?.visitor : chat?.agent;
		if (chat === undefined || writer === undefined) {
			throw new Error(`Chat ${chat?.id} has not both its ends.`);
		}
		this.#sent.set(text, { dueMs, left: 2 });
		writer.tell("POST", `/interactions/${chat.id}/transcript/messages`, { message: text });
	}

	#visitorHears(visitor: Seat, transaction: Transaction): void {
		const { id } = appearing(transaction, "queued") ?? {};
		if (id !== undefined) {
			this.#chats.set(id, { ...this.#chats.get(id), id, visitor });
		}
		this.#hear(transaction);
	}

	#agentHears(agent: Seat, transaction: Transaction): void {
		const { id } = appearing(transaction, "incoming") ?? {};
		if (id !== undefined) {
			void agent.ask("PUT", `/interactions/${id}`, { status: "accepted" }).then(() => {
				this.#chats.set(id, { ...this.#chats.get(id), id, agent });
				this.#accepted += 1;
			});
		}
		this.#hear(transaction);
	}

	#hear({ method, uri, subscribed_resource: what }: Transaction): void {
		const { message } = (what ?? {}) as { message?: string };
		const sent = method === "POST" && uri.includes("/transcript/messages/") ? this.#sent.get(message ?? "") : undefined;
		if (message === undefined || sent === undefined) {
			return;
		}
		this.#tookMs.push(performance.now() - sent.dueMs);
		sent.left -= 1;
		if (sent.left === 0) {
			this.#sent.delete(message);
		}
	}
}

/** The chat that the transaction lets appear with the status. */
function appearing(
	{ method, uri, subscribed_resource: what }: Transaction,
	status: string,
): { id: string } | undefined {
	const [, , , collection, id, ...more] = uri.split("/");
	const isChat = method === "POST" && collection === "interactions" && more.length === 0;
	const { status: its } = (what ?? {}) as { status?: string };
	return isChat && id !== undefined && its === status ? { id } : undefined;
}

async function inGroups<T>(all: readonly T[], work: (one: T, number: number) => Promise<void>): Promise<void> {
	for (let start = 0; start < all.length; start += openAtOnce) {
		await Promise.all(all.slice(start, start + openAtOnce).map((one, place) => work(one, start + place)));
	}
}
