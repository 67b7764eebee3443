// Goal: every way in which the public clients log in works, and no other. Method: raw calls over the real server, written
// as the clients write them.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import test from "node:test";
import { makeApiToken } from "#identity/api-tokens.ts";
import { findCredentials } from "#storage/people.ts";
import { insertApiToken } from "#storage/sessions.ts";
import type { Person } from "#test/rest-scene.ts";
import { type WireScene, wireScene } from "#test/wire-scene.ts";

const url = (scene: WireScene, path = "/ecfs/authentication") => `${scene.origin}/desk${path}`;
const base64 = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding).toString("base64");

async function post(scene: WireScene, init: RequestInit & { path?: string } = {}): Promise<Response> {
	const { path, ...rest } = init;
	return fetch(url(scene, path), { method: "POST", ...rest });
}

const form = { authorization: "ECFAUTH", "content-type": "application/x-www-form-urlencoded" };

/** A password whose Base64 has a plus, a slash and an equals sign in it. */
async function awkward(scene: WireScene): Promise<Person & { raw: string }> {
	for (let index = 0; ; index++) {
		const person = await scene.person({ login: `bot${index}?>~` });
		const raw = base64(`${person.login}:${person.password}`);
		if (/\+/.test(raw) && raw.endsWith("=")) {
			return { ...person, raw };
		}
	}
}

test("credentials in the body or the query, encoded or raw, whatever the case of the scheme", async (t) => {
	const scene = await wireScene(t);
	const { id, raw } = await awkward(scene);
	const encoded = `Authorization=Basic%20${encodeURIComponent(raw)}`;
	const rawForm = `Authorization=Basic%20${raw}`;
	const calls: Promise<Response>[] = [
		post(scene, { headers: form, body: encoded }),
		post(scene, { headers: form, body: rawForm }),
		post(scene, { headers: { ...form, authorization: "ECFAuth" }, body: rawForm, path: "/ecfs/authentication/" }),
		post(scene, { headers: form, path: `/ecfs/authentication?${encoded}` }),
		post(scene, { headers: form, path: `/ecfs/authentication?${rawForm}` }),
		post(scene, { headers: { ...form, origin: "prod-eu.sapcctr.com" }, body: encoded }),
		post(scene, { headers: { ...form, origin: "wss://elsewhere.example/" }, body: encoded }),
		post(scene, { headers: form, body: encoded, path: "/ecfs/authentication?Authorization=Basic%20wrong" }),
	];
	for (const response of await Promise.all(calls)) {
		assert.equal(response.status, 200);
		assert.deepEqual(await response.json(), { id });
	}
});

test("UTF-8 and Latin-1 passwords, with colons in them", async (t) => {
	const scene = await wireScene(t);
	for (const [login, password, encoding] of [
		["umlaut", "pä:ß:€ and more", "utf8"],
		["latin", "pä:ß and much more", "latin1"],
	] as const) {
		const person = await scene.person({ login });
		await scene.storage.db
			.updateTable("users")
			.set({ password_hash: `hash of ${password}` })
			.where("id", "=", person.id)
			.execute();
		const body = `Authorization=Basic%20${encodeURIComponent(base64(`${login}:${password}`, encoding))}`;
		assert.equal((await post(scene, { headers: form, body })).status, 200, login);
	}
});

