import assert from "node:assert/strict";
import { test } from "node:test";
import { spanText } from "./span.ts";

test("a span has at most two units, and never more than it took", () => {
	const spans: readonly (readonly [number, string])[] = [
		[-5, "0 ms"],
		[0, "0 ms"],
		[999, "999 ms"],
		[1000, "1 sec"],
		[59_999, "59.9 sec"],
		[60_000, "1 min"],
		[252_700, "4 min 12 sec"],
		[3_600_000, "1 hr"],
		[11_040_000, "3 hr 4 min"],
		[90_000_000, "1 day 1 hr"],
	];
	for (const [ms, text] of spans) {
		assert.equal(spanText(ms, "en"), text);
	}
	assert.equal(spanText(2300, "de"), "2,3 Sek.");
});
