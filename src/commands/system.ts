// The outside of the process as values: what the composition root gives to everything else, and tests replace.

import { idsFrom, type Ids } from "#platform/ids.ts";
import { type Clock, systemClock } from "#platform/clock.ts";
import { type Random, systemRandom } from "#platform/random.ts";
import type { Settings } from "#settings";

export type System = {
	clock: Clock;
	random: Random;
	ids: Ids;
	/** One line for the operator. */
	say(line: string): void;
	/** Ends the process when going on would be unsafe. */
	exit(code: number): void;
	settings: Settings;
};

export function systemWith(settings: Settings): System {
	return {
		clock: systemClock,
		random: systemRandom,
		ids: idsFrom(systemClock, systemRandom),
		say: (line) => process.stdout.write(`${line}\n`),
		exit: (code) => process.exit(code),
		settings,
	};
}
