// Goal: the algebra of rights. Nothing is allowed without a grant; more grants never take anything away; what a group or a
// role gives is added, in any order; and nobody comes to hold more by what is handed out under the rule.
// Method: laws over random grants; the meaning of a grant is written here a second time, as a set of single permissions.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { accessesOf, type Access, type Grant, type ObjectType, objectTypes } from "#domain/rights.ts";
import { type Asked, decide, visibleObjects } from "#rights/decide.ts";
import { holdsEveryRight, mayHandOutAnything, notHeld } from "#rights/hand-out.ts";
import { runs, seed } from "./runs.ts";

/** An access is told in words: manageContactHistory is “Manage contact history”. */
const letters = (text: string) => text.toLowerCase().replaceAll(" ", "");

const ids = ["A", "B", "C"].map((letter) => letter.repeat(32));

const grant: fc.Arbitrary<Grant> = fc.constantFrom(...objectTypes).chain((objectType) =>
	fc.record({
		objectType: fc.constant(objectType),
		objectId: fc.option(fc.constantFrom(...ids), { nil: null }),
		access: fc.uniqueArray(fc.constantFrom(...accessesOf[objectType]), { minLength: 1 }),
	}),
);
const grants = fc.array(grant, { maxLength: 8 });
const question = fc.constantFrom(...objectTypes).chain((objectType) =>
	fc.record({
		access: fc.constantFrom(...accessesOf[objectType]),
		asked: fc.record({
			objectType: fc.constant(objectType),
			on: fc.oneof(
				fc.constantFrom("every" as const, "some" as const),
				fc.constantFrom(...ids, "").map((id) => ({ id })),
			),
		}),
	}),
);

/** What grants mean, the slow way: `type access id`, with `*` for the whole type. */
function permissions(held: readonly Grant[]): ReadonlySet<string> {
	return new Set(
		held.flatMap(({ objectType, objectId, access }) =>
			[...access, ...(access.includes("modify") ? (["view"] as const) : [])].map((one) =>
				[objectType, one, objectId ?? "*"].join(" "),
			),
		),
	);
}

function isMeant(held: readonly Grant[], access: Access, { objectType, on }: Asked): boolean {
	const all = permissions(held);
	const prefix = `${objectType} ${access} `;
	if (all.has(`${prefix}*`)) {
		return true;
	}
	return on === "some"
		? [...all].some((one) => one.startsWith(prefix))
		: on !== "every" && on.id !== "" && all.has(prefix + on.id);
}

const allows = (held: readonly Grant[], access: Access, asked: Asked) => decide(held, access, asked).allowed;

test(`a right is held exactly where a grant says so, and the decision names the grant or the right (seed ${seed})`, () => {
	fc.assert(
		fc.property(grants, question, (held, { access, asked }) => {
			const decision = decide(held, access, asked);
			assert.equal(decision.allowed, isMeant(held, access, asked));
			assert.ok(decision.allowed ? held.includes(decision.by) : letters(decision.reason).includes(letters(access)));
		}),
		runs(1000),
	);
});

test(`without grants nothing is allowed, and nothing is visible (seed ${seed})`, () => {
	for (const objectType of objectTypes) {
		for (const access of accessesOf[objectType]) {
			for (const on of ["every", "some", { id: ids[0] ?? "" }] as const) {
				assert.equal(allows([], access, { objectType, on }), false);
			}
			assert.deepEqual(visibleObjects([], access, objectType), []);
		}
	}
});

test(`more grants never take a right away; those of groups and roles are a union, in any order (seed ${seed})`, () => {
	fc.assert(
		fc.property(grants, grants, question, (own, ofGroup, { access, asked }) => {
			const [mine, theirs] = [allows(own, access, asked), allows(ofGroup, access, asked)];
			const both = allows([...own, ...ofGroup], access, asked);
			// "Some object" and "this object" are unions; "every" is too, because a type is granted as a whole or not at all.
			assert.equal(both, mine || theirs);
			assert.equal(allows([...ofGroup, ...own].toReversed(), access, asked), both);
			assert.equal(allows([...own, ...ofGroup, ...own], access, asked), both, "twice is once");
		}),
		runs(1000),
	);
});

test(`every object implies each object, and each implies some; modify implies view, nothing else does (seed ${seed})`, () => {
	fc.assert(
		fc.property(grants, question, fc.constantFrom(...ids), (held, { access, asked: { objectType } }, id) => {
			const on = (reach: Asked["on"]) => allows(held, access, { objectType, on: reach });
			assert.ok(!on("every") || on({ id }));
			assert.ok(!on({ id }) || on("some"));
			const asked = { objectType, on: { id } };
			assert.ok(!allows(held, "modify", asked) || allows(held, "view", asked));
			const visible = visibleObjects(held, access, objectType);
			assert.equal(visible === "every", on("every"));
			assert.equal(visible === "every" || visible.includes(id), on({ id }));
			assert.ok(visible === "every" || new Set(visible).size === visible.length);
		}),
		runs(1000),
	);
});

test(`what may be handed out adds nothing to what its giver holds; what is missing is named, all of it (seed ${seed})`, () => {
	fc.assert(
		fc.property(grants, grants, question, (giver, given, { access, asked }) => {
			const missing = notHeld(giver, given);
			if (mayHandOutAnything(giver)) {
				assert.equal(missing, undefined);
				return;
			}
			if (missing === undefined) {
				assert.ok(!allows(given, access, asked) || allows(giver, access, asked));
				assert.equal(holdsEveryRight(given) && !holdsEveryRight(giver), false);
				return;
			}
			const reach = missing.objectId === null ? ("every" as const) : { id: missing.objectId };
			const type: ObjectType = missing.objectType;
			assert.ok(missing.access.length > 0);
			assert.ok(missing.access.every((one) => !allows(giver, one, { objectType: type, on: reach })));
			assert.equal(notHeld([...giver, ...given], given), undefined, "who holds it may hand it out");
		}),
		runs(1000),
	);
});
