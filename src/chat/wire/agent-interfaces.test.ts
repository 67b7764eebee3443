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

const paths = [
	"authentication",
	"authentication/",
	"rest/users/me/properties",
	"RI/rci/users",
	"RI/cmi/chats/",
	"RI/rmi/agents/A/presences/",
	"RI/lri/contact",
];

for (const path of paths) {
	test(`before ${path} is asked, a browser hears which pages may`, async (t) => {
		const scene = await wireScene(t, { hasInterfaces: true });
		const ask = (origin: string) =>
			fetch(`${scene.origin}/desk/ecfs/${path}`, {
				method: "OPTIONS",
				headers: { origin, "access-control-request-method": "PUT", "sec-fetch-site": "cross-site" },
			});
		const { status, headers } = await ask("https://crm.example");
		assert.deepEqual(
			[status, headers.get("access-control-allow-origin"), headers.get("access-control-allow-credentials")],
			[204, "https://crm.example", "true"],
		);
		assert.deepEqual(
			[headers.get("vary"), headers.get("access-control-allow-methods")],
			["Origin", "GET, POST, PUT, PATCH, DELETE"],
		);
		assert.match(headers.get("access-control-allow-headers") ?? "", /authorization, content-type/);
		for (const origin of ["https://shop.example", "http://crm.example", "https://crm.example.evil", "null"]) {
			const refused = await ask(origin);
			assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [403, null], origin);
		}
	});
}

type Asking = { method?: string; headers?: Readonly<Record<string, string>>; body?: string };

test("pages where agents work use all of it with the cookie; a browser's session counts for our own pages only", async (t) => {
	const scene = await wireScene(t, { hasInterfaces: true });
	const chief = await scene.person({ grants: administratorGrants });
	const { cookie } = await scene.logIn(chief);
	const call = (path: string, origin: string, init: Asking = {}) =>
		fetch(`${scene.origin}/desk/ecfs/${path}`, {
			...init,
			headers: { cookie, origin, "sec-fetch-site": "cross-site", ...init.headers },
		});
	const json: Record<string, string> = { "content-type": "application/json" };
	const reply = { method: "PATCH", headers: json, body: '{"chatsPerAgent":4}' };
	for (const [path, init, status] of [
		["RI/rci/users", {}, 200],
		["RI/lri/contact", {}, 404],
		["RI/lri", {}, 404],
		["RI/rmi/queueStatuses", {}, 404],
		["RI/dpi/x", { method: "POST", headers: { ...json, "content-type": "text/xml" }, body: "<" }, 404],
		["RI/rci/chatSettings", reply, 200],
		["RI/rci/chatSettings", { ...reply, headers: { "content-type": "text/plain" } }, 403],
		["rest/users/me/properties", {}, 200],
		["ticket", { method: "POST" }, 200],
	] as const) {
		const answer = await call(path, "https://crm.example", init);
		assert.equal(answer.status, status, path);
		assert.equal(answer.headers.get("access-control-allow-origin"), "https://crm.example");
		assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
		assert.match(answer.headers.get("vary") ?? "", /Origin/);
		const refused = await call(path, "https://evil.example", init);
		assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [403, null], path);
	}
	const form = { authorization: "ECFAuth", "content-type": "application/x-www-form-urlencoded" };
	const logIn = (origin: string, headers: Record<string, string> = form) =>
		call("authentication/", origin, {
			method: "POST",
			headers,
			body: `Authorization=${encodeURIComponent(chief.authorization)}`,
		}).then(({ status }) => status);
	assert.equal(await logIn("https://crm.example"), 200);
	assert.equal(await logIn("https://evil.example"), 403);
	assert.equal(await logIn("https://crm.example", { authorization: "Session" }), 403);
	assert.equal(
		(await scene.connect("/desk/ecfs/ws_endpoint/", { headers: { cookie, origin: "https://crm.example" } })).ws
			.readyState,
		1,
	);
	await assert.rejects(
		scene.connect("/desk/ecfs/ws_endpoint/", { headers: { cookie, origin: "https://shop.example" } }),
		/403/,
	);
	// Programs that name no page stay where they were: they may read.
	assert.equal(
		(await fetch(`${scene.origin}/desk/ecfs/RI/rci/chatSettings`, { ...reply, headers: { ...json, cookie } })).status,
		403,
	);
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
