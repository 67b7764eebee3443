import assert from "node:assert/strict";
import test from "node:test";
import { Type } from "typebox";
import { insertSession } from "#storage/sessions.ts";
import { tokenHash } from "#identity/tokens.ts";
import { type Person, type RestScene, publicBaseUrl, restScene } from "#test/rest-scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { recordChange } from "./record-change.ts";
import { type Answer, type Route, route } from "./route.ts";
import { closed, idParams, idSchema } from "./schemas.ts";
import { assertStrict } from "./strict-schemas.ts";

const id = "A".repeat(32);
const signedIn = { who: "signedIn" } as const;

/** Makes a thing: counts the makings in the audit log. */
const make = route({
	method: "POST",
	path: "/things",
	summary: "Make a thing",
	needs: signedIn,
	body: Type.Object(
		{ name: Type.String(), more: Type.Optional(Type.Object({ deep: Type.Boolean() }, closed)) },
		closed,
	),
	reply: Type.Object({ id: idSchema, name: Type.String() }, closed),
	status: 201,
	idempotent: true,
	run: (ctx) =>
		ctx.write(async (tx) => {
			const made = ctx.deps.ids.next<string>();
			await recordChange(tx, ctx, { action: "make", objectType: "thing", objectId: made, objectName: ctx.body.name });
			if (ctx.body.name === "fails") {
				throw new Error("a bug");
			}
			const body = { id: made, name: ctx.body.name, password: "never shown" };
			return { status: 201, location: `/things/${made}`, version: 1, body } satisfies Answer;
		}),
});
const shown = route({
	method: "GET",
	path: "/things/:id",
	summary: "Read a thing",
	needs: signedIn,
	params: idParams,
	query: Type.Object({ count: Type.Optional(Type.Integer({ minimum: 1 })) }, closed),
	reply: Type.Object({ id: idSchema, count: Type.Optional(Type.Integer()) }, closed),
	status: 200,
	run: (ctx) => Promise.resolve({ status: 200, version: 7, body: { ...ctx.query, id: ctx.params.id, secret: "s" } }),
});
const change = route({
	method: "PUT",
	path: "/things/:id",
	summary: "Change a thing",
	needs: signedIn,
	params: idParams,
	body: Type.Object({ name: Type.String() }, closed),
	status: 204,
	run(ctx) {
		ctx.demandVersion(7);
		return Promise.resolve({ status: 204, version: 8 });
	},
});
const secret = route({
	method: "POST",
	path: "/secrets",
	summary: "Make a secret",
	needs: signedIn,
	reply: Type.Object({ secret: Type.String() }, closed),
	status: 200,
	idempotent: true,
	answersSecret: true,
	run: (ctx) => {
		const made = Buffer.from(ctx.deps.random.bytes(8)).toString("hex");
		return ctx.write(() => Promise.resolve({ status: 200, body: { secret: made } } satisfies Answer));
	},
});
const broken = route({
	method: "GET",
	path: "/broken",
	summary: "Fail",
	needs: signedIn,
	query: Type.Object({ code: Type.Integer() }, closed),
	status: 204,
	run: (ctx) => Promise.reject(Object.assign(new Error("database"), { errcode: ctx.query.code })),
});
const open = route({
	method: "GET",
	path: "/open",
	summary: "Open",
	needs: { who: "anybody", because: "a test" },
	reply: Type.Object({ known: Type.Boolean() }, closed),
	status: 200,
	run: (ctx) => Promise.resolve({ status: 200, body: { known: ctx.principal !== undefined } }),
});
const routes: readonly Route[] = [make, shown, change, secret, broken, open];

async function made(scene: RestScene): Promise<number> {
	const rows = await scene.storage.db.selectFrom("audit_log").select("seq").where("action", "=", "make").execute();
	return rows.length;
}

function post(name: string, key?: string, headers: Record<string, string> = {}) {
	const all = { ...(key === undefined ? {} : { "idempotency-key": key }), ...headers };
	return { method: "POST", url: "/RI/rci/things", payload: { name }, headers: all } as const;
}

