// Every route of both interfaces, called by every kind of caller; what must come of it follows from the route's `needs` by
// the small table below, which shares no code with the product. The server is the real one, over a real database.
// "Admitted" is any answer but 401 and 403: a call without a body, or on an object that is not there, ends as 400 or 404.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { Grant } from "#domain/rights.ts";
import { serveWebhooks } from "#gateway/webhooks.ts";
import { makeApiToken } from "#identity/api-tokens.ts";
import { cmiRoutes } from "#rest/cmi/index.ts";
import { openApiRoute } from "#rest/start.ts";
import { startRest } from "#rest/start.ts";
import { rciRoutes } from "#rest/rci/index.ts";
import type { Need, Route } from "#rest/route.ts";
import { replaceGrants } from "#storage/grants.ts";
import { findCredentials } from "#storage/people.ts";
import { insertApiToken, insertSession } from "#storage/sessions.ts";
import { openStorage } from "#storage/storage.ts";
import { tokenHash } from "#identity/tokens.ts";
import { type Person, type RestScene, administratorGrants, basic, restScene } from "#test/rest-scene.ts";

const here = "A".repeat(32);
const elsewhere = "B".repeat(32);

type Served = { base: string; route: Route };
const documents = (["rci", "cmi"] as const).map((name) => openApiRoute({ name, routes: [], openApi: {} }));
const served: readonly Served[] = [
	...rciRoutes.map((route) => ({ base: "/RI/rci", route })),
	...cmiRoutes.map((route) => ({ base: "/RI/cmi", route })),
	...documents.map((route) => ({ base: "/RI/openapi", route })),
];

/** What is served outside the interfaces, open to anybody, and why that is right. */
const open: Readonly<Record<string, string>> = {
	"GET /": "shows nothing of the installation but who is signed in",
	"GET /login": "the way in",
	"POST /login": "the way in; slowed down, and from our own pages only",
	"POST /logout": "ends the caller's own session only; from our own pages only",
	"GET /bootstrap/:token": "256 bits of the address are the credential; works only while there is no user",
	"POST /bootstrap/:token": "256 bits of the address are the credential; works only while there is no user",
	"GET /assets/parley.css": "a stylesheet",
	"GET /RI/docs": "asks for the logon itself, and leads people to the logon page",
	"GET /RI/docs/problems": "every error answer links to it; the same in every installation",
	"GET /sms/:type/:selector": "handshakes; the gateway checks the service's verify token",
	"POST /sms/:type/:selector":
		"providers prove themselves by the service's own secret or HTTP user; the gateway's tests",
};

type Outcome = "401" | "403" | "429" | "admitted";
type Held = { objectType: string; access: string; objectId: string | null };

/** The rules once more, in another way: which of the grants meets the need? */
function meets(need: Need, held: readonly Held[]): boolean {
	const accesses = need.access === "view" ? ["view", "modify"] : [need.access];
	const fitting = held.filter((grant) => grant.objectType === need.objectType && accesses.includes(grant.access));
	const reached = { every: [null], some: [null, here, elsewhere], row: [null, here, elsewhere] };
	const objects = typeof need.on === "string" ? reached[need.on] : [null, here];
	return fitting.some((grant) => objects.includes(grant.objectId));
}

/**
 * Own API tokens are anybody's who is signed in; somebody else's, such as the one that is not there, need rights that
 * `run` asks for.
 */
const foreignRow = "/apiTokens/:id";

function expected({ needs, path }: Route, held: readonly Held[]): Outcome {
	if (path === foreignRow) {
		return "403";
	}
	switch (needs.who) {
		case "anybody":
		case "signedIn":
			return "admitted";
		case "holders":
			return needs.rights.every((need) => meets(need, held)) ? "admitted" : "403";
	}
}

function heldFor({ needs }: Route, objectId: string | null, but?: number): Held[] {
	const rights = needs.who === "holders" ? needs.rights : [];
	return rights.flatMap(({ objectType, access }, index) => (index === but ? [] : [{ objectType, access, objectId }]));
}

