// Goal: an agent's cookie opens the RESTful Interfaces under /ecfs/RI as far as the agent's rights go, for programs and for
// our own pages, and nothing else opens them there. Method: the real routes over the real server.

import assert from "node:assert/strict";
import test from "node:test";
import { administratorGrants } from "#test/rest-scene.ts";
import { wireScene } from "#test/wire-scene.ts";

test("the interfaces with an agent's cookie", async (t) => {
	const scene = await wireScene(t, { hasInterfaces: true });
	const [chief, nobody] = [await scene.person({ grants: administratorGrants }), await scene.person()];
	const [may, mayNot, visitor] = [await scene.logIn(chief), await scene.logIn(nobody), await scene.visit()];
	const call = async (headers: Record<string, string>, method = "GET") =>
		(await fetch(`${scene.origin}/desk/ecfs/RI/rci/users`, { method, headers })).status;
	assert.equal(await call({ cookie: may.cookie }), 200);
	assert.equal(await call({ cookie: mayNot.cookie }), 403);
	assert.equal(await call({ cookie: visitor.cookie }), 401);
	assert.equal(await call({ authorization: chief.authorization }), 401);
	assert.equal(await call({}), 401);
	assert.equal(await call({ cookie: may.cookie, origin: "https://evil.example" }, "POST"), 403);
	await scene.storage.db.updateTable("users").set({ enabled: 0 }).where("id", "=", chief.id).execute();
	assert.equal(await call({ cookie: may.cookie }), 401);
});
