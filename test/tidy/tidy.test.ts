// Goal: the tree has no finding of any tidy gate. That each gate can find something is shown in test/gates.

import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { gates } from "./gates.ts";

const root = join(import.meta.dirname, "../..");

for (const [name, gate] of Object.entries(gates)) {
	test(`${name}: nothing to tidy`, () => {
		const findings = gate.findings(root);
		assert.equal(findings.length, 0, `\n${findings.join("\n")}`);
	});
}
