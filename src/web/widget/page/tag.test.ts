import assert from "node:assert/strict";
import { test } from "node:test";
import { queuesIn } from "./tag.ts";

test("a tag names one queue, or several with their names", () => {
	assert.deepEqual(queuesIn("support@desk.test"), [{ address: "support@desk.test" }]);
	assert.deepEqual(queuesIn(" sales@desk.test = Sales ,, b@desk.test="), [
		{ address: "sales@desk.test", name: "Sales" },
		{ address: "b@desk.test" },
	]);
	assert.deepEqual(queuesIn(""), []);
});