test("one cookie of hexadecimal digits, and the body in one piece", async (t) => {
	const scene = await wireScene(t);
	const person = await scene.person();
	const { port } = new URL(scene.origin);
	const body = `Authorization=${encodeURIComponent(person.authorization)}`;
	const socket = connect(Number(port), "127.0.0.1");
	const answer = await new Promise<string>((resolve) => {
		let text = "";
		socket.on("data", (bytes) => (text += bytes.toString()));
		socket.on("close", () => resolve(text));
		socket.write(
			`POST /desk/ecfs/authentication HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ECFAUTH\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
		);
	});
	const [head = "", content = ""] = answer.split("\r\n\r\n");
	const cookies = head.split("\r\n").filter((line) => /^set-cookie:/i.test(line));
	assert.equal(cookies.length, 1);
	assert.match(cookies[0] ?? "", /^set-cookie: JSESSIONID=[0-9A-F]{64}; Path=\/desk\/ecfs; HttpOnly; SameSite=Lax$/i);
	assert.equal(content, JSON.stringify({ id: person.id }));
	assert.match(head, new RegExp(`content-length: ${content.length}`, "i"));
	assert.doesNotMatch(head, /transfer-encoding|x-jsessionid/i);
});

test("only the hash of the cookie's value is stored", async (t) => {
	const scene = await wireScene(t);
	const { token } = await scene.logIn(await scene.person());
	const rows = await scene.storage.db.selectFrom("chat_sessions").selectAll().execute();
	const stored = JSON.stringify(
		rows.map((row) => [...Object.values(row), Buffer.from(row.token_hash).toString("hex")]),
	);
	assert.equal(rows.length, 1);
	assert.ok(!stored.toLowerCase().includes(token.toLowerCase()));
});

test("what is wrong is 401 with nothing in it, whether the user exists or not", async (t) => {
	const scene = await wireScene(t);
	const person = await scene.person();
	const off = await scene.person({ enabled: false });
	assert.equal((await scene.logIn(person)).response.status, 200);
	const logons = await scene.storage.db.selectFrom("audit_log").select("action").execute();
	assert.deepEqual(
		logons.map(({ action }) => action),
		["logOn"],
	);
	const tries: RequestInit[] = [
		{ headers: form, body: `Authorization=Basic%20${base64(`${person.login}:wrong password`)}` },
		{ headers: form, body: `Authorization=Basic%20${base64("nobody:wrong password")}` },
		{ headers: form, body: `Authorization=${encodeURIComponent(off.authorization)}` },
		{ headers: form, body: "Authorization=Basic%20!!!" },
		{ headers: form, body: "Authorization=%" },
		{ headers: form, body: "" },
		{ headers: form, body: `Authorization=Basic%20${"A".repeat(9000)}` },
		{ headers: {} },
		{ headers: { authorization: "Anonymous" } },
		{ headers: { authorization: "Bearer parley_nothing" } },
		{ headers: { authorization: "Session" } },
	];
	for (const init of tries) {
		const browser = "sec-fetch-site" in (init.headers ?? {});
		const response = await post(scene, init);
		const isSession = JSON.stringify(init.headers).includes("Session");
		assert.equal(response.status, isSession && !browser ? 403 : 401, JSON.stringify(init));
		if (!isSession) {
			assert.equal(await response.text(), "");
			assert.equal(response.headers.get("set-cookie"), null);
		}
	}
	const many = await Promise.all(
		Array.from({ length: 12 }, () =>
			post(scene, { headers: form, body: `Authorization=Basic%20${base64(`${person.login}:wrong password`)}` }),
		),
	);
	assert.ok(
		many.some(({ status }) => status === 429),
		"failures are counted as everywhere",
	);
});

test("an account with a second factor, or with a duty, does not get in by its password", async (t) => {
	const scene = await wireScene(t);
	const [second, initial] = [await scene.person(), await scene.person()];
	await scene.storage.write(async (tx) => {
		await tx.updateTable("users").set({ second_factor_at: 1 }).where("id", "=", second.id).execute();
		await tx.updateTable("users").set({ password_is_initial: 1 }).where("id", "=", initial.id).execute();
	});
	assert.equal((await scene.logIn(second)).response.status, 401);
	assert.equal((await scene.logIn(initial)).response.status, 403);
});

test("an API token logs in, and its end is the session's", async (t) => {
	const scene = await wireScene(t);
	const owner = await scene.person();
	const expiresAt = new Date(scene.clock.now().getTime() + 60_000);
	const { token, row } = makeApiToken(scene.deps, { userId: owner.id, name: "t", expiresAt });
	await scene.storage.write((tx) => insertApiToken(tx, row));
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	const response = await post(scene, { headers, path: "/ecfs/authentication/" });
	assert.deepEqual(await response.json(), { id: owner.id });
	const cookie = /^[^;]+/.exec(response.headers.get("set-cookie") ?? "")?.[0] ?? "";
	const ask = () => fetch(url(scene, "/ecfs/rest/users/me/properties"), { headers: { cookie } });
	assert.equal((await ask()).status, 200);
	await scene.storage.db.deleteFrom("api_tokens").execute();
	assert.equal((await ask()).status, 401);
});

async function browserCookie(scene: WireScene, person: Person): Promise<string> {
	const user = await findCredentials(scene.storage.db, { id: person.id });
	assert.ok(user);
	const started = await scene.identity.sessions.start(user, "test");
	assert.ok(started);
	return started.cookie.split(";")[0] ?? "";
}

test("the browser's session logs in from our own pages only, and its end is the chat session's", async (t) => {
	const scene = await wireScene(t);
	const person = await scene.person();
	const cookie = await browserCookie(scene, person);
	const logIn = (headers: Record<string, string>) =>
		post(scene, { headers: { authorization: "Session", cookie, ...headers } });
	assert.equal((await logIn({})).status, 403);
	assert.equal((await logIn({ "sec-fetch-site": "cross-site", origin: "https://evil.example" })).status, 403);
	assert.equal((await logIn({ origin: "https://evil.example" })).status, 403);
	const response = await logIn({ "sec-fetch-site": "same-origin", origin: "https://parley.example" });
	assert.deepEqual(await response.json(), { id: person.id });
	const mine = /^[^;]+/.exec(response.headers.get("set-cookie") ?? "")?.[0] ?? "";
	const ask = () => fetch(url(scene, "/ecfs/rest/users/me/properties"), { headers: { cookie: mine } });
	assert.equal((await ask()).status, 200);
	await scene.identity.sessions.end(person.id, {});
	assert.equal((await ask()).status, 401);
});

test("a visitor's body means nothing; the cookie's value is also in a header that pages may read", async (t) => {
	const scene = await wireScene(t);
	for (const init of [
		{},
		{ body: "Authorization=Basic QW5vbnltb3Vz", headers: { "content-type": "application/x-www-form-urlencoded" } },
		{ headers: { "x-api-key": "k", "content-type": "application/x-www-form-urlencoded" } },
	]) {
		const headers = { authorization: "Anonymous", origin: "https://shop.example", ...init.headers };
		const response = await post(scene, { ...init, headers, path: "/visitor/ecfs/authentication" });
		const { id } = (await response.json()) as { id: string };
		assert.match(id, /^[A-F0-9]{32}$/);
		const token = response.headers.get("x-jsessionid") ?? "";
		assert.match(token, /^[A-F0-9]{64}$/);
		assert.match(
			response.headers.get("set-cookie") ?? "",
			new RegExp(`^JSESSIONID=${token}; Path=/desk/visitor/ecfs; HttpOnly; SameSite=Lax$`),
		);
		assert.equal(response.headers.get("access-control-allow-origin"), "https://shop.example");
		assert.equal(response.headers.get("access-control-allow-credentials"), "true");
		assert.equal(
			response.headers.get("access-control-expose-headers"),
			"etag, link, location, retry-after, x-jsessionid",
		);
	}
	assert.equal(scene.visitors.length, 3);
});

test("preflights are answered for the pages on the list, and for no other", async (t) => {
	const scene = await wireScene(t);
	const ask = (path: string, origin: string) =>
		fetch(url(scene, path), { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
	const good = await ask("/visitor/ecfs/authentication", "https://shop.example");
	assert.equal(good.status, 204);
	assert.equal(good.headers.get("access-control-allow-origin"), "https://shop.example");
	assert.match(good.headers.get("access-control-allow-headers") ?? "", /authorization, content-type/);
	assert.equal(good.headers.get("vary"), "Origin");
	assert.equal((await ask("/ecfs/authentication/", "https://parley.example")).status, 204);
	for (const [path, origin] of [
		["/ecfs/authentication/", "https://shop.example"],
		["/visitor/ecfs/authentication", "https://evil.example"],
		["/visitor/ecfs/authentication", "http://shop.example"],
		["/visitor/ecfs/authentication", "null"],
	] as const) {
		const refused = await ask(path, origin);
		assert.equal(refused.status, 403, origin);
		assert.equal(refused.headers.get("access-control-allow-origin"), null);
	}
});

test("a live visitor stays who they are; a network has thirty new ones an hour", async (t) => {
	const scene = await wireScene(t);
	const first = await scene.visit();
	const again = await scene.visit({ cookie: first.cookie });
	assert.deepEqual([again.id, again.token], [first.id, first.token]);
	const others = await Promise.all(Array.from({ length: 29 }, () => scene.visit()));
	assert.equal(new Set([first, ...others].map(({ id }) => id)).size, 30);
	assert.equal((await scene.visit()).response.status, 429);
	assert.equal((await scene.visit({ cookie: first.cookie })).response.status, 200);
	scene.clock.advance(3_600_000);
	assert.equal((await scene.visit()).response.status, 200);
});

const secret = "a secret of the shop";

function signed(scene: WireScene, over: Record<string, unknown> = {}): Record<string, unknown> {
	const issuedAt = Math.floor(scene.clock.now().getTime() / 1000);
	const plain = { id: "customer 7", name: "Ann", issuedAt, expiresAt: issuedAt + 600, ...over };
	const signature = createHmac("sha256", secret)
		.update(`${plain.id}\n${plain.issuedAt}\n${plain.expiresAt}`)
		.digest("hex");
	return { ...plain, signature, ...over };
}

test("a signed identity gives the same visitor each time, under an id that does not tell it", async (t) => {
	const scene = await wireScene(t);
	scene.widget.secret = secret;
	const visit = (identity: unknown) =>
		post(scene, {
			path: "/visitor/ecfs/authentication",
			headers: { authorization: "Anonymous", "content-type": "application/json" },
			body: JSON.stringify({ identity }),
		});
	const good = await visit(signed(scene));
	const over = await visit(signed(scene, { expiresAt: signed(scene)["issuedAt"] }));
	const { id } = (await good.json()) as { id: string };
	assert.equal(over.status, 401);
	assert.deepEqual(await (await visit(signed(scene))).json(), { id });
	assert.match(id, /^[A-F0-9]{32}$/);
	assert.deepEqual(
		scene.visitors.map(({ isProven, name }) => [isProven, name]),
		[
			[true, "Ann"],
			[true, "Ann"],
		],
	);
	const now = Number(signed(scene)["issuedAt"]);
	for (const wrong of [
		{ signature: "0".repeat(64) },
		{ signature: "" },
		{ id: "customer 8", signature: signed(scene)["signature"] },
		{ expiresAt: now + 3601 },
		{ issuedAt: now + 120, expiresAt: now + 600 },
		{ issuedAt: now - 700, expiresAt: now - 1 },
		{ id: "a\nb" },
		{ admin: true },
		{ name: "a\nb" },
		{ name: "live\u202elive" },
		{ name: "x".repeat(101) },
		{ email: "Contact Center" },
		{ email: "ann@\u202etset.emoh" },
	]) {
		assert.equal((await visit(signed(scene, wrong))).status, 401, JSON.stringify(wrong));
	}
	scene.widget.secret = undefined;
	assert.equal((await visit(signed(scene))).status, 401, "without a secret nobody is proven");
});

test("where identities are required, nobody comes in without one", async (t) => {
	const scene = await wireScene(t);
	const before = await scene.visit();
	scene.widget.identityRequired = true;
	assert.equal((await scene.visit()).response.status, 401);
	assert.equal((await scene.visit({ cookie: before.cookie })).response.status, 401);
});

test("log-out ends the session, closes its sockets with 1000 and takes the cookie back", async (t) => {
	const scene = await wireScene(t);
	const person = await scene.person();
	const [me, elsewhere] = [await scene.logIn(person), await scene.logIn(person)];
	const [client, other] = [await scene.enter(me), await scene.enter(elsewhere)];
	const out = () => fetch(url(scene, "/ecfs/authentication/"), { method: "DELETE", headers: { cookie: me.cookie } });
	const response = await out();
	assert.equal(response.status, 200);
	assert.match(response.headers.get("set-cookie") ?? "", /^JSESSIONID=; Path=\/desk\/ecfs; .*Max-Age=0$/);
	assert.equal((await client.closed).code, 1000);
	assert.equal((await out()).status, 401);
	assert.equal(other.ws.readyState, other.ws.OPEN);
	await assert.rejects(scene.enter(me), { message: "refused with 401" });
});

test("a stranger's page cannot use the cookie for anything", async (t) => {
	const scene = await wireScene(t);
	const { cookie } = await scene.logIn(await scene.person());
	for (const [method, path] of [
		["DELETE", "/ecfs/authentication"],
		["POST", "/ecfs/ticket"],
		["POST", "/ecfs/rest/users/me/interactions"],
		["PUT", `/ecfs/media/${"A".repeat(32)}`],
	] as const) {
		const headers = { cookie, origin: "https://evil.example" };
		assert.equal((await fetch(url(scene, path), { method, headers })).status, 403, path);
	}
	assert.equal(scene.asked.length, 0);
});

test("a panel's session counts before that of a desk in the same browser; log-out ends both", async (t) => {
	const scene = await wireScene(t);
	const [mia, leo] = [await scene.person({ login: "mia" }), await scene.person({ login: "leo" })];
	const [panel, desk] = [await scene.logIn(mia), await scene.logIn(leo)];
	const both = `JSESSIONID=${desk.token}; PSESSIONID=${panel.token}`;
	const entered = await scene.enter({ ...panel, cookie: both });
	assert.deepEqual(
		scene.events.map(({ caller }) => caller.userId),
		[mia.id],
	);
	const ask = (cookie: string) => fetch(url(scene, "/ecfs/ticket"), { method: "POST", headers: { cookie } });
	await scene.logIn(leo);
	const over = "AB".repeat(32);
	assert.equal(
		(await ask(`JSESSIONID=${over}; JSESSIONID=${desk.token}`)).status,
		200,
		"one that is over is in no way",
	);
	assert.equal((await ask(`PSESSIONID=${over}; JSESSIONID=${desk.token}`)).status, 200);
	const out = await fetch(url(scene), { method: "DELETE", headers: { cookie: both } });
	assert.equal(out.status, 200);
	assert.equal((await entered.closed).code, 1000);
	for (const { token } of [panel, desk]) {
		assert.equal((await ask(`JSESSIONID=${token}`)).status, 401);
	}
});

test("a visitor goes on behind a cookie that is over", async (t) => {
	const scene = await wireScene(t);
	const first = await scene.visit();
	const again = await scene.visit({ cookie: `JSESSIONID=${"AB".repeat(32)}; JSESSIONID=${first.token}` });
	assert.equal(again.id, first.id);
});
