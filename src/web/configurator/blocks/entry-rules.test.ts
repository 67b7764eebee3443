// How an Authentication ID of several parts is entered, pasted and mended.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aType } from "./draft-stage.ts";
import { type Rule, dividedAfter, isLiteral, joinId, mend, splitId, withPart } from "./entry-rules.ts";

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

function typed(of: Rule, text: string): string {
	return Array.from({ length: text.length }, (_, at) => text.slice(0, at + 1)).reduce(
		(id, soFar) => withPart(of, id, { index: 0, text: soFar }),
		"",
	);
}

/** One whose user name may have an @ itself. */
const hub: Rule = {
	...app,
	idParts: [
		{ key: "username", label: "User name", example: "parley", pattern: "^[!-9;-~]{1,200}$" },
		{ key: "accountId", label: "Account ID", example: "10001", pattern: "^[A-Za-z0-9._-]{1,40}$" },
	],
	schema: { properties: { authenticationId: { pattern: "^[!-9;-~]{1,200}@[A-Za-z0-9._-]{1,40}$" } } },
};

test("a whole id that is typed is divided when its field is left, not in the middle", () => {
	assert.equal(typed(app, "key@app"), "key@app@");
	assert.equal(dividedAfter(app, "key@app@", 0), "key@app");
	assert.equal(dividedAfter(hub, typed(hub, "parley@10001"), 0), "parley@10001");
	assert.equal(dividedAfter(app, "key@APP", 0), "key@APP");
});

test("a user name that is an e-mail address stays whole, typed or pasted", () => {
	assert.equal(typed(hub, "ops@example.com"), "ops@example.com@");
	assert.equal(dividedAfter(hub, "ops@example.com@", 0), "ops@example.com@");
	assert.equal(withPart(hub, "", { index: 0, text: "ops@example.com" }), "ops@example.com@");
	assert.equal(withPart(hub, "ops@example.com@", { index: 1, text: "10002" }), "ops@example.com@10002");
	assert.equal(withPart(hub, "", { index: 0, text: "ops@example.com@10002" }), "ops@example.com@10002");
});

test("blanks go away, capitals come, and it is told", () => {
	assert.deepEqual(mend(app, " key @ app "), { id: "key@APP", capitals: { label: "App ID", text: "APP" } });
	assert.deepEqual(mend(app, "key@APP"), { id: "key@APP" });
});

test("a rule that takes one certain word is known as such", () => {
	assert.ok(isLiteral(rule("webhook")));
	assert.ok(!isLiteral(app));
});
