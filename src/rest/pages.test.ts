import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { problems } from "#platform/problems.ts";
import { listAudit } from "#storage/audit.ts";
import { countUsers } from "#storage/people.ts";
import { type RestScene, administratorGrants, publicBaseUrl, restScene } from "#test/rest-scene.ts";
import { html } from "./html.ts";
import { startRest } from "./start.ts";

const ownPage = { "sec-fetch-site": "same-origin" };
const formType = { "content-type": "application/x-www-form-urlencoded" };

function scene(t: Parameters<typeof restScene>[0], basePath = ""): Promise<RestScene> {
	return restScene(t, { serve: startRest, basePath });
}

function form(url: string, fields: Record<string, string>, headers: Record<string, string> = ownPage) {
	const payload = new URLSearchParams(fields).toString();
	return { method: "POST", url, payload, headers: { ...formType, ...headers } } as const;
}

/** The cookie as the browser would send it back. */
function cookieOf(answer: { headers: Record<string, unknown> }): string {
	return String(answer.headers["set-cookie"]).split(";")[0] ?? "";
}

test("HTML escapes whatever is put in, unless it is HTML made here", () => {
	const inner = html`<b>${"<i>"}</b>`;
	const made = html`<p title="${`"x' & <y>`}">${inner}${[inner, inner]}${undefined}${3}</p>`;
	assert.equal(
		made.html,
		'<p title="&quot;x&#39; &amp; &lt;y&gt;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b><b>&lt;i&gt;</b>3</p>',
	);
});

test("the logon form works without script, and has labels, a policy against script and no stored copy", async (t) => {
	const { call } = await scene(t, "/acme");
	const page = await call({ method: "GET", url: "/acme/login" });
	assert.equal(page.statusCode, 200);
	assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
	const policy = String(page.headers["content-security-policy"]);
	assert.match(
		policy,
		/default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'/,
	);
	assert.equal(page.headers["cache-control"], "no-store");
	assert.doesNotMatch(page.body, /<script|style=|onclick|http:/);
	assert.match(page.body, /action="\/acme\/login"/);
	for (const name of ["login", "password"]) {
		assert.match(page.body, new RegExp(`<label for="${name}">`));
		assert.match(page.body, new RegExp(`id="${name}"`));
	}
	const css = await call({ method: "GET", url: "/acme/assets/parley.css" });
	assert.deepEqual([css.statusCode, css.headers["content-type"]], [200, "text/css; charset=utf-8"]);
	assert.match(css.body, /:focus-visible/);
});

test("signing in by the form sets the cookie and leads home; signing out ends the session", async (t) => {
	const { call, person, storage } = await scene(t);
	const ada = await person({ grants: administratorGrants });
	const answer = await call(form("/login", { login: ada.login, password: ada.password }));
	assert.deepEqual([answer.statusCode, answer.headers["location"]], [303, "/"]);
	const cookie = cookieOf(answer);
	const home = await call({ method: "GET", url: "/", headers: { cookie } });
	assert.match(home.body, new RegExp(`Signed in as Ada ${ada.login}`));
	assert.equal((await call({ method: "GET", url: "/RI/rci/users", headers: { cookie } })).statusCode, 200);
	const out = await call(form("/logout", {}, { ...ownPage, cookie }));
	assert.equal(out.statusCode, 303);
	assert.match(String(out.headers["set-cookie"]), /Max-Age=0/);
	assert.equal((await call({ method: "GET", url: "/RI/rci/users", headers: { cookie } })).statusCode, 401);
	const actions = (await listAudit(storage.db, { limit: 10 })).map(({ action, via }) => `${via} ${action}`);
	assert.deepEqual(actions, ["logon logOff", "logon logOn"]);
});

test("the session's id is a new one after every logon, and the one before ends", async (t) => {
	const { call, person, identity } = await scene(t);
	const ada = await person();
	const fields = { login: ada.login, password: ada.password };
	const planted = await call(form("/login", fields, { ...ownPage, cookie: "__Host-sid=planted" }));
	assert.notEqual(cookieOf(planted), "__Host-sid=planted");
	const next = await call(form("/login", fields, { ...ownPage, cookie: cookieOf(planted) }));
	assert.notEqual(cookieOf(next), cookieOf(planted));
	assert.equal((await identity.sessions.list(ada.id)).length, 1);
	assert.equal(await identity.sessions.resume(cookieOf(planted)), undefined);
});

test("a refused logon says nothing about which part was wrong, and keeps no password in the page", async (t) => {
	const { call, person } = await scene(t);
	const ada = await person({ login: "ada" });
	const machine = await person({ login: "machine", externalUser: true });
	const disabled = await person({ login: "gone", enabled: false });
	const bodies = new Set<string>();
	for (const [login, password] of [
		["ada", "a wrong one"],
		["nobody", ada.password],
		["machine", machine.password],
		["gone", disabled.password],
	] as const) {
		const answer = await call(form("/login", { login, password }));
		assert.deepEqual([answer.statusCode, answer.headers["set-cookie"]], [401, undefined], login);
		assert.match(answer.body, /role="alert"/);
		assert.equal(answer.body.includes(password), false);
		bodies.add(answer.body.replaceAll(login, "?"));
	}
	assert.equal(bodies.size, 1);
	const script = await call(form("/login", { login: "<script>", password: "x" }));
	assert.equal(script.body.includes("<script>"), false);
});

test("too many failed logons are told with the time to wait, in the form and in JSON", async (t) => {
	const { call } = await scene(t);
	for (let index = 0; index < 10; index++) {
		await call(form("/login", { login: "ada", password: `x${index}` }));
	}
	const page = await call(form("/login", { login: "ada", password: "x" }));
	assert.deepEqual([page.statusCode, page.headers["retry-after"]], [429, "1"]);
	const json = await call({ method: "POST", url: "/login", payload: { login: "ada", password: "x" } });
	assert.deepEqual([json.statusCode, json.json<{ code: string }>().code], [429, "too_many_logons"]);
});

test("a program signs in with JSON and gets no page", async (t) => {
	const { call, person } = await scene(t);
	const ada = await person();
	const answer = await call({ method: "POST", url: "/login", payload: { login: ada.login, password: ada.password } });
	assert.deepEqual([answer.statusCode, answer.body], [204, ""]);
	const cookie = cookieOf(answer);
	assert.equal((await call({ method: "GET", url: "/RI/rci/me", headers: { cookie } })).statusCode, 200);
	const wrong = await call({ method: "POST", url: "/login", payload: { login: ada.login, password: "x" } });
	assert.deepEqual([wrong.statusCode, wrong.json<{ code: string }>().code], [401, "wrong_credentials"]);
	const out = await call({ method: "POST", url: "/logout", payload: {}, headers: { cookie } });
	assert.equal(out.statusCode, 204);
});

const foreign: readonly Record<string, string>[] = [
	{},
	{ "sec-fetch-site": "cross-site" },
	{ "sec-fetch-site": "same-site" },
	{ origin: "https://evil.example" },
	{ origin: "null" },
];
for (const headers of foreign) {
	test(`a form posted with ${JSON.stringify(headers)} is refused by every page`, async (t) => {
		const { call, person, identity } = await scene(t);
		const ada = await person();
		const user = { login: ada.login, password: ada.password };
		const signedIn = await call(form("/login", user, { origin: publicBaseUrl }));
		assert.equal(signedIn.statusCode, 303);
		for (const url of ["/login", "/logout", "/bootstrap/token"]) {
			const answer = await call(form(url, user, { ...headers, cookie: cookieOf(signedIn) }));
			assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [403, "cross_site"], url);
		}
		assert.equal((await identity.sessions.list(ada.id)).length, 1);
	});
}

test("forms with unknown, missing or repeated fields, or too large, are refused", async (t) => {
	const { call } = await scene(t);
	const post = async (payload: string) =>
		(await call({ method: "POST", url: "/login", payload, headers: { ...formType, ...ownPage } })).statusCode;
	assert.equal(await post("login=a&password=b&admin=1"), 400);
	assert.equal(await post("login=a"), 400);
	assert.equal(await post("login=a&login=b&password=c"), 400);
	assert.equal(await post(`login=a&password=${"x".repeat(20_000)}`), 413);
	assert.equal(await post("__proto__=1&login=a&password=b"), 400);
});

const person = { firstName: "Ada", surname: "Byron", login: "ada", password: "a long enough one" };
const typed = { ...person, passwordAgain: person.password };

async function bootstrapPath({ identity }: RestScene): Promise<string> {
	const url = await identity.bootstrap.open();
	return (url ?? "").slice(publicBaseUrl.length);
}

test("the one-time page makes the first administrator by a form, and is gone afterwards", async (t) => {
	const made = await scene(t, "/acme");
	const path = await bootstrapPath(made);
	assert.match(path, /^\/acme\/bootstrap\//);
	const page = await made.call({ method: "GET", url: path });
	for (const label of ["First Name", "Last Name", "Logon Name", "Password"]) {
		assert.match(page.body, new RegExp(`>\\s*${label}\\s*</label>`));
	}
	const answer = await made.call(form(path, typed));
	assert.deepEqual([answer.statusCode, answer.headers["location"]], [303, "/acme/login"]);
	assert.equal((await made.call({ method: "GET", url: path })).statusCode, 404);
	assert.equal((await made.call(form(path, { ...typed, login: "eve" }))).statusCode, 404);
	assert.equal(await countUsers(made.storage.db), 1);
	const signedIn = await made.call(form("/acme/login", { login: "ada", password: person.password }));
	const users = await made.call({ method: "GET", url: "/acme/RI/rci/users", headers: { cookie: cookieOf(signedIn) } });
	assert.equal(users.json<unknown[]>().length, 1);
});

test("mistakes are shown next to their fields, and nothing is made", async (t) => {
	const made = await scene(t);
	const path = await bootstrapPath(made);
	const answer = await made.call(form(path, { firstName: "", surname: "B\u0000", login: "a b:c", password: "short" }));
	assert.equal(answer.statusCode, 400);
	for (const name of ["firstName", "surname", "login", "password"]) {
		assert.match(answer.body, new RegExp(`aria-describedby="${name}-error"`));
		assert.match(answer.body, new RegExp(`id="${name}-error"`));
	}
	const slip = await made.call(form(path, { ...typed, passwordAgain: "a long enough onw" }));
	assert.deepEqual([slip.statusCode, slip.body.includes("another password than above")], [400, true]);
	const json = await made.call({ method: "POST", url: path, payload: { ...person, password: "password1234" } });
	assert.deepEqual(
		[json.statusCode, json.json<{ errors: { pointer: string }[] }>().errors[0]?.pointer],
		[400, "/password"],
	);
	assert.equal(await countUsers(made.storage.db), 0);
	const good = await made.call({ method: "POST", url: path, payload: person });
	assert.match(good.json<{ id: string }>().id, /^[0-9A-F]{32}$/);
});

test("a guessed address shows no form", async (t) => {
	const made = await scene(t);
	await bootstrapPath(made);
	assert.equal((await made.call({ method: "GET", url: "/bootstrap/guess" })).statusCode, 404);
	assert.equal((await made.call(form("/bootstrap/guess", typed))).statusCode, 404);
	assert.equal(await countUsers(made.storage.db), 0);
});

test("the documents of the interfaces are for people signed in; the list of problems is for everybody", async (t) => {
	const { call, person: add } = await scene(t);
	const ada = await add();
	for (const name of ["rci", "cmi"]) {
		const url = `/RI/openapi/${name}.json`;
		assert.equal((await call({ method: "GET", url })).statusCode, 401);
		const document = (await call({ method: "GET", url }, ada)).json<{ openapi: string; paths: object }>();
		assert.equal(document.openapi, "3.1.0");
		assert.ok(Object.keys(document.paths).length > 5);
	}
	const refused = await call({ method: "GET", url: "/RI/docs" });
	assert.deepEqual([refused.statusCode, refused.headers["location"]], [303, "/login"]);
	const docs = await call({ method: "GET", url: "/RI/docs" }, ada);
	assert.match(docs.body, /GET \/RI\/rci\/users/);
	assert.match(docs.body, /view on the user concerned/);
	const list = await call({ method: "GET", url: "/RI/docs/problems" });
	for (const code of Object.keys(problems)) {
		assert.match(list.body, new RegExp(`id="${code}"`));
	}
});

test("the addresses at which the System Configurator is sent are those of its own map", () => {
	const map = readFileSync(new URL("../web/configurator/routes.tsx", import.meta.url), "utf8");
	const mapped = Array.from(map.matchAll(/\bpath: "\/(\w+)/g), ([, step = ""]) => step);
	assert.ok(mapped.length > 12);
	const source = readFileSync(new URL("pages.ts", import.meta.url), "utf8");
	const list = /const screens = \[([^\]]*)\]/.exec(source)?.[1] ?? "";
	const sent = Array.from(list.matchAll(/"(\w+)"/g), ([, step = ""]) => step);
	assert.deepEqual(sent.toSorted(), [...new Set(mapped)].toSorted());
});
