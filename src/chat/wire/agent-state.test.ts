// Goal: what the original's library for host pages calls under /ecfs/RI/rmi changes the properties of who asks, of nobody
// else. Method: real calls, a tree that writes down what it was asked.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { type WireScene, wireScene } from "#test/wire-scene.ts";

const lunch = { id: "A1".repeat(16), name: "Lunch", type: "absence" };
const other = "B2".repeat(16);

async function sceneWithProfiles(t: TestContext) {
	const scene = await wireScene(t);
	const me = await scene.logIn(await scene.person());
	scene.tree.answer = ({ method }) =>
		Promise.resolve({ status: 200, ...(method === "GET" ? { body: { presence_profiles: [lunch] } } : {}) });
	const call = (method: string, path: string, body?: unknown) =>
		fetch(`${scene.origin}/desk/ecfs/RI/rmi/agents/${path}`, {
			method,
			headers: { cookie: me.cookie, "content-type": "application/json" },
			...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
		});
	return { scene, me, call };
}

const changes = ({ asked }: WireScene) => asked.filter(({ method }) => method === "PUT");

test("presences are read, one is set by its address, readiness by its two words", async (t) => {
	const { scene, me, call } = await sceneWithProfiles(t);
	const read = await call("GET", `${me.id}/presences/`);
	assert.deepEqual([read.status, await read.json()], [200, [lunch]]);
	assert.equal((await call("PUT", `${me.id}/presences/${lunch.id}`, lunch)).status, 204);
	assert.equal((await call("PUT", `${me.id.toLowerCase()}/presences/${lunch.id.toLowerCase()}/`, lunch)).status, 204);
	const ready = await call("PUT", `${me.id}/readyState/`, { readyState: "Ready" });
	assert.deepEqual([ready.status, await ready.text()], [204, ""]);
	assert.equal((await call("PUT", `${me.id}/readyState`, { readyState: "NotReady" })).status, 204);
	assert.deepEqual(
		changes(scene).map(({ path, body, caller }) => [path.join("/"), body, caller.userId]),
		[
			["properties", { presence: lunch.id }, me.id],
			["properties", { presence: lunch.id }, me.id],
			["properties", { work_status: "ready" }, me.id],
			["properties", { work_status: "not_ready" }, me.id],
		],
	);
});

test("nobody sets another's, what is not there, or with what is not meant", async (t) => {
	const { scene, me, call } = await sceneWithProfiles(t);
	assert.equal((await call("GET", `${other}/presences/`)).status, 403);
	assert.equal((await call("PUT", `${other}/presences/${lunch.id}`, lunch)).status, 403);
	assert.equal((await call("PUT", `${other}/readyState/`, { readyState: "Ready" })).status, 403);
	assert.equal((await call("PUT", `${me.id}/presences/${other}`, lunch)).status, 404);
	for (const body of [{}, { readyState: "ready" }, { readyState: "constructor" }, [], "null", "{"]) {
		assert.equal((await call("PUT", `${me.id}/readyState/`, body)).status, 400, JSON.stringify(body));
	}
	assert.deepEqual(changes(scene), []);
	assert.equal((await call("POST", `${me.id}/readyState/`, {})).status, 405);
	const at = `${scene.origin}/desk/ecfs/RI/rmi/agents/${me.id}/readyState/`;
	const put = (headers: Record<string, string>) =>
		fetch(at, { method: "PUT", headers, body: '{"readyState":"Ready"}' }).then(({ status }) => status);
	assert.equal(await put({ cookie: me.cookie, "content-type": "text/plain" }), 415);
	assert.equal(await put({ "content-type": "application/json" }), 401);
	assert.equal(await put({ cookie: (await scene.visit()).cookie, "content-type": "application/json" }), 401);
});

test("what the tree refuses is told as it says it", async (t) => {
	const { scene, me, call } = await sceneWithProfiles(t);
	const absent = { error: "absent", message: "An absence is active." };
	scene.tree.answer = () => Promise.resolve({ status: 403, body: absent });
	const refused = await call("PUT", `${me.id}/readyState/`, { readyState: "Ready" });
	assert.deepEqual([refused.status, await refused.json()], [403, absent]);
	assert.equal((await call("GET", `${me.id}/presences/`)).status, 403);
	assert.equal((await call("PUT", `${me.id}/presences/${lunch.id}`, lunch)).status, 403);
});
