import assert from "node:assert/strict";
import { test } from "node:test";
import { type Asked, learn, toAsked, toUnasked } from "./asked.ts";

const good = toAsked({ status: 200, body: "Ann" });
const busy = toAsked({ status: 503, body: { error: "overloaded", message: "Later." } });
const gone = toAsked({ status: 404, body: { error: "not_found", message: "There is none." } });

test("what is known outlasts a failure that passes, which is told, and no answer that takes it away", () => {
	const after = (...all: readonly Asked[]) =>
		all.reduce((known, asked) => learn(known, "/a", asked), learn(undefined, "/a", good));
	assert.deepEqual([after().body, after().refusal], ["Ann", undefined]);
	for (const failure of [busy, toUnasked(new Error("There is no connection."))]) {
		assert.deepEqual([after(failure).body, after(failure).refusal], ["Ann", failure]);
		assert.deepEqual([after(failure, good).body, after(failure, good).refusal], ["Ann", undefined]);
	}
	assert.deepEqual([after(gone).body, after(gone).refusal], [undefined, gone]);
	assert.equal(after(gone, busy).body, undefined);
});

test("what is known of one thing says nothing of another", () => {
	assert.equal(learn(learn(undefined, "/a", good), "/b", busy).body, undefined);
});
