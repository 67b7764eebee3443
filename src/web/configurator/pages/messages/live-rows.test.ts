import assert from "node:assert/strict";
import { test } from "node:test";
import { countNew, messageMeant, snippet, upToDate } from "./live-rows.ts";

const row = (id: string, state = "queued", remoteIds: readonly string[] = []) => ({ id, state, remoteIds });

test("rows stay where they are and show the newest state", () => {
	const shown = [row("C"), row("B"), row("A")];
	const newest = [row("D"), row("C", "sent"), row("A", "failed")];
	assert.deepEqual(
		upToDate(shown, newest).map(({ id, state }) => id + state),
		["Csent", "Bqueued", "Afailed"],
	);
});

test("new is what is not shown, but not what a later page brings", () => {
	const shown = [row("F"), row("D")];
	assert.equal(countNew(shown, [row("G"), row("F"), row("E"), row("B")], true), 2);
	assert.equal(countNew(shown, [row("G"), row("F"), row("E"), row("B")], false), 3);
	assert.equal(countNew([], [row("A")], false), 1);
	assert.equal(countNew(shown, [], true), 0);
});

test("only an id of the one message found leads to it", () => {
	const found = row("0A", "sent", ["SM1", "SM2"]);
	assert.equal(messageMeant(" 0a ", [found]), "0A");
	assert.equal(messageMeant("SM2", [found]), "0A");
	assert.equal(messageMeant("sm2", [found]), undefined);
	assert.equal(messageMeant("hello", [found]), undefined);
	assert.equal(messageMeant("0A", [found, row("0B")]), undefined);
	assert.equal(messageMeant("0A", []), undefined);
	assert.equal(messageMeant(undefined, [found]), undefined);
});

test("a snippet does not cut a sign in two", () => {
	assert.equal(snippet("👋👋👋", 2), "👋👋…");
	assert.equal(snippet("👋👋", 2), "👋👋");
	assert.equal(snippet("abc", 2), "ab…");
});
