import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf, startOfDay } from "./period.ts";

test("a day begins where the reader is; a moment stays as it is", () => {
	assert.equal(startOfDay("2026-03-01"), new Date(2026, 2, 1).toISOString());
	assert.equal(startOfDay("2026-03-01T10:00:00Z"), "2026-03-01T10:00:00.000Z");
	assert.equal(dayOf("2026-03-01T10:00:00Z"), "2026-03-01");
});

test("what is no day is left out", () => {
	for (const given of [undefined, "", "yesterday", "2026-03-01Tx"]) {
		assert.equal(startOfDay(given), undefined);
	}
	assert.equal(dayOf("yesterday"), "");
});
