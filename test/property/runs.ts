// How often a law is tried: the gate's share, or what the command line says (`--runs 5000 --seed 7`). The seed stands in
// the name of every law, so that a failure can be had again.

import { numberFlag, seedFlag } from "#test/flags.ts";

export const seed = seedFlag();

/** For `fc.assert`. */
export function runs(share: number): { numRuns: number; seed: number } {
	return { numRuns: numberFlag("runs", share), seed };
}
