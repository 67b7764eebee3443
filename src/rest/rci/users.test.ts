import assert from "node:assert/strict";
import test from "node:test";
import type { Grant } from "#domain/rights.ts";
import { listAudit } from "#storage/audit.ts";
import { findCredentials } from "#storage/people.ts";
import { type Person, type RestScene, administratorGrants, basic, restScene } from "#test/rest-scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { rciRoutes } from "./index.ts";

const ada = { firstName: "Ada", surname: "Byron", login: "ada.byron" };
const good = "correct horse battery";
const users = "/RI/rci/users";
type User = { id: string; login: string; allowed: string[]; [field: string]: unknown };

function userGrant(access: Grant["access"], objectId: string | null = null): Grant {
	return { objectType: "user", objectId, access };
}

async function setUp(t: Parameters<typeof restScene>[0]): Promise<RestScene & { admin: Person }> {
	const scene = await restScene(t, { routes: rciRoutes });
	return { ...scene, admin: await scene.person({ login: "admin", grants: administratorGrants }) };
}

async function create(scene: RestScene & { admin: Person }, over: object = {}): Promise<User> {
	const answer = await scene.call({ method: "POST", url: users, payload: { ...ada, ...over } }, scene.admin);
	assert.equal(answer.statusCode, 201, answer.body);
	return answer.json<User>();
}

onBothDialects(
	"a user is made, read, replaced, changed and deleted, and every step is in the audit log",
	async (open) => {
		const scene = await restScene({ after: () => undefined }, { routes: rciRoutes, storage: await open() });
		const admin = await scene.person({ grants: administratorGrants });
		const made = await scene.call(
			{ method: "POST", url: users, payload: { ...ada, password: good, email: "a@b.c" } },
			admin,
		);
		const user = made.json<User>();
		assert.equal(made.headers["location"], `${users}/${user.id}`);
		assert.equal(user["passwordSet"], true);
		assert.doesNotMatch(made.body, /hash|secret|battery/);
		const url = `${users}/${user.id}`;
		const read = await scene.call({ method: "GET", url }, admin);
		assert.equal(read.body, made.body);
		assert.equal(read.headers["etag"], '"1"');
		const put = await scene.call({ method: "PUT", url, payload: { ...read.json<User>(), surname: "King" } }, admin);
		assert.deepEqual(
			[put.statusCode, put.body, put.headers["etag"]],
			[204, "", '"2"'],
			"what a GET gave can be sent back",
		);
		const patch = await scene.call({ method: "PATCH", url, payload: { title: "Countess", email: null } }, admin);
		const { surname, title, email, passwordSet } = patch.json<User>();
		assert.deepEqual([patch.statusCode, surname, title, email, passwordSet], [200, "King", "Countess", null, true]);
		const bare = await scene.call({ method: "PUT", url, payload: ada }, admin);
		assert.equal(bare.statusCode, 204);
		assert.equal((await scene.call({ method: "GET", url }, admin)).json<User>()["title"], null, "PUT replaces");
		assert.equal((await scene.call({ method: "DELETE", url }, admin)).statusCode, 204);
		assert.equal((await scene.call({ method: "GET", url }, admin)).statusCode, 404);
		const log = await listAudit(scene.storage.db, { limit: 10 });
		assert.deepEqual(
			log.map(({ action }) => action),
			["delete", "modify", "modify", "modify", "create"],
		);
		assert.deepEqual(log.at(3)?.changes, { surname: { before: "Byron", after: "King" } });
		assert.deepEqual(log.at(4)?.changes["password"], { after: "set" });
		assert.equal(
			log.every(({ objectId, userId }) => objectId === user.id && userId === admin.id),
			true,
		);
		assert.doesNotMatch(JSON.stringify(log), /battery|hash of/);
		await scene.app.close();
	},
);

