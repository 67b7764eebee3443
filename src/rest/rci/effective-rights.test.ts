import assert from "node:assert/strict";
import test from "node:test";
import { administratorGrants, type Person, restScene } from "#test/rest-scene.ts";
import { rciRoutes } from "./index.ts";

const base = "/RI/rci";

type Source = { kind: string; id: string; name: string | null };
type Right = { objectType: string; objectId: string | null; access: string[]; from: Source; through: Source | null };

/** A clerk with a right of their own, one by a group's group, and one by a role of that group. */
async function clerkOf(t: Parameters<typeof restScene>[0]) {
	const scene = await restScene(t, { routes: rciRoutes });
	const admin = await scene.person({ grants: administratorGrants });
	const send = async (method: "POST" | "PUT", path: string, payload: object | string) => {
		const headers = { "content-type": "application/json" };
		const body = typeof payload === "string" ? JSON.stringify(payload) : payload;
		const answer = await scene.call({ method, url: `${base}${path}`, payload: body, headers }, admin);
		assert.ok(answer.statusCode < 300, `${path}: ${answer.body}`);
		return answer.statusCode === 201 && answer.body !== "" ? (answer.json<{ id?: string }>().id ?? "") : "";
	};
	const clerk = await scene.person({ grants: [{ objectType: "role", objectId: null, access: ["view"] }] });
	const above = await send("POST", "/userGroups", { name: "Above" });
	const below = await send("POST", "/userGroups", { name: "Below", parents: [above] });
	const role = await send("POST", "/roles", { name: "Reader" });
	await send("PUT", `/userGroups/${above}/rights`, [{ objectType: "user", objectId: null, access: ["view"] }]);
	await send("PUT", `/roles/${role}/rights`, [{ objectType: "auditLog", objectId: null, access: ["view"] }]);
	await send("POST", `/userGroups/${above}/roles`, { id: role });
	await send("POST", `/users/${clerk.id}/userGroups`, { id: below });
	const read = async (path: string, as: Person) => {
		const answer = await scene.call({ method: "GET", url: `${base}${path}` }, as);
		return { status: answer.statusCode, rights: answer.statusCode === 200 ? answer.json<Right[]>() : [] };
	};
	return { scene, admin, clerk, above, below, role, read };
}

test("every right of another user is told with where it comes from, as they are told themselves", async (t) => {
	const { scene, admin, clerk, above, role, read } = await clerkOf(t);
	const { status, rights } = await read(`/users/${clerk.id}/effectiveRights`, admin);
	assert.equal(status, 200);
	assert.deepEqual(
		rights.map(({ objectType, from, through }) => [objectType, from.kind, from.id, through?.id ?? null]),
		[
			["auditLog", "role", role, above],
			["role", "user", clerk.id, null],
			["user", "userGroup", above, null],
		],
	);
	assert.deepEqual(rights[0]?.from.name, "Reader");
	const own = await scene.call({ method: "GET", url: `${base}/me` }, clerk);
	assert.deepEqual(own.json<{ rights: Right[] }>().rights, rights);
});

test("a group's rights are those that its members get by it", async (t) => {
	const { admin, below, read } = await clerkOf(t);
	const { rights } = await read(`/userGroups/${below}/effectiveRights`, admin);
	assert.deepEqual(
		rights.map(({ objectType }) => objectType),
		["auditLog", "user"],
	);
});

test("who may view the user only is not told the names of groups and roles that they may not view", async (t) => {
	const { scene, clerk, below, read } = await clerkOf(t);
	const on = { objectType: "user", objectId: clerk.id, access: ["view"] } as const;
	const { rights } = await read(`/users/${clerk.id}/effectiveRights`, await scene.person({ grants: [on] }));
	assert.equal(rights.length, 3);
	assert.deepEqual(
		rights.map(({ from, through }) => [from.name === null, through?.name ?? null]),
		[
			[true, null],
			[false, null],
			[true, null],
		],
	);
	const stranger = await scene.person({ grants: [{ ...on, objectId: "0".repeat(32) }] });
	assert.equal((await read(`/users/${clerk.id}/effectiveRights`, stranger)).status, 403);
	assert.equal((await read(`/users/${"0".repeat(32)}/effectiveRights`, stranger)).status, 404);
	assert.equal((await read(`/userGroups/${below}/effectiveRights`, stranger)).status, 403);
});
