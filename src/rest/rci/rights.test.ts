import assert from "node:assert/strict";
import test from "node:test";
import type { Grant, ObjectType } from "#domain/rights.ts";
import { listAudit } from "#storage/audit.ts";
import { grantsOf } from "#storage/grants.ts";
import { type Person, type RestScene, administratorGrants, restScene } from "#test/rest-scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { rciRoutes } from "./index.ts";

const base = "/RI/rci";
const of = (objectType: ObjectType, access: Grant["access"], objectId: string | null = null): Grant => ({
	objectType,
	objectId,
	access,
});

type Scene = RestScene & { admin: Person };

async function setUp(t: Parameters<typeof restScene>[0], options = {}): Promise<Scene> {
	const scene = await restScene(t, { routes: rciRoutes, ...options });
	return { ...scene, admin: await scene.person({ grants: administratorGrants }) };
}

async function made(scene: Scene, path: string, payload: object): Promise<string> {
	const answer = await scene.call({ method: "POST", url: `${base}${path}`, payload }, scene.admin);
	assert.equal(answer.statusCode, 201, answer.body);
	return answer.json<{ id: string }>().id;
}

async function status(
	scene: Scene,
	[method, path, payload]: ["GET" | "POST" | "PUT" | "PATCH" | "DELETE", string, object?],
	as = scene.admin,
): Promise<number> {
	const request = { method, url: `${base}${path}`, ...(payload === undefined ? {} : { payload }) };
	return (await scene.call(request, as)).statusCode;
}

onBothDialects("rights come by group, nested group and role, and go again at once", async (open) => {
	const scene = await setUp({ after: () => undefined }, { storage: await open() });
	const person = await scene.person();
	const sees = () => status(scene, ["GET", "/users"], person);
	const role = await made(scene, "/roles", { name: "Readers", description: "May see users." });
	assert.equal(await status(scene, ["PUT", `/roles/${role}/rights`, [of("user", ["view"])]]), 204);
	const upper = await made(scene, "/userGroups", { name: "Upper" });
	const lower = await made(scene, "/userGroups", { name: "Lower", parents: [upper] });
	assert.equal(await status(scene, ["POST", `/userGroups/${upper}/roles`, { id: role }]), 201);
	assert.equal(await sees(), 403);
	assert.equal(await status(scene, ["POST", `/users/${person.id}/userGroups`, { id: lower }]), 201);
	assert.equal(await sees(), 200);
	const me = await scene.call({ method: "GET", url: `${base}/me` }, person);
	const { rights } = me.json<{ rights: object[] }>();
	assert.deepEqual(rights, [
		{
			...of("user", ["view"]),
			from: { kind: "role", id: role, name: "Readers" },
			through: { kind: "userGroup", id: upper, name: "Upper" },
		},
	]);
	assert.equal(await status(scene, ["PUT", `/userGroups/${lower}`, { name: "Lower" }]), 204);
	assert.equal(await sees(), 403, "PUT without parents takes them away");
	assert.equal(await status(scene, ["POST", `/users/${person.id}/roles`, { id: role }]), 201);
	assert.equal(await sees(), 200);
	assert.equal(await status(scene, ["DELETE", `/users/${person.id}/roles/${role}`]), 204);
	assert.equal(await status(scene, ["DELETE", `/users/${person.id}/roles/${role}`]), 404);
	assert.equal(await sees(), 403);
	await scene.app.close();
});