test("lists show what the caller may view, by patterns and pages, with what may be done to each", async (t) => {
	const scene = await setUp(t);
	const [one, two] = [await create(scene), await create(scene, { login: "bob", firstName: "Bob", externalUser: true })];
	const viewer = await scene.person({ grants: [userGrant(["view"], one.id), userGrant(["modify"], two.id)] });
	const list = async (query: string, as: Person) =>
		(await scene.call({ method: "GET", url: `${users}${query}` }, as)).json<User[]>();
	assert.deepEqual(
		(await list("", viewer)).map(({ login, allowed }) => [login, allowed]),
		[
			["ada.byron", ["view"]],
			["bob", ["view", "modify"]],
		],
	);
	const logins = async (query: string) => (await list(query, scene.admin)).map(({ login }) => login);
	assert.deepEqual(await logins("?login=*byron&firstName=a?a"), ["ada.byron"]);
	assert.deepEqual(await logins("?externalUser=true"), ["bob"]);
	assert.deepEqual(await logins("?externalUser=false&login=ada.byron"), ["ada.byron"]);
	assert.deepEqual(await logins("?externalUser=*&sort=-login&limit=1"), [viewer.login]);
	assert.deepEqual(await logins("?limit=1&offset=1&sort=login"), ["admin"]);
	for (const query of ["?limit=0", "?limit=1001", "?password=x", "?sort=password_hash"]) {
		const answer = await scene.call({ method: "GET", url: `${users}${query}` }, scene.admin);
		assert.equal(answer.statusCode, 400, query);
	}
});

onBothDialects("a list of users tells the groups of each that the caller may view", async (open) => {
	const scene = await restScene({ after: () => undefined }, { routes: rciRoutes, storage: await open() });
	const admin = await scene.person({ login: "admin", grants: administratorGrants });
	const post = async (url: string, payload: object) => {
		const answer = await scene.call({ method: "POST", url: `/RI/rci${url}`, payload }, admin);
		assert.equal(answer.statusCode, 201, answer.body);
		return answer.json<{ id: string }>().id;
	};
	const [late, night] = [await post("/userGroups", { name: "late" }), await post("/userGroups", { name: "Night" })];
	const [one, two] = [await post("/users", ada), await post("/users", { ...ada, login: "bob" })];
	for (const [group, id] of [
		[night, one],
		[late, one],
		[night, two],
	] as const) {
		await post(`/userGroups/${group}/users`, { id });
	}
	const groupsAs = async (as: Person) => {
		const { body } = await scene.call({ method: "GET", url: `${users}?sort=login` }, as);
		return Object.fromEntries(
			(JSON.parse(body) as (User & { userGroups: object[] })[]).map(({ login, userGroups }) => [login, userGroups]),
		);
	};
	const all = await groupsAs(admin);
	assert.deepEqual(all["ada.byron"], [
		{ id: late, name: "late" },
		{ id: night, name: "Night" },
	]);
	assert.deepEqual([all["bob"], all["admin"]], [[{ id: night, name: "Night" }], []]);
	const sight: Grant = { objectType: "userGroup", objectId: late, access: ["view"] };
	const narrow = await groupsAs(await scene.person({ grants: [userGrant(["view"]), sight] }));
	assert.deepEqual([narrow["ada.byron"], narrow["bob"]], [[{ id: late, name: "late" }], []]);
	const blind = await groupsAs(await scene.person({ grants: [userGrant(["view"])] }));
	assert.deepEqual(blind["ada.byron"], []);
	await scene.app.close();
});

