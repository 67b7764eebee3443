// Parley as a process of its own, on a folder that the test chooses and under an environment that the test makes.

import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Api, apiAt, makeAdministrator, until } from "#test/parley.ts";

export type Program = {
	api: Api;
	opsOrigin: string;
	pid: number;
	output(): string;
	/** Code or signal, once it has ended. */
	ended: Promise<number | NodeJS.Signals>;
	kill(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
};

/** The settings of a Parley whose whole state is in `folder`. The port is part of what providers know, so it stays. */
export function settingsIn(folder: string, port: number, extra: readonly string[] = []): string[] {
	const argv = ["--data-dir", join(folder, "data"), "--key-ring", join(folder, "keyring"), "--port", String(port)];
	argv.push("--ops-port", "0", "--public-base-url", `http://127.0.0.1:${port}`, "--outbound-allow", "127.0.0.0/8");
	return [...argv, "--lease.ms", "2000", ...extra];
}

export type Start = {
	argv: readonly string[];
	env?: Readonly<Record<string, string>>;
	/** Options of node itself. */
	nodeOptions?: readonly string[];
	/** Put before node, such as a program that makes a name space. */
	wrapper?: readonly string[];
};

/** Starts it and waits until it listens; makes the administrator where there is none. Rejects with what it said when it ends. */
export async function startProgram(t: Pick<TestContext, "after">, start: Start): Promise<Program> {
	const { argv, env = {}, nodeOptions = [], wrapper = [] } = start;
	const [file = "", ...args] = [...wrapper, process.execPath, ...nodeOptions, "src/start.js", "serve", ...argv];
	const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
	let output = "";
	child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
	child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
	let end: number | NodeJS.Signals | undefined;
	const ended = new Promise<number | NodeJS.Signals>((resolve) =>
		child.once("exit", (code, signal) => resolve((end = code ?? signal ?? 1))),
	);
	async function kill(signal: NodeJS.Signals = "SIGKILL"): Promise<number | NodeJS.Signals> {
		if (end === undefined) {
			child.kill(signal);
		}
		return ended;
	}
	t.after(() => kill());
	const opsOrigin = await until(
		() => {
			if (end !== undefined) {
				throw new Error(`Parley ended with ${end}: ${output}`);
			}
			return /^Health and metrics on (\S+)$/m.exec(output)?.[1];
		},
		"Parley listens",
		30_000,
	);
	const [, origin = ""] = /^Parley listens on (\S+)/m.exec(output) ?? [];
	const [bootstrap] = /https?:\/\/\S+\/bootstrap\/\S+/.exec(output) ?? [];
	if (bootstrap !== undefined) {
		await makeAdministrator(bootstrap).catch((error: unknown) => {
			throw new Error(`No administrator; Parley said: ${output}`, { cause: error });
		});
	}
	return { api: apiAt(origin), opsOrigin, pid: child.pid ?? 0, output: () => output, ended, kill };
}
