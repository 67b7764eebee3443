// Goal: a mutant counts as caught only if its tests were green without it, its file loads, and a test failed with it.
// Method: a small repository of one source and tests that notice it, overlook it, or are broken themselves; every verdict
// is seen once. The table in the page is made from results.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Mutant } from "#test/mutants/mutant.ts";
import { plant } from "#test/gates/plant.ts";
import { reportOf } from "./mutants-run.ts";
import { withTable } from "./mutants-table.ts";
import { chosen, line, runMutants } from "./mutants.ts";
import { belowFloor, strykerTable } from "./stryker-table.ts";

const head = 'import assert from "node:assert/strict";\nimport test from "node:test";\n';

function smallRepository(t: TestContext): string {
	return plant(t, {
		"package.json": '{ "type": "module" }\n',
		"src/sum.ts": "export const sum = (a: number, b: number): number => a + b;\n",
		"test/watchful.test.ts": `${head}import { sum } from "../src/sum.ts";\ntest("sums", () => assert.equal(sum(1, 2), 3));\n`,
		"test/blind.test.ts": `${head}test("is there", () => assert.ok(true));\n`,
		"test/red.test.ts": `${head}test("is red anyway", () => assert.ok(false));\n`,
		"test/unable.test.ts": `${head}test("needs a tool", { skip: "no tool" }, () => undefined);\n`,
		"test/program.ts":
			'import { sum } from "../src/sum.ts";\nprocess.exitCode = sum(1, Number(process.argv[2])) === 3 ? 0 : 1;\n',
		"test/needs-sum.test.ts": `${head}await import(String(Object.keys(await import("../src/sum.ts"))) === "sum" ? "node:fs" : "gone");\ntest("is there", () => assert.ok(true));\n`,
	});
}

function mutant(change: Partial<Mutant>): Mutant {
	const edits = [{ file: "src/sum.ts", find: "a + b", replace: "a - b" }];
	return { id: "minus", goal: "R1", says: "minus", edits, tests: ["test/watchful.test.ts"], ...change };
}

const renamed = [{ file: "src/sum.ts", find: "const sum", replace: "const total" }];
const cases: readonly { name: string; change: Partial<Mutant>; verdict: string; why: RegExp }[] = [
	{ name: "noticed by a test", change: {}, verdict: "red", why: /^sums$/ },
	{ name: "noticed by none", change: { tests: ["test/blind.test.ts"] }, verdict: "GREEN", why: /no test noticed/ },
	{ name: "with tests red anyway", change: { tests: ["test/red.test.ts"] }, verdict: "INVALID", why: /red without it/ },
	{
		name: "with tests that cannot run",
		change: { tests: ["test/unable.test.ts"] },
		verdict: "skipped",
		why: /machine/,
	},
	{ name: "with a pattern that fits no test", change: { only: "^subtracts$" }, verdict: "INVALID", why: /not found/ },
	{ name: "with a pattern that fits one", change: { only: "^sums$" }, verdict: "red", why: /^sums$/ },
	{ name: "started with flags", change: { flags: ["--cycles", "3"] }, verdict: "red", why: /^sums$/ },
	{ name: "noticed by a program", change: { tests: ["test/program.ts"], flags: ["2"] }, verdict: "red", why: /^/ },
	{
		name: "that is no TypeScript",
		change: { edits: [{ file: "src/sum.ts", find: "a + b", replace: "a + (" }] },
		verdict: "INVALID",
		why: /does not load: .*SyntaxError|does not load: .*Error/,
	},
	{
		name: "that only keeps a test file from loading",
		change: { edits: renamed, tests: ["test/needs-sum.test.ts"] },
		verdict: "INVALID",
		why: /no test failed, the run did/,
	},
];

for (const { name, change, verdict, why } of cases) {
	test(`a mutant ${name}: ${verdict}`, async (t) => {
		const [result, ...more] = await runMutants(smallRepository(t), [mutant(change)], 1);
		assert.deepEqual(more, []);
		assert.equal(result?.verdict, verdict, result?.why);
		assert.match(result.why, why);
	});
}

test("each mutant is taken back before the next one", async (t) => {
	const blind = mutant({ id: "unseen", tests: ["test/blind.test.ts"] });
	const harmless = mutant({ id: "harmless", edits: [{ file: "src/sum.ts", find: "a + b", replace: "b + a" }] });
	const results = await runMutants(smallRepository(t), [mutant({}), blind, harmless], 2);
	assert.deepEqual(
		results.map(({ id, verdict }) => [id, verdict]),
		[
			["minus", "red"],
			["unseen", "GREEN"],
			["harmless", "GREEN"],
		],
	);
});

test("those asked for are found by id or goal, and a name that is neither is refused", () => {
	const all = [mutant({}), mutant({ id: "plus", goal: "S7" })];
	assert.deepEqual(chosen(all, []), all);
	assert.deepEqual(chosen(all, ["S7"]), [all[1]]);
	assert.deepEqual(chosen(all, ["minus", "S7"]), all);
	assert.throws(() => chosen(all, ["S7", "times"]), /No mutant and no goal is called times\./);
});

test("failed tests are told from failed files, and those skipped or still to be done do not count", () => {
	const output = [
		"    not ok 1 - inner",
		"not ok 1 - outer",
		"not ok 2 - /somewhere/test/a.test.ts",
		"not ok 3 - later # TODO not yet",
		"ok 4 - never # SKIP no tool",
		"ok 5 - good",
	].join("\n");
	const { failed, passed, skipped } = reportOf({ code: 1, output, isOverdue: false, ms: 1 }, ["test/a.test.ts"], true);
	assert.deepEqual([failed, passed, skipped], [["inner", "outer"], 1, 1]);
});

