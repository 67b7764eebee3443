// Power cuts for Parley on SQLite: it runs under the recorder from an empty folder, is killed under load, and the folder is
// rebuilt as of several moments of its life. One run pays the start for several cuts.

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "#platform/random.ts";
import { brokenInvariants } from "#test/invariants.ts";
import { freePort } from "#test/free-port.ts";
import { configure, until } from "#test/parley.ts";
import { type Findings, findingsIn } from "./findings.ts";
import { type Program, settingsIn, startProgram } from "./program.ts";
import { watching } from "./recorder.ts";
import { entriesBefore, type LogEntry, readLog, rebuild } from "./replay.ts";
import {
	acknowledgedMin,
	makeTraffic,
	noTraffic,
	startSimulator,
	type Traffic,
	witnessOf,
	type World,
} from "./traffic.ts";

export type Recording = {
	/** The folder that was recorded, and beside it the rebuilt ones. */
	folder: string;
	argv(folder: string): readonly string[];
	entries: readonly LogEntry[];
	traffic: Traffic;
	world: World;
	place: string;
};

export type Run = { library: string; random: Random; nodeOptions?: readonly string[] };

/** A folder of the test's own, free of symbolic links. */
export function temporaryFolder(t: Pick<TestContext, "after">): string {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), "parley-powercut-")));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

export async function recordRun(t: TestContext, { library, random, nodeOptions = [] }: Run): Promise<Recording> {
	const place = temporaryFolder(t);
	const folder = join(place, "recorded");
	// The folder for the data is made by whoever installs Parley (a volume, systemd's StateDirectory).
	mkdirSync(join(folder, "data"), { recursive: true, mode: 0o700 });
	const port = await freePort();
	const argv = (where: string) => settingsIn(where, port);
	const simulator = await startSimulator(t, random);
	const env = watching({ library, folder, log: join(place, "log") });
	const program = await startProgram(t, { argv: argv(folder), env, nodeOptions });
	const service = await configure(program.api, simulator, { keepReplyWindow: false, unknownWaitSeconds: 3 });
	const world = { api: program.api, simulator, service, random };
	const traffic = noTraffic();
	await underLoad(program, world, traffic);
	return { folder, argv, entries: readLog(join(place, "log")), traffic, world, place };
}

async function underLoad(program: Program, world: World, traffic: Traffic): Promise<void> {
	let isOver = false;
	const load = makeTraffic(world, traffic, () => isOver);
	await until(() => (traffic.acknowledged.length >= acknowledgedMin ? true : undefined), "the load is on", 30_000);
	await wait(world.random.fraction() * 1000);
	await program.kill();
	isOver = true;
	await load;
}

export type Cut = { folder: string; argv: readonly string[]; moment: bigint; findings: Findings };

/** The last cut is the moment of the kill; the others lie at random entries after the first promise. */
export async function cutPower(recording: Recording, count: number, random: Random): Promise<Cut[]> {
	const { entries, traffic, place, argv, folder: recorded } = recording;
	const first = entriesBefore(entries, traffic.acknowledged[0]?.nanoseconds ?? 0n);
	const cuts: Cut[] = [];
	for (let number = 1; number <= count; number++) {
		const chosen = first + Math.floor(random.fraction() * (entries.length - first));
		const end = number === count ? entries.length : chosen;
		const moment = entries[end]?.nanoseconds ?? process.hrtime.bigint();
		const folder = join(place, `cut-${number}`);
		// The data folder itself was there before.
		mkdirSync(join(folder, "data"), { recursive: true, mode: 0o700 });
		const snapshot = { copy: folder, inodes: new Map([["data", "folder" as const]]) };
		rmSync(join(folder, "data"), { recursive: true });
		rebuild({ entries: entries.slice(0, end), recorded, snapshot, random }, folder);
		cuts.push({ folder, argv: argv(folder), moment, findings: await findingsIn(argv(folder), traffic, moment) });
	}
	return cuts;
}

/** Parley lives on from the last cut; the invariants that do not hold then. */
export async function liveOn(t: TestContext, { traffic, world }: Recording, { argv }: Cut): Promise<string[]> {
	const program = await startProgram(t, { argv });
	const { simulator, service } = world;
	const witness = witnessOf(traffic);
	const broken = await brokenInvariants({ api: program.api, simulator, witness, argv, service: service.id });
	await program.kill();
	return broken;
}
