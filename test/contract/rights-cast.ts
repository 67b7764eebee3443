// The callers of the rights matrix, and what must come of each one's call: by the small table below, which shares no code
// with the product, from the needs that test/contract/authz.csv states. "Admitted" is any answer but 401 and 403: a call
// without a body, or on an object that is not there, ends as 400 or 404.

import type { TestContext } from "node:test";
import type { FastifyInstance } from "fastify";
import type { Grant } from "#domain/rights.ts";
import { makeApiToken } from "#identity/api-tokens.ts";
import { tokenHash } from "#identity/tokens.ts";
import type { RestDeps } from "#rest/deps.ts";
import type { Need, Needs } from "#rest/route.ts";
import { replaceGrants } from "#storage/grants.ts";
import { insertApiToken, insertSession } from "#storage/sessions.ts";
import { openStorage } from "#storage/storage.ts";
import { type Person, type RestScene, administratorGrants, basic, restScene } from "#test/rest-scene.ts";

const here = "A".repeat(32);
const elsewhere = "B".repeat(32);
/** Another object for each path parameter, so that a guard that looks at the wrong one is seen. */
const idsInPath: Readonly<Record<string, string>> = { id: here, memberId: "C".repeat(32) };

function idInPath(param: string): string {
	return idsInPath[param] ?? here;
}

