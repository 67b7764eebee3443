// Goal: an agent's cookie opens the RESTful Interfaces under /ecfs/RI as far as the agent's rights go, for programs and for
// our own pages, and nothing else opens them there. Method: the real routes over the real server.

import assert from "node:assert/strict";
import test from "node:test";
import { makeApiToken } from "#identity/api-tokens.ts";
import { insertApiToken } from "#storage/sessions.ts";
import { administratorGrants, publicBaseUrl } from "#test/rest-scene.ts";
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

test("a cookie that an API token opened can no more than the token", async (t) => {
	const scene = await wireScene(t, { hasInterfaces: true });
	const chief = await scene.person({ grants: administratorGrants });
	const { token, row } = makeApiToken(scene.deps, {
		userId: chief.id,
		name: "leaked",
		expiresAt: new Date(scene.clock.now().getTime() + 86_400_000),
	});
	await scene.storage.write((tx) => insertApiToken(tx, row));
	const opened = await fetch(`${scene.origin}/desk/ecfs/authentication`, {
		method: "POST",
		headers: { authorization: `Bearer ${token}` },
	});
	assert.equal(opened.status, 200);
	const [cookie = ""] = (opened.headers.get("set-cookie") ?? "").split(";");
	const makeToken = (as: string, origin: string) =>
		fetch(`${scene.origin}/desk/ecfs/RI/rci/apiTokens`, {
			method: "POST",
			headers: { cookie: as, origin, "content-type": "application/json" },
			body: JSON.stringify({ name: "for ever" }),
		});
	const refused = await makeToken(cookie, publicBaseUrl);
	assert.equal(refused.status, 403);
	assert.match(await refused.text(), /An API token cannot make API tokens/);
	const foreign = await makeToken(cookie, "https://evil.example");
	assert.match(await foreign.text(), /cross_site/);
	const me = await fetch(`${scene.origin}/desk/ecfs/RI/rci/me`, { headers: { cookie } });
	assert.equal(((await me.json()) as { via: string }).via, "token");
	assert.equal((await makeToken((await scene.logIn(chief)).cookie, publicBaseUrl)).status, 201, "by password it may");
});
