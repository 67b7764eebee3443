// Goal R19: in any world (crashes, lost answers, duplicates, late and lost receipts, jumping clocks, two processes) every
// acknowledged message is stored once and matched, sends keep their order, and what may be a duplicate says so.
// Method: simulated worlds with the real SMS Server, Chain Matcher and SQLite, driven by virtual time; each seed is one
// world, judged against the providers' ledgers. A seed is one history: run twice, and in another process, its hash is equal.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { campaign, countLines, failureText, flagsOf, inDays } from "./run.ts";
import { runWorld } from "./world.ts";

const first = seedFlag(1);
const seeds = numberFlag("seeds", 16);

test(`the invariants hold in ${seeds} worlds from seed ${first}`, async (t) => {
	const result = await campaign(first, seeds);
	countLines(result.fired).forEach((line) => t.diagnostic(line));
	t.diagnostic(`${inDays(result.virtualMs)} simulated, ${result.written} messages in, ${result.sends} sends`);
	assert.equal(result.failed === undefined ? "" : failureText(result.failed), "");
	assert.ok(result.sends >= seeds && result.written >= seeds, "the worlds were not empty");
});

test(`seed ${first} is one history: twice here and once in another process its hash is the same`, async () => {
	const one = await runWorld(first);
	const again = await runWorld(first);
	const run = join(import.meta.dirname, "run.ts");
	const other = execFileSync(process.execPath, [run, "--seed", String(first)], { encoding: "utf8" });
	assert.equal(again.hash, one.hash);
	assert.equal(/^seed \d+ {2}([0-9a-f]{64})/.exec(other)?.[1], one.hash);
	assert.notEqual((await runWorld(first + 1)).hash, one.hash);
});

test("a flag that is not known, or a value that fits none, ends the run with 2 and one sentence", () => {
	const usage = "use --seed N, --seeds N, --trace or --quiet.";
	const wrong = [
		{ args: ["--sede", "7"], sentence: `"--sede" is not known; ${usage}` },
		{ args: ["--seed=7", "--Quiet"], sentence: `"--Quiet" is not known; ${usage}` },
		{ args: ["--toString"], sentence: `"--toString" is not known; ${usage}` },
		{ args: ["7"], sentence: `"7" is not known; ${usage}` },
		{ args: ["--seed", "7", "--", "--trace"], sentence: `"--" is not known; ${usage}` },
		{ args: ["-q"], sentence: `"-q" is not known; ${usage}` },
		{ args: ["--seed", "x7"], sentence: `--seed takes a whole number; ${usage}` },
		{ args: ["--seed", "--seeds", "2"], sentence: `"2" is not known; ${usage}` },
		{ args: ["--seeds"], sentence: `--seeds takes a whole number; ${usage}` },
		{ args: ["--seeds", "-1"], sentence: `--seeds takes a whole number; ${usage}` },
		{ args: ["--trace=no"], sentence: `--trace takes no value; ${usage}` },
	];
	for (const { args, sentence } of wrong) {
		assert.equal(flagsOf(args), sentence, args.join(" "));
	}
	const right = ["--seed", "7", "--seeds=20", "--quiet"];
	assert.deepEqual(flagsOf(right), { seed: 7, seeds: 20, isTraced: false, isQuiet: true });
	assert.deepEqual(flagsOf([]), { seed: 1, seeds: 1, isTraced: false, isQuiet: false });
	const run = join(import.meta.dirname, "run.ts");
	const { status, stdout, stderr } = spawnSync(process.execPath, [run, "--sede", "7"], { encoding: "utf8" });
	assert.deepEqual([status, stdout, stderr], [2, "", `${wrong[0]?.sentence}\n`]);
});
