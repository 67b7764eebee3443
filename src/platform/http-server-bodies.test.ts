import test from "node:test";
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ask, buildScene, post } from "#test/http-scene.ts";

test("a schema error names field and rule in plain words, for every field at once, and never the value", async (context) => {
	const { instance } = buildScene(context);
	const wrong = { name: "", port: "5", mode: "hunter2", tags: ["a", 1], extra: true, "a/b~c": 1 };
	const { status, problem, body } = await ask(instance, post("/things", JSON.stringify(wrong)));
	assert.equal(status, 400);
	assert.equal(problem?.code, "invalid_body");
	const told = new Map(problem?.errors?.map(({ pointer, message }) => [pointer, message]));
	assert.equal(told.get("/name"), "must have at least 1 characters");
	assert.equal(told.get("/port"), "must be a whole number", "texts are not turned into numbers in a body");
	assert.equal(told.get("/mode"), 'must be one of "observe", "enforce"');
	assert.equal(told.get("/tags/1"), "must be a text");
	assert.equal(told.get("/extra"), "is not a field of this object");
	assert.equal(told.get("/a~1b~0c"), "is not a field of this object");
	assert.equal(told.size, 6);
	assert.ok(!body.includes("hunter2"));
	const missing = await ask(instance, post("/things", "{}"));
	assert.deepEqual(missing.problem?.errors, [{ pointer: "/name", message: "is required" }]);
	assert.equal((await ask(instance, post("/things", "[]"))).problem?.errors?.[0]?.message, "must be an object");
	assert.equal((await ask(instance, { method: "POST", url: "/things" })).problem?.code, "invalid_body");
});

test("the list of errors is bounded", async (context) => {
	const { problem } = await ask(
		buildScene(context).instance,
		post("/things", JSON.stringify({ name: "a", tags: Array(200).fill(1) })),
	);
	assert.equal(problem?.errors?.length, 20);
});

test("unknown fields are refused, not removed", async (context) => {
	const { instance } = buildScene(context);
	assert.equal((await ask(instance, post("/things", '{"name":"a","admin":true}'))).status, 400);
	assert.deepEqual((await ask(instance, post("/things", '{"name":"a"}'))).json(), { got: { name: "a" } });
});

test("query parameters are read by their schema; unknown, repeated and wrong ones are refused by name", async (context) => {
	const { instance } = buildScene(context);
	const good = await ask(instance, { url: "/things?limit=5&enabled=false&name=5" });
	assert.deepEqual(good.json(), { query: { limit: 5, enabled: false, name: "5" } });
	const cases: readonly (readonly [string, string, string])[] = [
		["limit=5&limit=6", "/limit", "is given more than once"],
		["limit=abc", "/limit", "must be a whole number"],
		["limit=0", "/limit", "must be 1 or more"],
		["limit=", "/limit", "must be a whole number"],
		["enabled=1", "/enabled", "must be true or false"],
		["limt=5", "/limt", "is not a field of this object"],
	];
	for (const [query, pointer, message] of cases) {
		const { status, problem } = await ask(instance, { url: `/things?${query}` });
		assert.equal(status, 400, query);
		assert.equal(problem?.code, "invalid_query", query);
		assert.deepEqual(problem?.errors, [{ pointer, message }], query);
	}
});

test("JSON is read strictly: depth, double keys, prototypes and encoding", async (context) => {
	const { instance } = buildScene(context);
	const cases: readonly (readonly [string | Buffer, string])[] = [
		["{", "malformed_json"],
		['{"__proto__":{"admin":true}}', "malformed_json"],
		['{"constructor":{"prototype":{}}}', "malformed_json"],
		["[".repeat(65) + "]".repeat(65), "json_too_deep"],
		['{"name":"a","name":"b"}', "duplicate_key"],
		[Buffer.from([0x22, 0xff, 0x22]), "malformed_json"],
	];
	for (const [payload, code] of cases) {
		assert.equal((await ask(instance, post("/any", payload))).problem?.code, code, payload.toString());
	}
});

test("only the content types of JSON in UTF-8 are taken", async (context) => {
	const { instance } = buildScene(context);
	const good = [
		"application/json",
		"Application/JSON",
		"application/json; charset=utf-8",
		'application/json;charset="UTF-8"',
		"application/merge-patch+json",
	];
	for (const type of good) {
		assert.equal((await ask(instance, post("/any", '{"a":1}', type))).status, 200, type);
	}
	const refused = [
		"text/plain",
		"text/plain; application/json",
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=application/json",
		"application/jsonp",
		"application/json-patch+json",
		"application/json; charset=utf-16",
		"application/json; charset=utf-7",
		"application/json, text/plain",
		"text/json",
		"application/json\ta",
		"x",
		"",
	];
	for (const type of refused) {
		const { status, problem } = await ask(instance, post("/any", '{"a":1}', type));
		assert.equal(status, 415, type);
		assert.equal(problem?.code, "wrong_content_type", type);
	}
});

test("a body without content type is refused, no body at all is fine", async (context) => {
	const { instance } = buildScene(context);
	assert.equal((await ask(instance, { method: "POST", url: "/any", payload: Buffer.from("{}") })).status, 415);
	assert.deepEqual((await ask(instance, { method: "POST", url: "/any" })).json(), { got: null });
	assert.deepEqual((await ask(instance, { ...post("/any", ""), method: "POST" })).json(), { got: null });
});

test("a compressed body is refused before it is read", async (context) => {
	const { instance } = buildScene(context);
	for (const encoding of ["gzip", "br", "deflate", "gzip, identity", "x"]) {
		const options = post("/hook", gzipSync("{}"));
		const response = await ask(instance, { ...options, headers: { ...options.headers, "content-encoding": encoding } });
		assert.equal(response.status, 415, encoding);
		assert.equal(response.problem?.code, "content_encoding_refused");
	}
	assert.equal(
		(
			await ask(instance, {
				...post("/any", "{}"),
				headers: { "content-type": "application/json", "content-encoding": "identity" },
			})
		).status,
		200,
	);
});

test("a body above the limit is refused with 413, also where it is taken raw", async (context) => {
	const { instance } = buildScene(context);
	assert.equal((await ask(instance, post("/any", `"${"x".repeat(1998)}"`))).status, 200);
	assert.equal((await ask(instance, post("/any", `"${"x".repeat(1999)}"`))).problem?.code, "body_too_large");
	assert.equal((await ask(instance, post("/hook", "x".repeat(2001), "text/plain"))).problem?.code, "body_too_large");
});

test("in a raw scope every body arrives as the bytes sent, and a repeated parameter is the route's business", async (context) => {
	const { instance } = buildScene(context);
	const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x31, 0xff, 0x0d, 0x0a]);
	for (const type of [
		"application/json",
		"application/x-www-form-urlencoded",
		"text/plain",
		"application/x-unheard-of",
	]) {
		const response = await ask(instance, post("/hook?a=1&a=2", bytes, type));
		assert.deepEqual(response.json(), { type: "buffer", text: bytes.toString("hex") }, type);
	}
	assert.equal(
		(await ask(instance, post("/any", "a=1", "text/plain"))).status,
		415,
		"outside the scope nothing changes",
	);
});