test("members and roles are listed from both sides, and only what the caller may view", async (t) => {
	const scene = await setUp(t);
	const person = await scene.person({ login: "ada" });
	const [group, role] = [await made(scene, "/userGroups", { name: "G" }), await made(scene, "/roles", { name: "R" })];
	const added = await scene.call(
		{ method: "POST", url: `${base}/userGroups/${group}/users`, payload: { id: person.id } },
		scene.admin,
	);
	assert.equal(added.headers["location"], `${base}/userGroups/${group}/users/${person.id}`);
	assert.equal(await status(scene, ["POST", `/users/${person.id}/roles`, { id: role }]), 201);
	assert.equal(await status(scene, ["POST", `/userGroups/${group}/roles`, { id: role }]), 201);
	const ids = async (path: string, as = scene.admin) =>
		(await scene.call({ method: "GET", url: `${base}${path}` }, as)).json<{ id: string; name: string }[]>();
	assert.deepEqual(await ids(`/users/${person.id}/userGroups`), [{ id: group, name: "G" }]);
	assert.deepEqual(await ids(`/users/${person.id}/roles`), [{ id: role, name: "R" }]);
	assert.deepEqual(await ids(`/userGroups/${group}/users`), [{ id: person.id, name: "Ada ada" }]);
	assert.deepEqual(await ids(`/userGroups/${group}/roles`), [{ id: role, name: "R" }]);
	assert.deepEqual(await ids(`/roles/${role}/users`), [{ id: person.id, name: "Ada ada" }]);
	assert.deepEqual(await ids(`/roles/${role}/userGroups`), [{ id: group, name: "G" }]);
	assert.deepEqual(await ids(`/roles/${role}/userGroups?offset=1`), []);
	const narrow = await scene.person({
		grants: [of("userGroup", ["view"], group), of("user", ["view"], scene.admin.id)],
	});
	assert.deepEqual(await ids(`/userGroups/${group}/users`, narrow), []);
	assert.equal(await status(scene, ["GET", `/userGroups/${group}/users/${person.id}`]), 200);
	assert.equal(await status(scene, ["GET", `/userGroups/${group}/users/${scene.admin.id}`]), 404);
	assert.equal(await status(scene, ["GET", `/userGroups/${"0".repeat(32)}/users`]), 404);
	assert.equal(await status(scene, ["POST", `/userGroups/${group}/users`, { id: "0".repeat(32) }]), 404);
	assert.equal(await status(scene, ["POST", `/userGroups/${"0".repeat(32)}/users`, { id: person.id }]), 404);
});

test("lists of groups and roles show those that the caller may view, and no others", async (t) => {
	const scene = await setUp(t);
	for (const [path, objectType] of [
		["/userGroups", "userGroup"],
		["/roles", "role"],
	] as const) {
		const seen = await made(scene, path, { name: "Seen" });
		await made(scene, path, { name: "Hidden" });
		const narrow = await scene.person({ grants: [of(objectType, ["view"], seen)] });
		const list = await scene.call({ method: "GET", url: `${base}${path}` }, narrow);
		assert.deepEqual(
			list.json<{ name: string }[]>().map(({ name }) => name),
			["Seen"],
		);
	}
});

test("a right on one group does not reach another, though nothing were handed out by it", async (t) => {
	const scene = await setUp(t);
	const [own, other] = [
		await made(scene, "/userGroups", { name: "Own" }),
		await made(scene, "/userGroups", { name: "Other" }),
	];
	const leader = await scene.person({
		grants: [of("user", ["view"]), of("userGroup", ["view"]), of("userGroup", ["modify", "manageMembers"], own)],
	});
	const join = (group: string) => status(scene, ["POST", `/users/${leader.id}/userGroups`, { id: group }], leader);
	assert.deepEqual([await join(other), await join(own)], [403, 201]);
	const goBelow = (parents: string[]) => status(scene, ["PUT", `/userGroups/${own}`, { name: "Own", parents }], leader);
	assert.deepEqual([await goBelow([other]), await goBelow([])], [403, 204]);
});

