// Numbers from numbers.

/** Lowest, middle and highest of what several runs gave. */
export type Spread = { min: number; median: number; max: number };

export function spreadOf(values: readonly number[]): Spread {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length / 2;
	const upper = sorted[Math.floor(middle)] ?? Number.NaN;
	const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
	return { min: sorted[0] ?? Number.NaN, median: (lower + upper) / 2, max: sorted.at(-1) ?? Number.NaN };
}

/** The value that so many of the sorted ones do not exceed (nearest rank). `fraction` from 0 to 1. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
	const rank = Math.max(1, Math.ceil(fraction * sorted.length));
	return sorted[rank - 1] ?? Number.NaN;
}
