import assert from "node:assert/strict";
import test from "node:test";
import { findCredentials, findUser, updateUser } from "#storage/people.ts";
import { type Person, type RestScene, restScene } from "#test/rest-scene.ts";
import { makeApiToken } from "./api-tokens.ts";
import { readBasic } from "./authenticate.ts";
import { sessionToken } from "./cookies.ts";
import { insertApiToken } from "#storage/sessions.ts";

const address = "192.0.2.1";
const minute = 60_000;

async function signIn(scene: RestScene, person: Person): Promise<string> {
	const user = await findCredentials(scene.storage.db, { id: person.id });
	assert.ok(user);
	const started = await scene.identity.sessions.start(user, "a browser");
	assert.ok(started);
	return started.cookie;
}

/** As the browser sends it back. */
function sent(setCookie: string): string {
	return `other=1; ${setCookie.split(";")[0] ?? ""}`;
}

test("the cookie cannot be read by script, sent by other sites' posts or set by neighbours", async (t) => {
	const scene = await restScene(t);
	const cookie = await signIn(scene, await scene.person());
	assert.match(cookie, /^__Host-sid=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
	assert.match(
		scene.identity.sessions.clearedCookie,
		/^__Host-sid=; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=0$/,
	);
	const stored = await scene.storage.db.selectFrom("sessions").selectAll().executeTakeFirstOrThrow();
	assert.equal(JSON.stringify(stored).includes(sessionToken(cookie) ?? ""), false, "only a hash is stored");
});

test("a session lives while it is used, ends idle after 30 minutes and in any case after 10 hours", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person();
	const cookie = sent(await signIn(scene, ada));
	const resume = () => scene.identity.sessions.resume(cookie);
	scene.clock.advance(29 * minute);
	assert.equal((await resume())?.userId, ada.id);
	scene.clock.advance(29 * minute);
	assert.notEqual(await resume(), undefined, "the use before counts");
	scene.clock.advance(30 * minute);
	assert.equal(await resume(), undefined);
	const busy = sent(await signIn(scene, ada));
	for (let used = 0; used < 10 * 60; used += 25) {
		assert.notEqual(await scene.identity.sessions.resume(busy), undefined, `after ${used} minutes`);
		scene.clock.advance(25 * minute);
	}
	assert.equal(await scene.identity.sessions.resume(busy), undefined);
});

test("no session starts with a password that was checked before the user was changed or disabled", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person();
	const checked = await findCredentials(scene.storage.db, { id: ada.id });
	const user = await findUser(scene.storage.db, ada.id);
	assert.ok(checked && user);
	const { id, version } = user;
	await scene.storage.write((tx) => updateUser(tx, { id, version, fields: user, at: scene.clock.now() }));
	assert.equal(await scene.identity.sessions.start(checked, "b"), undefined);
	const [session] = await scene.identity.sessions.list(ada.id);
	assert.equal(session, undefined);
});

const cookies: readonly [header: string | undefined, token: string | undefined][] = [
	[undefined, undefined],
	["", undefined],
	["__Host-sid=", undefined],
	["__Host-sid=abc", "abc"],
	["a=b; __Host-sid=abc; c=d", "abc"],
	["sid=abc; x__Host-sid=abc", undefined],
];
for (const [header, token] of cookies) {
	test(`the cookie header ${header ?? "(none)"} holds ${token ?? "no session"}`, () => {
		assert.equal(sessionToken(header), token);
	});
}

const basics: readonly [value: string, given: ReturnType<typeof readBasic>][] = [
	[Buffer.from("ada:secret").toString("base64"), { login: "ada", password: "secret" }],
	[Buffer.from("ada:a:b").toString("base64"), { login: "ada", password: "a:b" }],
	[Buffer.from("ada:pässwörd ✓").toString("base64"), { login: "ada", password: "pässwörd ✓" }],
	[Buffer.from("ada:").toString("base64"), { login: "ada", password: "" }],
	[Buffer.from(":secret").toString("base64"), undefined],
	[Buffer.from("no colon").toString("base64"), undefined],
	["not base64!", undefined],
	["", undefined],
	[Buffer.from("ada\u0000:pw").toString("base64"), undefined],
	[Buffer.from("ada:p\u0000w").toString("base64"), undefined],
];
for (const [value, given] of basics) {
	test(`Basic ${value || "(nothing)"} ${given === undefined ? "is not credentials" : `names ${given.login}`}`, () => {
		assert.deepEqual(readBasic(value), given);
	});
}

test("user and rights are read anew for each call, whatever proves the caller", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person({ grants: [{ objectType: "user", objectId: null, access: ["view"] }] });
	const expiresAt = new Date(scene.clock.now().getTime() + 60 * minute);
	const { token, row } = makeApiToken(scene.deps, { userId: ada.id, name: "t", expiresAt });
	await scene.storage.write((tx) => insertApiToken(tx, row));
	const cookie = sent(await signIn(scene, ada));
	const ways = {
		basic: { authorization: ada.authorization, cookie: undefined },
		token: { authorization: `Bearer ${token}`, cookie: undefined },
		session: { authorization: undefined, cookie },
	};
	for (const [via, presented] of Object.entries(ways)) {
		const verdict = await scene.identity.authenticate({ ...presented, address });
		assert.ok(verdict.ok, via);
		const { principal } = verdict;
		assert.deepEqual([principal.via, principal.userId, principal.grants.length], [via, ada.id, 1]);
	}
	const user = await findUser(scene.storage.db, ada.id);
	assert.ok(user);
	const fields = { ...user, enabled: false };
	await scene.storage.write((tx) =>
		updateUser(tx, { id: ada.id, version: user.version, fields, at: scene.clock.now() }),
	);
	for (const [via, presented] of Object.entries(ways)) {
		assert.equal((await scene.identity.authenticate({ ...presented, address })).ok, false, via);
	}
});

test("a token ends, is known by its prefix, and nothing but a whole token is one", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person();
	const expiresAt = new Date(scene.clock.now().getTime() + minute);
	const { token, row } = makeApiToken(scene.deps, { userId: ada.id, name: "t", expiresAt });
	await scene.storage.write((tx) => insertApiToken(tx, row));
	assert.match(token, /^parley_[A-Za-z0-9_-]{43}$/);
	assert.equal(row.prefix, token.slice(0, 13));
	const why = async (authorization: string | undefined) => {
		const verdict = await scene.identity.authenticate({ authorization, cookie: undefined, address });
		return verdict.ok ? "ok" : verdict.why;
	};
	assert.equal(await why(`bearer  ${token}`), "ok");
	assert.equal(await why(`Bearer ${token}x`), "wrong");
	assert.equal(await why(`Bearer ${token.slice(7)}`), "wrong");
	assert.equal(await why(`Token ${token}`), "wrong");
	assert.equal(await why("Basic"), "wrong");
	assert.equal(await why(undefined), "missing");
	scene.clock.advance(minute);
	assert.equal(await why(`Bearer ${token}`), "wrong");
});
