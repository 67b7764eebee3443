// A Parley of which a security test sees more than others do: what it wrote out, its memory, its files, and whose list of
// allowed targets is the test's own. In this process, or as a child.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { serve } from "#commands/serve.ts";
import { systemWith } from "#commands/system.ts";
import { silentLog } from "#platform/log.ts";
import { readSettings } from "#settings";
import { freePort } from "#test/free-port.ts";
import { type Api, administrator, apiAt, makeAdministrator, until } from "#test/parley.ts";

export type OwnPlace = { folder: string; port: number; argv: readonly string[] };

type PlaceOptions = {
	/** Default: nothing is allowed. */
	allow?: readonly string[];
	/** Of another server on the same data and keys. */
	folder?: string;
	more?: readonly string[];
};

async function placeFor(t: TestContext, { allow = [], folder: given, more = [] }: PlaceOptions): Promise<OwnPlace> {
	const folder = given ?? mkdtempSync(join(tmpdir(), "parley-security-"));
	if (given === undefined) {
		t.after(() => rmSync(folder, { recursive: true, force: true }));
	}
	const port = await freePort();
	const argv = ["--data-dir", join(folder, "data"), "--key-ring", join(folder, "keyring"), "--port", String(port)];
	argv.push("--ops-port", "0", "--public-base-url", `http://127.0.0.1:${port}`);
	return {
		folder,
		port,
		argv: [...argv, ...(allow.length === 0 ? [] : ["--outbound-allow", allow.join(",")]), ...more],
	};
}

/** Where the first administrator is made, or undefined when there is one already. */
function bootstrapIn(output: string): string | undefined {
	return /https?:\/\/\S+\/bootstrap\/\S+/.exec(output)?.[0];
}

export type OwnParley = Api & { opsOrigin: string; folder: string };

/** In this process, so that the sockets it opens can be watched. Stopped when the test ends. */
export async function serveHere(t: TestContext, options: PlaceOptions = {}): Promise<OwnParley> {
	const { folder, argv } = await placeFor(t, options);
	const read = readSettings({ argv, env: {}, readFile: () => undefined });
	if (!read.ok) {
		throw new Error(read.errors.join(" "));
	}
	const said: string[] = [];
	const system = { ...systemWith(read.settings), say: (line: string) => void said.push(line) };
	const running = await serve(system, { log: silentLog });
	t.after(() => running.stop());
	const address = bootstrapIn(said.join("\n"));
	if (address !== undefined) {
		await makeAdministrator(address);
	}
	return { ...apiAt(running.origin), opsOrigin: running.opsOrigin, folder };
}

export type ChildParley = OwnParley & {
	/** All it wrote to standard output and standard error, up to now. */
	output(): string;
	/** Resident memory in MiB; Linux only. */
	residentMib(): number;
	/** Resolves when the process has ended. */
	end(signal: NodeJS.Signals): Promise<void>;
	/** The same installation in a new process, after `end`. */
	again(): Promise<ChildParley>;
};

export async function spawnParley(t: TestContext, options: PlaceOptions = {}): Promise<ChildParley> {
	const place = await placeFor(t, options);
	return startAt(t, place);
}

async function startAt(t: TestContext, place: OwnPlace): Promise<ChildParley> {
	const child = spawn(process.execPath, ["src/start.js", "serve", ...place.argv], {
		stdio: ["ignore", "pipe", "pipe"],
	});
	let output = "";
	child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
	child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
	t.after(() => end(child, "SIGKILL"));
	const opsOrigin = await until(
		async () => {
			const [, origin] = /Health and metrics on (http:\S+)\n/.exec(output) ?? [];
			if (child.exitCode !== null) {
				throw new Error(`Parley did not start: ${output}`);
			}
			return origin !== undefined && (await fetch(`${origin}/readyz`)).ok ? origin : undefined;
		},
		"Parley is ready",
		60_000,
	);
	const address = bootstrapIn(output);
	if (address !== undefined) {
		await makeAdministrator(address);
	}
	return {
		...apiAt(`http://127.0.0.1:${place.port}`, administrator),
		opsOrigin,
		folder: place.folder,
		output: () => output,
		residentMib: () => residentMib(child.pid ?? 0),
		end: (signal) => end(child, signal),
		again: () => startAt(t, place),
	};
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode === null && child.signalCode === null) {
		const gone = new Promise((resolve) => child.once("close", resolve));
		child.kill(signal);
		await gone;
	}
}

function residentMib(pid: number): number {
	const [, kib = "NaN"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Number(kib) / 1024;
}
