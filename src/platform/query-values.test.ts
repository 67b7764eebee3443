import test from "node:test";
import assert from "node:assert/strict";
import { Problem } from "./problems.ts";
import { readPlainTypes, refuseNul, refuseRepeated } from "./query-values.ts";

const schema = {
	properties: {
		limit: { type: "integer" },
		ratio: { type: "number" },
		enabled: { type: "boolean" },
		name: { type: "string" },
	},
};

function read(values: Record<string, unknown>): Record<string, unknown> {
	readPlainTypes(values, schema);
	return values;
}

test("plain spellings of numbers and booleans are read by their schema, texts stay texts", () => {
	assert.deepEqual(read({ limit: "-10", ratio: "0.5", enabled: "false", name: "7" }), {
		limit: -10,
		ratio: 0.5,
		enabled: false,
		name: "7",
	});
});

test("other spellings stay as they are, so that the schema refuses them", () => {
	for (const text of ["", " 1", "1e3", "0x10", "1.5", "Infinity", "true", "9".repeat(16)]) {
		assert.deepEqual(read({ limit: text }), { limit: text });
	}
	for (const text of ["1", "yes", "TRUE", ""]) {
		assert.deepEqual(read({ enabled: text }), { enabled: text });
	}
});

test("a missing schema changes nothing", () => {
	const values = { limit: "1" };
	readPlainTypes(values, undefined);
	assert.deepEqual(values, { limit: "1" });
});

test("a repeated parameter is refused by name", () => {
	refuseRepeated({ a: "1", b: "2" });
	assert.throws(
		() => refuseRepeated({ a: "1", limit: ["1", "2"] }),
		(error) => error instanceof Problem && error.code === "invalid_query" && error.errors?.[0]?.pointer === "/limit",
	);
});

test("a NUL in a value is refused by name; other control characters are for the schema", () => {
	assert.doesNotThrow(() => refuseNul({ name: "a\n\u0001", limit: 1 }));
	assert.throws(
		() => refuseNul({ name: "a\u0000b", other: "x" }),
		(error) => error instanceof Problem && error.status === 400 && error.errors?.[0]?.pointer === "/name",
	);
});
