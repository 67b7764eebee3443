import assert from "node:assert/strict";
import test from "node:test";
import { restScene } from "#test/rest-scene.ts";
import { codeOf, made, post, shown, thingId, thingRoutes } from "#test/thing-routes.ts";
import { Type } from "typebox";
import type { Route } from "./route.ts";
import { closed } from "./schemas.ts";
import { assertStrict } from "./strict-schemas.ts";

test("a reply has what its schema names and nothing else, with Location and ETag", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes, basePath: "/acme" });
	const ada = await scene.person();
	const answer = await scene.call({ ...post("x"), url: "/acme/RI/rci/things" }, ada);
	const body = answer.json<{ id: string }>();
	assert.deepEqual(Object.keys(body), ["id", "name"]);
	assert.deepEqual([answer.statusCode, answer.headers["etag"]], [201, '"1"']);
	assert.equal(answer.headers["location"], `/acme/RI/rci/things/${body.id}`);
	const read = await scene.call({ method: "GET", url: `/acme/RI/rci/things/${thingId}?count=3` }, ada);
	assert.equal(read.body, `{"id":"${thingId}","count":3}`);
});

test("with Accept: text/html a POST answers the bare id", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const ada = await scene.person();
	const bare = await scene.call(post("x", undefined, { accept: "text/html" }), ada);
	assert.match(bare.body, /^[0-9A-F]{32}$/);
	assert.equal(bare.headers["content-type"], "text/html; charset=utf-8");
	const both = await scene.call(post("x", undefined, { accept: "text/html, application/json" }), ada);
	assert.equal(both.json<{ name: string }>().name, "x");
});

test("nothing of a body is looked at before the caller is known", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const headers = { "content-type": "application/json" };
	const answer = await scene.call({ method: "POST", url: "/RI/rci/things", payload: "{broken", headers });
	assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [401, "not_authenticated"]);
	assert.equal(answer.headers["www-authenticate"], 'Basic realm="Parley", charset="UTF-8"');
	assert.equal(answer.headers["content-type"], "application/problem+json; charset=utf-8");
});

test("a page's call is not answered with a challenge that opens the browser's own logon window", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	for (const headers of [{ "sec-fetch-mode": "cors" }, { cookie: "__Host-sid=gone" }]) {
		const answer = await scene.call({ method: "GET", url: `/RI/rci/things/${thingId}`, headers });
		assert.deepEqual([answer.statusCode, answer.headers["www-authenticate"]], [401, 'Bearer realm="Parley"']);
	}
});

test("wrong credentials, unknown users and too many failures are refused with their codes", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const ada = await scene.person({ login: "ada" });
	const wrong = { ...ada, authorization: `Basic ${Buffer.from("ada:wrong").toString("base64")}` };
	for (let index = 0; index < 10; index++) {
		assert.deepEqual(await codeOf(scene.call(post("x"), wrong)), [401, "wrong_credentials"]);
	}
	const answer = await scene.call(post("x"), wrong);
	assert.deepEqual([answer.statusCode, answer.headers["retry-after"]], [429, "1"]);
	assert.equal((await scene.call({ method: "GET", url: "/RI/rci/open" }, wrong)).body, '{"known":false}');
});

const badBodies: readonly [what: string, payload: string, code: string, pointer?: string][] = [
	["an unknown field", '{"name":"x","admin":true}', "invalid_body", "/admin"],
	["an unknown field inside", '{"name":"x","more":{"deep":true,"x":1}}', "invalid_body", "/more/x"],
	["a missing field", "{}", "invalid_body", "/name"],
	["a number for a text", '{"name":1}', "invalid_body", "/name"],
	["a list for an object", "[]", "invalid_body", ""],
	["a field twice", '{"name":"x","name":"y"}', "duplicate_key"],
	["too deep nesting", `{"name":${"[".repeat(70)}${"]".repeat(70)}}`, "json_too_deep"],
	["a prototype", '{"name":"x","__proto__":{"admin":true}}', "malformed_json"],
	["no JSON", "name=x", "malformed_json"],
];
for (const [what, payload, code, pointer] of badBodies) {
	test(`a body with ${what} is refused`, async (t) => {
		const scene = await restScene(t, { routes: thingRoutes });
		const headers = { "content-type": "application/json" };
		const answer = await scene.call({ method: "POST", url: "/RI/rci/things", payload, headers }, await scene.person());
		const problem = answer.json<{ code: string; status: number; errors?: { pointer: string }[] }>();
		assert.deepEqual([answer.statusCode, problem.status, problem.code], [400, 400, code]);
		assert.equal(pointer === undefined || problem.errors?.some((error) => error.pointer === pointer), true);
		assert.equal(await made(scene), 0);
	});
}

