// Puts the faults of test/mutants into a copy of the repository, one at a time, and sees that the tests named for each turn
// red: `npm run mutants -- [--only <id or goal>]... [--at-once 2] [--json] [--write] [--verbose]`.
// A test set that is red without a mutant, a mutant that does not load and a run that never ends prove nothing, and are
// reported as failures like a mutant that escaped.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import type { Mutant } from "#test/mutants/mutant.ts";
import { findings, listedMutants } from "#test/tidy/mutants.ts";
import { writeTable } from "./mutants-table.ts";
import { type TestRun, isCaught, loads, runTestSet } from "./mutants-run.ts";

/**
 * `red`: the tests noticed. `GREEN`: they did not. `skipped`: they cannot run on this machine. `INVALID`: there is no
 * verdict, for the reason given.
 */
export type Verdict = "red" | "GREEN" | "skipped" | "INVALID";
export type Result = Pick<Mutant, "id" | "goal" | "says" | "tests"> & {
	verdict: Verdict;
	seconds: number;
	/** What failed, or why there is no verdict. */
	why: string;
};

const leftOut = new Set(["node_modules", ".git", "data", ".parley"]);

/** @param tell hears of each result when it is there */
export async function runMutants(
	root: string,
	mutants: readonly Mutant[],
	atOnce: number,
	tell: (result: Result) => void = () => undefined,
): Promise<readonly Result[]> {
	const left = [...mutants];
	const baselines = new Map<string, Promise<TestRun>>();
	const results: Result[] = [];
	const work = Array.from({ length: Math.max(1, Math.min(atOnce, left.length)) }, async () => {
		const copy = copyOf(root);
		const untouched = copyOf(root);
		try {
			for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
				const result = await runOne(copy, mutant, baselineIn(untouched, baselines));
				tell(result);
				results.push(result);
			}
		} finally {
			rmSync(copy, { recursive: true, force: true });
			rmSync(untouched, { recursive: true, force: true });
		}
	});
	await Promise.all(work);
	const order = mutants.map(({ id }) => id);
	return results.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

/** Each distinct set of tests is run once without any mutant. */
function baselineIn(untouched: string, known: Map<string, Promise<TestRun>>): (mutant: Mutant) => Promise<TestRun> {
	return (mutant) => {
		const key = JSON.stringify([mutant.tests, mutant.only, mutant.flags]);
		const run = known.get(key) ?? runTestSet(untouched, mutant);
		known.set(key, run);
		return run;
	};
}

async function runOne(copy: string, mutant: Mutant, baseline: (of: Mutant) => Promise<TestRun>): Promise<Result> {
	const { id, goal, says, tests } = mutant;
	const result = (verdict: Verdict, why: string, ms = 0): Result => ({
		id,
		goal,
		says,
		tests,
		verdict,
		why,
		seconds: Math.round(ms / 100) / 10,
	});
	const before = await baseline(mutant);
	if (before.code !== 0 || before.isOverdue) {
		return result("INVALID", `its tests are red without it: ${before.failed.join("; ") || lastWords(before)}`);
	}
	if (before.passed === 0 && before.hasTests) {
		return before.skipped > 0
			? result("skipped", "its tests cannot run on this machine")
			: result("INVALID", "its tests are not found: see `only`");
	}
	const restore = apply(copy, mutant);
	try {
		const broken = await loads(copy, mutant);
		if (broken !== undefined) {
			return result("INVALID", `the changed file does not load: ${broken}`);
		}
		const run = await runTestSet(copy, mutant);
		if (run.isOverdue) {
			return result("INVALID", "the tests did not end in time", run.ms);
		}
		if (run.code === 0) {
			return result("GREEN", "no test noticed it", run.ms);
		}
		return isCaught(run)
			? result("red", run.failed[0] ?? lastWords(run), run.ms)
			: result("INVALID", `no test failed, the run did: ${lastWords(run)}`, run.ms);
	} finally {
		restore();
	}
}

function lastWords({ output }: TestRun): string {
	return output.trimEnd().split("\n").slice(-3).join(" ").slice(-200);
}

/** @returns what puts the files back */
function apply(copy: string, { edits }: Mutant): () => void {
	const before = new Map(edits.map(({ file }) => [file, readFileSync(join(copy, file), "utf8")]));
	for (const { file, find, replace } of edits) {
		const text = readFileSync(join(copy, file), "utf8");
		writeFileSync(
			join(copy, file),
			text.replace(find, () => replace),
		);
	}
	return () => before.forEach((text, file) => writeFileSync(join(copy, file), text));
}

/** The installed packages are the repository's own, by a link. */
function copyOf(root: string): string {
	const copy = mkdtempSync(join(tmpdir(), "parley-mutants-"));
	for (const name of readdirSync(root).filter((entry) => !leftOut.has(entry))) {
		cpSync(join(root, name), join(copy, name), { recursive: true });
	}
	mkdirSync(join(copy, ".parley"));
	symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
	return copy;
}

export function line({ id, goal, verdict, seconds, why }: Result): string {
	const [mark, words] = [verdict.padEnd(7), verdict === "red" ? "" : `  ${why}`];
	return `${mark}  ${goal.padEnd(3)}  ${id.padEnd(40)} ${seconds.toFixed(1).padStart(6)} s${words}\n`;
}

/** Those asked for by id or goal; all where nothing is asked for. Throws for a name that is neither. */
export function chosen(mutants: readonly Mutant[], only: readonly string[]): readonly Mutant[] {
	const unknown = only.filter((name) => !mutants.some(({ id, goal }) => id === name || goal === name));
	if (unknown.length > 0) {
		throw new Error(`No mutant and no goal is called ${unknown.join(", ")}.`);
	}
	return only.length === 0 ? mutants : mutants.filter(({ id, goal }) => only.includes(id) || only.includes(goal));
}

async function main(root: string): Promise<number> {
	const { values } = parseArgs({
		options: {
			only: { type: "string", multiple: true, default: [] },
			"at-once": { type: "string", default: "1" },
			json: { type: "boolean", default: false },
			write: { type: "boolean", default: false },
			verbose: { type: "boolean", default: false },
		},
	});
	const listed = listedMutants(root).map(({ mutant }) => mutant);
	const asked = chosen(listed, values.only);
	const wrong = findings(root).filter((finding) => asked.some(({ id }) => finding.includes(` ${id} `)));
	if (wrong.length > 0) {
		process.stderr.write(`The lists do not fit the sources:\n${wrong.join("\n")}\n`);
		return 1;
	}
	const results = await runMutants(
		root,
		asked,
		Number(values["at-once"]),
		(result) => void process.stderr.write(line(result)),
	);
	const escaped = results.filter(({ verdict }) => verdict === "GREEN" || verdict === "INVALID");
	if (values.verbose) {
		results.forEach(({ id, why }) => process.stderr.write(`${id}: ${why}\n`));
	}
	if (values.json) {
		process.stdout.write(`${JSON.stringify(results, null, "\t")}\n`);
	}
	if (values.write) {
		writeTable(root, listed, results);
	}
	const caught = results.filter(({ verdict }) => verdict === "red").length;
	process.stderr.write(`${caught} of ${results.length} caught, ${escaped.length} not\n`);
	return escaped.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	process.exitCode = await main(process.cwd());
}
