import assert from "node:assert/strict";
import test from "node:test";
import { causesOf, countOf, knownReason } from "./refusal-causes.ts";

const lastAt = "2026-01-02T12:00:00.000Z";
const refusals = [
	{ reason: "signature_mismatch", mode: "observe", count: 3, lastAt },
	{ reason: "signature_mismatch", mode: "enforce", count: 1, lastAt: "2026-01-03T12:00:00.000Z" },
	{ reason: "signature_missing", mode: "warn", count: 7, lastAt },
] as const;

test("causes are gathered over the modes, the most frequent first", () => {
	assert.deepEqual(causesOf(refusals), [
		{ reason: "signature_missing", refused: 0, wouldBe: 7, total: 7, lastAt },
		{ reason: "signature_mismatch", refused: 1, wouldBe: 3, total: 4, lastAt: "2026-01-03T12:00:00.000Z" },
	]);
	assert.deepEqual([countOf(refusals, "wouldBe"), countOf(refusals, "refused")], [10, 1]);
	assert.deepEqual(causesOf([]), []);
});

test("a reason that this page does not know is left as it is", () => {
	assert.deepEqual([knownReason("replay"), knownReason("of_a_later_version")], ["replay", undefined]);
});
