import assert from "node:assert/strict";
import test from "node:test";
import { grantOf, openRciStage } from "#test/rci-stage.ts";
import { smsServerRoutes } from "./sms-server.ts";

const path = "/smsServer";
const on = { useLocalHttpAuthentication: true };
const off = { useLocalHttpAuthentication: false };

test("the variable follows the settings until it is set, and again when it is null", async (t) => {
	const stage = await openRciStage(t, smsServerRoutes);
	const first = await stage.call("GET", path);
	assert.deepEqual([first.body, first.headers["etag"]], [{ variables: on, set: [] }, '"0"']);
	const set = await stage.call("PATCH", path, { body: { variables: off } });
	assert.deepEqual(
		[set.status, set.body, set.headers["etag"]],
		[200, { variables: off, set: ["useLocalHttpAuthentication"] }, '"1"'],
	);
	assert.deepEqual((await stage.call("GET", path)).body, set.body);
	const back = await stage.call("PATCH", path, { body: { variables: { useLocalHttpAuthentication: null } } });
	assert.deepEqual(back.body, { variables: on, set: [] });
});

test("a change is in the audit log with before and after", async (t) => {
	const stage = await openRciStage(t, smsServerRoutes);
	await stage.call("PATCH", path, { body: { variables: off } });
	const row = await stage.storage.db.selectFrom("audit_log").selectAll().executeTakeFirstOrThrow();
	assert.deepEqual([row.object_type, row.object_name, row.via], ["smsServer", "SMS Server", "rci"]);
	assert.deepEqual(JSON.parse(row.changes), { useLocalHttpAuthentication: { before: true, after: false } });
});

test("bodies of another form are refused", async (t) => {
	const stage = await openRciStage(t, smsServerRoutes);
	for (const [body, pointer] of [
		[{}, "/variables"],
		[{ variables: { useLocalHttpAuthentication: "false" } }, "/variables/useLocalHttpAuthentication"],
		[{ variables: { useLocalHttp: true } }, "/variables/useLocalHttp"],
		[{ variables: {}, more: 1 }, "/more"],
	] as const) {
		const { problem } = await stage.call("PATCH", path, { body });
		assert.deepEqual([problem.code, problem.errors?.[0]?.pointer], ["invalid_body", pointer]);
	}
	assert.deepEqual((await stage.call("GET", path)).body, { variables: on, set: [] });
});

test("an old version and a missing right are refused", async (t) => {
	const stage = await openRciStage(t, smsServerRoutes);
	await stage.call("PATCH", path, { body: { variables: off } });
	const stale = await stage.call("PATCH", path, { body: { variables: on }, headers: { "if-match": '"0"' } });
	assert.equal(stale.status, 412);
	await stage.grant(grantOf("smsServer", ["view"]));
	assert.equal((await stage.call("PATCH", path, { body: { variables: on } })).status, 403);
	assert.equal((await stage.call("GET", path)).status, 200);
	await stage.grant();
	assert.equal((await stage.call("GET", path)).status, 403);
});
