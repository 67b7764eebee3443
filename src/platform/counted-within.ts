// How often something may happen, for each of many.

import type { Clock } from "./clock.ts";

const keysMax = 20_000;

/** At most so many within the time, for each key; who has been quiet for that long is forgotten. */
export function countedWithin(clock: Clock, max: number, withinMs: number): (key: string) => boolean {
	const times = new Map<string, number[]>();
	return (key) => {
		const nowMs = clock.monotonicMs();
		const recent = (times.get(key) ?? []).filter((ms) => nowMs - ms < withinMs);
		const isAllowed = recent.length < max;
		times.delete(key); // To the end: the first keys are then the quietest.
		times.set(key, isAllowed ? [...recent, nowMs] : recent);
		if (times.size > keysMax) {
			const [quietest] = times.keys();
			times.delete(quietest ?? key);
		}
		return isAllowed;
	};
}
