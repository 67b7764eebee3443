import assert from "node:assert/strict";
import { test } from "node:test";
import {
	mistakeOfRow,
	needsView,
	type Row,
	rightsDiff,
	rowsFrom,
	wasGiven,
	withAccess,
	withType,
} from "./rights-draft.ts";

const row = (extra: Partial<Row> = {}): Row => ({
	key: 0,
	objectType: "messagingService",
	objectId: "A",
	access: ["view"],
	...extra,
});

test("accesses keep the order of the vocabulary, and those that the new type lacks go", () => {
	assert.deepEqual(withAccess(row({ access: ["use"] }), "view", true).access, ["view", "use"]);
	assert.deepEqual(withAccess(row({ access: ["view", "use"] }), "view", false).access, ["use"]);
	const user = withType(row({ access: ["view", "use"] }), "user", true);
	assert.deepEqual([user.access, user.objectId], [["view"], ""]);
	assert.equal(withType(row(), "auditLog", false).objectId, null);
	assert.equal(withType(row({ objectId: null }), "user", true).objectId, null);
});

test("a row names its object, at least one access, and no object twice", () => {
	assert.equal(mistakeOfRow([row()], row()), undefined);
	assert.equal(mistakeOfRow([], row({ objectId: "" })), "noObject");
	assert.equal(mistakeOfRow([], row({ access: [] })), "noAccess");
	assert.equal(mistakeOfRow([row()], row({ key: 1 })), "twice");
});

test("Delete asks for View unless Modify brings it", () => {
	assert.equal(needsView(row({ access: ["delete"] })), true);
	assert.equal(needsView(row({ access: ["delete", "modify"] })), false);
	assert.equal(needsView(row({ access: ["delete", "view"] })), false);
});

test("the diff tells removed, added and changed rights", () => {
	const words = {
		object: (type: string, id: string | null) => `${type} ${id ?? "all"}`,
		access: (access: readonly string[]) => access.join(", "),
	};
	const before = rowsFrom([
		{ objectType: "user", objectId: null, access: ["view"] },
		{ objectType: "role", objectId: "R", access: ["view"] },
		{ objectType: "auditLog", objectId: null, access: ["view"] },
	]).map(({ key: _key, ...right }) => ({ ...right, access: [...right.access] }));
	const changes = rightsDiff(
		before,
		[
			{ objectType: "user", objectId: null, access: ["view", "modify"] },
			{ objectType: "auditLog", objectId: null, access: ["view"] },
			{ objectType: "messagingService", objectId: "S", access: ["use"] },
		],
		words,
	);
	assert.deepEqual(
		changes.map(({ label, before: was, after }) => [label, was, after]),
		[
			["user all", "view", "view, modify"],
			["role R", "view", ""],
			["messagingService S", "", "use"],
		],
	);
	assert.equal(wasGiven(before, row({ objectType: "role", objectId: "R" }), "view"), true);
	assert.equal(wasGiven(before, row({ objectType: "role", objectId: null }), "view"), false);
});
