import assert from "node:assert/strict";
import test from "node:test";
import { listAudit } from "#storage/audit.ts";
import { findCredentials } from "#storage/people.ts";
import { sql } from "kysely";
import { type Person, type RestScene, administratorGrants, basic, restScene } from "#test/rest-scene.ts";
import { rciRoutes } from "./index.ts";

const base = "/RI/rci";
const ownPage = { "sec-fetch-site": "same-origin" };

function scene(t: Parameters<typeof restScene>[0]): Promise<RestScene> {
	return restScene(t, { routes: rciRoutes });
}

async function cookieFor({ identity, storage }: RestScene, person: Person): Promise<string> {
	const user = await findCredentials(storage.db, { id: person.id });
	assert.ok(user);
	return (await identity.sessions.start(user, "a browser"))?.cookie.split(";")[0] ?? "";
}

test("one's own sessions are listed and ended, never those of others", async (t) => {
	const made = await scene(t);
	const [ada, bob] = [await made.person(), await made.person()];
	const [here, there] = [await cookieFor(made, ada), await cookieFor(made, ada)];
	await cookieFor(made, bob);
	const [foreign] = await made.identity.sessions.list(bob.id);
	const list = async (cookie: string) =>
		(await made.call({ method: "GET", url: `${base}/sessions`, headers: { cookie } })).json<
			{ id: string; current: boolean }[]
		>();
	const sessions = await list(here);
	assert.deepEqual([sessions.length, sessions.filter(({ current }) => current).length], [2, 1]);
	const end = async (path: string, cookie: string) =>
		(await made.call({ method: "DELETE", url: `${base}/sessions${path}`, headers: { cookie, ...ownPage } })).statusCode;
	assert.equal(await end(`/${foreign?.id}`, here), 404);
	assert.equal(await end(`/${sessions.find(({ current }) => !current)?.id}`, here), 204);
	assert.equal((await made.call({ method: "GET", url: `${base}/me`, headers: { cookie: there } })).statusCode, 401);
	assert.equal(await end("", here), 204);
	assert.equal((await made.call({ method: "GET", url: `${base}/me`, headers: { cookie: here } })).statusCode, 401);
	assert.equal((await made.identity.sessions.list(bob.id)).length, 1);
});

test("one's own password is changed with the current one, and every session ends", async (t) => {
	const made = await scene(t);
	const ada = await made.person({ login: "ada" });
	const cookie = await cookieFor(made, ada);
	const change = async (currentPassword: string, newPassword: string) => {
		const payload = { currentPassword, newPassword };
		const answer = await made.call({
			method: "PUT",
			url: `${base}/me/password`,
			payload,
			headers: { cookie, ...ownPage },
		});
		return answer.statusCode === 204 ? 204 : answer.json<{ errors?: { pointer: string }[] }>().errors?.[0]?.pointer;
	};
	assert.equal(await change("wrong", "correct horse battery"), "/currentPassword");
	assert.equal(await change(ada.password, "short"), "/newPassword");
	assert.equal(await change(ada.password, "correct horse battery"), 204);
	assert.equal((await made.call({ method: "GET", url: `${base}/me`, headers: { cookie } })).statusCode, 401);
	assert.equal((await made.call({ method: "GET", url: `${base}/me` }, ada)).statusCode, 401);
	const renewed = { ...ada, authorization: basic("ada", "correct horse battery") };
	assert.equal((await made.call({ method: "GET", url: `${base}/me` }, renewed)).statusCode, 200);
	const [entry] = await listAudit(made.storage.db, { limit: 1 });
	assert.deepEqual([entry?.action, entry?.changes], ["changePassword", { password: { after: "set" } }]);
});

test("guessing the current password in an open browser is slowed down like any logon", async (t) => {
	const made = await scene(t);
	const ada = await made.person();
	const cookie = await cookieFor(made, ada);
	const payload = (guess: string) => ({ currentPassword: guess, newPassword: "correct horse battery" });
	const guess = (text: string) =>
		made.call({ method: "PUT", url: `${base}/me/password`, payload: payload(text), headers: { cookie, ...ownPage } });
	for (let index = 0; index < 10; index++) {
		assert.equal((await guess(`guess ${index}`)).statusCode, 400);
	}
	const answer = await guess(ada.password);
	assert.deepEqual([answer.statusCode, answer.headers["retry-after"]], [429, "1"]);
});

type Token = { id: string; token: string; prefix: string; expiresAt: string };

test("an API token is shown once, works until it ends or is deleted, and is listed without its secret", async (t) => {
	const made = await scene(t);
	const admin = await made.person({ grants: administratorGrants });
	const payload = { name: "nightly", expiresAt: "2026-01-03T12:00:00+00:00" };
	const answer = await made.call({ method: "POST", url: `${base}/apiTokens`, payload }, admin);
	const { id, token, expiresAt } = answer.json<Token>();
	assert.equal(expiresAt, "2026-01-03T12:00:00.000Z");
	const withToken = { ...admin, authorization: `Bearer ${token}` };
	const me = async () => (await made.call({ method: "GET", url: `${base}/me` }, withToken)).statusCode;
	assert.equal(await me(), 200);
	for (const url of [`${base}/apiTokens`, `${base}/apiTokens/${id}`]) {
		const shown = await made.call({ method: "GET", url }, admin);
		assert.equal(shown.statusCode, 200);
		assert.equal(shown.body.includes(token.slice(14)), false);
		assert.match(shown.body, /nightly/);
	}
	const again = await made.call({ method: "POST", url: `${base}/apiTokens`, payload }, withToken);
	assert.equal(again.statusCode, 403, "a token makes no tokens");
	assert.equal((await made.call({ method: "GET", url: `${base}/me?access_token=${token}` })).statusCode, 401);
	made.clock.advance(24 * 3_600_000);
	assert.equal(await me(), 401, "ended");
	assert.equal((await made.call({ method: "DELETE", url: `${base}/apiTokens/${id}` }, admin)).statusCode, 204);
	const log = JSON.stringify(await listAudit(made.storage.db, { limit: 10 }));
	assert.equal(log.includes(token.slice(7)), false);
});

