// Two administrators changed the same service: what merges by itself, and what is asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOf, patchOf, withEntry, withoutEntry } from "./draft.ts";
import { aService, anEntry, aType } from "./draft-stage.ts";
import { mergeOf } from "./merge.ts";

const type = aType();
const before = aService();
const mine = draftOf(before, type);

test("different fields merge by themselves", () => {
	const theirs = aService({ settings: { ...before.settings, wait: 5 } });
	const merge = mergeOf({ type, before, theirs, mine: { ...mine, name: "Mine" } });
	assert.deepEqual(merge.conflicts, []);
	assert.deepEqual(merge.taken, [{ pointer: "/settings/wait", before: 60, theirs: 5 }]);
	assert.deepEqual(patchOf(type, merge.merged({}), theirs), { name: "Mine" });
});

test("the same field changed differently is asked, and each answer counts", () => {
	const theirs = aService({ name: "Theirs" });
	const merge = mergeOf({ type, before, theirs, mine: { ...mine, name: "Mine" } });
	assert.deepEqual(
		merge.conflicts.map(({ pointer }) => pointer),
		["/name"],
	);
	assert.equal(merge.merged({ "/name": "mine" }).name, "Mine");
	assert.equal(merge.merged({ "/name": "theirs" }).name, "Theirs");
});

test("the same change on both sides is no question", () => {
	const merge = mergeOf({ type, before, theirs: aService({ name: "Same" }), mine: { ...mine, name: "Same" } });
	assert.deepEqual([merge.conflicts, merge.taken], [[], []]);
});

test("a secret entered here and another stored there is asked; an entry only they added comes along", () => {
	const replaced = { ...anEntry("A1", "key@APP", "app"), fingerprint: "ffff" };
	const added = anEntry("A2", "key@TWO", "app");
	const theirs = aService({ authentications: [replaced, anEntry("W1", "webhook", "webhook"), added] });
	const merge = mergeOf({ type, before, theirs, mine: withEntry(mine, "A1", { password: "mine" }) });
	assert.deepEqual(
		merge.conflicts.map(({ pointer }) => pointer),
		["/authentications/A1"],
	);
	assert.deepEqual(patchOf(type, merge.merged({ "/authentications/A1": "theirs" }), theirs), {});
	assert.deepEqual(patchOf(type, merge.merged({ "/authentications/A1": "mine" }), theirs).authentications, [
		{ id: "A1", authenticationId: "key@APP", password: "mine" },
		{ id: "W1", authenticationId: "webhook" },
		{ id: "A2", authenticationId: "key@TWO" },
	]);
});

test("an entry that they removed and I changed is asked; kept, it is made anew", () => {
	const theirs = aService({ authentications: [anEntry("W1", "webhook", "webhook")] });
	const merge = mergeOf({ type, before, theirs, mine: withEntry(mine, "A1", { password: "mine" }) });
	const kept = patchOf(type, merge.merged({ "/authentications/A1": "mine" }), theirs).authentications;
	assert.deepEqual(
		kept?.find(({ authenticationId }) => authenticationId === "key@APP"),
		{ authenticationId: "key@APP", password: "mine" },
	);
	assert.deepEqual(patchOf(type, merge.merged({ "/authentications/A1": "theirs" }), theirs), {});
});

test("an entry that only I removed stays removed", () => {
	const theirs = aService({ name: "Theirs" });
	const merge = mergeOf({ type, before, theirs, mine: withoutEntry(mine, "A1") });
	assert.deepEqual(merge.conflicts, []);
	assert.deepEqual(patchOf(type, merge.merged({}), theirs).authentications, [
		{ id: "W1", authenticationId: "webhook" },
	]);
});
