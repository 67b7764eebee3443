// Runs the gates: `node tools/check.ts quick` (types, lint, format, tidy, unit, contract, on SQLite), `full` (everything that
// takes seconds) or `long` (what needs root, strace or minutes: the files named `*.long.test.ts`).
// Types, lint and format run side by side, one line each; the tests come last, so that node:test's totals end the output.

import { type SpawnOptions, spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

type Run = { code: number; output: string; ms: number };

/** Not in the repository. */
const ownFolder = ".parley";
const memoryFolder = "/dev/shm";
const programs = join(import.meta.dirname, "../node_modules/.bin");

const staticGates: Readonly<Record<string, readonly string[]>> = {
	// Incremental: what was checked before and has not changed is not checked again.
	types: ["tsc", "-p", ".", "--noEmit", "--incremental", "--tsBuildInfoFile", `${ownFolder}/types.tsbuildinfo`],
	"web types": [
		"tsc",
		"-p",
		"src/web",
		"--noEmit",
		"--incremental",
		"--tsBuildInfoFile",
		`${ownFolder}/web.tsbuildinfo`,
	],
	lint: ["oxlint"],
	format: ["oxfmt", "--check"],
};

/** `processes`: how many share the files; undefined: each file has its own, which is what proves that none needs another. */
type TestSet = {
	files: readonly string[];
	exclude?: string;
	options: readonly string[];
	processes?: number;
	/** The browser parts are bundled before. */
	needsWeb?: boolean;
};
const longTests = "**/*.long.test.ts";
/** The time-outs (milliseconds) are for a test that hangs, so that it does not hang the run. */
const testSets: Readonly<Record<string, TestSet>> = {
	quick: {
		files: ["src/**/*.test.ts", "tools/**/*.test.ts", "test/*.test.ts", "test/{tidy,contract}/**/*.test.ts"],
		// What holds on both databases is asked of SQLite here; starting PostgreSQL takes longer than everything else.
		options: ["--test-skip-pattern=/\\(postgres\\)$/", "--test-timeout=60000"],
		exclude: longTests,
		// Loading the product for every file costs four times as much as the tests themselves.
		processes: 2,
	},
	full: {
		files: ["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts"],
		exclude: longTests,
		options: ["--test-timeout=300000"],
		needsWeb: true,
	},
	long: { files: [`test/${longTests}`], options: ["--test-timeout=3600000"] },
};
const testOptions = ["--test", "--test-concurrency=2", "--test-reporter=spec"];

/** Files of a set, in order; none for a set that does not exist. */
export function filesOf(set: string, root: string): readonly string[] {
	const { files = [], exclude } = testSets[set] ?? {};
	const left = ["**/node_modules", ...(exclude === undefined ? [] : [exclude])];
	return globSync([...files], { cwd: root, exclude: left }).toSorted();
}

/** The run is as bad as its worst gate. */
export function worst(codes: readonly number[]): number {
	return Math.max(0, ...codes);
}

export function gateLine(name: string, { code, ms }: Pick<Run, "code" | "ms">): string {
	return `${code === 0 ? "ok    " : "FAILED"}  ${name.padEnd(9)} ${(ms / 1000).toFixed(1)} s\n`;
}

async function checkAll(set: string, root: string): Promise<number> {
	const files = filesOf(set, root);
	if (files.length === 0) {
		process.stderr.write(`No tests for "${set}"; use one of: ${Object.keys(testSets).join(", ")}.\n`);
		return 2;
	}
	const gates = Object.entries(staticGates).map(async ([name, [program = "", ...rest]]) => {
		const gate = await run(join(programs, program), rest, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
		process.stdout.write(gateLine(name, gate) + (gate.code === 0 ? "" : gate.output));
		return gate.code;
	});
	const codes = await Promise.all(gates);
	const { options = [], processes, needsWeb } = testSets[set] ?? {};
	if (needsWeb === true) {
		// Once, before the tests that open a browser each find it missing.
		const build = await run(process.execPath, ["tools/build-web.ts"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
		process.stdout.write(gateLine("web build", build) + (build.code === 0 ? "" : build.output));
		codes.push(build.code);
	}
	const given = processes === undefined ? files : gather(files, processes, root);
	const tests = await runTests([...testOptions, ...options, ...given], root, processes !== undefined);
	return worst([...codes, tests.code]);
}

/** Writes files that import the test files, so many as there are processes, and names them. */
function gather(files: readonly string[], processes: number, root: string): readonly string[] {
	mkdirSync(join(root, ownFolder), { recursive: true });
	return Array.from({ length: processes }, (_, group) => {
		const mine = files.filter((_file, index) => index % processes === group);
		const path = join(ownFolder, `together-${group + 1}.test.ts`);
		writeFileSync(join(root, path), mine.map((file) => `import "${pathToFileURL(join(root, file)).href}";\n`).join(""));
		return path;
	});
}

/** The tests' own output is the end of the run's; what they keep is kept in memory where nobody asks about power cuts. */
function runTests(args: readonly string[], root: string, inMemory: boolean): Promise<Run> {
	const env: NodeJS.ProcessEnv = { ...process.env, NODE_COMPILE_CACHE: join(root, ownFolder, "compiled") };
	// The variable tells a nested node:test to speak its parent's protocol instead of running tests.
	delete env["NODE_TEST_CONTEXT"];
	if (inMemory && existsSync(memoryFolder)) {
		env["TMPDIR"] = memoryFolder;
	}
	return run(process.execPath, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
}

function run(program: string, args: readonly string[], options: SpawnOptions): Promise<Run> {
	const start = performance.now();
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, options);
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
