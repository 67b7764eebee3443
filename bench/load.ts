// A load on one address over many connections. Closed: each connection asks again when it was answered, which finds the
// peak. Open: requests fall due at a rate, whatever the answers do, and each one's time counts from when it was due.

import { connect, type Socket } from "node:net";
import { closesConnection, type Framed, framing, hasHeader, statusOf } from "./wire.ts";
import { type GetPlan, prepareRequests, type RequestPlan, type Requests } from "./requests.ts";
import { quantile } from "./statistics.ts";

export type LoadJob = {
	plan: RequestPlan | GetPlan;
	port: number;
	connections: number;
	/** Undefined: closed. */
	perSecond?: number;
	/** Before the window; counts for nothing. */
	warmSeconds: number;
	seconds: number;
	/** Closed only: ends after so many answers, however long it takes; the whole of it is the window. */
	count?: number;
	/** How many requests to prepare, where the rate does not say. */
	prepared?: number;
};

export type LoadResult = {
	seconds: number;
	/** Answers in the window, by HTTP status; 0: the connection broke. */
	statuses: Readonly<Record<number, number>>;
	/** Answers 2xx of the window, per second. */
	perSecond: number;
	/** Of answers 2xx, in milliseconds. */
	p50: number;
	p99: number;
	worst: number;
	/** 503 without the header Retry-After. */
	rude: number;
	/** Due in the window and not answered within a few seconds of its end. */
	unanswered: number;
	/** Requests that were made while the load ran. */
	late: number;
	/** What this process used of one core. */
	cores: number;
};

const graceMs = 5000; // For answers that are still due at the end.
const preparedDefault = 60_000;
const echoesPrepared = 2000;

export async function runLoad(job: LoadJob, setMark: (mark: "begin" | "end") => void): Promise<LoadResult> {
	const requests = prepareRequests(job.plan, preparedOf(job));
	const run = new LoadRun(job, requests);
	await run.open();
	run.start();
	await run.untilWindow();
	setMark("begin");
	await run.untilEnd();
	setMark("end");
	return run.finish();
}

function preparedOf(job: LoadJob): number {
	if (job.plan.kind === "echo") {
		return echoesPrepared;
	}
	const { perSecond, seconds, warmSeconds } = job;
	const due = perSecond === undefined ? preparedDefault : Math.ceil(perSecond * (seconds + warmSeconds + 1));
	return job.count ?? job.prepared ?? due;
}

type Connection = { socket: Socket; dueMs: number; isWaiting: boolean };

class LoadRun {
	readonly #job: LoadJob;
	readonly #requests: Requests;
	readonly #connections = new Set<Connection>();
	readonly #idle: Connection[] = [];
	readonly #due: number[] = [];
	#firstDue = 0;
	#nextDueMs = 0;
	#waiting = 0;
	#isOver = false;
	#windowStartMs = Number.POSITIVE_INFINITY;
	#windowEndMs = Number.POSITIVE_INFINITY;
	#cpu = { user: 0, system: 0 };
	#answered = 0;
	#isEnough: () => void = () => undefined;
	readonly #statuses: Record<number, number> = {};
	readonly #times: number[] = [];
	#rude = 0;
	#dueInWindow = 0;
	#answeredOfWindow = 0;

	constructor(job: LoadJob, requests: Requests) {
		this.#job = job;
		this.#requests = requests;
	}