/** A route as it is called; `needs` is what it ought to demand. */
export type Called = { method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"; path: string; needs: Needs };

type Outcome = "401" | "403" | "429" | "500" | "admitted";
type Held = { objectType: string; access: string; objectId: string | null };

/** The rules once more, in another way: which of the grants meets the need? */
function meets(need: Need, held: readonly Held[]): boolean {
	const wanted = [need.access, ...(need.or === undefined ? [] : [need.or].flat())];
	const accesses = wanted.includes("view") ? [...wanted, "modify"] : wanted;
	const fitting = held.filter(
		(grant) => grant.objectType === need.objectType && accesses.includes(grant.access as never),
	);
	if (need.on === "some" || need.on === "row") {
		return fitting.length > 0;
	}
	const objects = need.on === "every" ? [null] : [null, idInPath(need.on.param)];
	return fitting.some((grant) => objects.includes(grant.objectId));
}

/**
 * Own API tokens are anybody's who is signed in; somebody else's, such as the one that is not there, need rights that
 * `run` asks for.
 */
const foreignRow = /\/apiTokens\/:id$/;

function expected({ needs, path }: Called, held: readonly Held[]): Outcome {
	if (foreignRow.test(path)) {
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

function rightsOf({ needs }: Called): readonly Need[] {
	return needs.who === "holders" ? needs.rights : [];
}

/** Each right, on `place`; `there` is the object the call is about. */
function heldFor(called: Called, place: "all" | "there" | "elsewhere"): Held[] {
	return rightsOf(called).map(({ objectType, access, on }) => {
		const there = typeof on === "string" ? here : idInPath(on.param);
		return { objectType, access, objectId: { all: null, there, elsewhere }[place] };
	});
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

export type Cast = { scene: RestScene; probe: Person; admin: Person; external: Person; disabled: Person };

export async function castFor(
	t: TestContext,
	serve: (app: FastifyInstance, deps: RestDeps) => Promise<void>,
): Promise<Cast> {
	const storage = await openStorage("sqlite::memory:", () => undefined);
	const scene = await restScene(t, { storage, serve });
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

async function outcome({ scene }: Cast, { method, path }: Called, headers: Headers): Promise<Outcome> {
	const url = path.replaceAll(/:(\w+)/g, (_, param: string) => idInPath(param));
	// Streams, so that an answer that stays open does not have to be waited for.
	const answer = await scene.app.inject({ method, url, headers, payloadAsStream: true });
	answer.stream().destroy();
	const refused = ([401, 403, 429, 500] as const).find((status) => status === answer.statusCode);
	return refused === undefined ? "admitted" : `${refused}`;
}

async function outcomeWith(cast: Cast, called: Called, held: readonly Held[]): Promise<Outcome> {
	const { scene, probe } = cast;
	const holder = { kind: "user", id: probe.id } as const;
	await scene.storage.write((tx) => replaceGrants(tx, holder, toGrants(held), () => scene.deps.ids.next()));
	return outcome(cast, called, { authorization: probe.authorization });
}

let sessions = 0;

async function cookieOf({ scene }: Cast, { id: userId }: Person, endsInMs: number): Promise<string> {
	sessions += 1;
	const now = scene.clock.now();
	const expiresAt = new Date(now.getTime() + endsInMs);
	const id = scene.deps.ids.next<string>();
	const session = { id, userId, createdAt: now, lastSeenAt: now, expiresAt, userAgent: "" };
	await scene.storage.write((tx) => insertSession(tx, { ...session, tokenHash: tokenHash(`token ${sessions}`) }));
	return `__Host-sid=token ${sessions}`;
}

async function tokenOf({ scene }: Cast, { id: userId }: Person, endsInMs: number): Promise<string> {
	const expiresAt = new Date(scene.clock.now().getTime() + endsInMs);
	const { token, row } = makeApiToken(scene.deps, { userId, name: "matrix", expiresAt });
	await scene.storage.write((tx) => insertApiToken(tx, row));
	return `Bearer ${token}`;
}

/** What no administrator holds by being one. */
const givenSeparately = new Set(["customerConsent"]);

type Stranger = [who: string, headers: Headers | (() => Promise<Headers>), must: Outcome];

/** Everybody whose standing has nothing to do with grants of their own. */
function strangers(cast: Cast, called: Called): readonly Stranger[] {
	const { admin, disabled, external } = cast;
	const { method, needs } = called;
	const out = needs.who === "anybody" ? "admitted" : "401";
	const none = expected(called, []);
	const hour = 3_600_000;
	// An upload under a session demands the key as well.
	const ownPage = { "sec-fetch-site": "same-origin", "idempotency-key": "matrix" };
	const foreignPage = { "sec-fetch-site": "cross-site" };
	const session = (person: Person, endsInMs: number, page: Headers) => async () => ({
		cookie: await cookieOf(cast, person, endsInMs),
		...page,
	});
	const token = (person: Person, endsInMs: number) => async () => ({
		authorization: await tokenOf(cast, person, endsInMs),
	});
	const ofAdmin = rightsOf(called).some(({ objectType }) => givenSeparately.has(objectType)) ? "403" : "admitted";
	const crossing = method === "GET" || needs.who === "anybody" ? ofAdmin : "403";
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
		["an administrator", { authorization: admin.authorization }, ofAdmin],
		["an administrator's API token", token(admin, hour), ofAdmin],
		["an administrator's session", session(admin, hour, ownPage), ofAdmin],
		["another site with an administrator's session", session(admin, hour, foreignPage), crossing],
	];
}

/** Sets of grants: too few, the right ones in the wrong place, and the right ones. */
function holdings(called: Called): [who: string, held: Held[]][] {
	const rights = rightsOf(called);
	const types = [...new Set(rights.map(({ objectType }) => objectType))];
	const all = heldFor(called, "all");
	const others = rights.map(({ objectType, access, or }) => ({
		objectType,
		access: [or ?? access].flat().at(-1) ?? access,
		objectId: null,
	}));
	return [
		["a person without rights", []],
		["a holder of Use on the object", [{ objectType: "messagingService", access: "use", objectId: here }]],
		["a holder of View on the object", types.map((objectType) => ({ objectType, access: "view", objectId: here }))],
		["a holder of View on everything", types.map((objectType) => ({ objectType, access: "view", objectId: null }))],
		["a holder of each right on the object", heldFor(called, "there")],
		["a holder of each right on another object", heldFor(called, "elsewhere")],
		["a holder of each right on all objects", all],
		["a holder of the other access where there is one", others],
		...all.flatMap((one, index): [string, Held[]][] => {
			const name = `${one.access} on ${one.objectType}`;
			return [
				[`a holder of each right but ${name}`, all.toSpliced(index, 1)],
				[`a holder of each right, with View for ${name}`, all.with(index, { ...one, access: "view" })],
				[`a holder of each right, with Modify for ${name}`, all.with(index, { ...one, access: "modify" })],
				[`a holder of each right, with ${name} elsewhere`, all.with(index, { ...one, objectId: elsewhere })],
				...Object.entries(idsInPath).map(([param, objectId]): [string, Held[]] => [
					`a holder of each right, with ${name} of :${param}`,
					all.with(index, { ...one, objectId }),
				]),
			];
		}),
	];
}

type Check = { who: string; must: Outcome; is: Outcome };

async function* checks(cast: Cast, called: Called): AsyncGenerator<Check> {
	try {
		for (const [who, held] of holdings(called)) {
			yield { who, must: expected(called, held), is: await outcomeWith(cast, called, held) };
		}
		for (const [who, headers, must] of strangers(cast, called)) {
			const given = typeof headers === "function" ? await headers() : headers;
			yield { who, must, is: await outcome(cast, called, given) };
		}
	} finally {
		cast.scene.clock.advance(16 * 60_000); // Failed logons are forgotten, or they would have to wait.
	}
}

/** What is not as it must be, for every caller in turn; with the number of calls made. */
export async function deviations(cast: Cast, called: Called): Promise<{ wrong: string[]; calls: number }> {
	const wrong: string[] = [];
	let calls = 0;
	for await (const { who, must, is } of checks(cast, called)) {
		calls += 1;
		if (must !== is) {
			wrong.push(`${called.method} ${called.path}: ${who} must be ${must}, is ${is}`);
		}
	}
	return { wrong, calls };
}

export async function deviates(cast: Cast, called: Called): Promise<boolean> {
	for await (const { must, is } of checks(cast, called)) {
		if (must !== is) {
			return true;
		}
	}
	return false;
}