function toGrants(held: readonly Held[]): Grant[] {
	const grants = new Map<string, { objectType: string; objectId: string | null; access: string[] }>();
	for (const { objectType, objectId, access } of held) {
		const key = `${objectType} ${objectId ?? ""}`;
		const grant = grants.get(key) ?? { objectType, objectId, access: [] };
		grants.set(key, { ...grant, access: [...new Set([...grant.access, access])] });
	}
	return [...grants.values()] as Grant[];
}

type Cast = { scene: RestScene; probe: Person; admin: Person; external: Person; disabled: Person };

async function castFor(t: TestContext): Promise<Cast> {
	const storage = await openStorage("sqlite::memory:", () => undefined);
	const scene = await restScene(t, { storage, serve: startRest });
	t.after(() => storage.close());
	return {
		scene,
		probe: await scene.person({ login: "probe" }),
		admin: await scene.person({ login: "admin", grants: administratorGrants }),
		external: await scene.person({ login: "external", externalUser: true }),
		disabled: await scene.person({ login: "disabled", enabled: false, grants: administratorGrants }),
	};
}

type Headers = Readonly<Record<string, string>>;

async function outcome({ scene }: Cast, { base, route }: Served, headers: Headers): Promise<Outcome> {
	const url = `${base}${route.path.replaceAll(/:\w+/g, here)}`;
	// Streams, so that an answer that stays open does not have to be waited for.
	const answer = await scene.app.inject({ method: route.method, url, headers, payloadAsStream: true });
	answer.stream().destroy();
	assert.notEqual(answer.statusCode, 500, `${route.method} ${url}`);
	const refused = ([401, 403, 429] as const).find((status) => status === answer.statusCode);
	return refused === undefined ? "admitted" : `${refused}`;
}

async function outcomeWith(cast: Cast, one: Served, held: readonly Held[]): Promise<Outcome> {
	const { scene, probe } = cast;
	const holder = { kind: "user", id: probe.id } as const;
	await scene.storage.write((tx) => replaceGrants(tx, holder, toGrants(held), () => scene.deps.ids.next()));
	return outcome(cast, one, { authorization: probe.authorization });
}

let sessions = 0;

async function cookieOf({ scene }: Cast, { id: userId }: Person, endsInMs: number): Promise<string> {
	sessions += 1;
	const now = scene.clock.now();
	const expiresAt = new Date(now.getTime() + endsInMs);
	const session = {
		id: scene.deps.ids.next<string>(),
		userId,
		createdAt: now,
		lastSeenAt: now,
		expiresAt,
		userAgent: "",
	};
	await scene.storage.write((tx) => insertSession(tx, { ...session, tokenHash: tokenHash(`token ${sessions}`) }));
	return `__Host-sid=token ${sessions}`;
}

async function tokenOf({ scene }: Cast, { id: userId }: Person, endsInMs: number): Promise<string> {
	const expiresAt = new Date(scene.clock.now().getTime() + endsInMs);
	const { token, row } = makeApiToken(scene.deps, { userId, name: "matrix", expiresAt });
	await scene.storage.write((tx) => insertApiToken(tx, row));
	return `Bearer ${token}`;
}

type Stranger = [who: string, headers: Headers | (() => Promise<Headers>), must: Outcome];

