// What costs a count over everything, for many who ask: counted once for all who ask meanwhile, kept for those who ask
// soon after.

import type { Clock } from "#platform/clock.ts";

export type Counting<T> = {
	/** Counted now, or by the count that runs already. */
	anew(): Promise<T>;
	/** What was counted at most so many milliseconds ago, else counted now. */
	within(ms: number): Promise<T>;
	/** As counted last, however long ago. */
	latest(): T | undefined;
};

/** @param onCounted what is kept from now on, and what was before; whoever asked does not wait for what it does */
export function openCounting<T>(
	clock: Clock,
	count: () => Promise<T>,
	onCounted: (next: T, before: T | undefined) => void,
): Counting<T> {
	let latest: { value: T; ms: number } | undefined;
	let running: Promise<T> | undefined;

	async function countAndKeep(): Promise<T> {
		try {
			const value = await count();
			const before = latest?.value;
			latest = { value, ms: clock.monotonicMs() };
			onCounted(value, before);
			return value;
		} finally {
			running = undefined;
		}
	}

	function anew(): Promise<T> {
		running ??= countAndKeep();
		return running;
	}
	return {
		anew,
		within: (ms) =>
			latest !== undefined && clock.monotonicMs() - latest.ms <= ms ? Promise.resolve(latest.value) : anew(),
		latest: () => latest?.value,
	};
}
