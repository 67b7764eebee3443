import assert from "node:assert/strict";
import { test } from "node:test";
import { isOf, wished } from "./wishes.ts";

test("queues, user, language and direction are taken as they are meant", () => {
	assert.deepEqual(
		wished("queues", [{ address: "a@desk.test", name: "A" }, { address: "b@desk.test" }, { name: "no" }]),
		{
			queues: [{ address: "a@desk.test", name: "A" }, { address: "b@desk.test" }],
		},
	);
	assert.deepEqual(wished("user", { name: "Ann", email: 7 }), { user: { name: "Ann", email: "" } });
	assert.deepEqual(wished("language", "de-AT"), { language: "de-AT" });
	assert.deepEqual(wished("direction", "rtl"), { direction: "rtl" });
});

test("what is not understood changes nothing, or becomes nothing", () => {
	assert.deepEqual(wished("language", "not a language"), {});
	assert.deepEqual(wished("constructor", {}), {});
	assert.deepEqual(wished("unknown", 1), {});
	assert.deepEqual(wished("queues", "a@desk.test"), { queues: [] });
	assert.deepEqual(wished("cad", ["x"]), { cad: {} });
	assert.deepEqual(wished("identity", null), { identity: undefined });
});

test("the page's questions are bounded and read one by one", () => {
	const fields = [
		{ name: "order", label: "Order number", required: true },
		{ name: "topic", type: "select", options: ["a", 7, "b"] },
		{ label: "without a name" },
		{ name: "odd", type: "password" },
		...Array.from({ length: 50 }, (_, index) => ({ name: `f${index}` })),
	];
	const { form } = wished("form", { lead: "Hello", email: "required", name: "sometimes", fields });
	assert.deepEqual([form?.lead, form?.email, form?.name], ["Hello", "required", "optional"]);
	assert.deepEqual(form?.fields.slice(0, 3), [
		{ name: "order", label: "Order number", kind: "text", isRequired: true, options: [] },
		{ name: "topic", label: "topic", kind: "select", isRequired: false, options: ["a", "b"] },
		{ name: "odd", label: "odd", kind: "text", isRequired: false, options: [] },
	]);
	assert.ok((form?.fields.length ?? 0) <= 12);
});

test("a chat of somebody who was proven is shown to no one else", () => {
	assert.equal(isOf(null, undefined), true);
	assert.equal(isOf(null, { id: "eve" }), true);
	assert.equal(isOf("ann", { id: "ann" }), true);
	assert.equal(isOf("ann", { id: "eve" }), false);
	assert.equal(isOf("ann", undefined), false);
});
