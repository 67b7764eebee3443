import assert from "node:assert/strict";
import test from "node:test";
import { requestHeaders } from "./request-headers.ts";

test("headers are found in any case, a repeated one stays visible as two, a missing one is null", () => {
	const headers = requestHeaders(["Host", "a", "X-Sig", "1", "x-sig", "2"]);
	assert.deepEqual([headers.get("HOST"), headers.get("x-sig"), headers.get("x-other")], ["a", "1, 2", null]);
	assert.deepEqual(
		[...headers],
		[
			["host", "a"],
			["x-sig", "1, 2"],
		],
	);
	assert.equal(headers.get("__proto__"), null);
});
