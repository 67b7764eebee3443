// What a measure is and what it gives.

import { type Spread, spreadOf } from "./statistics.ts";
import type { Stand } from "./stand.ts";

export type Goal = {
	/** What the figure is called in the table. */
	title: string;
	unit: string;
	/** A figure on the wrong side of the floor makes the bench fail. */
	floor: number;
	aim: number;
	/** Where it is better. */
	better: "higher" | "lower";
};

export type Figure = Goal & {
	spread: Spread;
	/** What the figure is made of, in a few words. */
	made: string;
};

export type Measure = {
	/** For `--only`. */
	name: string;
	run(stand: Stand): Promise<readonly Outcome[]>;
};

export type Skipped = { title: string; reason: string };
/** Shown for comparison, without a verdict. */
export type Beside = { title: string; said: string };
export type Outcome = Figure | Skipped | Beside;

export function figure(goal: Goal, values: readonly number[], made: string): Figure {
	return { ...goal, spread: spreadOf(values), made };
}

export function isFigure(outcome: Outcome): outcome is Figure {
	return "spread" in outcome;
}

export type Verdict = "ok" | "below aim" | "BELOW FLOOR";

export function verdictOf({ spread, better, floor, aim }: Figure): Verdict {
	const reaches = (bound: number): boolean => (better === "higher" ? spread.median >= bound : spread.median <= bound);
	if (!reaches(floor)) {
		return "BELOW FLOOR";
	}
	return reaches(aim) ? "ok" : "below aim";
}
