// Parley with its data on a small file system of its own, which the test can fill and empty. Needs root: the file system is
// mounted in a name space that only this Parley sees, and ends with it.

import { execFile, execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { freePort } from "#test/free-port.ts";
import { type Program, settingsIn, startProgram } from "./program.ts";
import { temporaryFolder } from "./sqlite-cuts.ts";

export type SmallDisk = {
	program: Program;
	/** Takes every byte that is left. */
	fill(): void;
	empty(): void;
	freeBytes(): number;
	/** `parley verify` beside the running server. */
	verify(): Promise<string>;
};

/** Why there can be no small disk here, or undefined. */
export function noSmallDisk(): string | undefined {
	if (process.platform !== "linux" || process.getuid?.() !== 0) {
		return "needs root on Linux, to mount a small file system";
	}
	try {
		execFileSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"], { stdio: "ignore" });
		return undefined;
	} catch {
		return "this machine lets nobody mount a file system (unshare -m, mount -t tmpfs)";
	}
}

export async function onSmallDisk(t: TestContext, mebibytes: number): Promise<SmallDisk> {
	const folder = temporaryFolder(t);
	const data = join(folder, "data");
	mkdirSync(data, { mode: 0o700 });
	const argv = settingsIn(folder, await freePort());
	const mount = `mount -t tmpfs -o size=${mebibytes}m,mode=700 tmpfs "$0" && exec "$@"`;
	const program = await startProgram(t, { argv, wrapper: ["unshare", "-m", "sh", "-c", mount, data] });
	// The mount as that process sees it.
	const inside = join("/proc", String(program.pid), "root", data);
	const filler = join(inside, "filler");
	return {
		program,
		fill: () => takeEverything(filler),
		empty: () => rmSync(filler),
		freeBytes() {
			const { bavail, bsize } = statfsSync(inside);
			return bavail * bsize;
		},
		async verify() {
			const command = ["-t", String(program.pid), "-m", "--wd=.", process.execPath, "src/start.js", "verify", ...argv];
			return (await promisify(execFile)("nsenter", command)).stdout;
		},
	};
}

function takeEverything(path: string): void {
	const file = openSync(path, "a");
	try {
		for (let bytes = 1_048_576; bytes >= 1;) {
			bytes = fits(file, bytes) ? bytes : Math.floor(bytes / 2);
		}
	} finally {
		closeSync(file);
	}
}

function fits(file: number, bytes: number): boolean {
	try {
		writeSync(file, Buffer.alloc(bytes));
		return true;
	} catch (error) {
		if ((error as { code?: unknown }).code === "ENOSPC") {
			return false;
		}
		throw error;
	}
}