const oddities: readonly [what: string, grants: unknown, pointer: string][] = [
	["an access that the object type does not have", [of("user", ["view", "use"])], "/0/access"],
	["the same object twice", [of("user", ["view"]), of("user", ["modify"])], "/1"],
	["an object that there is not", [of("user", ["view"], "0".repeat(32))], "/0/objectId"],
	["one object of a type that has none", [of("auditLog", ["view"], "0".repeat(32))], "/0/objectId"],
	["an unknown object type", [{ ...of("user", ["view"]), objectType: "moon" }], "/0/objectType"],
	["no access at all", [of("user", [])], "/0/access"],
	["an unknown field", [{ ...of("user", ["view"]), grant: true }], "/0/grant"],
];
for (const [what, grants, pointer] of oddities) {
	test(`a list of rights with ${what} is refused whole`, async (t) => {
		const scene = await setUp(t);
		const person = await scene.person({ grants: [of("role", ["view"])] });
		const url = `${base}/users/${person.id}/rights`;
		const answer = await scene.call({ method: "PUT", url, payload: grants as object }, scene.admin);
		const { errors } = answer.json<{ errors: { pointer: string }[] }>();
		assert.equal(answer.statusCode, 400);
		assert.ok(
			errors.some((error) => error.pointer === pointer),
			JSON.stringify(errors),
		);
		assert.deepEqual(await grantsOf(scene.storage.db, { kind: "user", id: person.id }), [of("role", ["view"])]);
	});
}

test("rights are read and replaced as a whole, in one order, and the change is in the audit log", async (t) => {
	const scene = await setUp(t);
	const role = await made(scene, "/roles", { name: "R" });
	const given = [of("user", ["modify", "view"]), of("role", ["view"], role)];
	assert.equal(await status(scene, ["PUT", `/roles/${role}/rights`, given]), 204);
	const read = (await scene.call({ method: "GET", url: `${base}/roles/${role}/rights` }, scene.admin)).json<Grant[]>();
	assert.deepEqual(read, [of("role", ["view"], role), of("user", ["view", "modify"])]);
	assert.equal(await status(scene, ["PUT", `/roles/${role}/rights`, []]), 204);
	const [entry] = await listAudit(scene.storage.db, { limit: 1, action: "setRights" });
	assert.deepEqual(entry?.changes, { rights: { before: read, after: [] } });
	assert.equal(await status(scene, ["GET", `/roles/${"0".repeat(32)}/rights`]), 404);
});

test("nobody hands out what they do not hold: not as a right, a role, a membership or a parent", async (t) => {
	const scene = await setUp(t);
	const strong = await made(scene, "/roles", { name: "Strong" });
	assert.equal(await status(scene, ["PUT", `/roles/${strong}/rights`, [of("auditLog", ["view"])]]), 204);
	const strongGroup = await made(scene, "/userGroups", { name: "Strong" });
	assert.equal(await status(scene, ["POST", `/userGroups/${strongGroup}/roles`, { id: strong }]), 201);
	const weakGroup = await made(scene, "/userGroups", { name: "Weak" });
	const clerk = await scene.person({
		grants: [
			of("user", ["view", "modify", "manageRights"]),
			of("userGroup", ["view", "create", "modify", "manageMembers"]),
			of("role", ["view", "manageMembers", "manageRights"]),
		],
	});
	const before = JSON.stringify([await scene.storage.db.selectFrom("grants").selectAll().execute()]);
	const tries: readonly ["POST" | "PUT" | "PATCH", string, object][] = [
		["PUT", `/users/${clerk.id}/rights`, [of("auditLog", ["view"])]],
		["PUT", `/users/${clerk.id}/rights`, [of("user", ["view", "modify", "delete"])]],
		["PUT", `/roles/${strong}/rights`, [of("auditLog", ["view"]), of("smsServer", ["view"])]],
		["POST", `/users/${clerk.id}/roles`, { id: strong }],
		["POST", `/users/${clerk.id}/userGroups`, { id: strongGroup }],
		["POST", `/userGroups/${strongGroup}/users`, { id: clerk.id }],
		["POST", `/userGroups/${weakGroup}/roles`, { id: strong }],
		["PATCH", `/userGroups/${weakGroup}`, { parents: [strongGroup] }],
	];
	for (const attempt of tries) {
		assert.equal(await status(scene, attempt, clerk), 403, JSON.stringify(attempt));
	}
	assert.equal(JSON.stringify([await scene.storage.db.selectFrom("grants").selectAll().execute()]), before);
	assert.equal(await status(scene, ["POST", `/users/${clerk.id}/userGroups`, { id: weakGroup }], clerk), 201);
	assert.equal(await status(scene, ["PUT", `/users/${clerk.id}/rights`, [of("user", ["view"])]], clerk), 204);
});

