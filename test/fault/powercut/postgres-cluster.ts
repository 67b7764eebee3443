// A PostgreSQL cluster that can be started under the recorder, killed as a whole, and started again on a rebuilt folder.

import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, lchownSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort } from "#test/free-port.ts";
import { findPrograms, type Owner, unprivileged, untilItAnswers } from "#test/postgres.ts";

const outputMax = 4000; // Characters; the end says why.

export type Cluster = { url: string; kill(): Promise<void> };
export type Programs = { ok: true; folder: string; owner: Owner } | { ok: false; reason: string };

export function postgresPrograms(): Programs {
	const folder = findPrograms();
	return folder === undefined
		? { ok: false, reason: "no PostgreSQL programs (initdb, postgres) on this machine" }
		: { ok: true, folder, owner: unprivileged() };
}

type Found = Extract<Programs, { ok: true }>;

/** A fresh cluster at `folder`, below a place that its owner may enter. */
export function makeCluster({ folder: programs, owner }: Found, folder: string): void {
	mkdirSync(folder, { mode: 0o700 });
	giveTo(owner, folder);
	const args = ["-D", folder, "-U", "parley", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
	execFileSync(join(programs, "initdb"), args, { ...owner, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
}

/** PostgreSQL refuses a folder that is not its own. */
export function giveTo(owner: Owner, folder: string): void {
	chmodSync(folder, 0o700);
	if (owner.uid === undefined) {
		return;
	}
	chownSync(folder, owner.uid, owner.gid ?? owner.uid);
	for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
		lchownSync(join(folder, entry), owner.uid, owner.gid ?? owner.uid);
	}
}

export function copyCluster(owner: Owner, from: string, to: string): void {
	cpSync(from, to, { recursive: true, preserveTimestamps: true });
	giveTo(owner, to);
}

export type Start = {
	folder: string;
	env?: Readonly<Record<string, string>>;
	/** Over the ones here. */
	settings?: Readonly<Record<string, string>>;
};

export async function startCluster(
	t: Pick<TestContext, "after">,
	{ folder: programs, owner }: Found,
	{ folder, env = {}, settings: own = {} }: Start,
): Promise<Cluster> {
	const port = await freePort();
	// Buffers that are too small for the work are written all the time, and a checkpoint is due soon: the busier the disk, the
	// more a power cut finds half done. The log, on the other hand, is written by nobody but those who commit.
	const settings = {
		listen_addresses: "127.0.0.1",
		unix_socket_directories: "",
		shared_buffers: "4MB",
		wal_writer_delay: "10s",
		checkpoint_timeout: "30s",
		max_wal_size: "32MB",
		autovacuum_naptime: "1s",
		...own,
	};
	const args = ["-D", folder, "-p", String(port), ...Object.entries(settings).flatMap(([n, v]) => ["-c", `${n}=${v}`])];
	// A process group of its own, so that one signal ends all of its processes as one power cut does.
	const child = spawn(join(programs, "postgres"), args, {
		...owner,
		cwd: folder,
		detached: true,
		stdio: ["ignore", "ignore", "pipe"],
		env: { ...process.env, ...env },
	});
	let output = "";
	child.stderr.on("data", (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-outputMax)));
	const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	async function kill(): Promise<void> {
		if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
			const lock = join(folder, "postmaster.pid");
			const memory = existsSync(lock) ? readFileSync(lock, "utf8").split("\n")[6]?.trim().split(/\s+/)[1] : undefined;
			process.kill(-child.pid, "SIGKILL");
			await gone;
			forget(memory);
		}
	}
	t.after(kill);
	const url = `postgres://parley@127.0.0.1:${port}/postgres`;
	try {
		await untilItAnswers(url, child);
	} catch (error) {
		throw new Error(`PostgreSQL does not start on ${folder}: ${output}`, { cause: error });
	}
	return { url, kill };
}

/** A killed PostgreSQL leaves its little System V segment behind, and there are only so many. */
function forget(memory: string | undefined): void {
	if (memory !== undefined && existsSync("/usr/bin/ipcrm")) {
		try {
			execFileSync("/usr/bin/ipcrm", ["-m", memory], { stdio: "ignore" });
		} catch {
			// Another process of the killed group still ends; the segment goes at the next start of the machine.
		}
	}
}
