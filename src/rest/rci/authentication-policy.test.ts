import assert from "node:assert/strict";
import test from "node:test";
import { openIdentity } from "#identity/identity.ts";
import { findCredentials } from "#storage/people.ts";
import { grantOf, openRciStage } from "#test/rci-stage.ts";
import { codeAt } from "#test/one-time-codes.ts";
import { type Person, type RestScene, administratorGrants, basic, restScene } from "#test/rest-scene.ts";
import { authenticationPolicyRoutes } from "./authentication-policy.ts";
import { rciRoutes } from "./index.ts";

const path = "/authenticationPolicy";
const defaults = {
	minimumPasswordLength: 12,
	passwordExpiryDays: 0,
	initialPasswordMustBeChanged: true,
	secondFactorRequired: "nobody",
	sessionIdleMinutes: 30,
	sessionAbsoluteHours: 10,
};

test("what nobody set has its default, and null is the default again", async (t) => {
	const stage = await openRciStage(t, authenticationPolicyRoutes);
	const first = await stage.call("GET", path);
	assert.deepEqual([first.body, first.headers["etag"]], [{ ...defaults, set: [] }, '"0"']);
	const patched = await stage.call("PATCH", path, { body: { minimumPasswordLength: 16, passwordExpiryDays: 90 } });
	const both = { ...defaults, minimumPasswordLength: 16, passwordExpiryDays: 90 };
	assert.deepEqual(patched.body, { ...both, set: ["minimumPasswordLength", "passwordExpiryDays"] });
	assert.deepEqual([patched.headers["etag"], (await stage.call("GET", path)).body], ['"1"', patched.body]);
	const back = await stage.call("PATCH", path, { body: { passwordExpiryDays: null } });
	assert.deepEqual(back.body, { ...both, passwordExpiryDays: 0, set: ["minimumPasswordLength"] });
	const put = await stage.call("PUT", path, { body: { secondFactorRequired: "everybody", set: [] } });
	assert.deepEqual([put.status, put.headers["etag"]], [204, '"3"']);
	await stage.call("PUT", path, { body: {} });
});

test("a change is in the audit log with before and after; a stale one and one without the right are refused", async (t) => {
	const stage = await openRciStage(t, authenticationPolicyRoutes);
	await stage.call("PATCH", path, { body: { minimumPasswordLength: 20 } });
	const row = await stage.storage.db.selectFrom("audit_log").selectAll().executeTakeFirstOrThrow();
	assert.deepEqual([row.object_type, row.action], ["authenticationPolicy", "modify"]);
	assert.deepEqual(JSON.parse(row.changes), { minimumPasswordLength: { before: 12, after: 20 } });
	const stale = { body: { minimumPasswordLength: 8 }, headers: { "if-match": '"0"' } };
	assert.equal((await stage.call("PUT", path, stale)).status, 412);
	await stage.grant(grantOf("authenticationPolicy", ["view"]));
	assert.equal((await stage.call("PATCH", path, { body: {} })).status, 403);
	assert.equal((await stage.call("GET", path)).status, 200);
});

const unsafe: readonly [body: object, pointer: string][] = [
	[{ minimumPasswordLength: 7 }, "/minimumPasswordLength"],
	[{ minimumPasswordLength: 129 }, "/minimumPasswordLength"],
	[{ minimumPasswordLength: "12" }, "/minimumPasswordLength"],
	[{ passwordExpiryDays: -1 }, "/passwordExpiryDays"],
	[{ secondFactorRequired: "some" }, "/secondFactorRequired"],
	[{ sessionIdleMinutes: 0 }, "/sessionIdleMinutes"],
	[{ sessionIdleMinutes: 1441 }, "/sessionIdleMinutes"],
	[{ sessionAbsoluteHours: 169 }, "/sessionAbsoluteHours"],
	[{ sessionIdleMinutes: 61, sessionAbsoluteHours: 1 }, "/sessionIdleMinutes"],
	[{ lockDuration: 30 }, "/lockDuration"],
];
for (const [body, pointer] of unsafe) {
	test(`${JSON.stringify(body)} is refused at ${pointer}, and nothing is changed`, async (t) => {
		const stage = await openRciStage(t, authenticationPolicyRoutes);
		for (const method of ["PUT", "PATCH"] as const) {
			const { problem } = await stage.call(method, path, { body });
			assert.deepEqual([problem.code, problem.errors?.[0]?.pointer], ["invalid_body", pointer]);
		}
		assert.deepEqual((await stage.call("GET", path)).body, { ...defaults, set: [] });
	});
}

