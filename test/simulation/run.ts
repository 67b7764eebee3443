// `npm run sim -- --seed 7 [--seeds 100] [--trace] [--quiet]`: runs simulated worlds, prints what each was and its hash, and
// ends with 1 at the first statement that did not hold, with the seed to run again and the last lines before it. Flags that
// it does not know end it with 2.

import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Point, points } from "./points.ts";
import { type Outcome, runWorld } from "./world.ts";

export type Campaign = {
	seeds: number;
	virtualMs: number;
	sends: number;
	written: number;
	lines: number;
	fired: Map<Point, number>;
	failed: Outcome | undefined;
};

/** Runs the seeds one after the other and stops at the first that fails. */
export async function campaign(
	first: number,
	seeds: number,
	seen: (outcome: Outcome) => void = () => undefined,
	show?: (line: string) => void,
): Promise<Campaign> {
	const sum: Campaign = { seeds: 0, virtualMs: 0, sends: 0, written: 0, lines: 0, fired: new Map(), failed: undefined };
	for (let seed = first; seed < first + seeds && sum.failed === undefined; seed++) {
		const outcome = await runWorld(seed, show);
		seen(outcome);
		sum.seeds += 1;
		sum.virtualMs += outcome.virtualMs;
		sum.sends += outcome.sends;
		sum.written += outcome.written;
		sum.lines += outcome.lines;
		for (const [point, count] of outcome.fired) {
			sum.fired.set(point, (sum.fired.get(point) ?? 0) + count);
		}
		sum.failed = outcome.violation === undefined ? undefined : outcome;
	}
	return sum;
}

export function inDays(ms: number): string {
	return `${(ms / 86_400_000).toFixed(2)} days`;
}

/** How often each point fired. */
export function countLines(fired: ReadonlyMap<Point, number>): string[] {
	return points.map((point) => `${String(fired.get(point) ?? 0).padStart(7)}  ${point}`);
}

/** The seed, the statement and the last lines: what is needed to run it again and to see how it came about. */
export function failureText({ seed, violation, last }: Outcome): string {
	return [`seed ${seed}: ${violation}`, ...last, `again: npm run sim -- --seed ${seed} --trace`].join("\n");
}

type Flags = { seed: number; seeds: number; isTraced: boolean; isQuiet: boolean };

/** Or what is wrong with them, in a sentence: a typo must not pass for a run of what was meant. */
export function flagsOf(args: readonly string[]): Flags | string {
	const options = {
		seed: { type: "string", default: "1" },
		seeds: { type: "string", default: "1" },
		trace: { type: "boolean", default: false },
		quiet: { type: "boolean", default: false },
	} as const;
	// Not strict, so that the sentences are ours; what parseArgs does not know is in its tokens.
	const { tokens, values } = parseArgs({ args: [...args], options, strict: false, tokens: true });
	const stray = tokens.find((token) => token.kind !== "option" || !Object.hasOwn(options, token.name));
	if (stray !== undefined) {
		const word = stray.kind === "option" ? stray.rawName : args[stray.index];
		return `"${word}" is not known; use ${usage}.`;
	}
	const wrong = (["seed", "seeds"] as const).find((name) => !/^\d{1,15}$/.test(String(values[name])));
	if (wrong !== undefined) {
		return `--${wrong} takes a whole number; use ${usage}.`;
	}
	const valued = (["trace", "quiet"] as const).find((name) => typeof values[name] !== "boolean");
	if (valued !== undefined) {
		return `--${valued} takes no value; use ${usage}.`;
	}
	return {
		seed: Number(values.seed),
		seeds: Number(values.seeds),
		isTraced: values.trace === true,
		isQuiet: values.quiet === true,
	};
}

const usage = "--seed N, --seeds N, --trace or --quiet";

async function main(flags: Flags): Promise<void> {
	const print = (line: string) => process.stdout.write(`${line}\n`);
	const result = await campaign(
		flags.seed,
		flags.seeds,
		(one) => {
			if (!flags.isQuiet) {
				print(
					`seed ${one.seed}  ${one.hash}  ${inDays(one.virtualMs)}  ${one.written} in, ${one.sends} sends, ${one.lines} events`,
				);
			}
		},
		flags.isTraced ? print : undefined,
	);
	print(countLines(result.fired).join("\n"));
	print(
		`${result.seeds} seeds, ${inDays(result.virtualMs)} simulated, ${result.written} messages in, ${result.sends} sends, ${result.lines} events`,
	);
	if (result.failed !== undefined) {
		print(failureText(result.failed));
		process.exitCode = 1;
	}
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const flags = flagsOf(process.argv.slice(2));
	if (typeof flags === "string") {
		process.stderr.write(`${flags}\n`);
		process.exitCode = 2;
	} else {
		await main(flags);
	}
}