const mistakes: readonly [what: string, over: object, pointer: string][] = [
	["no first name", { firstName: "" }, "/firstName"],
	["a line break in a name", { surname: "a\nb" }, "/surname"],
	["a colon in the logon name", { login: "a:b" }, "/login"],
	["a space in the logon name", { login: "a b" }, "/login"],
	["a short password", { password: "short" }, "/password"],
	["a common password", { password: "password12345" }, "/password"],
	["the logon name as password", { login: "ada.lovelace.byron", password: "Ada.Lovelace.Byron" }, "/password"],
	["a field there is not", { isAdmin: true }, "/isAdmin"],
	["a hash instead of a password", { passwordHash: "x" }, "/passwordHash"],
	["a very long name", { firstName: "x".repeat(401) }, "/firstName"],
];
for (const [what, over, pointer] of mistakes) {
	test(`a user with ${what} is refused, and the field is named`, async (t) => {
		const { call, admin } = await setUp(t);
		const answer = await call({ method: "POST", url: users, payload: { ...ada, ...over } }, admin);
		const { code, errors } = answer.json<{ code: string; errors: { pointer: string }[] }>();
		assert.deepEqual([answer.statusCode, code], [400, "invalid_body"]);
		assert.ok(
			errors.some((error) => error.pointer === pointer),
			JSON.stringify(errors),
		);
	});
}

test("read-only fields in a body change nothing", async (t) => {
	const scene = await setUp(t);
	const forged = { id: "B".repeat(32), passwordSet: true, allowed: ["delete"], createdAt: "never" };
	const user = await create(scene, forged);
	assert.notEqual(user.id, forged.id);
	assert.equal(user["passwordSet"], false);
	assert.notEqual(user["createdAt"], "never");
});

test("two users cannot have one logon name, also when one is renamed", async (t) => {
	const scene = await setUp(t);
	await create(scene);
	const bob = await create(scene, { login: "bob" });
	const attempts = [
		{ method: "POST", url: users, payload: { ...ada, login: "ADA.BYRON" } },
		{ method: "PATCH", url: `${users}/${bob.id}`, payload: { login: "Ada.Byron" } },
	] as const;
	for (const attempt of attempts) {
		const answer = await scene.call(attempt, scene.admin);
		assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [409, "duplicate_name"]);
	}
});

test("If-Match keeps a change from overwriting another", async (t) => {
	const scene = await setUp(t);
	const { id } = await create(scene);
	const change = (version: string, method: "PUT" | "PATCH" | "DELETE") =>
		scene.call(
			{
				method,
				url: `${users}/${id}`,
				headers: { "if-match": version },
				...(method === "DELETE" ? {} : { payload: method === "PUT" ? ada : { title: "x" } }),
			},
			scene.admin,
		);
	assert.equal((await change('"1"', "PATCH")).statusCode, 200);
	for (const method of ["PUT", "PATCH", "DELETE"] as const) {
		assert.equal((await change('"1"', method)).statusCode, 412, method);
	}
	assert.equal((await change('"2"', "DELETE")).statusCode, 204);
});

test("a new password, a new logon name or disabling ends every session at once", async (t) => {
	const scene = await setUp(t);
	for (const change of [{ password: good }, { login: "renamed" }, { enabled: false }, { externalUser: true }]) {
		const person = await scene.person();
		const user = await findCredentials(scene.storage.db, { id: person.id });
		assert.ok(user);
		const started = await scene.identity.sessions.start(user, "b");
		const cookie = started?.cookie.split(";")[0] ?? "";
		assert.notEqual(await scene.identity.sessions.resume(cookie), undefined);
		const answer = await scene.call({ method: "PATCH", url: `${users}/${person.id}`, payload: change }, scene.admin);
		assert.equal(answer.statusCode, 200, answer.body);
		assert.equal(await scene.identity.sessions.resume(cookie), undefined, JSON.stringify(change));
	}
});

test("after a new password the old one does not count any more, remembered or not", async (t) => {
	const scene = await setUp(t);
	const person = await scene.person();
	const me = { method: "GET", url: "/RI/rci/me" } as const;
	assert.equal((await scene.call(me, person)).statusCode, 200);
	await scene.call({ method: "PATCH", url: `${users}/${person.id}`, payload: { password: good } }, scene.admin);
	assert.equal((await scene.call(me, person)).statusCode, 401);
	const renewed = { ...person, authorization: basic(person.login, good) };
	assert.equal((await scene.call(me, renewed)).statusCode, 200);
	await scene.call({ method: "PATCH", url: `${users}/${person.id}`, payload: { password: null } }, scene.admin);
	assert.equal((await scene.call(me, renewed)).statusCode, 401);
});

