import test from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Problem } from "./problems.ts";
import { parseStrictJson } from "./strict-json.ts";

function parse(text: string | Uint8Array): unknown {
	return parseStrictJson(Buffer.from(text));
}

function refusal(text: string | Uint8Array): string {
	try {
		parse(text);
	} catch (error) {
		assert.ok(error instanceof Problem, String(error));
		return error.code;
	}
	assert.fail("must be refused");
}

test("what JSON.stringify writes is read back", () => {
	fc.assert(
		fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
			fc.pre(!JSON.stringify(value).includes("__proto__"));
			const text = JSON.stringify(value);
			assert.deepEqual(parse(text), JSON.parse(text));
		}),
	);
});

test("any bytes give a value or a problem, never another error", () => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.uint8Array(),
				fc.stringMatching(/^[{}[\],:"\\u0a ]{0,40}$/).map((text) => Buffer.from(text)),
			),
			(bytes) => {
				try {
					parse(bytes);
				} catch (error) {
					assert.ok(error instanceof Problem);
				}
			},
		),
	);
});

test("an empty body is no value", () => {
	assert.equal(parse(""), undefined);
});

test("64 levels are read, 65 are refused, and 50 000 too", () => {
	assert.ok(Array.isArray(parse("[".repeat(64) + "]".repeat(64))));
	assert.equal(refusal("[".repeat(65) + "]".repeat(65)), "json_too_deep");
	assert.equal(refusal("[".repeat(50_000)), "json_too_deep");
	assert.equal(refusal('{"a":'.repeat(65) + "1" + "}".repeat(65)), "json_too_deep");
});

test("brackets inside texts do not count as levels", () => {
	assert.deepEqual(parse(JSON.stringify(["[".repeat(100), '"{'.repeat(100)])), ["[".repeat(100), '"{'.repeat(100)]);
});

test("a key twice in one object is refused, however it is escaped, and allowed in two objects", () => {
	assert.equal(refusal('{"a":1,"a":2}'), "duplicate_key");
	assert.equal(refusal('{"a":1,"\\u0061":2}'), "duplicate_key");
	assert.equal(refusal('{"x":[{"b":{"c":1,"c":1}}]}'), "duplicate_key");
	assert.deepEqual(parse('{"a":{"a":"a"},"b":["a",{"a":1},{"a":2}]}'), { a: { a: "a" }, b: ["a", { a: 1 }, { a: 2 }] });
	assert.equal(refusal('{"":1,"":2}'), "duplicate_key");
});

test("keys that reach a prototype are refused", () => {
	assert.equal(refusal('{"__proto__":{"x":1}}'), "malformed_json");
	assert.equal(refusal('{"\\u005f_proto__":{"x":1}}'), "malformed_json");
	assert.equal(refusal('{"constructor":{"prototype":{"x":1}}}'), "malformed_json");
	assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("what is not one JSON value in UTF-8 is refused", () => {
	for (const text of ["{", "{}{}", "{'a':1}", "[1,]", "NaN", '{"a"}', '"a', "]", " "]) {
		assert.equal(refusal(text), "malformed_json", text);
	}
	assert.equal(refusal(Uint8Array.of(0x22, 0xff, 0x22)), "malformed_json");
});

test("U+0000 is refused in texts and keys, with its place", () => {
	const placeIn = (value: unknown) => {
		try {
			parse(JSON.stringify(value));
		} catch (error) {
			assert.ok(error instanceof Problem && error.code === "invalid_body", String(error));
			return error.errors?.map(({ pointer }) => pointer);
		}
		return [];
	};
	assert.deepEqual(placeIn({ a: "x", list: [1, null, { "b/~c": "y\u0000" }] }), ["/list/2/b~1~0c"]);
	assert.deepEqual(placeIn({ a: { "k\u0000": 1 } }), ["/a"]);
	assert.deepEqual(placeIn("\u0000"), [""]);
	assert.deepEqual(placeIn({ a: "\\u0000", b: "\u0001" }), []);
});

test("the number of values is bounded", () => {
	assert.equal((parse(`[${"1,".repeat(49_998)}1]`) as unknown[]).length, 49_999);
	assert.equal(refusal(`[${"1,".repeat(50_000)}1]`), "body_too_large");
});