test("who may manage the rights of everybody may hand out anything", async (t) => {
	const scene = await setUp(t);
	const master = await scene.person({
		grants: [of("user", ["view", "manageRights"]), of("userGroup", ["manageRights"]), of("role", ["manageRights"])],
	});
	const person = await scene.person();
	assert.equal(await status(scene, ["PUT", `/users/${person.id}/rights`, [of("auditLog", ["view"])]], master), 204);
});

test("a group cannot be above itself, and parents must exist", async (t) => {
	const scene = await setUp(t);
	const top = await made(scene, "/userGroups", { name: "Top" });
	const middle = await made(scene, "/userGroups", { name: "Middle", parents: [top] });
	const low = await made(scene, "/userGroups", { name: "Low", parents: [middle] });
	for (const [group, parent] of [
		[top, top],
		[top, middle],
		[top, low],
		[low, "0".repeat(32)],
	] as const) {
		assert.equal(await status(scene, ["PATCH", `/userGroups/${group}`, { parents: [parent] }]), 400);
	}
	assert.equal(await status(scene, ["PATCH", `/userGroups/${low}`, { parents: [top, middle] }]), 200);
	const read = await scene.call({ method: "GET", url: `${base}/userGroups/${low}` }, scene.admin);
	assert.deepEqual(read.json<{ parents: string[] }>().parents, [top, middle]);
	assert.equal(await status(scene, ["POST", "/roles", { name: "R", parents: [top] }]), 400);
});

test("groups and roles have unique names, versions and patterns", async (t) => {
	const scene = await setUp(t);
	for (const path of ["/userGroups", "/roles"]) {
		const id = await made(scene, path, { name: "Agents" });
		await made(scene, path, { name: "Others" });
		assert.equal(await status(scene, ["POST", path, { name: "AGENTS" }]), 409);
		assert.equal(await status(scene, ["PATCH", `${path}/${id}`, { name: "others" }]), 409);
		assert.equal(await status(scene, ["PATCH", `${path}/${id}`, { description: "d" }]), 200);
		const stale = { method: "DELETE", url: `${base}${path}/${id}`, headers: { "if-match": '"1"' } } as const;
		assert.equal((await scene.call(stale, scene.admin)).statusCode, 412);
		const list = await scene.call({ method: "GET", url: `${base}${path}?name=ag*&sort=-name` }, scene.admin);
		assert.deepEqual(
			list.json<{ name: string }[]>().map(({ name }) => name),
			["Agents"],
		);
		assert.equal(await status(scene, ["DELETE", `${path}/${id}`]), 204);
		assert.equal(await status(scene, ["GET", `${path}/${id}`]), 404);
	}
});

