// Goal R19, as simulation.test.ts, over 1,000 worlds; and each point where a world may go wrong did go wrong, or the rest
// proves nothing. Method: the same worlds, more of them; the counts are printed.

import assert from "node:assert/strict";
import test from "node:test";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { points } from "./points.ts";
import { campaign, countLines, failureText, inDays } from "./run.ts";

const first = seedFlag(1_000_000);
const seeds = numberFlag("seeds", 1000);

test(`the invariants hold in ${seeds} worlds from seed ${first}, and every point fired`, async (t) => {
	const result = await campaign(first, seeds);
	countLines(result.fired).forEach((line) => t.diagnostic(line));
	t.diagnostic(`${inDays(result.virtualMs)} simulated, ${result.written} messages in, ${result.sends} sends`);
	assert.equal(result.failed === undefined ? "" : failureText(result.failed), "");
	const silent = points.filter((point) => (result.fired.get(point) ?? 0) === 0);
	assert.deepEqual(silent, []);
});
