// One call to the disk fails while Parley is under load: what it answered, how it ended, and what is left.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Random } from "#platform/random.ts";
import { freePort } from "#test/free-port.ts";
import { configure, until } from "#test/parley.ts";
import { type Findings, findingsIn } from "./findings.ts";
import { settingsIn, startProgram } from "./program.ts";
import { type Strike, watching } from "./recorder.ts";
import { readLog, rebuild } from "./replay.ts";
import { temporaryFolder } from "./sqlite-cuts.ts";
import { makeTraffic, noTraffic, startSimulator } from "./traffic.ts";

export type Struck = {
	/** The file whose call failed; undefined: the load was over before its turn came. */
	file: string | undefined;
	/** How the process ended by itself, and how many milliseconds after the strike; undefined: it went on. */
	end: { code: number | NodeJS.Signals; afterMs: number } | undefined;
	statuses: ReadonlyMap<number, number>;
	acknowledged: number;
	/** After the strike, when the process went on. */
	acknowledgedLater: number;
	/** On the folder as it is, and as a power cut at the end leaves it: the kernel may drop what it could not write. */
	findings: readonly Findings[];
};

const waitMs = 2500; // Half a second more than a process may take to end.

export async function strike(t: TestContext, library: string, what: Strike, random: Random): Promise<Struck> {
	const place = temporaryFolder(t);
	const folder = join(place, "recorded");
	const [log, arm] = [join(place, "log"), join(place, "arm")];
	mkdirSync(join(folder, "data"), { recursive: true, mode: 0o700 });
	const argv = settingsIn(folder, await freePort());
	const simulator = await startSimulator(t, random);
	const program = await startProgram(t, { argv, env: watching({ library, folder, log, strike: what, arm }) });
	const service = await configure(program.api, simulator, { keepReplyWindow: false });
	let endedAt: bigint | undefined;
	void program.ended.then(() => (endedAt = process.hrtime.bigint()));
	let isOver = false;
	const traffic = noTraffic();
	const load = makeTraffic({ api: program.api, simulator, service, random }, traffic, () => isOver);
	await until(() => (traffic.acknowledged.length > 0 ? true : undefined), "the load has begun");
	writeFileSync(arm, "");
	const findStrike = () => readLog(log).find(({ kind }) => kind === "struck");
	const found = await until(findStrike, "the strike", 10_000).catch(() => undefined);
	const enough = process.hrtime.bigint() + BigInt(waitMs) * 1_000_000n;
	await until(() => (endedAt !== undefined || process.hrtime.bigint() > enough ? true : undefined), "end or time");
	isOver = true;
	const end =
		endedAt === undefined || found === undefined
			? undefined
			: { code: await program.ended, afterMs: Number(endedAt - found.nanoseconds) / 1e6 };
	await program.kill();
	await load;
	const entries = readLog(log);
	const cut = join(place, "cut");
	const snapshot = { copy: folder, inodes: new Map([["data", "folder" as const]]) };
	rebuild({ entries, recorded: folder, snapshot, random }, cut);
	const names = new Map(
		entries.filter(({ kind }) => kind === "create").map(({ inode, content }) => [inode, content.toString()]),
	);
	const since = found?.nanoseconds ?? 0n;
	return {
		file: found === undefined ? undefined : (names.get(found.inode) ?? "a name"),
		end,
		statuses: traffic.statuses,
		acknowledged: traffic.acknowledged.length,
		acknowledgedLater: traffic.acknowledged.filter(({ nanoseconds }) => nanoseconds > since).length,
		findings: [await findingsIn(settingsIn(cut, 1), traffic), await findingsIn(argv, traffic)],
	};
}

/** What is wrong with how Parley took it, as sentences. */
export function complaints(what: Strike, { file = "", end, statuses, acknowledgedLater, findings }: Struck): string[] {
	const said: string[] = [];
	// A failing checkpoint is no failed promise: everything is still in the log, and it is tried again.
	const mustEnd = what.with === "EIO" && file.endsWith("-wal");
	if (mustEnd && end === undefined) {
		said.push("went on after an error of the disk");
	}
	if (end !== undefined && (end.code === 0 || end.afterMs > 2000)) {
		said.push(`ended with ${end.code}, ${Math.round(end.afterMs)} ms after the error`);
	}
	if (end === undefined && acknowledgedLater === 0) {
		said.push("goes on and takes nothing any more");
	}
	const odd = [...statuses.keys()].filter((status) => ![0, 200, 503].includes(status));
	if (odd.length > 0) {
		said.push(`answered ${odd.join(", ")}`);
	}
	for (const { lost, wrong, broken } of findings) {
		said.push(...broken, ...lost.map((id) => `lost ${id}`), ...wrong.map((id) => `wrong ${id}`));
	}
	return said;
}
