// `npm run sim -- --seed 7 [--seeds 100] [--trace] [--quiet]`: runs simulated worlds, prints what each was and its hash, and
// ends with 1 at the first statement that did not hold, with the seed to run again and the last lines before it.

import { pathToFileURL } from "node:url";
import { numberFlag } from "#test/flags.ts";
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

async function main(): Promise<void> {
	const print = (line: string) => process.stdout.write(`${line}\n`);
	const isTraced = process.argv.includes("--trace");
	const isQuiet = process.argv.includes("--quiet");
	const result = await campaign(
		numberFlag("seed", 1),
		numberFlag("seeds", 1),
		(one) => {
			if (!isQuiet) {
				print(
					`seed ${one.seed}  ${one.hash}  ${inDays(one.virtualMs)}  ${one.written} in, ${one.sends} sends, ${one.lines} events`,
				);
			}
		},
		isTraced ? print : undefined,
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
	await main();
}
