// Runs the tests of one mutant, and reads from their report what failed. A failing file is not enough: one that could not
// be loaded fails as well, and no test in it has looked at anything.

import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Mutant } from "#test/mutants/mutant.ts";

export type TestRun = {
	code: number;
	/** Whether the files report tests; a program of its own, such as the simulation, has only its exit code. */
	hasTests: boolean;
	failed: readonly string[];
	passed: number;
	skipped: number;
	isOverdue: boolean;
	output: string;
	ms: number;
};

const runMsMax = 10 * 60_000;
const testMsMax = 5 * 60_000;
/** Of an output, the end is what is asked for. */
const outputCharactersMax = 4_000_000;

export async function runTestSet(copy: string, { tests, only, flags }: Mutant): Promise<TestRun> {
	const pattern = only === undefined ? [] : [`--test-name-pattern=${only}`];
	const options = ["--test-reporter=tap", `--test-timeout=${testMsMax}`, ...pattern];
	const commands =
		flags === undefined
			? [["--test", "--test-concurrency=2", ...options, ...tests]]
			: tests.map((file) => [...(isTestFile(file) ? options : []), file, ...flags]);
	const hasTests = tests.every(isTestFile);
	const runs: TestRun[] = [];
	for (const command of commands) {
		runs.push(reportOf(await run(copy, command, runMsMax), tests, hasTests));
	}
	return runs.reduce((all, one) => ({
		hasTests,
		code: Math.max(all.code, one.code),
		isOverdue: all.isOverdue || one.isOverdue,
		failed: [...all.failed, ...one.failed],
		passed: all.passed + one.passed,
		skipped: all.skipped + one.skipped,
		output: all.output + one.output,
		ms: all.ms + one.ms,
	}));
}

export function isCaught({ code, hasTests, failed }: TestRun): boolean {
	return code !== 0 && (!hasTests || failed.length > 0);
}

/** @returns why a changed file cannot be loaded; main.ts is only read, since loading it starts the program */
export async function loads(copy: string, { edits }: Mutant): Promise<string | undefined> {
	for (const file of new Set(edits.map((edit) => edit.file))) {
		const how = file === "src/main.ts" ? ["--check", file] : ["--input-type=module", "-e", `await import("./${file}")`];
		const { code, output } = await run(copy, how, 60_000);
		if (code !== 0) {
			return /^\w*Error.*$/m.exec(output)?.[0] ?? output.slice(-200);
		}
	}
	return undefined;
}

type Ended = { code: number; output: string; isOverdue: boolean; ms: number };

export function reportOf(ended: Ended, tests: readonly string[], hasTests: boolean): TestRun {
	const lines = [...ended.output.matchAll(/^ *(not ok|ok) \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$/gm)].map(
		([, verdict = "", name = "", directive]) => ({ verdict, name, directive }),
	);
	const own = lines.filter(({ name }) => !tests.some((file) => name.endsWith(file)));
	return {
		...ended,
		hasTests,
		failed: own
			.filter(({ verdict, directive }) => verdict === "not ok" && directive === undefined)
			.map(({ name }) => name),
		passed: own.filter(({ verdict, directive }) => verdict === "ok" && directive === undefined).length,
		skipped: own.filter(({ directive }) => directive === "SKIP").length,
	};
}

function isTestFile(file: string): boolean {
	return file.endsWith(".test.ts");
}

/** In a process group of its own, so that nothing a test has started outlives a run that is overdue. */
function run(copy: string, args: readonly string[], msMax: number): Promise<Ended> {
	const env: NodeJS.ProcessEnv = { ...process.env, NODE_COMPILE_CACHE: join(copy, ".parley/compiled") };
	// The variable tells a nested node:test to speak its parent's protocol instead of running tests.
	delete env["NODE_TEST_CONTEXT"];
	const start = performance.now();
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, args, { cwd: copy, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
		let [output, isOverdue] = ["", false];
		const take = (piece: Buffer) => {
			output = (output + piece.toString()).slice(-outputCharactersMax);
		};
		child.stdout.on("data", take);
		child.stderr.on("data", take);
		const limit = setTimeout(() => {
			isOverdue = true;
			if (child.pid !== undefined) {
				process.kill(-child.pid, "SIGKILL");
			}
		}, msMax);
		child.on("error", reject);
		child.on("close", (code) => {
			clearTimeout(limit);
			resolve({ code: code ?? 1, output, isOverdue, ms: performance.now() - start });
		});
	});
}
