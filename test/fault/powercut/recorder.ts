// Builds disk.c once per test process and says how to start a program under it.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Recorder = { ok: true; library: string } | { ok: false; reason: string };

let built: Recorder | undefined;

export function recorder(): Recorder {
	built ??= build();
	return built;
}

function build(): Recorder {
	const compiler = ["/usr/bin/gcc", "/usr/bin/cc", "/usr/bin/clang"].find((path) => existsSync(path));
	if (process.platform !== "linux" || compiler === undefined) {
		return { ok: false, reason: "no C compiler for Linux (gcc, cc or clang) to build test/fault/powercut/disk.c" };
	}
	const folder = mkdtempSync(join(tmpdir(), "parley-disk-"));
	process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
	chmodSync(folder, 0o755); // PostgreSQL runs as another user.
	const library = join(folder, "disk.so");
	execFileSync(compiler, ["-O2", "-shared", "-fPIC", "-o", library, join(import.meta.dirname, "disk.c")]);
	return { ok: true, library };
}

/** What strikes, and when: before the n-th call, counted from 1, the process is killed, or that call fails. */
export type Strike = {
	call: "any" | "write" | "sync";
	at: number;
	with: "kill" | "EIO" | "ENOSPC";
	/** So many calls fail, one after the other. Default 1. */
	times?: number;
};
export type Watch = { library: string; folder: string; log: string; strike?: Strike; arm?: string };

export function watching({ library, folder, log, strike, arm }: Watch): Record<string, string> {
	return {
		LD_PRELOAD: library,
		UV_USE_IO_URING: "0", // What goes through the ring is no call that a library could see.
		DISK_FOLDER: folder,
		DISK_LOG: log,
		...(strike === undefined ? {} : { DISK_STRIKE: `${strike.call}:${strike.at}:${strike.with}:${strike.times ?? 1}` }),
		...(arm === undefined ? {} : { DISK_ARM: arm }),
	};
}
