// Power cuts for Parley on PostgreSQL: the database server runs under the recorder, all of it is killed while Parley takes
// webhooks, and a server is started on each rebuilt folder.

import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "#platform/random.ts";
import { freePort } from "#test/free-port.ts";
import { configure, until } from "#test/parley.ts";
import { runOn } from "#test/postgres.ts";
import { type Findings, findingsIn } from "./findings.ts";
import { copyCluster, giveTo, makeCluster, type Programs, startCluster } from "./postgres-cluster.ts";
import { settingsIn, startProgram } from "./program.ts";
import { watching } from "./recorder.ts";
import { entriesBefore, inodesOf, type LogEntry, readLog, rebuild, type Snapshot } from "./replay.ts";
import { temporaryFolder } from "./sqlite-cuts.ts";
import { acknowledgedMin, makeTraffic, noTraffic, startSimulator, type Traffic } from "./traffic.ts";

type Found = Extract<Programs, { ok: true }>;

export type Recording = {
	place: string;
	recorded: string;
	snapshot: Snapshot;
	entries: readonly LogEntry[];
	traffic: Traffic;
	/** Parley's settings with this database. */
	argv(url: string): readonly string[];
};

export type Run = {
	library: string;
	random: Random;
	programs: Found;
	/** A folder where the untouched cluster is kept from run to run. */
	store: string;
	/** Said to the server once Parley has been started, and so has looked at what the server promises. */
	onceStarted?: readonly string[];
	settings?: Readonly<Record<string, string>>;
};

export async function recordRun(t: TestContext, run: Run): Promise<Recording> {
	const { library, random, programs, store } = run;
	const place = openPlace(t);
	const copy = join(store, "cluster");
	if (!existsSync(copy)) {
		makeCluster(programs, copy);
	}
	const recorded = join(place, "recorded");
	copyCluster(programs.owner, copy, recorded);
	const snapshot = { copy, inodes: inodesOf(recorded) };
	const log = join(place, "log");
	writeFileSync(log, "");
	chmodSync(log, 0o666); // PostgreSQL runs as another user.
	const cluster = await startCluster(t, programs, {
		folder: recorded,
		env: watching({ library, folder: recorded, log }),
		...(run.settings === undefined ? {} : { settings: run.settings }),
	});
	const port = await freePort();
	const own = join(place, "parley");
	mkdirSync(own, { mode: 0o700 });
	const argv = (url: string) => settingsIn(own, port, ["--database", url]);
	const simulator = await startSimulator(t, random);
	const program = await startProgram(t, { argv: argv(cluster.url) });
	const service = await configure(program.api, simulator, { keepReplyWindow: false });
	for (const statement of run.onceStarted ?? []) {
		await runOn(cluster.url, statement);
	}
	let isOver = false;
	const traffic = noTraffic();
	const load = makeTraffic({ api: program.api, simulator, service, random }, traffic, () => isOver);
	await until(() => (traffic.acknowledged.length >= acknowledgedMin ? true : undefined), "the load is on", 30_000);
	await wait(random.fraction() * 1500);
	await cluster.kill();
	isOver = true;
	await program.kill();
	await load;
	return { place, recorded, snapshot, entries: readLog(log), traffic, argv };
}

function openPlace(t: TestContext): string {
	const place = temporaryFolder(t);
	chmodSync(place, 0o755);
	return place;
}

/** The last cut is the moment of the kill; the others lie at random entries after the first promise. */
export async function cutPower(
	t: TestContext,
	recording: Recording,
	{ programs, random, count }: { programs: Found; random: Random; count: number },
): Promise<{ findings: Findings }[]> {
	const { entries, traffic, place, recorded, snapshot, argv } = recording;
	const first = entriesBefore(entries, traffic.acknowledged[0]?.nanoseconds ?? 0n);
	const cuts: { findings: Findings }[] = [];
	for (let number = 1; number <= count; number++) {
		const end = number === count ? entries.length : first + Math.floor(random.fraction() * (entries.length - first));
		const moment = entries[end]?.nanoseconds ?? process.hrtime.bigint();
		const folder = join(place, `cut-${number}`);
		rebuild({ entries: entries.slice(0, end), recorded, snapshot, random }, folder);
		giveTo(programs.owner, folder);
		// What the control said to the server is in its folder, and Parley would refuse to look.
		const cluster = await startCluster(t, programs, { folder, settings: { synchronous_commit: "on" } });
		cuts.push({ findings: await findingsIn(argv(cluster.url), traffic, moment) });
		await cluster.kill();
	}
	return cuts;
}
