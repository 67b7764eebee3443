import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { filesOf, gateLine, worst } from "./check.ts";

const root = join(import.meta.dirname, "..");

test("a run is as bad as its worst gate", () => {
	assert.equal(worst([]), 0);
	assert.equal(worst([0, 0]), 0);
	assert.equal(worst([0, 2, 1]), 2);
});

test("a gate's line says whether it passed and how long it took", () => {
	assert.match(gateLine("types", { code: 0, ms: 50 }), /^ok {6}types +0\.1 s\n$/);
	assert.match(gateLine("types", { code: 1, ms: 1234 }), /^FAILED {2}types +1\.2 s\n$/);
});

test("the full set has every test file, and the quick set is a part of it", () => {
	const full = filesOf("full", root);
	const quick = filesOf("quick", root);
	assert.ok(full.includes("tools/check.test.ts") && full.includes("test/gates/programs.test.ts"));
	assert.ok(quick.includes("tools/check.test.ts") && !quick.includes("test/gates/programs.test.ts"));
	assert.deepEqual(
		quick.filter((file) => !full.includes(file)),
		[],
	);
	assert.deepEqual(filesOf("some", root), []);
});
