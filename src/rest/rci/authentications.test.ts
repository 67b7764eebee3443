import assert from "node:assert/strict";
import test from "node:test";
import { openServices } from "#storage/service-secrets.ts";
import { type RciStage, openRciStage } from "#test/rci-stage.ts";
import { messagingServiceRoutes } from "./messaging-services.ts";
import type { ServiceView, toEntryView } from "./service-view.ts";

type EntryView = ReturnType<typeof toEntryView>;
const services = "/messagingServices";
const account = `AC${"1".repeat(32)}`;

async function setUp(t: Parameters<typeof openRciStage>[0]) {
	const stage = await openRciStage(t, messagingServiceRoutes);
	const service = async (name: string) => {
		const body = { type: "twilio", name, authentications: [{ authenticationId: account, password: "first" }] };
		return (await stage.call<ServiceView>("POST", services, { body })).body;
	};
	const [one, two] = [await service("One"), await service("Two")];
	return { stage, one, path: `${services}/${one.id}/authentications`, entry: one.authentications[0], other: two };
}

const secrets = async ({ storage, deps, clock }: RciStage, id: string) =>
	(await openServices(storage.db, deps.secretBox, clock.now()))
		.find((service) => service.id === id)
		?.authentications.map((entry) => [entry.authenticationId, ...entry.secrets]);

test("an entry is added, listed and read without its secret", async (t) => {
	const { stage, path, one } = await setUp(t);
	const added = await stage.call<EntryView>("POST", path, {
		body: { authenticationId: "WEBHOOK", password: "canary" },
	});
	assert.equal(added.status, 201, added.text);
	assert.equal(added.headers["location"], `/acme/RI/rci${path}/${added.body.id}`);
	assert.equal(added.headers["etag"], '"2"');
	const { fingerprint, changedAt, ...others } = added.body;
	assert.deepEqual(others, {
		id: added.body.id,
		authenticationId: "webhook",
		passwordSet: true,
		direction: "incoming",
		role: "webhook",
		previousValidUntil: null,
	});
	assert.match(fingerprint ?? "", /^[0-9a-f]{4}$/);
	assert.equal(changedAt, stage.clock.now().toISOString());
	const list = await stage.call<EntryView[]>("GET", path);
	assert.deepEqual(
		list.body.map(({ authenticationId }) => authenticationId),
		[account, "webhook"],
	);
	const read = await stage.call<EntryView>("GET", `${path}/${added.body.id}`);
	assert.deepEqual(read.body, added.body);
	assert.equal(read.headers["etag"], '"2"');
	assert.doesNotMatch(added.text + list.text + read.text, /canary/);
	assert.deepEqual(await secrets(stage, one.id), [
		[account, "first"],
		["webhook", "canary"],
	]);
});

test("PUT and PATCH keep a secret that is not given, null clears it", async (t) => {
	const { stage, path, entry, one } = await setUp(t);
	const own = `${path}/${entry?.id}`;
	assert.equal((await stage.call("PUT", own, { body: { ...entry } })).status, 204);
	assert.equal((await stage.call("PATCH", own, { body: {} })).status, 200);
	assert.deepEqual(await secrets(stage, one.id), [[account, "first"]]);
	const cleared = await stage.call<EntryView>("PATCH", own, { body: { password: null } });
	assert.deepEqual([cleared.body.passwordSet, cleared.body.fingerprint], [false, null]);
	assert.deepEqual(await secrets(stage, one.id), [[account]]);
	await stage.call("PUT", own, { body: { authenticationId: account, password: "again" } });
	assert.deepEqual(await secrets(stage, one.id), [[account, "again"]]);
});

test("an incoming secret rotates with both valid till the end", async (t) => {
	const { stage, path, entry, one } = await setUp(t);
	const previousValidUntil = new Date(stage.clock.now().getTime() + 60_000).toISOString();
	const rotated = await stage.call<EntryView>("PATCH", `${path}/${entry?.id}`, {
		body: { password: "second", previousValidUntil },
	});
	assert.equal(rotated.body.previousValidUntil, previousValidUntil);
	assert.notEqual(rotated.body.fingerprint, entry?.fingerprint);
	assert.deepEqual(await secrets(stage, one.id), [[account, "second", "first"]]);
	const ended = await stage.call<EntryView>("PATCH", `${path}/${entry?.id}`, { body: { previousValidUntil: null } });
	assert.equal(ended.body.previousValidUntil, null);
	assert.deepEqual(await secrets(stage, one.id), [[account, "second"]]);
});

test("an entry is removed with its secret, and the others stay", async (t) => {
	const { stage, path, entry, one } = await setUp(t);
	const added = await stage.call<EntryView>("POST", path, { body: { authenticationId: "webhook", password: "w" } });
	assert.equal((await stage.call("DELETE", `${path}/${entry?.id}`)).status, 204);
	assert.equal((await stage.call("GET", `${path}/${entry?.id}`)).status, 404);
	assert.equal((await stage.call("GET", `${path}/${added.body.id}`)).status, 200);
	assert.deepEqual(await secrets(stage, one.id), [["webhook", "w"]]);
	const rows = await stage.storage.db
		.selectFrom("authentications")
		.select("id")
		.where("service_id", "=", one.id)
		.execute();
	assert.equal(rows.length, 1);
});

test("an entry of another service is not found here", async (t) => {
	const { stage, path, other } = await setUp(t);
	const foreign = `${path}/${other.authentications[0]?.id}`;
	for (const [method, body] of [
		["GET", undefined],
		["PUT", { authenticationId: account, password: "stolen" }],
		["PATCH", { password: "stolen" }],
		["DELETE", undefined],
	] as const) {
		const answer = await stage.call(method, foreign, body === undefined ? {} : { body });
		assert.deepEqual([answer.status, answer.problem.code], [404, "not_found"], method);
	}
	assert.deepEqual(await secrets(stage, other.id), [[account, "first"]]);
});

test("problems point into the body of the call", async (t) => {
	const { stage, path, entry } = await setUp(t);
	const bad: readonly [object, string, string][] = [
		[{ authenticationId: "pigeon" }, "invalid_configuration", "/authenticationId"],
		[{ authenticationId: account }, "invalid_configuration", "/authenticationId"],
		[{ authenticationId: `AC${"2".repeat(32)}` }, "invalid_configuration", "/authenticationId"],
		[{ authenticationId: "webhook", secret: "x" }, "invalid_body", "/secret"],
		[{ password: "x" }, "invalid_body", "/authenticationId"],
		[{ authenticationId: "webhook", password: ["x"] }, "invalid_body", "/password"],
	];
	for (const [body, code, pointer] of bad) {
		const { problem, text } = await stage.call("POST", path, { body });
		assert.deepEqual([problem.code, problem.errors?.[0]?.pointer], [code, pointer], text);
	}
	const past = await stage.call("PATCH", `${path}/${entry?.id}`, {
		body: { password: "x", previousValidUntil: "2020-01-01T00:00:00Z" },
	});
	assert.deepEqual(past.problem.errors?.[0]?.pointer, "/previousValidUntil");
	assert.match(past.problem.detail, /^\/previousValidUntil must be a time in the future/);
});

test("If-Match is the service's version", async (t) => {
	const { stage, path, entry } = await setUp(t);
	const headers = { "if-match": '"7"' };
	const body = { authenticationId: "webhook" };
	assert.equal((await stage.call("POST", path, { body, headers })).status, 412);
	assert.equal((await stage.call("DELETE", `${path}/${entry?.id}`, { headers })).status, 412);
	assert.equal((await stage.call("POST", path, { body, headers: { "if-match": '"1"' } })).status, 201);
});
