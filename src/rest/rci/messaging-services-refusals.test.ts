// What is refused, and where the problem points.

import assert from "node:assert/strict";
import test from "node:test";
import { audit, base, create, facebook, openServiceStage, page, twilio } from "#test/service-stage.ts";

// One row for each class of bad input. `code` is the problem, `pointer` where it is.
const bad: readonly [string, object, number, string, string][] = [
	["an unknown type", { type: "pigeon" }, 422, "invalid_configuration", "/type"],
	["a missing type", { type: undefined }, 400, "invalid_body", "/type"],
	["a missing name", { name: undefined }, 400, "invalid_body", "/name"],
	["an empty name", { name: "" }, 400, "invalid_body", "/name"],
	["a name of spaces", { name: "  " }, 422, "invalid_configuration", "/name"],
	["a name with a control character", { name: "a\u0000b" }, 400, "invalid_body", "/name"],
	["a name too long", { name: "x".repeat(401) }, 400, "invalid_body", "/name"],
	["an unknown field", { password: "x" }, 400, "invalid_body", "/password"],
	["a computed field in a POST", { state: "ready" }, 400, "invalid_body", "/state"],
	["a field of the wrong type", { enabled: "true" }, 400, "invalid_body", "/enabled"],
	["a mode that does not exist", { incomingMode: "off" }, 400, "invalid_body", "/incomingMode"],
	["settings that are a list", { settings: [] }, 422, "invalid_configuration", "/settings"],
	["settings that are null", { settings: null }, 422, "invalid_configuration", "/settings"],
	["an unknown setting", { settings: { humanTag: true } }, 422, "invalid_configuration", "/settings/humanTag"],
	[
		"a setting of the wrong type",
		{ settings: { humanAgentTag: "yes" } },
		422,
		"invalid_configuration",
		"/settings/humanAgentTag",
	],
	[
		"a common setting out of range",
		{ settings: { timeToLiveMinutes: 0 } },
		422,
		"invalid_configuration",
		"/settings/timeToLiveMinutes",
	],
	[
		"an address that is none",
		{ serviceConnection: "graph.facebook.com" },
		422,
		"invalid_configuration",
		"/serviceConnection",
	],
	[
		"an address with credentials",
		{ serviceConnection: "https://u:p@graph.facebook.com" },
		422,
		"invalid_configuration",
		"/serviceConnection",
	],
	[
		"an Authentication URL with a fragment",
		{ authenticationUrl: "https://a.example/#x" },
		422,
		"invalid_configuration",
		"/authenticationUrl",
	],
	["authentications that are no list", { authentications: {} }, 400, "invalid_body", "/authentications"],
	[
		"an entry without an Authentication ID",
		{ authentications: [{}] },
		400,
		"invalid_body",
		"/authentications/0/authenticationId",
	],
	[
		"an unknown field of an entry",
		{ authentications: [{ authenticationId: page, secret: "x" }] },
		400,
		"invalid_body",
		"/authentications/0/secret",
	],
	[
		"an entry of an unknown shape",
		{ authentications: [{ authenticationId: "my page" }] },
		422,
		"invalid_configuration",
		"/authentications/0/authenticationId",
	],
	[
		"two webhook entries",
		{ authentications: [{ authenticationId: "webhook" }, { authenticationId: "webhook" }] },
		422,
		"invalid_configuration",
		"/authentications/1/authenticationId",
	],
	[
		"an empty password",
		{ authentications: [{ authenticationId: page, password: "" }] },
		400,
		"invalid_body",
		"/authentications/0/password",
	],
	[
		"a password too long",
		{ authentications: [{ authenticationId: page, password: "x".repeat(8193) }] },
		400,
		"invalid_body",
		"/authentications/0/password",
	],
	[
		"a password that is a number",
		{ authentications: [{ authenticationId: page, password: 5 }] },
		400,
		"invalid_body",
		"/authentications/0/password",
	],
	[
		"a password that the connector refuses",
		{ authentications: [{ authenticationId: page, password: "a b" }] },
		422,
		"invalid_configuration",
		"/authentications/0/password",
	],
	[
		"an entry's id in a new service",
		{ authentications: [{ id: "A".repeat(32), authenticationId: page }] },
		422,
		"invalid_configuration",
		"/authentications/0/id",
	],
	[
		"a rotation of an outgoing secret",
		{ authentications: [{ authenticationId: page, password: "x", previousValidUntil: "2026-01-03T00:00:00Z" }] },
		422,
		"invalid_configuration",
		"/authentications/0/previousValidUntil",
	],
	[
		"a time without an offset",
		{ authentications: [{ authenticationId: "webhook", password: "x", previousValidUntil: "2026-01-03T00:00:00" }] },
		400,
		"invalid_body",
		"/authentications/0/previousValidUntil",
	],
];
for (const [what, changes, status, code, pointer] of bad) {
	test(`${what} is refused at ${pointer}, and nothing is stored`, async (t) => {
		const stage = await openServiceStage(t);
		const { problem, ...answer } = await stage.call("POST", base, { body: facebook(changes) });
		assert.deepEqual([answer.status, problem.code], [status, code], answer.text);
		assert.ok(
			problem.errors?.some((error) => error.pointer === pointer),
			answer.text,
		);
		assert.deepEqual(await stage.storage.db.selectFrom("messaging_services").select("id").execute(), []);
		assert.deepEqual(await audit(stage), []);
	});
}