test("other content types, unknown and repeated parameters, and bad path parts are refused", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const ada = await scene.person();
	const typed = (type: string) =>
		scene.call(
			{ method: "POST", url: "/RI/rci/things", payload: '{"name":"x"}', headers: { "content-type": type } },
			ada,
		);
	for (const type of [
		"text/plain",
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=x",
		"application/xml",
	]) {
		assert.deepEqual(await codeOf(typed(type)), [415, "wrong_content_type"], type);
	}
	const read = (path: string) => codeOf(scene.call({ method: "GET", url: `/RI/rci${path}` }, ada));
	assert.deepEqual(await read(`/things/${thingId}?nope=1`), [400, "invalid_query"]);
	assert.deepEqual(await read(`/things/${thingId}?count=1&count=2`), [400, "invalid_query"]);
	assert.deepEqual(await read(`/things/${thingId}?count=0`), [400, "invalid_query"]);
	assert.deepEqual(await read(`/things/${thingId}?access_token=parley_x`), [400, "invalid_query"]);
	assert.deepEqual(await read("/things/abc"), [400, "invalid_path"]);
	assert.deepEqual(await read("/nothing"), [404, "not_found"]);
	assert.deepEqual(await codeOf(scene.call({ method: "DELETE", url: "/RI/rci/things" }, ada)), [
		405,
		"method_not_allowed",
	]);
});

const ifMatches: readonly [header: string | undefined, status: number][] = [
	[undefined, 204],
	['"7"', 204],
	["*", 204],
	['"6"', 412],
	['W/"7"', 412],
	["7", 412],
	['"7", "8"', 412],
];
for (const [header, status] of ifMatches) {
	test(`If-Match ${header ?? "(none)"} on version 7 gives ${status}`, async (t) => {
		const scene = await restScene(t, { routes: thingRoutes });
		const headers = header === undefined ? {} : { "if-match": header };
		const request = { method: "PUT", url: `/RI/rci/things/${thingId}`, payload: { name: "x" }, headers } as const;
		const answer = await scene.call(request, await scene.person());
		assert.equal(answer.statusCode, status);
		assert.equal(answer.headers["etag"], status === 204 ? '"8"' : undefined);
	});
}

const troubles: readonly [code: number, status: number, problem: string, retryAfter: string | undefined][] = [
	[5, 503, "storage_unavailable", "5"],
	[13, 503, "storage_full", "60"],
	[10, 500, "internal", undefined],
	[1, 500, "internal", undefined],
];
for (const [code, status, problem, retryAfter] of troubles) {
	test(`the database's error ${code} is answered ${status} ${problem}`, async (t) => {
		const scene = await restScene(t, { routes: thingRoutes });
		const answer = await scene.call({ method: "GET", url: `/RI/rci/broken?code=${code}` }, await scene.person());
		assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [status, problem]);
		assert.equal(answer.headers["retry-after"], retryAfter);
		assert.equal(answer.body.includes('database"'), false);
	});
}

test("a database that is away is answered 503 while the caller is being found", async (t) => {
	const scene = await restScene(t, { routes: thingRoutes });
	const ada = await scene.person();
	const busy = Object.assign(new Error("database is locked"), { errcode: 5 });
	const failing = { ...scene.deps.identity, authenticate: () => Promise.reject(busy) };
	Object.assign(scene.deps, { identity: failing });
	const answer = await scene.call({ method: "GET", url: `/RI/rci/things/${thingId}` }, ada);
	assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [503, "storage_unavailable"]);
});

const loose = Type.Object({ name: Type.String() });
const looseRoutes: readonly [what: string, over: Partial<Route>][] = [
	["an open body", { body: loose }],
	["an open object inside the body", { body: Type.Object({ list: Type.Array(loose) }, closed) }],
	["an open object among alternatives", { body: Type.Object({ one: Type.Union([loose, Type.Null()]) }, closed) }],
	["an open query", { query: loose }],
	["open params", { params: loose }],
	["holders who need nothing", { needs: { who: "holders", rights: [] } }],
	["no needs", { needs: undefined as never }],
];
for (const [what, over] of looseRoutes) {
	test(`a route with ${what} is not served`, () => {
		assert.throws(() => assertStrict({ ...shown, ...over }));
	});
}

test("routes with closed schemas, and maps of free names inside, are served", () => {
	const map = Type.Object({ settings: Type.Record(Type.String(), Type.Unknown()) }, closed);
	assert.doesNotThrow(() => assertStrict({ ...shown, body: map }));
});