async function codeOf(answer: Promise<{ statusCode: number; json(): { code: string } }>): Promise<[number, string]> {
	const { statusCode, json } = await answer;
	return [statusCode, json().code];
}

test("a reply has what its schema names and nothing else, with Location and ETag", async (t) => {
	const scene = await restScene(t, { routes, basePath: "/acme" });
	const ada = await scene.person();
	const answer = await scene.call({ ...post("x"), url: "/acme/RI/rci/things" }, ada);
	const body = answer.json<{ id: string }>();
	assert.deepEqual(Object.keys(body), ["id", "name"]);
	assert.deepEqual([answer.statusCode, answer.headers["etag"]], [201, '"1"']);
	assert.equal(answer.headers["location"], `/acme/RI/rci/things/${body.id}`);
	const read = await scene.call({ method: "GET", url: `/acme/RI/rci/things/${id}?count=3` }, ada);
	assert.equal(read.body, `{"id":"${id}","count":3}`);
});

test("with Accept: text/html a POST answers the bare id", async (t) => {
	const scene = await restScene(t, { routes });
	const ada = await scene.person();
	const bare = await scene.call(post("x", undefined, { accept: "text/html" }), ada);
	assert.match(bare.body, /^[0-9A-F]{32}$/);
	assert.equal(bare.headers["content-type"], "text/html; charset=utf-8");
	const both = await scene.call(post("x", undefined, { accept: "text/html, application/json" }), ada);
	assert.equal(both.json<{ name: string }>().name, "x");
});

test("nothing of a body is looked at before the caller is known", async (t) => {
	const scene = await restScene(t, { routes });
	const headers = { "content-type": "application/json" };
	const answer = await scene.call({ method: "POST", url: "/RI/rci/things", payload: "{broken", headers });
	assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [401, "not_authenticated"]);
	assert.equal(answer.headers["www-authenticate"], 'Basic realm="Parley", charset="UTF-8"');
	assert.equal(answer.headers["content-type"], "application/problem+json; charset=utf-8");
});

test("a page's call is not answered with a challenge that opens the browser's own logon window", async (t) => {
	const scene = await restScene(t, { routes });
	for (const headers of [{ "sec-fetch-mode": "cors" }, { cookie: "__Host-sid=gone" }]) {
		const answer = await scene.call({ method: "GET", url: `/RI/rci/things/${id}`, headers });
		assert.deepEqual([answer.statusCode, answer.headers["www-authenticate"]], [401, 'Bearer realm="Parley"']);
	}
});

test("wrong credentials, unknown users and too many failures are refused with their codes", async (t) => {
	const scene = await restScene(t, { routes });
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
		const scene = await restScene(t, { routes });
		const headers = { "content-type": "application/json" };
		const answer = await scene.call({ method: "POST", url: "/RI/rci/things", payload, headers }, await scene.person());
		const problem = answer.json<{ code: string; status: number; errors?: { pointer: string }[] }>();
		assert.deepEqual([answer.statusCode, problem.status, problem.code], [400, 400, code]);
		assert.equal(pointer === undefined || problem.errors?.some((error) => error.pointer === pointer), true);
		assert.equal(await made(scene), 0);
	});
}

test("other content types, unknown and repeated parameters, and bad path parts are refused", async (t) => {
	const scene = await restScene(t, { routes });
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
	assert.deepEqual(await read(`/things/${id}?nope=1`), [400, "invalid_query"]);
	assert.deepEqual(await read(`/things/${id}?count=1&count=2`), [400, "invalid_query"]);
	assert.deepEqual(await read(`/things/${id}?count=0`), [400, "invalid_query"]);
	assert.deepEqual(await read(`/things/${id}?access_token=parley_x`), [400, "invalid_query"]);
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
		const scene = await restScene(t, { routes });
		const headers = header === undefined ? {} : { "if-match": header };
		const request = { method: "PUT", url: `/RI/rci/things/${id}`, payload: { name: "x" }, headers } as const;
		const answer = await scene.call(request, await scene.person());
		assert.equal(answer.statusCode, status);
		assert.equal(answer.headers["etag"], status === 204 ? '"8"' : undefined);
	});
}