test("the table keeps the results of mutants that did not run, and forgets those that are gone", () => {
	const page = "# Proof\n\n<!-- mutants:begin -->\n<!-- mutants:end -->\n\nMore.\n";
	const [minus, plus] = [mutant({}), mutant({ id: "plus", goal: "S7", says: "a | b." })];
	const red = { ...minus, verdict: "red", seconds: 2.4, why: "" } as const;
	const first = withTable(page, [plus, minus], [red]);
	assert.match(first, /^\| R1 +\| `minus` +\| minus +\| `test\/watchful\.test\.ts` \| red in 2 s +\|$/m);
	assert.match(first, /^\| S7 +\| `plus` +\| a \\\| b +\| `test\/watchful\.test\.ts` \| not run yet +\|$/m);
	const second = withTable(first, [plus, minus], [{ ...plus, verdict: "GREEN", seconds: 1, why: "" }]);
	assert.match(second, /`minus`.* red in 2 s +\|$/m);
	assert.match(second, /`plus`.* GREEN +\|$/m);
	assert.doesNotMatch(withTable(second, [plus], []), /`minus`/);
	assert.ok(second.startsWith("# Proof\n") && second.endsWith("\n\nMore.\n"));
	assert.throws(() => withTable("# Proof\n", [minus], []), /no place between/);
});

test("Stryker's table counts what was caught, also by a time-out, and leaves out what did not load", () => {
	const mutants = ["Killed", "Timeout", "Survived", "NoCoverage", "RuntimeError", "Ignored"].map((status) => ({
		status,
	}));
	const table = strykerTable([
		{ files: { "src/b.ts": { mutants } } },
		{ files: { "src/a.ts": { mutants: [{ status: "Killed" }] } } },
	]);
	assert.deepEqual(
		table.split("\n").map((row) => row.replaceAll(/ +/g, " ")),
		[
			"| file | mutants | caught | of these by a time-out | score |",
			"| ---------- | ------- | ------ | ---------------------- | ------- |",
			"| `src/a.ts` | 1 | 1 | 0 | 100.0 % |",
			"| `src/b.ts` | 4 | 2 | 1 | 50.0 % |",
			"| **all** | 5 | 3 | 1 | 60.0 % |",
			"",
		],
	);
});

test("each file needs its 85 %, whatever the total is; of two reports of one file the later counts", () => {
	const report = (file: string, killed: number, survived: number) => ({
		files: { [file]: { mutants: [...repeated("Killed", killed), ...repeated("Survived", survived)] } },
	});
	const repeated = (status: string, times: number) => Array.from({ length: times }, () => ({ status }));
	const [good, enough, poor] = [report("src/a.ts", 99, 0), report("src/b.ts", 17, 3), report("src/c.ts", 84, 16)];
	assert.deepEqual(belowFloor([good, enough]), []);
	assert.deepEqual(belowFloor([good, poor, enough]), ["src/c.ts has 84.00 %; each file needs at least 85 %."]);
	assert.deepEqual(belowFloor([poor, report("src/c.ts", 9, 1)]), []);
	assert.match(belowFloor([report("src/c.ts", 9, 1), poor]).join(), /^src\/c\.ts /);
	const table = strykerTable([poor, good, report("src/c.ts", 9, 1)]);
	assert.match(table, /`src\/c\.ts` \| 10 /);
	assert.doesNotMatch(table, /\| 100 /);
});

test("Stryker's table ends with 1 and a sentence where a file is below the floor", (t) => {
	const mutants = [{ status: "Killed" }, { status: "Survived" }];
	const folder = plant(t, {
		"docs/operations/proof.md": "<!-- stryker:begin -->\n<!-- stryker:end -->\n",
		"low.json": JSON.stringify({ files: { "src/a.ts": { mutants } } }),
		"high.json": JSON.stringify({ files: { "src/a.ts": { mutants: mutants.slice(0, 1) } } }),
		"package.json": '{ "type": "module" }\n',
		"tools/stryker-table.ts": readFileSync(join(import.meta.dirname, "stryker-table.ts"), "utf8"),
		"tools/marked-part.ts": readFileSync(join(import.meta.dirname, "marked-part.ts"), "utf8"),
	});
	const tableOf = (report: string) =>
		spawnSync(process.execPath, ["tools/stryker-table.ts", report], { cwd: folder, encoding: "utf8" });
	const low = tableOf("low.json");
	assert.deepEqual([low.status, low.stderr], [1, "src/a.ts has 50.00 %; each file needs at least 85 %.\n"]);
	assert.match(readFileSync(join(folder, "docs/operations/proof.md"), "utf8"), /`src\/a\.ts`.* 50\.0 %/);
	assert.deepEqual([tableOf("high.json").status, tableOf("high.json").stderr], [0, ""]);
});

test("a line says what became of a mutant, and why if it was not caught", () => {
	const result = { ...mutant({}), verdict: "GREEN", seconds: 1, why: "no test noticed it" } as const;
	assert.match(line(result), /^GREEN {4}R1 {3}minus +1\.0 s {2}no test noticed it\n$/);
	assert.match(line({ ...result, verdict: "red" }), / s\n$/);
});