onBothDialects("the last administrator keeps every right, whichever way it could be lost", async (open) => {
	const scene = await setUp({ after: () => undefined }, { storage: await open() });
	const role = await made(scene, "/roles", { name: "Administrator" });
	assert.equal(await status(scene, ["PUT", `/roles/${role}/rights`, administratorGrants]), 204);
	const upper = await made(scene, "/userGroups", { name: "Upper" });
	const lower = await made(scene, "/userGroups", { name: "Lower", parents: [upper] });
	assert.equal(await status(scene, ["POST", `/userGroups/${upper}/roles`, { id: role }]), 201);
	assert.equal(await status(scene, ["POST", `/userGroups/${lower}/users`, { id: scene.admin.id }]), 201);
	assert.equal(await status(scene, ["PUT", `/users/${scene.admin.id}/rights`, []]), 204, "the role is left");
	const losing: readonly ["PUT" | "PATCH" | "DELETE", string, object?][] = [
		["PUT", `/roles/${role}/rights`, []],
		["PUT", `/roles/${role}/rights`, administratorGrants.slice(1)],
		["DELETE", `/roles/${role}`],
		["DELETE", `/userGroups/${upper}/roles/${role}`],
		["DELETE", `/userGroups/${lower}/users/${scene.admin.id}`],
		["DELETE", `/users/${scene.admin.id}/userGroups/${lower}`],
		["PATCH", `/userGroups/${lower}`, { parents: [] }],
		["DELETE", `/userGroups/${upper}`],
		["DELETE", `/userGroups/${lower}`],
		["DELETE", `/users/${scene.admin.id}`],
	];
	for (const attempt of losing) {
		assert.equal(await status(scene, attempt), 409, JSON.stringify(attempt.slice(0, 2)));
	}
	assert.equal(await status(scene, ["GET", "/auditLog"]), 200, "nothing of it was kept");
	await scene.app.close();
});

onBothDialects("two administrators who take each other's rights at the same time cannot both succeed", async (open) => {
	const scene = await setUp({ after: () => undefined }, { storage: await open() });
	const other = await scene.person({ grants: administratorGrants });
	const results = await Promise.all([
		status(scene, ["PUT", `/users/${other.id}/rights`, []], scene.admin),
		status(scene, ["PUT", `/users/${scene.admin.id}/rights`, []], other),
	]);
	// The second is refused as the last one (409), or has no rights any more by the time it is asked (403).
	assert.equal(results.filter((result) => result === 204).length, 1, String(results));
	assert.equal(results.filter((result) => result === 409 || result === 403).length, 1, String(results));
	await scene.app.close();
});

onBothDialects(
	"a list of rights has an ETag of what it holds; who believes in another one changes nothing",
	async (open) => {
		const scene = await setUp({ after: () => undefined }, { storage: await open() });
		const role = await made(scene, "/roles", { name: "R" });
		const service = await made(scene, "/roles", { name: "Object" });
		const url = `${base}/roles/${role}/rights`;
		const read = async () => (await scene.call({ method: "GET", url }, scene.admin)).headers["etag"];
		const put = async (payload: Grant[], etag: string | undefined) => {
			const headers = { "if-match": String(etag) };
			const answer = await scene.call({ method: "PUT", url, payload, headers }, scene.admin);
			return { status: answer.statusCode, etag: answer.headers["etag"] };
		};
		const empty = await read();
		assert.match(String(empty), /^"\d{1,15}"$/);
		const first = await put([of("role", ["view"], service), of("user", ["modify", "view"])], empty);
		assert.deepEqual(first, { status: 204, etag: await read() });
		assert.notEqual(first.etag, empty);
		assert.equal((await put([], empty)).status, 412);
		assert.equal((await grantsOf(scene.storage.db, { kind: "role", id: role })).length, 2);
		assert.equal(await status(scene, ["PATCH", `/roles/${role}`, { name: "Other" }]), 200);
		assert.equal(await read(), first.etag, "the name is no right");
		assert.equal(await status(scene, ["DELETE", `/roles/${service}`]), 204);
		assert.notEqual(await read(), first.etag, "a deleted object takes the rights on it along");
		const both = await read();
		const results = await Promise.all([put([of("user", ["view"])], both), put([of("role", ["view"])], both)]);
		const [one, other] = results.map((result) => result.status);
		assert.deepEqual([Math.min(one ?? 0, other ?? 0), Math.max(one ?? 0, other ?? 0)], [204, 412], "at the same time");
		assert.equal((await put([], "*")).status, 204);
		await scene.app.close();
	},
);