async function sessionOf(scene: RestScene, { id: userId }: Person): Promise<string> {
	const now = scene.clock.now();
	const times = { createdAt: now, lastSeenAt: now, expiresAt: new Date(now.getTime() + 3_600_000) };
	const session = {
		id: scene.deps.ids.next<string>(),
		userId,
		...times,
		userAgent: "b",
		tokenHash: tokenHash("token"),
	};
	await scene.storage.write((tx) => insertSession(tx, session));
	return "__Host-sid=token";
}

const crossings: readonly [what: string, headers: Record<string, string>, status: number][] = [
	["our own page", { "sec-fetch-site": "same-origin" }, 201],
	["an address typed in", { "sec-fetch-site": "none" }, 201],
	["our origin, without fetch metadata", { origin: publicBaseUrl }, 201],
	["another site", { "sec-fetch-site": "cross-site" }, 403],
	["a neighbour of the site", { "sec-fetch-site": "same-site" }, 403],
	["another site that also claims our origin", { "sec-fetch-site": "cross-site", origin: publicBaseUrl }, 403],
	["another origin", { origin: "https://evil.example" }, 403],
	["our origin on another port", { origin: `${publicBaseUrl}:8443` }, 403],
	["the origin null", { origin: "null" }, 403],
	["no sign of where it comes from", {}, 403],
	["a host header that fits the origin", { origin: "https://evil.example", host: "evil.example" }, 403],
];
for (const [what, headers, status] of crossings) {
	test(`with a session, a change sent by ${what} gets ${status}`, async (t) => {
		const scene = await restScene(t, { routes });
		const cookie = await sessionOf(scene, await scene.person());
		const answer = await scene.call(post("x", undefined, { cookie, ...headers }));
		assert.equal(answer.statusCode, status);
		assert.equal(status === 201 || answer.json<{ code: string }>().code === "cross_site", true);
		assert.equal(await made(scene), status === 201 ? 1 : 0);
		const read = await scene.call({ method: "GET", url: `/RI/rci/things/${id}`, headers: { cookie, ...headers } });
		assert.equal(read.statusCode, 200, "reading changes nothing");
	});
}

test("with a session only JSON is taken, whatever else the headers say", async (t) => {
	const scene = await restScene(t, { routes });
	const cookie = await sessionOf(scene, await scene.person());
	for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
		const headers = { cookie, "sec-fetch-site": "same-origin", "content-type": type };
		const answer = scene.call({ method: "POST", url: "/RI/rci/things", payload: '{"name":"x"}', headers });
		assert.deepEqual(await codeOf(answer), [403, "cross_site"], type);
	}
});

test("no answer lets other origins read it", async (t) => {
	const scene = await restScene(t, { routes });
	const headers = { origin: "https://evil.example" };
	for (const method of ["GET", "OPTIONS"] as const) {
		const answer = await scene.call({ method, url: "/RI/rci/open", headers });
		assert.equal(answer.headers["access-control-allow-origin"], undefined);
	}
});

onBothDialects("a repeated key gets the same answer, byte for byte, and makes nothing again", async (openStorage) => {
	const scene = await restScene({ after: () => undefined }, { routes, storage: await openStorage() });
	const ada = await scene.person();
	const first = await scene.call(post("x", "key 1"), ada);
	const again = await scene.call(post("x", "key 1", { accept: "text/html" }), ada);
	assert.deepEqual(
		[again.statusCode, again.body, again.headers["location"]],
		[201, first.body, first.headers["location"]],
	);
	assert.equal(again.headers["etag"], first.headers["etag"]);
	assert.equal(await made(scene), 1);
	assert.deepEqual(await codeOf(scene.call(post("y", "key 1"), ada)), [422, "idempotency_mismatch"]);
	assert.equal((await scene.call(post("x", "key 2"), ada)).statusCode, 201);
	assert.equal(
		(await scene.call(post("x", "key 1"), await scene.person())).statusCode,
		201,
		"keys of others are others",
	);
	assert.equal((await scene.call(post("x"), ada)).statusCode, 201);
	assert.equal(await made(scene), 4);
	scene.clock.advance(24 * 3_600_000 - 1);
	assert.equal((await scene.call(post("x", "key 1"), ada)).body, first.body);
	scene.clock.advance(2);
	assert.notEqual((await scene.call(post("x", "key 1"), ada)).body, first.body, "after a day the key is new");
	assert.equal(await made(scene), 5);
	await scene.app.close();
});

