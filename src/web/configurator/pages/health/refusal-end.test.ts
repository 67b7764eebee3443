import assert from "node:assert/strict";
import { test } from "node:test";
import { endOfRefusal } from "./refusal-end.ts";

test("the mode decides what becomes of a call without proof", () => {
	const ends = (["observe", "warn", "enforce"] as const).map((mode) => endOfRefusal("signature_mismatch", mode));
	assert.deepEqual(ends, ["kept", "keptWithAlarm", "refused"]);
});

test("the caller is told to come again in any mode where the trouble is ours, and refused where the proof was right", () => {
	for (const mode of ["observe", "warn", "enforce"] as const) {
		assert.equal(endOfRefusal("clock_skew", mode), "askedAgain");
		assert.equal(endOfRefusal("foreign_account", mode), "refused");
		assert.equal(endOfRefusal("replay", mode), "refused");
	}
});
