// What the measures share: the processes beside Parley, each started when the first measure needs it.

import { startChild, type Child } from "./child.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import type { PeopleJob, PeopleResult } from "./people.ts";
import { newParley, type Parley } from "./parley.ts";
import type { RequestPlan } from "./requests.ts";

export type Options = {
	/** Of a window, where the command line says it; else each measure has its own. */
	seconds: number | undefined;
	runs: number | undefined;
	long: boolean;
	profiles: string | undefined;
};

export type Marks = { begin?: () => Promise<void>; end?: () => Promise<void> };

export type Stand = {
	options: Options;
	say(line: string): void;
	/** Rates already found, for measures that start from them. */
	sustained: Map<"in" | "out", number>;
	/** Runs a load to its end. The marks are where its window begins and ends. */
	load(job: LoadJob, marks?: Marks): Promise<LoadResult>;
	/** Agents and visitors at their sockets. The mark: all sit there, and nobody has a chat yet. */
	people(job: PeopleJob, atSeats: () => void): Promise<PeopleResult>;
	echoPort(): Promise<number>;
	/** Where the provider listens, and how many messages it has taken. */
	provider(): Promise<{ port: number; taken: number }>;
	/** What Kannel talks to: where it listens, and how many requests it has taken, by path. */
	sink(): Promise<{ port: number; taken: Readonly<Record<string, number>> }>;
	/** A database of a private PostgreSQL, or why there is none. */
	postgres(): Promise<{ ok: true; url: string } | { ok: false; reason: string }>;
	/** Configured and stopped. Removed at the end. */
	parley(options?: { database?: string; providerPort?: number }): Promise<Parley>;
	/** Removed at the end, too. */
	keep(parley: Parley): Parley;
	end(): Promise<void>;
};

export function openStand(options: Options, say: (line: string) => void): Stand {
	const children = new Map<string, Child>();
	const places: Parley[] = [];
	const child = (file: string): Child => {
		const known = children.get(file) ?? startChild(file);
		children.set(file, known);
		return known;
	};
	const provider = () => child("provider-process.ts").ask<{ port: number; taken: number }>({});
	const keep = (parley: Parley): Parley => {
		places.push(parley);
		return parley;
	};
	return {
		options,
		say,
		sustained: new Map(),
		async load(job, marks = {}) {
			const work: Promise<void>[] = [];
			const result = await child("load-process.ts").ask<LoadResult>(job, (mark) => {
				work.push(marks[mark as keyof Marks]?.() ?? Promise.resolve());
			});
			await Promise.all(work);
			return result;
		},
		people: (job, atSeats) => child("people-process.ts").ask<PeopleResult>(job, atSeats),
		echoPort: async () => (await child("echo-process.ts").ask<{ port: number }>({})).port,
		provider,
		sink: () => child("sink-process.ts").ask({}),
		postgres: () => child("postgres-process.ts").ask({}),
		async parley({ database, providerPort } = {}) {
			const port = providerPort ?? (await provider()).port;
			const { profiles } = options;
			return keep(
				await newParley({
					providerPort: port,
					...(database === undefined ? {} : { database }),
					...(profiles === undefined ? {} : { profiles }),
				}),
			);
		},
		keep,
		async end() {
			for (const parley of places) {
				await parley.remove();
			}
			await Promise.all([...children.values()].map((one) => one.end()));
		},
	};
}

export const contacts = 2000;
let series = 0;

/** No two plans of one run of the bench have the same message ids. */
export function planFor(parley: Pick<Parley, "port" | "targets" | "token">, kind: RequestPlan["kind"]): RequestPlan {
	series += 1;
	const { port, targets, token } = parley;
	return { kind, host: `127.0.0.1:${port}`, targets, token, contacts, series: String(series) };
}