	async open(): Promise<void> {
		const opened = Array.from({ length: this.#job.connections }, () => this.#connect());
		this.#idle.push(...(await Promise.all(opened)));
	}

	start(): void {
		this.#nextDueMs = performance.now();
		this.#windowStartMs = this.#job.count === undefined ? Number.POSITIVE_INFINITY : this.#nextDueMs;
		if (this.#job.perSecond === undefined) {
			for (const connection of this.#idle.splice(0)) {
				this.#ask(connection, performance.now());
			}
		} else {
			this.#tick(1000 / this.#job.perSecond);
		}
	}

	async untilWindow(): Promise<void> {
		if (this.#job.count === undefined) {
			await pause(this.#job.warmSeconds * 1000);
			this.#windowStartMs = performance.now();
		}
		this.#cpu = process.cpuUsage();
	}

	async untilEnd(): Promise<void> {
		if (this.#job.count === undefined) {
			await pause(this.#job.seconds * 1000);
		} else {
			await new Promise<void>((resolve) => (this.#isEnough = resolve));
		}
		this.#windowEndMs = performance.now();
		this.#isOver = true;
	}

	async finish(): Promise<LoadResult> {
		const cpu = process.cpuUsage(this.#cpu);
		const end = performance.now() + graceMs;
		while (this.#waiting > 0 && performance.now() < end) {
			await pause(5);
		}
		for (const { socket } of this.#connections) {
			socket.destroy();
		}
		const sorted = Float64Array.from(this.#times).sort();
		const seconds = (this.#windowEndMs - this.#windowStartMs) / 1000;
		const good = Object.entries(this.#statuses).filter(([status]) => status.startsWith("2"));
		return {
			seconds,
			statuses: this.#statuses,
			perSecond: good.reduce((sum, [, count]) => sum + count, 0) / seconds,
			p50: quantile(sorted, 0.5),
			p99: quantile(sorted, 0.99),
			worst: sorted.at(-1) ?? Number.NaN,
			rude: this.#rude,
			unanswered: Math.max(0, this.#dueInWindow - this.#answeredOfWindow),
			late: this.#requests.late(),
			cores: (cpu.user + cpu.system) / 1e6 / seconds,
		};
	}

	/** Timers are a millisecond coarse; what fell due meanwhile is sent with the time at which it was due. */
	#tick(everyMs: number): void {
		const nowMs = performance.now();
		for (; this.#nextDueMs <= nowMs; this.#nextDueMs += everyMs) {
			this.#due.push(this.#nextDueMs);
			this.#dueInWindow += this.#nextDueMs >= this.#windowStartMs ? 1 : 0;
		}
		for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
			if (!this.#askDue(connection)) {
				break;
			}
		}
		if (!this.#isOver) {
			setTimeout(() => this.#tick(everyMs), 1);
		}
	}

	/** False: nothing is due, and the connection is idle. */
	#askDue(connection: Connection): boolean {
		const dueMs = this.#due[this.#firstDue];
		if (dueMs === undefined) {
			this.#idle.push(connection);
			return false;
		}
		this.#firstDue += 1;
		this.#ask(connection, dueMs);
		return true;
	}

	#ask(connection: Connection, dueMs: number): void {
		connection.dueMs = dueMs;
		connection.isWaiting = true;
		this.#waiting += 1;
		connection.socket.write(this.#requests.next());
	}

	#heard(connection: Connection, status: number, answer?: Framed): void {
		if (!connection.isWaiting) {
			this.#replace(connection); // A connection that was never used: the server says 408 when it closes it.
			return;
		}
		const nowMs = performance.now();
		connection.isWaiting = false;
		this.#waiting -= 1;
		this.#answeredOfWindow += connection.dueMs >= this.#windowStartMs ? 1 : 0;
		if (nowMs >= this.#windowStartMs && nowMs <= this.#windowEndMs) {
			this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
			this.#rude += status === 503 && answer !== undefined && !hasHeader(answer, "retry-after") ? 1 : 0;
			if (status >= 200 && status < 300) {
				this.#times.push(nowMs - connection.dueMs);
			}
		}
		this.#answered += 1;
		if (this.#answered === this.#job.count) {
			this.#isEnough();
		}
		if (answer !== undefined && closesConnection(answer)) {
			this.#replace(connection);
		} else {
			this.#again(connection);
		}
	}

	#again(connection: Connection): void {
		const { count, perSecond } = this.#job;
		if (perSecond !== undefined) {
			this.#askDue(connection);
		} else if (!this.#isOver && (count === undefined || this.#answered + this.#waiting < count)) {
			this.#ask(connection, performance.now());
		}
	}

	#replace(connection: Connection): void {
		this.#connections.delete(connection);
		connection.socket.destroy();
		if (!this.#isOver || this.#firstDue < this.#due.length) {
			this.#connect().then(
				(fresh) => this.#again(fresh),
				() => setTimeout(() => this.#replace(connection), 50),
			);
		}
	}

	#connect(): Promise<Connection> {
		return new Promise((resolve, reject) => {
			const socket = connect({ port: this.#job.port, host: "127.0.0.1", noDelay: true });
			const connection: Connection = { socket, dueMs: 0, isWaiting: false };
			socket.once("connect", () => {
				this.#connections.add(connection);
				resolve(connection);
			});
			socket.on(
				"data",
				framing((answer) => this.#heard(connection, statusOf(answer), answer)),
			);
			socket.on("error", reject);
			socket.on("close", () => this.#lost(connection));
		});
	}

	/** The peer closed. A request that was under way has no answer. */
	#lost(connection: Connection): void {
		if (!this.#connections.delete(connection)) {
			return;
		}
		const place = this.#idle.indexOf(connection);
		if (place !== -1) {
			this.#idle.splice(place, 1);
		}
		if (connection.isWaiting) {
			connection.isWaiting = false;
			this.#waiting -= 1;
			this.#statuses[0] = (this.#statuses[0] ?? 0) + 1;
		}
		this.#replace(connection);
	}
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