for (const expiresAt of [
	"2026-01-02T12:00:00Z",
	"2020-01-01T00:00:00Z",
	"2027-01-02T12:00:01Z",
	"2026-13-45T00:00:00Z",
	"soon",
]) {
	test(`an API token cannot end at ${expiresAt}`, async (t) => {
		const made = await scene(t);
		const admin = await made.person({ grants: administratorGrants });
		const payload = { name: "x", expiresAt };
		const answer = await made.call({ method: "POST", url: `${base}/apiTokens`, payload }, admin);
		assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [400, "invalid_body"]);
	});
}

test("tokens are made for oneself and for external users within one's own rights, never for other people", async (t) => {
	const made = await scene(t);
	const view = (objectType: "user" | "auditLog") => ({ objectType, objectId: null, access: ["view"] as const });
	const maker = await made.person({
		grants: [
			{ objectType: "apiToken", objectId: null, access: ["create"] },
			{ objectType: "user", objectId: null, access: ["view", "modify"] },
		],
	});
	const machine = await made.person({ externalUser: true, grants: [view("user")] });
	const strong = await made.person({ externalUser: true, grants: [view("auditLog")] });
	const person = await made.person();
	const onlooker = await made.person({
		grants: [{ objectType: "apiToken", objectId: null, access: ["create"] }, view("user")],
	});
	const make = async (userId: string, as = maker) =>
		(await made.call({ method: "POST", url: `${base}/apiTokens`, payload: { name: "x", userId } }, as)).statusCode;
	assert.equal(await make(maker.id), 201);
	assert.equal(await make(machine.id, onlooker), 403, "who holds as much as the machine may still not act as it");
	assert.equal(await make(machine.id), 201);
	assert.equal(await make(strong.id), 403);
	assert.equal(await make(person.id), 403);
	assert.equal(await make("0".repeat(32)), 404);
});

test("the tokens of others are seen and deleted only with the rights to", async (t) => {
	const made = await scene(t);
	const admin = await made.person({ grants: administratorGrants });
	const stranger = await made.person();
	const answer = await made.call({ method: "POST", url: `${base}/apiTokens`, payload: { name: "x" } }, admin);
	const { id } = answer.json<Token>();
	const viewer = await made.person({ grants: [{ objectType: "apiToken", objectId: id, access: ["view"] }] });
	const status = async (method: "GET" | "DELETE", as: Person) =>
		(await made.call({ method, url: `${base}/apiTokens/${id}` }, as)).statusCode;
	assert.deepEqual([await status("GET", stranger), await status("DELETE", stranger)], [403, 403]);
	assert.deepEqual([await status("GET", viewer), await status("DELETE", viewer)], [200, 403]);
	const listed = await made.call({ method: "GET", url: `${base}/apiTokens` }, stranger);
	assert.deepEqual(listed.json(), []);
	assert.equal((await made.call({ method: "GET", url: `${base}/apiTokens` }, viewer)).json<unknown[]>().length, 1);
	assert.equal(await status("DELETE", admin), 204);
	assert.equal(await status("GET", admin), 404);
});

test("the audit log is read page by page, filtered, and its wholeness checked", async (t) => {
	const made = await scene(t);
	const admin = await made.person({ grants: administratorGrants });
	for (const name of ["a", "b", "c"]) {
		await made.call({ method: "POST", url: `${base}/roles`, payload: { name } }, admin);
	}
	const read = (query: string) => made.call({ method: "GET", url: `${base}/auditLog${query}` }, admin);
	const first = await read("?limit=2&action=create");
	assert.deepEqual(
		first.json<{ objectName: string }[]>().map(({ objectName }) => objectName),
		["c", "b"],
	);
	const next = /^<(\?[^>]+)>; rel="next"$/.exec(String(first.headers["link"]))?.[1] ?? "";
	const second = await read(next);
	assert.deepEqual(
		second.json<{ objectName: string }[]>().map(({ objectName }) => objectName),
		["a"],
	);
	assert.equal(second.headers["link"], undefined);
	assert.deepEqual((await read("?since=2026-01-03T00:00:00Z")).json(), []);
	const objectId = second.json<{ objectId: string }[]>()[0]?.objectId;
	for (const [query, count] of [
		[`?actor=${admin.login}`, 3],
		["?actor=nobody", 0],
		[`?userId=${admin.id}&objectType=role`, 3],
		[`?objectType=role&objectId=${objectId}`, 1],
		["?objectType=user", 0],
		["?action=delete", 0],
		["?until=2026-01-02T12:00:00Z", 0],
		["?since=2026-01-02T12:00:00Z&until=2026-01-02T12:00:01Z", 3],
	] as const) {
		assert.equal((await read(query)).json<unknown[]>().length, count, query);
	}
	assert.equal((await read("?since=2026-02-31T99:00:00Z")).statusCode, 400);
	const verify = async () =>
		(await made.call({ method: "GET", url: `${base}/auditLog/verification` }, admin)).json<object>();
	assert.deepEqual(await verify(), { whole: true, rows: 3, brokenAt: null });
	await sql`UPDATE audit_log SET actor = 'eve' WHERE seq = 2`.execute(made.storage.db);
	assert.deepEqual(await verify(), { whole: false, rows: 2, brokenAt: 2 });
});
