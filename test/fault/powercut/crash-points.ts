// Records one Parley through all scenarios, and looks at its database as every single crash would have left it: before
// each call that changes a file. A kill loses nothing that a call has done, so the state after it is the log up to there.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { sql } from "kysely";
import { serve } from "#commands/serve.ts";
import { verify } from "#commands/verify.ts";
import { systemWith } from "#commands/system.ts";
import { silentLog } from "#platform/log.ts";
import type { Random } from "#platform/random.ts";
import { openStorage, type Storage } from "#storage/storage.ts";
import { freePort } from "#test/free-port.ts";
import { configure, messages, until } from "#test/parley.ts";
import { settingsOf } from "./findings.ts";
import { settingsIn, startProgram } from "./program.ts";
import { watching } from "./recorder.ts";
import { type LogEntry, readLog, rebuild } from "./replay.ts";
import type { Scenario, Stage } from "./scenarios.ts";
import { temporaryFolder } from "./sqlite-cuts.ts";
import { startSimulator } from "./traffic.ts";

export type Step = Pick<Scenario, "name" | "together" | "commitsMax"> & {
	/** Indexes of entries: the step changed files from `from` until before `to`. */
	from: number;
	to: number;
	promisedAt: bigint;
};

export type Life = {
	place: string;
	recorded: string;
	entries: readonly LogEntry[];
	steps: readonly Step[];
	argv(folder: string): readonly string[];
};

const quietMs = 400; // Longer than the sender's poll, so that what is due has begun.

export type Recording = { library: string; random: Random; scenarios: readonly Scenario[] };

export async function recordLife(t: TestContext, { library, random, scenarios }: Recording): Promise<Life> {
	const place = temporaryFolder(t);
	const recorded = join(place, "recorded");
	const log = join(place, "log");
	mkdirSync(join(recorded, "data"), { recursive: true, mode: 0o700 });
	const port = await freePort();
	const argv = (folder: string) => settingsIn(folder, port);
	const simulator = await startSimulator(t, random);
	const program = await startProgram(t, { argv: argv(recorded), env: watching({ library, folder: recorded, log }) });
	const service = await configure(program.api, simulator, { keepReplyWindow: false });
	const stage: Stage = { api: program.api, simulator, service, known: new Map() };
	const marks: { step: Pick<Scenario, "name" | "together" | "commitsMax">; from: number; promisedAt: bigint }[] = [];
	await quiet(stage, log);
	for (const step of scenarios) {
		const from = statSync(log).size;
		await step.act(stage);
		marks.push({ step, from, promisedAt: process.hrtime.bigint() });
		await quiet(stage, log);
	}
	marks.push({ step: shutdown, from: statSync(log).size, promisedAt: process.hrtime.bigint() });
	await program.kill("SIGTERM");
	const entries = readLog(log);
	const indexOf = (position: number) => {
		const found = entries.findIndex((entry) => entry.position >= position);
		return found === -1 ? entries.length : found;
	};
	const steps = marks.map(({ step, from, promisedAt }, index) => ({
		...step,
		from: indexOf(from),
		to: indexOf(marks[index + 1]?.from ?? Number.POSITIVE_INFINITY),
		promisedAt,
	}));
	return { place, recorded, entries, steps, argv };
}

/** Empties the log into the database file and removes it. */
const shutdown = { name: "a shutdown", together: [], commitsMax: 0 };

/** Nothing is under way, and nothing has been written for a while. */
async function quiet({ api }: Stage, log: string): Promise<void> {
	let size = -1;
	let since = 0;
	await until(async () => {
		const now = statSync(log).size;
		if (now !== size) {
			[size, since] = [now, performance.now()];
			return undefined;
		}
		const moving = await Promise.all(["received", "queued", "sending"].map((state) => messages(api, `state=${state}`)));
		return performance.now() - since > quietMs && moving.flat().length === 0 ? true : undefined;
	}, "nothing is under way");
}

/** A digest of every table; or what is broken. */
type Look = { broken: readonly string[]; tables: ReadonlyMap<string, string> };

/** What a crash before the entry at `index` leaves, in a folder of its own. */
function leave(life: Life, index: number, random: Random | "kill"): string {
	const folder = join(life.place, "crashed");
	rmSync(folder, { recursive: true, force: true });
	const snapshot = { copy: life.recorded, inodes: new Map([["data", "folder" as const]]) };
	rebuild({ entries: life.entries.slice(0, index), recorded: life.recorded, snapshot, random }, folder);
	return folder;
}

