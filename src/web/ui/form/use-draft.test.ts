import assert from "node:assert/strict";
import { test } from "node:test";
import { withEntry } from "./use-draft.ts";

test("an entry that is as stored is no change", () => {
	const stored = { name: "A", email: null, parents: ["1"] };
	const changed = withEntry(stored, {}, ["name", "B"]);
	assert.deepEqual(changed, { name: "B" });
	assert.deepEqual(withEntry(stored, changed, ["name", "A"]), {});
	assert.deepEqual(withEntry(stored, {}, ["email", ""]), {});
	assert.deepEqual(withEntry(stored, {}, ["parents", ["1"]]), {});
	assert.deepEqual(withEntry(stored, {}, ["parents", []]), { parents: [] });
});
