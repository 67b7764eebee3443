import assert from "node:assert/strict";
import test from "node:test";
import { listAudit } from "#storage/audit.ts";
import { findCredentials } from "#storage/people.ts";
import { codeAt, wrongCodeAt } from "#test/one-time-codes.ts";
import { type Person, type RestScene, administratorGrants, restScene } from "#test/rest-scene.ts";
import { rciRoutes } from "./index.ts";

const base = "/RI/rci";
const ownPage = { "sec-fetch-site": "same-origin" };

type Answer = { status: number; body: Record<string, unknown>; pointer: string | undefined };
type Caller = { cookie: string } | Person;
type Stage = RestScene & {
	ask(method: "GET" | "POST" | "PUT" | "DELETE", path: string, as: Caller, payload?: object): Promise<Answer>;
	cookieFor(person: Person): Promise<string>;
	/** One step later than the code that confirmed. */
	enrol(person: Person): Promise<{ cookie: string; secret: string; recoveryCodes: string[] }>;
	codeOf(secret: string): string;
};

async function openStage(t: Parameters<typeof restScene>[0]): Promise<Stage> {
	const scene = await restScene(t, { routes: rciRoutes });
	const { clock } = scene;
	const ask: Stage["ask"] = async (method, path, as, payload) => {
		const headers = "cookie" in as ? { cookie: as.cookie, ...ownPage } : { authorization: as.authorization };
		const url = `${base}${path}`;
		const answer = await scene.call({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
		const body = answer.body === "" ? {} : answer.json<Record<string, unknown>>();
		const [error] = (body["errors"] ?? []) as { pointer: string }[];
		return { status: answer.statusCode, body, pointer: error?.pointer };
	};
	const cookieFor: Stage["cookieFor"] = async (person) => {
		const user = await findCredentials(scene.storage.db, { id: person.id });
		assert.ok(user);
		return (await scene.identity.sessions.start(user, "a browser"))?.cookie.split(";")[0] ?? "";
	};
	const codeOf = (secret: string) => codeAt(secret, clock.now());
	return {
		...scene,
		ask,
		cookieFor,
		codeOf,
		async enrol(person) {
			const cookie = await cookieFor(person);
			const begun = await ask("POST", "/me/secondFactor", { cookie }, { currentPassword: person.password });
			const secret = String(begun.body["secret"]);
			const done = await ask("POST", "/me/secondFactor/confirmation", { cookie }, { code: codeOf(secret) });
			assert.equal(done.status, 200);
			clock.advance(30_000);
			return { cookie, secret, recoveryCodes: done.body["recoveryCodes"] as string[] };
		},
	};
}

test("a second factor is enrolled with the password and its first code, and other sessions end", async (t) => {
	const { ask, cookieFor, codeOf, clock, storage, ...made } = await openStage(t);
	const ada = await made.person({ login: "ada" });
	const [cookie, elsewhere] = [await cookieFor(ada), await cookieFor(ada)];
	const factor = async () => (await ask("GET", "/me", { cookie })).body["secondFactor"];
	assert.deepEqual(await factor(), { enabled: false, enrolledAt: null, recoveryCodesLeft: 0 });
	const confirm = (code: string) => ask("POST", "/me/secondFactor/confirmation", { cookie }, { code });
	assert.equal((await confirm("123456")).status, 409, "nothing was begun");
	const wrong = await ask("POST", "/me/secondFactor", { cookie }, { currentPassword: "wrong" });
	assert.deepEqual([wrong.status, wrong.pointer], [400, "/currentPassword"]);
	const begun = await ask("POST", "/me/secondFactor", { cookie }, { currentPassword: ada.password });
	const secret = String(begun.body["secret"]);
	assert.match(secret, /^[A-Z2-7]{32}$/);
	assert.match(String(begun.body["otpauthUri"]), /^otpauth:\/\/totp\/Parley%20parley\.example:ada\?/);
	assert.equal(((await factor()) as { enabled: boolean }).enabled, false, "not before it is confirmed");
	const guess = await confirm(wrongCodeAt(secret, clock.now()));
	assert.deepEqual([guess.status, guess.pointer], [400, "/code"]);
	const done = await confirm(codeOf(secret));
	assert.deepEqual([done.status, (done.body["recoveryCodes"] as string[]).length], [200, 10]);
	assert.deepEqual(await factor(), { enabled: true, enrolledAt: clock.now().toISOString(), recoveryCodesLeft: 10 });
	assert.equal((await ask("GET", "/me", { cookie: elsewhere })).status, 401);
	assert.equal((await ask("POST", "/me/secondFactor", { cookie }, { currentPassword: ada.password })).status, 409);
	const [entry] = await listAudit(storage.db, { limit: 1 });
	assert.deepEqual([entry?.action, entry?.changes], ["enrolSecondFactor", { secondFactor: { after: "set" } }]);
});

test("with a second factor the password alone opens no interface; an API token does, external users too", async (t) => {
	const { ask, enrol, ...made } = await openStage(t);
	const ada = await made.person({ grants: administratorGrants });
	const machine = await made.person({ externalUser: true });
	const { cookie } = await enrol(ada);
	const { status, body } = await ask("GET", "/me", ada);
	assert.deepEqual([status, body["code"]], [401, "second_factor_required"]);
	assert.match(String(body["detail"]), /use an API token/);
	const wrong = await ask("GET", "/me", { ...ada, authorization: `Basic ${btoa(`${ada.login}:wrong`)}` });
	assert.equal(wrong.body["code"], "wrong_credentials", "who does not know the password learns nothing");
	const { body: token } = await ask("POST", "/apiTokens", { cookie }, { name: "nightly" });
	assert.equal((await ask("GET", "/me", { ...ada, authorization: `Bearer ${String(token["token"])}` })).status, 200);
	assert.equal((await ask("GET", "/me", machine)).status, 200);
	assert.equal((await ask("POST", "/me/secondFactor", machine, { currentPassword: machine.password })).status, 409);
});

test("new recovery codes and removal need the password and a code, which works for one of them", async (t) => {
	const { ask, enrol, codeOf, clock, storage, ...made } = await openStage(t);
	const ada = await made.person();
	const { cookie, secret, recoveryCodes } = await enrol(ada);
	const post = (path: string, code: string, currentPassword = ada.password) =>
		ask("POST", `/me/secondFactor/${path}`, { cookie }, { currentPassword, code });
	for (const path of ["recoveryCodes", "removal"]) {
		assert.equal((await post(path, codeOf(secret), "wrong")).pointer, "/currentPassword");
		assert.equal((await post(path, wrongCodeAt(secret, clock.now()))).pointer, "/code");
	}
	const renewed = await post("recoveryCodes", codeOf(secret));
	assert.equal((renewed.body["recoveryCodes"] as string[]).length, 10);
	assert.equal((await post("removal", codeOf(secret))).pointer, "/code", "used");
	assert.equal((await post("removal", recoveryCodes[0] ?? "")).pointer, "/code", "replaced");
	const [fresh = ""] = renewed.body["recoveryCodes"] as string[];
	assert.equal((await post("removal", fresh)).status, 204);
	assert.equal((await post("removal", codeOf(secret))).status, 409);
	assert.equal((await ask("GET", "/me", ada)).status, 200, "the password alone again");
	for (const table of ["second_factors", "recovery_codes"] as const) {
		assert.deepEqual(await storage.db.selectFrom(table).selectAll().execute(), [], table);
	}
	const actions = (await listAudit(storage.db, { limit: 2 })).map(({ action }) => action);
	assert.deepEqual(actions, ["removeSecondFactor", "renewRecoveryCodes"]);
});

test("guessing a code in an open browser is slowed down", async (t) => {
	const { ask, enrol, codeOf, clock, ...made } = await openStage(t);
	const ada = await made.person();
	const { cookie, secret } = await enrol(ada);
	const remove = (code: string) =>
		ask("POST", "/me/secondFactor/removal", { cookie }, { currentPassword: ada.password, code });
	for (let index = 0; index < 10; index++) {
		assert.equal((await remove(wrongCodeAt(secret, clock.now()))).status, 400);
	}
	const { status, body } = await remove(codeOf(secret));
	assert.deepEqual([status, body["code"]], [429, "too_many_logons"]);
});

test("an administrator takes it off somebody who lost the device, and their sessions end", async (t) => {
	const { ask, enrol, storage, ...made } = await openStage(t);
	const [ada, admin] = [await made.person(), await made.person({ grants: administratorGrants })];
	const { cookie } = await enrol(ada);
	const user = `/users/${ada.id}`;
	assert.equal((await ask("GET", user, admin)).body["secondFactor"], true);
	assert.equal((await ask("DELETE", `${user}/secondFactor`, admin)).status, 204);
	assert.equal((await ask("GET", user, admin)).body["secondFactor"], false);
	assert.equal((await ask("GET", "/me", { cookie })).status, 401);
	assert.equal((await ask("GET", "/me", ada)).status, 200);
	assert.equal((await ask("DELETE", `${user}/secondFactor`, admin)).status, 404, "there is none");
	const [entry] = await listAudit(storage.db, { limit: 1 });
	assert.deepEqual([entry?.action, entry?.objectId, entry?.actor], ["removeSecondFactor", ada.id, admin.login]);
});

test("nobody takes it off themselves without a code, nor off who may do more", async (t) => {
	const { ask, enrol, ...made } = await openStage(t);
	const admin = await made.person({ grants: administratorGrants });
	const clerk = await made.person({ grants: [{ objectType: "user", objectId: null, access: ["view", "modify"] }] });
	const { cookie } = await enrol(admin);
	const path = `/users/${admin.id}/secondFactor`;
	assert.equal((await ask("DELETE", path, { cookie })).status, 409);
	assert.equal((await ask("DELETE", path, clerk)).status, 403);
	assert.equal((await ask("GET", `/users/${admin.id}`, clerk)).body["secondFactor"], true);
});

test("a user is sent back with `secondFactor` and keeps it, whatever it says", async (t) => {
	const { ask, enrol, ...made } = await openStage(t);
	const [ada, admin] = [await made.person(), await made.person({ grants: administratorGrants })];
	await enrol(ada);
	const { body } = await ask("GET", `/users/${ada.id}`, admin);
	assert.equal((await ask("PUT", `/users/${ada.id}`, admin, { ...body, secondFactor: false })).status, 204);
	assert.equal((await ask("GET", `/users/${ada.id}`, admin)).body["secondFactor"], true);
});
