import assert from "node:assert/strict";
import { test } from "node:test";
import { expiryOf } from "./token-expiry.ts";

test("an API token warns 30, 7 and 1 days before its end", () => {
	const nowMs = Date.parse("2026-11-01T00:00:00Z");
	const at = (days: number) => expiryOf(new Date(nowMs + days * 86_400_000).toISOString(), nowMs);
	assert.deepEqual(
		[at(31), at(30), at(8), at(7), at(1.5), at(1), at(0.01), at(0)],
		["fine", 30, 30, 7, 7, 1, 1, "ended"],
	);
});
