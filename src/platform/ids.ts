// Binds the id maker of the domain to the clock and the random source of this process.

import { newId } from "#domain/ids.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

export type Ids = { next<Id extends string>(): Id };

export function idsFrom(clock: Clock, random: Random): Ids {
	const source = { nowMs: () => clock.now().getTime(), randomBytes: (size: number) => random.bytes(size) };
	return { next: () => newId(source) };
}
