// Checks the tools against the machine: a real kill leaves the bytes that the replay leaves, and strace sees the calls that
// the recorder sees.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort } from "#test/free-port.ts";
import { settingsIn, startProgram } from "./program.ts";
import { watching } from "./recorder.ts";
import { type LogEntry, readLog, rebuild } from "./replay.ts";
import { temporaryFolder } from "./sqlite-cuts.ts";

/** Starts Parley on an empty folder and kills it before its n-th call; the names of files that the replay leaves otherwise. */
export async function killAt(
	t: TestContext,
	library: string,
	at: number,
): Promise<{ killed: boolean; differ: string[] }> {
	const { folder, log, cut } = places(temporaryFolder(t));
	const env = watching({ library, folder, log, strike: { call: "any", at, with: "kill" } });
	const program = await startProgram(t, { argv: settingsIn(folder, await freePort()), env }).catch(() => undefined);
	await program?.kill();
	const entries = readLog(log);
	const snapshot = { copy: folder, inodes: new Map([["data", "folder" as const]]) };
	rebuild({ entries, recorded: folder, snapshot, random: "kill" }, cut);
	const [real, replayed] = [contentOf(folder), contentOf(cut)];
	const names = new Set([...real.keys(), ...replayed.keys()]);
	return {
		killed: entries.some(({ kind }) => kind === "struck"),
		differ: [...names].filter((name) => real.get(name)?.equals(replayed.get(name) ?? Buffer.of()) !== true),
	};
}

function places(place: string) {
	const folder = join(place, "recorded");
	mkdirSync(join(folder, "data"), { recursive: true, mode: 0o700 });
	return { folder, log: join(place, "log"), cut: join(place, "cut") };
}

function contentOf(folder: string): Map<string, Buffer> {
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
	const files = names.filter((name) => !name.endsWith("-shm") && statSync(join(folder, name)).isFile());
	return new Map(files.map((name) => [name, readFileSync(join(folder, name))]));
}

export function noStrace(): string | undefined {
	try {
		execFileSync("strace", ["-f", "-o", "/dev/null", "true"], { stdio: "ignore" });
		return undefined;
	} catch {
		return "strace is not here, or may not trace";
	}
}

export type Counts = Record<"write" | "resize" | "sync" | "remove", number>;

const straced: Record<keyof Counts, RegExp> = {
	write: /\b(?:pwritev2?|pwrite64|writev?)\(/,
	resize: /\bftruncate\(/,
	sync: /\b(?:fsync|fdatasync|sync_file_range)\(/,
	remove: /\b(?:unlink|unlinkat|rename|renameat2?)\(/,
};
const logged: Record<keyof Counts, readonly LogEntry["kind"][]> = {
	write: ["write"],
	resize: ["resize"],
	sync: ["sync", "syncFolder"],
	remove: ["unlink", "rename"],
};

/** A start and an orderly end, counted by both. */
export async function countCalls(t: TestContext, library: string): Promise<{ strace: Counts; recorder: Counts }> {
	const place = temporaryFolder(t);
	const { folder, log } = places(place);
	const trace = join(place, "trace");
	const calls = "trace=pwrite64,pwritev,pwritev2,write,writev,ftruncate,fsync,fdatasync,sync_file_range";
	const names = "unlink,unlinkat,rename,renameat,renameat2";
	const inside = Object.entries(watching({ library, folder, log })).flatMap(([name, value]) => [
		"-E",
		`${name}=${value}`,
	]);
	const wrapper = ["strace", "-f", "-y", "-q", "-e", `${calls},${names}`, "-o", trace, ...inside];
	const program = await startProgram(t, { argv: settingsIn(folder, await freePort()), wrapper });
	const children = readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, "utf8").trim();
	process.kill(Number(children.split(" ")[0]), "SIGTERM");
	await program.ended;
	const lines = readFileSync(trace, "utf8")
		.split("\n")
		.filter((line) => line.includes(folder) && !line.includes("-shm") && !/ = -1 /.test(line));
	const entries = readLog(log);
	const count = (one: (what: keyof Counts) => number): Counts => ({
		write: one("write"),
		resize: one("resize"),
		sync: one("sync"),
		remove: one("remove"),
	});
	return {
		strace: count((what) => lines.filter((line) => straced[what].test(line)).length),
		recorder: count((what) => entries.filter(({ kind }) => logged[what].includes(kind)).length),
	};
}