async function lookAt(life: Life, index: number, random: Random | "kill"): Promise<Look> {
	const folder = leave(life, index, random);
	const settings = settingsOf(life.argv(folder));
	try {
		const storage = await openStorage(settings.database, () => undefined);
		try {
			const checks = await verify(storage, systemWith(settings));
			const broken = checks.filter(({ ok }) => !ok).map(({ check, found }) => `${check}: ${found}`);
			return { broken, tables: await digests(storage) };
		} finally {
			await storage.close();
		}
	} catch (error) {
		return { broken: [String(error)], tables: new Map() };
	}
}

/**
 * Whether Parley starts on what its very first start leaves, and is ready: at every point where a file came, went or got
 * its name, and at every n-th of the others.
 */
export async function firstStart(life: Life, random: Random, every: number): Promise<Omit<Verdict, "commits">> {
	const violations: string[] = [];
	let points = 0;
	const last = life.steps[0]?.from ?? 0;
	const isName = (index: number): boolean => !["write", "sync"].includes(life.entries[index]?.kind ?? "sync");
	const chosen = Array.from({ length: last + 1 }, (_, index) => index).filter(
		(index) => index % every === 0 || isName(index) || isName(index - 1),
	);
	for (const index of chosen) {
		for (const how of ["kill", random] as const) {
			points += 1;
			const folder = leave(life, index, how);
			const trouble = await tryToStart(life.argv(folder));
			if (trouble !== undefined) {
				violations.push(`entry ${index} of ${last}, ${how === "kill" ? "kill" : "power cut"}: ${trouble}`);
			}
		}
	}
	return { points, violations };
}

async function tryToStart(argv: readonly string[]): Promise<string | undefined> {
	// Any port: another program may have taken the recorded one by now.
	const system = { ...systemWith({ ...settingsOf(argv), port: 0 }), say: () => undefined };
	try {
		const running = await serve(system, { log: silentLog });
		try {
			const answer = await fetch(`${running.opsOrigin}/readyz`);
			return answer.ok ? undefined : await answer.text();
		} finally {
			await running.stop();
		}
	} catch (error) {
		return String(error);
	}
}

async function digests(storage: Storage): Promise<Map<string, string>> {
	const names = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`.execute(storage.db);
	const found = new Map<string, string>();
	for (const { name } of names.rows) {
		const { rows } = await sql<Record<string, unknown>>`SELECT * FROM ${sql.table(name)}`.execute(storage.db);
		const texts = rows.map((row) => JSON.stringify(row)).toSorted();
		found.set(name, createHash("sha256").update(texts.join("\n")).digest("hex"));
	}
	return found;
}

/** Tables that differ. */
function changedTables(before: Look, after: Look): string[] {
	const names = new Set([...before.tables.keys(), ...after.tables.keys()]);
	return [...names].filter((name) => before.tables.get(name) !== after.tables.get(name)).toSorted();
}

type Verdict = { points: number; commits: readonly string[]; violations: readonly string[] };

/** Every point of one step: after a kill, and after a power cut at the same moment. */
export async function judge(life: Life, step: Step, random: Random): Promise<Verdict> {
	const start = await lookAt(life, step.from, "kill");
	const violations: string[] = [];
	const commits: string[] = [];
	let last = start;
	for (let index = step.from; index <= step.to; index++) {
		const moment = life.entries[index]?.nanoseconds ?? process.hrtime.bigint();
		const promised = moment > step.promisedAt;
		for (const how of ["kill", random] as const) {
			const look = await lookAt(life, index, how);
			const where = `${step.name}, entry ${index - step.from} of ${step.to - step.from}, ${how === "kill" ? "kill" : "power cut"}`;
			violations.push(...complaints(step, { start, look, promised }).map((text) => `${where}: ${text}`));
			const changed = how === "kill" ? changedTables(last, look) : [];
			if (changed.length > 0) {
				commits.push(changed.join("+"));
				last = look;
			}
		}
	}
	if (commits.length > step.commitsMax) {
		violations.push(`${step.name}: ${commits.length} transactions where ${step.commitsMax} do: ${commits.join(" | ")}`);
	}
	return { points: 2 * (step.to - step.from + 1), commits, violations };
}

function complaints(step: Step, { start, look, promised }: { start: Look; look: Look; promised: boolean }): string[] {
	if (look.broken.length > 0) {
		return [...look.broken];
	}
	const changed = new Set(changedTables(start, look));
	const done = step.together.filter((name) => changed.has(name));
	assert.ok(
		step.together.every((name) => start.tables.has(name)),
		`${step.name} names a table that does not exist`,
	);
	if (done.length > 0 && done.length < step.together.length) {
		return [`half done: ${done.join(", ")} of ${step.together.join(", ")}`];
	}
	return promised && done.length < step.together.length ? ["promised and not there"] : [];
}