test("bodies that are no plain JSON object are refused before anything looks at them", async (t) => {
	const stage = await openServiceStage(t);
	const bodies: readonly [string, string][] = [
		["{", "malformed_json"],
		["[]", "invalid_body"],
		["null", "invalid_body"],
		['{"type":"facebook","name":"a","name":"b"}', "duplicate_key"],
		[`{"type":"facebook","name":"a","settings":${'{"a":'.repeat(80)}1${"}".repeat(80)}}`, "json_too_deep"],
	];
	for (const [raw, code] of bodies) {
		assert.equal((await stage.call("POST", base, { raw })).problem.code, code, raw.slice(0, 40));
	}
	const deep = `{"type":"facebook","name":"a","settings":{"humanAgentTag":${"[".repeat(50)}${"]".repeat(50)}}}`;
	assert.equal((await stage.call("POST", base, { raw: deep })).problem.code, "invalid_configuration");
});

test("every broken rule is told at once, with its next step", async (t) => {
	const stage = await openServiceStage(t);
	const authentications = [{ authenticationId: "?" }, { authenticationId: "webhook" }, { authenticationId: "webhook" }];
	const { problem } = await stage.call("POST", base, {
		body: facebook({ serviceConnection: "x", settings: { a: 1 }, authentications }),
	});
	assert.deepEqual(
		problem.errors?.map(({ pointer }) => pointer),
		["/serviceConnection", "/settings/a", "/authentications/0/authenticationId", "/authentications/2/authenticationId"],
	);
	assert.match(
		problem.errors?.[2]?.message ?? "",
		/must be .*the digits of the Page ID \(for example 104857600000001\)/,
	);
});

test("a name is unique within its type, without regard to case", async (t) => {
	const stage = await openServiceStage(t);
	await create(stage);
	const { problem, status } = await stage.call("POST", base, { body: facebook({ name: "SHOP PAGE" }) });
	assert.deepEqual([status, problem.code], [409, "duplicate_name"]);
	await create(stage, twilio({ name: "Shop page" }));
	const other = await create(stage, facebook({ name: "Other" }));
	const renamed = await stage.call("PATCH", `${base}/${other.id}`, { body: { name: "shop page" } });
	assert.equal(renamed.problem.code, "duplicate_name");
});

test("PUT demands the list of authentications, so that forgetting it removes nothing", async (t) => {
	const stage = await openServiceStage(t);
	const { id } = await create(stage);
	const { status, problem } = await stage.call("PUT", `${base}/${id}`, { body: { name: "x" } });
	assert.deepEqual([status, problem.errors?.[0]?.pointer], [400, "/authentications"]);
});

test("the type cannot be changed", async (t) => {
	const stage = await openServiceStage(t);
	const { id } = await create(stage);
	for (const [method, body] of [
		["PUT", twilio()],
		["PATCH", { type: "twilio" }],
	] as const) {
		const { problem } = await stage.call(method, `${base}/${id}`, { body });
		assert.deepEqual([problem.code, problem.errors?.[0]?.pointer], ["invalid_configuration", "/type"]);
	}
	assert.equal((await stage.call("PATCH", `${base}/${id}`, { body: { type: "facebook" } })).status, 200);
});

test("If-Match: a change from an old version is refused by every method", async (t) => {
	const stage = await openServiceStage(t);
	const { id } = await create(stage);
	await stage.call("PATCH", `${base}/${id}`, { body: { name: "Two" } });
	const headers = { "if-match": '"1"' };
	for (const [method, body] of [
		["PUT", facebook()],
		["PATCH", { name: "x" }],
		["DELETE", undefined],
	] as const) {
		const { status } = await stage.call(method, `${base}/${id}`, { headers, ...(body === undefined ? {} : { body }) });
		assert.equal(status, 412, method);
	}
	assert.equal(
		(await stage.call("PATCH", `${base}/${id}`, { body: { name: "Three" }, headers: { "if-match": '"2"' } })).status,
		200,
	);
});

test("unknown and ill-shaped ids", async (t) => {
	const stage = await openServiceStage(t);
	assert.deepEqual((await stage.call("GET", `${base}/${"A".repeat(32)}`)).problem.code, "not_found");
	assert.deepEqual((await stage.call("DELETE", `${base}/${"A".repeat(32)}`)).problem.code, "not_found");
	assert.deepEqual((await stage.call("GET", `${base}/x`)).problem.code, "invalid_path");
});
