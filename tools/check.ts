// Runs the gates: `node tools/check.ts quick` (types, lint, format, tidy, unit, contract) or `full` (every test there is).
// Types, lint and format run side by side, one line each; the tests come last, so that node:test's totals end the output.

import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

type Run = { code: number; output: string; ms: number };

const programs = join(import.meta.dirname, "../node_modules/.bin");

const staticGates: Readonly<Record<string, readonly string[]>> = {
	types: ["tsc", "-p", ".", "--noEmit"],
	lint: ["oxlint"],
	format: ["oxfmt", "--check"],
};

const everyTest = ["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts"];
const testSets: Readonly<Record<string, readonly string[]>> = {
	quick: ["src/**/*.test.ts", "tools/**/*.test.ts", "test/*.test.ts", "test/{tidy,contract}/**/*.test.ts"],
	full: everyTest,
};
const testTimeoutMs = 300_000; // One test that hangs must not hang the run; the longest takes under a minute.

/** Files of a set, in order; undefined for a set that does not exist. */
export function filesOf(set: string, root: string): readonly string[] | undefined {
	const patterns = testSets[set];
	return patterns && globSync([...patterns], { cwd: root, exclude: ["**/node_modules"] }).toSorted();
}

/** The run is as bad as its worst gate. */
export function worst(codes: readonly number[]): number {
	return Math.max(0, ...codes);
}

export function gateLine(name: string, { code, ms }: Pick<Run, "code" | "ms">): string {
	return `${code === 0 ? "ok    " : "FAILED"}  ${name.padEnd(8)} ${(ms / 1000).toFixed(1)} s\n`;
}

async function checkAll(set: string, root: string): Promise<number> {
	const files = filesOf(set, root);
	if (files === undefined || files.length === 0) {
		process.stderr.write(`No tests for "${set}"; use one of: ${Object.keys(testSets).join(", ")}.\n`);
		return 2;
	}
	const gates = Object.entries(staticGates).map(async ([name, [program = "", ...rest]]) => {
		const gate = await run(join(programs, program), rest, root, "pipe");
		process.stdout.write(gateLine(name, gate) + (gate.code === 0 ? "" : gate.output));
		return gate.code;
	});
	const codes = await Promise.all(gates);
	const options = ["--test", "--test-concurrency=2", `--test-timeout=${testTimeoutMs}`, "--test-reporter=spec"];
	const tests = await run(process.execPath, [...options, ...files], root, "inherit");
	return worst([...codes, tests.code]);
}

function run(program: string, args: readonly string[], cwd: string, output: "pipe" | "inherit"): Promise<Run> {
	const start = performance.now();
	// The variable tells a nested node:test to speak its parent's protocol instead of running tests.
	const { NODE_TEST_CONTEXT: _, ...env } = process.env;
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, { cwd, env, stdio: ["ignore", output, output] });
		const pieces: Buffer[] = [];
		child.stdout?.on("data", (piece: Buffer) => pieces.push(piece));
		child.stderr?.on("data", (piece: Buffer) => pieces.push(piece));
		child.on("error", reject);
		child.on("close", (code) =>
			resolve({ code: code ?? 1, output: Buffer.concat(pieces).toString(), ms: performance.now() - start }),
		);
	});
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	process.exitCode = await checkAll(process.argv[2] ?? "full", process.cwd());
}
