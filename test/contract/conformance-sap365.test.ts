// Goal: the second interface of a type keeps what the first one keeps. The kit tries the account that the simulator hands
// out by default; this is the other one of sap365, Live Link 365 with its tokens.

import assert from "node:assert/strict";
import test from "node:test";
import type { SimulatorDeps } from "#simulators/simulator.ts";
import { startSap365Simulator } from "#simulators/sap365.ts";
import { checks } from "./conformance/checks.ts";
import { subjectIn, subjectOf } from "./conformance/subject.ts";

const { folder, connector } = subjectOf("sap365");
const subject = subjectIn(folder, connector, (deps: SimulatorDeps) => startSap365Simulator(deps, { mode: "json" }));
const tried = [
	"every answer is understood",
	"an answer in another shape is neither thrown over nor believed",
	"trouble with a token loses no message",
	"no secret and no text leaks",
	"the longest text passes",
	"our attempt id travels and comes back",
	"the form covers the configuration",
	"the simulated account fits the form",
] as const satisfies readonly (keyof typeof checks)[];

for (const promise of tried) {
	test(`sap365 by JSON: ${promise}`, async () => {
		assert.deepEqual(await checks[promise](subject), []);
	});
}