type Stage = RestScene & {
	admin: Person;
	policy(body: object): Promise<void>;
	ask(
		method: "GET" | "POST" | "PUT",
		path: string,
		as: Person,
		payload?: object,
	): Promise<[number, string | undefined]>;
	mustDo(as: Person): Promise<unknown>;
};

async function openStage(t: Parameters<typeof restScene>[0]): Promise<Stage> {
	const scene = await restScene(t, { routes: rciRoutes });
	const admin = await scene.person({ grants: administratorGrants });
	const call = (method: "GET" | "POST" | "PUT" | "PATCH", where: string, as: Person, payload?: object) =>
		scene.call({ method, url: `/RI/rci${where}`, ...(payload === undefined ? {} : { payload }) }, as);
	return {
		...scene,
		admin,
		async policy(body) {
			assert.equal((await call("PATCH", path, admin, body)).statusCode, 200);
		},
		async ask(method, where, as, payload) {
			const answer = await call(method, where, as, payload);
			const isProblem = String(answer.headers["content-type"]).includes("problem");
			return [answer.statusCode, isProblem ? answer.json<{ code: string }>().code : undefined];
		},
		mustDo: async (as) => (await call("GET", "/me", as)).json<{ mustDo: unknown }>().mustDo,
	};
}

test("the shortest password is that of the policy, for administrators and for oneself", async (t) => {
	const { admin, policy, ask } = await openStage(t);
	const user = (login: string, password: string) => ({ firstName: "A", surname: "B", login, password });
	const change = (newPassword: string) => ({ currentPassword: admin.password, newPassword });
	const sixteen = "Zk9 tulip-gravel";
	await policy({ minimumPasswordLength: 17 });
	assert.deepEqual(await ask("POST", "/users", admin, user("a", sixteen)), [400, "invalid_body"]);
	assert.deepEqual(await ask("PUT", "/me/password", admin, change(sixteen)), [400, "invalid_body"]);
	await policy({ minimumPasswordLength: 8 });
	assert.deepEqual(await ask("POST", "/users", admin, user("a", "Zk9tulip")), [201, undefined]);
	assert.deepEqual(await ask("PUT", "/me/password", admin, change("Zk9tuli")), [400, "invalid_body"]);
	assert.deepEqual(await ask("PUT", "/me/password", admin, change(sixteen)), [204, undefined]);
});

test("a password that an administrator set must be changed, into another one, before anything else", async (t) => {
	const { admin, policy, ask, mustDo, storage } = await openStage(t);
	const password = "Zk9 tulip-gravel";
	await ask("POST", "/users", admin, { firstName: "A", surname: "B", login: "ada", password });
	const id = (await findCredentials(storage.db, { login: "ada" }))?.id;
	assert.ok(id);
	const ada = { id, login: "ada", password, authorization: basic("ada", password) };
	assert.equal(await mustDo(ada), "changePassword");
	assert.deepEqual(await ask("GET", "/apiTokens", ada), [403, "password_change_required"]);
	assert.deepEqual(await ask("GET", "/sessions", ada), [200, undefined]);
	await policy({ initialPasswordMustBeChanged: false });
	assert.deepEqual(await ask("GET", "/apiTokens", ada), [200, undefined]);
	await policy({ initialPasswordMustBeChanged: null });
	const change = (newPassword: string) => ({ currentPassword: password, newPassword });
	assert.deepEqual(await ask("PUT", "/me/password", ada, change(password)), [400, "invalid_body"]);
	assert.deepEqual(await ask("PUT", "/me/password", ada, change("Vq7 marble-otter")), [204, undefined]);
	const own = { ...ada, authorization: basic("ada", "Vq7 marble-otter") };
	assert.deepEqual([await mustDo(own), await ask("GET", "/apiTokens", own)], [null, [200, undefined]]);
	assert.equal(await mustDo(admin), null, "one's own choice");
});