onBothDialects(
	"of calls with one key at the same time, also on two nodes, one makes something",
	async (openStorage) => {
		const storage = await openStorage();
		const [one, two] = await Promise.all([
			restScene({ after: () => undefined }, { routes, storage }),
			restScene({ after: () => undefined }, { routes, storage }),
		]);
		const ada = await one.person();
		const answers = await Promise.all(
			Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : two).call(post("x", "key"), ada)),
		);
		const done = answers.filter(({ statusCode }) => statusCode === 201);
		const waiting = answers.filter((answer) => answer.statusCode === 409);
		assert.equal(done.length + waiting.length, 20);
		assert.ok(done.length >= 1);
		assert.equal(new Set(done.map(({ body }) => body)).size, 1);
		assert.ok(waiting.every((answer) => answer.json<{ code: string }>().code === "idempotency_running"));
		assert.equal(await made(one), 1);
		await Promise.all([one.app.close(), two.app.close()]);
	},
);

test("a failed call leaves neither effect nor answer, and its key is free again", async (t) => {
	const scene = await restScene(t, { routes });
	const ada = await scene.person();
	for (const _again of [1, 2]) {
		assert.deepEqual(await codeOf(scene.call(post("fails", "key"), ada)), [500, "internal"]);
	}
	assert.equal(await made(scene), 0);
	assert.equal((await scene.call(post("x", "key"), ada)).statusCode, 201);
});

const keys: readonly [key: string, status: number][] = [
	["x".repeat(255), 201],
	["x".repeat(256), 400],
	["a key with ~ and spaces", 201],
	["schlüssel", 400],
	["", 400],
];
for (const [key, status] of keys) {
	test(`an Idempotency-Key of ${key.length} characters (${key.slice(0, 10)}) gets ${status}`, async (t) => {
		const scene = await restScene(t, { routes });
		assert.equal((await scene.call(post("x", key), await scene.person())).statusCode, status);
	});
}

test("a secret that is shown once is kept sealed for a repeated key", async (t) => {
	const scene = await restScene(t, { routes });
	const ada = await scene.person();
	const request = { method: "POST", url: "/RI/rci/secrets", headers: { "idempotency-key": "k" } } as const;
	const first = await scene.call(request, ada);
	assert.equal((await scene.call(request, ada)).body, first.body);
	const row = await scene.storage.db.selectFrom("idempotency").selectAll().executeTakeFirstOrThrow();
	const shownSecret = first.json<{ secret: string }>().secret;
	assert.equal(Buffer.from(row.body, "base64").toString("latin1").includes(shownSecret), false);
	assert.equal(JSON.stringify(row).includes(shownSecret), false);
});

const troubles: readonly [code: number, status: number, problem: string, retryAfter: string | undefined][] = [
	[5, 503, "storage_unavailable", "5"],
	[13, 503, "storage_full", "60"],
	[10, 500, "internal", undefined],
	[1, 500, "internal", undefined],
];
for (const [code, status, problem, retryAfter] of troubles) {
	test(`the database's error ${code} is answered ${status} ${problem}`, async (t) => {
		const scene = await restScene(t, { routes });
		const answer = await scene.call({ method: "GET", url: `/RI/rci/broken?code=${code}` }, await scene.person());
		assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [status, problem]);
		assert.equal(answer.headers["retry-after"], retryAfter);
		assert.equal(answer.body.includes('database"'), false);
	});
}

test("a database that is away is answered 503 while the caller is being found", async (t) => {
	const scene = await restScene(t, { routes });
	const ada = await scene.person();
	const busy = Object.assign(new Error("database is locked"), { errcode: 5 });
	const failing = { ...scene.deps.identity, authenticate: () => Promise.reject(busy) };
	Object.assign(scene.deps, { identity: failing });
	const answer = await scene.call({ method: "GET", url: `/RI/rci/things/${id}` }, ada);
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
