// Binds the id maker of the domain to the clock and the random source of this process.

import { newId } from "#domain/ids.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** Ids of one source rise, also within a millisecond and when the clock is set back. */
export type Ids = { next<Id extends string>(): Id };

const counterMax = 0x0fff;

export function idsFrom(clock: Clock, random: Random): Ids {
	let lastMs = 0;
	let counter = 0;
	return {
		next() {
			const nowMs = clock.now().getTime();
			if (nowMs > lastMs) {
				lastMs = nowMs;
				counter = 0;
			} else if (counter < counterMax) {
				counter += 1;
			} else {
				lastMs += 1;
				counter = 0;
			}
			return newId(lastMs, counter, random.bytes(8));
		},
	};
}
