import assert from "node:assert/strict";
import test from "node:test";
import { withUse } from "./use-grant.ts";

test("Use is added to what somebody holds already, and nothing is taken away", () => {
	const other = { objectType: "user" as const, objectId: null, access: ["view" as const] };
	const viewed = { objectType: "messagingService" as const, objectId: "A", access: ["view" as const] };
	const used = { ...viewed, access: ["view" as const, "use" as const] };
	assert.deepEqual(withUse([other], "A"), [other, { ...viewed, access: ["use"] }]);
	assert.deepEqual(withUse([other, viewed], "A"), [other, used]);
	assert.deepEqual(withUse([used], "A"), [used]);
	assert.deepEqual(withUse([viewed], "B"), [viewed, { ...viewed, objectId: "B", access: ["use"] }]);
});