test("a password that is too old must be changed, and lasts again", async (t) => {
	const { admin, policy, ask, mustDo, clock } = await openStage(t);
	await policy({ passwordExpiryDays: 30 });
	clock.advance(30 * 86_400_000 - 1);
	assert.equal(await mustDo(admin), null);
	clock.advance(1);
	assert.deepEqual(await ask("GET", "/users", admin), [403, "password_change_required"]);
	const change = { currentPassword: admin.password, newPassword: "Vq7 marble-otter" };
	assert.deepEqual(await ask("PUT", "/me/password", admin, change), [204, undefined]);
	const renewed = { ...admin, authorization: basic(admin.login, change.newPassword) };
	assert.deepEqual(await ask("GET", "/users", renewed), [200, undefined]);
});

test("who must have a second factor and has none may only enrol; then everything is open", async (t) => {
	const { admin, policy, ask, mustDo, ...made } = await openStage(t);
	const person = await made.person();
	const machine = await made.person({ externalUser: true });
	const user = await findCredentials(made.storage.db, { id: admin.id });
	assert.ok(user);
	const session = await made.identity.sessions.start(user, "a browser");
	const cookie = session?.cookie.split(";")[0] ?? "";
	const ofPage = async (method: "GET" | "POST", where: string, payload?: object) => {
		const headers = { cookie, "sec-fetch-site": "same-origin" };
		const url = `/RI/rci${where}`;
		return made.call({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
	};
	await policy({ secondFactorRequired: "administrators" });
	assert.equal(await mustDo(person), null);
	assert.equal((await ofPage("GET", "/me")).json<{ mustDo: string }>().mustDo, "enrolSecondFactor");
	const closed = await ofPage("GET", "/users");
	assert.deepEqual(
		[closed.statusCode, closed.json<{ code: string }>().code],
		[403, "second_factor_enrolment_required"],
	);
	assert.deepEqual(await ask("GET", "/users", admin), [403, "second_factor_enrolment_required"]);
	const begun = await ofPage("POST", "/me/secondFactor", { currentPassword: admin.password });
	const code = codeAt(begun.json<{ secret: string }>().secret, made.clock.now());
	assert.equal((await ofPage("POST", "/me/secondFactor/confirmation", { code })).statusCode, 200);
	assert.equal((await ofPage("GET", "/users")).statusCode, 200);
	const everybody = { secondFactorRequired: "everybody" };
	const put = { method: "PATCH", url: `/RI/rci${path}`, payload: everybody } as const;
	const changed = await made.call({ ...put, headers: { cookie, "sec-fetch-site": "same-origin" } });
	assert.equal(changed.statusCode, 200);
	assert.deepEqual([await mustDo(person), await mustDo(machine)], ["enrolSecondFactor", null]);
});

test("shorter sessions end those that run, on another node too; longer ones lengthen none", async (t) => {
	const { admin, policy, clock, identity, storage, deps } = await openStage(t);
	const otherNode = openIdentity({ ...deps, settings: { ...deps.settings } });
	const start = async () => {
		const user = await findCredentials(storage.db, { id: admin.id });
		assert.ok(user);
		return (await identity.sessions.start(user, "a browser"))?.cookie.split(";")[0];
	};
	const lives = async (cookie: string | undefined) => [
		(await identity.sessions.resume(cookie)) !== undefined,
		(await otherNode.sessions.resume(cookie)) !== undefined,
		(await identity.sessions.list(admin.id)).length > 0,
	];
	const idle = await start();
	clock.advance(6 * 60_000);
	assert.deepEqual(await lives(idle), [true, true, true]);
	await policy({ sessionIdleMinutes: 5 });
	clock.advance(5 * 60_000);
	assert.deepEqual(await lives(idle), [false, false, false]);
	await policy({ sessionIdleMinutes: 60, sessionAbsoluteHours: 2 });
	const old = await start();
	clock.advance(59 * 60_000);
	assert.deepEqual(await lives(old), [true, true, true]);
	await policy({ sessionIdleMinutes: 60, sessionAbsoluteHours: 1 });
	clock.advance(60_000);
	assert.deepEqual(await lives(old), [false, false, false]);
	const short = await start();
	await policy({ sessionAbsoluteHours: 9 });
	clock.advance(59 * 60_000);
	assert.deepEqual(await lives(short), [true, true, true]);
	clock.advance(60_000);
	assert.deepEqual(await lives(short), [false, false, false], "it ends when it was to end");
});
