// How an Authentication ID of several parts is entered, pasted and mended.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aType } from "./draft-stage.ts";
import { type Rule, isLiteral, joinId, mend, splitId, withPart } from "./entry-rules.ts";

function rule(role: string): Rule {
	const found = aType().authentications.find((one) => one.role === role);
	assert.ok(found);
	return found;
}
const app = rule("app");

test("an id is divided at the last separator, and put together again", () => {
	assert.deepEqual(splitId(app, "a@b@C"), ["a@b", "C"]);
	assert.deepEqual(splitId(app, "key"), ["key", ""]);
	assert.equal(joinId(app, ["", ""]), "");
	assert.equal(joinId(app, ["", "C"]), "@C");
});

test("a whole id that is pasted into one field fills all of them", () => {
	assert.equal(withPart(app, "", { index: 0, text: "key@app" }), "key@app");
	assert.equal(withPart(app, "", { index: 1, text: "key@app" }), "key@app");
	assert.equal(withPart(app, "old@APP", { index: 0, text: "key@app" }), "key@app");
});

test("what belongs into one field stays there", () => {
	assert.equal(withPart(app, "old@APP", { index: 0, text: "new" }), "new@APP");
	assert.equal(withPart(app, "old@APP", { index: 1, text: "" }), "old@");
	assert.equal(withPart(app, "", { index: 0, text: "k@" }), "k@@");
});

test("blanks go away, capitals come, and it is told", () => {
	assert.deepEqual(mend(app, " key @ app "), { id: "key@APP", capitals: { label: "App ID", text: "APP" } });
	assert.deepEqual(mend(app, "key@APP"), { id: "key@APP" });
});

test("a rule that takes one certain word is known as such", () => {
	assert.ok(isLiteral(rule("webhook")));
	assert.ok(!isLiteral(app));
});
