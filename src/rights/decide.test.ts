import assert from "node:assert/strict";
import test from "node:test";
import type { Access, Grant, ObjectType } from "#domain/rights.ts";
import { type Reach, decide, visibleObjects } from "./decide.ts";
import { holdsEveryRight, mayHandOutAnything, notHeld } from "./hand-out.ts";
import { accessesOf, objectTypes, separateTypes } from "#domain/rights.ts";

const one = "0".repeat(32);
const other = "1".repeat(32);

function grant(access: Access | readonly Access[], objectId: string | null, objectType: ObjectType = "user"): Grant {
	return { objectType, objectId, access: [access].flat() };
}

const table: readonly [held: Grant | undefined, access: Access, on: Reach, allowed: boolean][] = [
	[undefined, "view", "some", false],
	[grant("view", null), "view", "every", true],
	[grant("view", null), "view", "some", true],
	[grant("view", null), "view", { id: one }, true],
	[grant("view", one), "view", "every", false],
	[grant("view", one), "view", "some", true],
	[grant("view", one), "view", { id: one }, true],
	[grant("view", one), "view", { id: other }, false],
	[grant("view", one), "view", { id: "" }, false],
	[grant("modify", one), "view", { id: one }, true],
	[grant("modify", null), "view", "every", true],
	[grant("view", null), "modify", { id: one }, false],
	[grant("modify", null), "delete", { id: one }, false],
	[grant("modify", null), "create", "every", false],
	[grant("delete", null), "view", { id: one }, false],
	[grant("create", null), "view", "some", false],
	[grant("manageRights", null), "view", "some", false],
	[grant("view", null, "role"), "view", "every", false],
	[grant("use", one, "messagingService"), "use", { id: one }, false],
	[grant(["view", "delete"], one), "delete", { id: one }, true],
];

for (const [held, access, on, allowed] of table) {
	const name =
		held === undefined ? "nothing" : `${held.access.join("+")} on ${held.objectType} ${held.objectId ?? "*"}`;
	test(`${name} ${allowed ? "allows" : "does not allow"} ${access} on user ${JSON.stringify(on)}`, () => {
		const decision = decide(held === undefined ? [] : [held], access, { objectType: "user", on });
		assert.equal(decision.allowed, allowed);
		assert.equal(decision.allowed ? decision.by : decision.reason.length > 0, decision.allowed ? held : true);
	});
}

test("a refusal says which right is needed, and on what", () => {
	const reason = (on: Reach) => {
		const decision = decide([], "modify", { objectType: "user", on });
		return decision.allowed ? undefined : decision.reason;
	};
	assert.equal(reason("every"), "Needs the right Modify on every user.");
	assert.equal(reason("some"), "Needs the right Modify on some user.");
	assert.equal(reason({ id: one }), "Needs the right Modify on this user.");
});

test("a list shows every object, or those that grants name, each once", () => {
	const view = (grants: readonly Grant[]) => visibleObjects(grants, "view", "user");
	assert.deepEqual(view([]), []);
	assert.deepEqual(view([grant("view", one), grant("modify", one), grant("delete", other)]), [one]);
	assert.equal(view([grant("view", one), grant("view", null)]), "every");
	assert.deepEqual(view([grant("view", null, "role")]), []);
});

test("nobody hands out what they do not hold, and what is missing is named", () => {
	assert.equal(notHeld([grant(["view", "modify"], null)], [grant("view", one)]), undefined);
	assert.deepEqual(notHeld([grant("view", null)], [grant(["view", "delete"], one)]), grant(["delete"], one));
	assert.deepEqual(notHeld([grant("view", one)], [grant("view", null)]), grant(["view"], null));
	assert.equal(notHeld([], []), undefined);
});

test("only who may manage the rights of every user, group and role may hand out anything", () => {
	const masters = (["user", "userGroup", "role"] as const).map((type) => grant("manageRights", null, type));
	assert.equal(mayHandOutAnything(masters), true);
	assert.equal(notHeld(masters, [grant("delete", null)]), undefined);
	for (const left of masters) {
		const rest = masters.filter((held) => held !== left);
		assert.equal(mayHandOutAnything([...rest, { ...left, objectId: one }]), false);
		assert.notEqual(notHeld(rest, [grant("delete", null)]), undefined);
	}
});

test("an administrator holds every access of every object type; one missing is one too few, but for what is given separately", () => {
	const all = objectTypes.map((objectType) => ({ objectType, objectId: null, access: accessesOf[objectType] }));
	assert.equal(holdsEveryRight(all), true);
	for (const [index, held] of all.entries()) {
		const others = all.filter((_grant, at) => at !== index);
		const isSeparate = separateTypes.includes(held.objectType);
		assert.equal(holdsEveryRight(others), isSeparate);
		assert.equal(
			holdsEveryRight([...others, { ...held, access: held.access.filter((one) => one === "view") }]),
			held.access.length === 1 || isSeparate,
		);
	}
});
