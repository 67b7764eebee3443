// Goal S5: every route of both interfaces admits exactly those whom authz.csv names. Method: the file and the routes are
// compared; then every route is called by every kind of caller, over the real server and a real database.

import assert from "node:assert/strict";
import test from "node:test";
import { serveRichContent } from "#gateway/rich-content.ts";
import { serveWebhooks } from "#gateway/webhooks.ts";
import { cmiRoutes } from "#rest/cmi/index.ts";
import { openApiRoute, startRest } from "#rest/start.ts";
import { rciRoutes } from "#rest/rci/index.ts";
import type { Route } from "#rest/route.ts";
import { findCredentials } from "#storage/people.ts";
import { restScene } from "#test/rest-scene.ts";
import { type Called, castFor, deviations } from "./rights-cast.ts";
import { comparable, readRights } from "./rights-file.ts";

type Served = { base: string; route: Route };
const documents = (["rci", "cmi"] as const).map((name) => openApiRoute({ name, routes: [], openApi: {} }));
const served: readonly Served[] = [
	...rciRoutes.map((route) => ({ base: "/RI/rci", route })),
	...cmiRoutes.map((route) => ({ base: "/RI/cmi", route })),
	...documents.map((route) => ({ base: "/RI/openapi", route })),
];
const nameOf = ({ base, route }: Served): string => `${route.method} ${base}${route.path}`;
const rights = readRights();

/** What is served outside the interfaces, open to anybody, and why that is right. */
const open: Readonly<Record<string, string>> = {
	"GET /": "shows nothing of the installation but who is signed in",
	"GET /login": "the way in",
	"POST /login": "the way in; slowed down, and from our own pages only",
	"POST /login/code":
		"the second page of the way in; takes a proof that the password was right, and slows down wrong codes",
	"POST /logout": "ends the caller's own session only; from our own pages only",
	"GET /bootstrap/:token": "256 bits of the address are the credential; works only while there is no user",
	"POST /bootstrap/:token": "256 bits of the address are the credential; works only while there is no user",
	"GET /assets/parley.css": "a stylesheet",
	"GET /assets/parley.svg": "the icon",
	"GET /RI/docs": "asks for the logon itself, and leads people to the logon page",
	"GET /RI/docs/problems": "every error answer links to it; the same in every installation",
	"GET /sms/:type/:selector": "handshakes; the gateway checks the service's verify token",
	"POST /sms/:type/:selector":
		"providers prove themselves by the service's own secret or HTTP user; the gateway's tests",
	"GET /sms/richcontent/:token/:file": "160 bits of the address are the credential; it opens one file and ends",
};

test("every route demands what authz.csv says, and the file has no other routes", () => {
	assert.ok(served.length > 60);
	assert.deepEqual(served.map(nameOf).toSorted(), [...rights.keys()].toSorted());
	for (const one of served) {
		const must = rights.get(nameOf(one));
		assert.ok(must !== undefined);
		assert.deepEqual(comparable(one.route.needs), comparable(must), nameOf(one));
	}
});

test("whoever is let in unasked, there is a reason", () => {
	for (const one of served) {
		const { needs } = one.route;
		assert.ok(needs.who !== "anybody" || needs.because.length > 10, nameOf(one));
	}
});

test("what is served is in the matrix, or listed as open with a reason", async (t) => {
	const found: string[] = [];
	await restScene(t, {
		async serve(app, deps) {
			app.addHook("onRoute", ({ method, url }) => {
				found.push(...[method].flat().map((one) => `${one} ${url}`));
			});
			await startRest(app, deps);
			await serveWebhooks(app, { settings: { bodyBytesMax: 1 } } as never);
			await serveRichContent(app, {} as never);
		},
	});
	const others = found.filter((name) => !/^(?:HEAD|OPTIONS) /.test(name) && !rights.has(name));
	assert.deepEqual(
		others.filter((name) => open[name] === undefined),
		[],
	);
	assert.deepEqual(
		Object.keys(open).filter((name) => !others.includes(name)),
		[],
		"listed, but not served",
	);
	assert.deepEqual(
		[...rights.keys()].filter((name) => !found.includes(name)),
		[],
		"in the matrix, but not served",
	);
});

for (const base of ["/RI/rci", "/RI/cmi", "/RI/openapi"]) {
	test(`every route of ${base} admits exactly those it needs`, async (t) => {
		const cast = await castFor(t, startRest);
		const wrong: string[] = [];
		let calls = 0;
		const here = [...rights].filter(([name]) => name.includes(` ${base}/`));
		for (const [name, needs] of here) {
			const [method, path] = name.split(" ");
			const found = await deviations(cast, { method, path, needs } as Called);
			calls += found.calls;
			wrong.push(...found.wrong);
		}
		assert.deepEqual(wrong, []);
		assert.ok(calls >= here.length * 22, `${calls} calls`);
		t.diagnostic(`${calls} calls to ${here.length} routes`);
		assert.notEqual(await findCredentials(cast.scene.storage.db, { login: "admin" }), undefined);
	});
}