test("a generated password is shown once, works at once, and replaces the one before", async (t) => {
	const scene = await setUp(t);
	const user = await create(scene, { externalUser: true });
	const url = `${users}/${user.id}/machinePassword`;
	const generate = async (key: string) =>
		(await scene.call({ method: "POST", url, headers: { "idempotency-key": key } }, scene.admin)).json<{
			password: string;
		}>().password;
	const first = await generate("1");
	assert.match(first, /^[A-Za-z0-9_-]{43}$/);
	assert.equal(await generate("1"), first, "the repeated call shows the same");
	const works = async (password: string) =>
		(await scene.identity.logOn({ login: user.login, password, address: "::1" })).ok;
	assert.equal(await works(first), true);
	const second = await generate("2");
	assert.notEqual(second, first);
	assert.deepEqual([await works(first), await works(second)], [false, true]);
	const read = await scene.call({ method: "GET", url: `${users}/${user.id}` }, scene.admin);
	assert.equal(read.json<User>()["passwordKind"], "machine");
	assert.equal(read.body.includes(second), false);
	const stored = JSON.stringify(await scene.storage.db.selectFrom("audit_log").selectAll().execute());
	assert.equal(stored.includes(second), false);
	const person = await create(scene, { login: "person" });
	const answer = await scene.call({ method: "POST", url: `${users}/${person.id}/machinePassword` }, scene.admin);
	assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [409, "conflict"]);
});

test("who may modify users cannot take over somebody with more rights by setting the password or logon name", async (t) => {
	const scene = await setUp(t);
	const helpDesk = await scene.person({ grants: [userGrant(["view", "modify"])] });
	const machine = await scene.person({
		externalUser: true,
		grants: [{ objectType: "smsServer", objectId: null, access: ["view"] }],
	});
	const equal = await scene.person({ grants: [userGrant(["view"])] });
	const patch = async (id: string, payload: object) =>
		(await scene.call({ method: "PATCH", url: `${users}/${id}`, payload }, helpDesk)).statusCode;
	assert.equal(await patch(scene.admin.id, { password: good }), 403);
	assert.equal(await patch(scene.admin.id, { password: null }), 403);
	assert.equal(await patch(scene.admin.id, { login: "mine" }), 403);
	assert.equal(await patch(scene.admin.id, { title: "Dr" }), 200);
	assert.equal(await patch(equal.id, { password: good }), 200);
	const generated = await scene.call({ method: "POST", url: `${users}/${machine.id}/machinePassword` }, helpDesk);
	assert.equal(generated.statusCode, 403);
});

test("the last administrator cannot be deleted, disabled, made external or left without a password", async (t) => {
	const scene = await setUp(t);
	const url = `${users}/${scene.admin.id}`;
	const tries = [
		{ method: "DELETE", url },
		{ method: "PATCH", url, payload: { enabled: false } },
		{ method: "PATCH", url, payload: { externalUser: true } },
		{ method: "PATCH", url, payload: { password: null } },
		{ method: "PUT", url, payload: { ...ada, enabled: false } },
	] as const;
	for (const request of tries) {
		const answer = await scene.call(request, scene.admin);
		assert.deepEqual(
			[answer.statusCode, answer.json<{ code: string }>().code],
			[409, "conflict"],
			JSON.stringify(request),
		);
	}
	assert.equal((await scene.call({ method: "PATCH", url, payload: { title: "Dr" } }, scene.admin)).statusCode, 200);
	await scene.person({ grants: administratorGrants });
	assert.equal((await scene.call({ method: "DELETE", url }, scene.admin)).statusCode, 204);
	assert.equal((await scene.call({ method: "GET", url: users }, scene.admin)).statusCode, 401);
});
