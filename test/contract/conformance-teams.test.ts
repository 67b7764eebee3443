// Goal: a bot of teams keeps what its technical user keeps. The kit tries the account that the simulator hands out by
// default, which is one of Graph; this is the other one.

import assert from "node:assert/strict";
import test from "node:test";
import type { SimulatorDeps } from "#simulators/simulator.ts";
import { startTeamsSimulator } from "#simulators/teams.ts";
import { checks } from "./conformance/checks.ts";
import { subjectIn, subjectOf } from "./conformance/subject.ts";

const { folder, connector } = subjectOf("teams");
const subject = subjectIn(folder, connector, (deps: SimulatorDeps) => startTeamsSimulator(deps, { mode: "bot" }));
const tried = [
	"every answer is understood",
	"an answer in another shape is neither thrown over nor believed",
	"trouble with a token loses no message",
	"no secret and no text leaks",
	"the longest text passes",
	"our attempt id travels and comes back",
	"a round of upkeep bears every answer",
	"the form covers the configuration",
	"the simulated account fits the form",
] as const satisfies readonly (keyof typeof checks)[];

for (const promise of tried) {
	test(`a bot of teams: ${promise}`, async () => {
		assert.deepEqual(await checks[promise](subject), []);
	});
}