/** Everybody whose standing has nothing to do with grants of their own. */
function strangers(cast: Cast, { route }: Served): readonly Stranger[] {
	const { admin, disabled, external } = cast;
	const out = route.needs.who === "anybody" ? "admitted" : "401";
	const none = expected(route, []);
	const hour = 3_600_000;
	const ownPage = { "sec-fetch-site": "same-origin" };
	const foreignPage = { "sec-fetch-site": "cross-site" };
	const session = (person: Person, endsInMs: number, page: Headers) => async () => ({
		cookie: await cookieOf(cast, person, endsInMs),
		...page,
	});
	const token = (person: Person, endsInMs: number) => async () => ({
		authorization: await tokenOf(cast, person, endsInMs),
	});
	const crossing = route.method === "GET" || route.needs.who === "anybody" ? "admitted" : "403";
	return [
		["nobody", {}, out],
		["a disabled administrator", { authorization: disabled.authorization }, out],
		["an administrator with a wrong password", { authorization: basic("admin", "wrong") }, out],
		["an unknown scheme", { authorization: "Negotiate x" }, out],
		["an ended session", session(admin, 0, ownPage), out],
		["an ended API token", token(admin, 0), out],
		["a disabled administrator's token", token(disabled, hour), out],
		["a disabled administrator's session", session(disabled, hour, ownPage), out],
		["an external user without rights", { authorization: external.authorization }, none],
		["an API token without rights", token(external, hour), none],
		["an administrator", { authorization: admin.authorization }, "admitted"],
		["an administrator's API token", token(admin, hour), "admitted"],
		["an administrator's session", session(admin, hour, ownPage), "admitted"],
		["another site with an administrator's session", session(admin, hour, foreignPage), crossing],
	];
}

/** Sets of grants: too few, the right ones in the wrong place, and the right ones. */
function holdings(route: Route): [who: string, held: Held[]][] {
	const rights = route.needs.who === "holders" ? route.needs.rights : [];
	const types = [...new Set(rights.map(({ objectType }) => objectType))];
	return [
		["a person without rights", []],
		["a holder of Use on the object", [{ objectType: "messagingService", access: "use", objectId: here }]],
		["a holder of View on the object", types.map((objectType) => ({ objectType, access: "view", objectId: here }))],
		["a holder of View on everything", types.map((objectType) => ({ objectType, access: "view", objectId: null }))],
		["a holder of each right on the object", heldFor(route, here)],
		["a holder of each right on another object", heldFor(route, elsewhere)],
		["a holder of each right on all objects", heldFor(route, null)],
		...rights.map(({ access, objectType }, index): [string, Held[]] => [
			`a holder of each right but ${access} on ${objectType}`,
			heldFor(route, null, index),
		]),
	];
}

test("every route states who may call it, and holders need something", () => {
	assert.ok(served.length > 60);
	for (const { base, route } of served) {
		const name = `${route.method} ${base}${route.path}`;
		assert.ok(["anybody", "signedIn", "holders"].includes(route.needs?.who), name);
		assert.ok(route.needs.who !== "holders" || route.needs.rights.length > 0, name);
		assert.ok(route.needs.who !== "anybody" || route.needs.because.length > 10, name);
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
		},
	});
	const inMatrix = new Set(served.map(({ base, route }) => `${route.method} ${base}${route.path}`));
	const others = found.filter(
		(name) => !name.startsWith("HEAD ") && !name.startsWith("OPTIONS ") && !inMatrix.has(name),
	);
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
		[...inMatrix].filter((name) => !found.includes(name)),
		[],
		"in the matrix, but not served",
	);
});

for (const interfaceBase of ["/RI/rci", "/RI/cmi", "/RI/openapi"]) {
	test(`every route of ${interfaceBase} admits exactly those it needs`, async (t) => {
		const cast = await castFor(t);
		const wrong: string[] = [];
		let checks = 0;
		const compare = (one: Served, who: string, must: Outcome, is: Outcome) => {
			checks += 1;
			if (must !== is) {
				wrong.push(`${one.route.method} ${one.base}${one.route.path}: ${who} must be ${must}, is ${is}`);
			}
		};
		for (const one of served.filter(({ base }) => base === interfaceBase)) {
			for (const [who, headers, must] of strangers(cast, one)) {
				const given = typeof headers === "function" ? await headers() : headers;
				compare(one, who, must, await outcome(cast, one, given));
			}
			cast.scene.clock.advance(16 * 60_000); // Failed logons are forgotten, or they would have to wait.
			for (const [who, held] of holdings(one.route)) {
				compare(one, who, expected(one.route, held), await outcomeWith(cast, one, held));
			}
		}
		assert.deepEqual(wrong, []);
		assert.ok(checks >= served.filter(({ base }) => base === interfaceBase).length * 20, `${checks} checks`);
		assert.notEqual(await findCredentials(cast.scene.storage.db, { login: "admin" }), undefined);
	});
}
