// Measures Parley's speed side by side with what it is compared with, prints the table, writes it into
// docs/operations/performance.md and fails where a floor is missed.
// node bench/bench.ts [--only <measure>]… [--seconds N] [--runs N] [--long] [--profile]

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isFigure, type Measure, type Outcome, verdictOf } from "./measure.ts";
import { measures } from "./measures/all.ts";
import { type Machine, markdown, terminalTable, withTable } from "./report.ts";
import { openStand, type Options } from "./stand.ts";

const page = join(import.meta.dirname, "../docs/operations/performance.md");

type Asked = { chosen: readonly Measure[]; isWhole: boolean; options: Options };

function readArguments(): Asked {
	const { values } = parseArgs({
		options: {
			only: { type: "string", multiple: true },
			seconds: { type: "string" },
			runs: { type: "string" },
			long: { type: "boolean", default: false },
			profile: { type: "boolean", default: false },
		},
	});
	const { only } = values;
	const unknown = (only ?? []).filter((name) => !measures.some((measure) => measure.name === name));
	if (unknown.length > 0) {
		throw new RangeError(`There is no measure ${unknown.join(", ")}; there are: ${namesOf(measures)}.`);
	}
	return {
		chosen: measures.filter(({ name }) => only === undefined || only.includes(name)),
		isWhole: only === undefined && values.seconds === undefined && values.runs === undefined && !values.profile,
		options: {
			seconds: positive("seconds", values.seconds),
			runs: positive("runs", values.runs),
			long: values.long,
			profiles: values.profile ? mkdtempSync(join(tmpdir(), "parley-profiles-")) : undefined,
		},
	};
}

function namesOf(list: readonly Measure[]): string {
	return list.map(({ name }) => name).join(", ");
}

function positive(name: string, given: string | undefined): number | undefined {
	const number = given === undefined ? undefined : Number(given);
	if (number !== undefined && !(Number.isSafeInteger(number) && number > 0)) {
		throw new RangeError(`--${name} takes a whole number from 1, not "${given}".`);
	}
	return number;
}

async function bench({ chosen, isWhole, options }: Asked): Promise<number> {
	const say = (line: string): void => void process.stdout.write(`${line}\n`);
	const about = machine();
	if (about.load > about.cores / 4) {
		say(`This machine is busy (load ${about.load.toFixed(1)} on ${about.cores} cores): the figures tell of that, too.`);
	}
	const stand = openStand(options, say);
	const outcomes: Outcome[] = [];
	try {
		for (const measure of chosen) {
			const start = performance.now();
			say(measure.name);
			outcomes.push(...(await measure.run(stand)));
			say(`  ${((performance.now() - start) / 1000).toFixed(0)} s`);
		}
	} finally {
		await stand.end();
	}
	say(`\n${terminalTable(outcomes)}`);
	if (isWhole) {
		writeFileSync(page, withTable(readFileSync(page, "utf8"), markdown(outcomes, about)));
	}
	if (options.profiles !== undefined) {
		say(`\nCPU profiles: ${options.profiles}`);
	}
	return outcomes.some((outcome) => isFigure(outcome) && verdictOf(outcome) === "BELOW FLOOR") ? 1 : 0;
}

function machine(): Machine {
	return {
		date: new Date().toISOString().slice(0, 10),
		node: process.versions.node,
		processor: cpus()[0]?.model.trim() ?? "unknown processor",
		cores: availableParallelism(),
		load: loadavg()[0] ?? 0,
	};
}

// Ended from outside, it still ends what it started: `exit` does that.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
	process.once(signal, () => process.exit(130));
}
process.exitCode = await bench(readArguments());
