import assert from "node:assert/strict";
import test from "node:test";
import { listAudit } from "#storage/audit.ts";
import { findCredentials, findUser, updateUser } from "#storage/people.ts";
import { codeAt, wrongCodeAt } from "#test/one-time-codes.ts";
import { type Person, type RestScene, restScene } from "#test/rest-scene.ts";
import { startRest } from "./start.ts";

const ownPage = { "sec-fetch-site": "same-origin" };
const formType = { "content-type": "application/x-www-form-urlencoded" };

type Answer = { status: number; cookie: string | undefined; body: string; code: string | undefined; retry: unknown };
type Stage = RestScene & {
	ada: Person;
	recoveryCodes: readonly string[];
	now(): string;
	wrong(): string;
	json(payload: object): Promise<Answer>;
	form(url: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
	/** The proof in the page for the code. */
	challenge(): Promise<string>;
};

async function openStage(t: Parameters<typeof restScene>[0]): Promise<Stage> {
	const scene = await restScene(t, { serve: startRest, basePath: "/acme" });
	const { clock, storage } = scene;
	const ada = await scene.person({ login: "ada" });
	const owner = await findCredentials(storage.db, { id: ada.id });
	assert.ok(owner);
	const { secondFactors } = scene.identity;
	const { secret } = await storage.write((tx) => secondFactors.begin(tx, owner));
	const given = { code: codeAt(secret, clock.now()), address: "::1" };
	const confirmed = await storage.write((tx) => secondFactors.confirm(tx, owner, given));
	assert.ok(confirmed.ok);
	clock.advance(30_000);
	const ask = async (url: string, payload: object | string, headers: Record<string, string>): Promise<Answer> => {
		const answer = await scene.call({ method: "POST", url: `/acme${url}`, payload, headers });
		const isProblem = String(answer.headers["content-type"]).includes("problem");
		const cookie = answer.headers["set-cookie"];
		return {
			status: answer.statusCode,
			cookie: cookie === undefined ? undefined : String(cookie),
			body: answer.body,
			code: isProblem ? answer.json<{ code: string }>().code : undefined,
			retry: answer.headers["retry-after"],
		};
	};
	const form: Stage["form"] = (url, fields, headers = ownPage) =>
		ask(url, new URLSearchParams(fields).toString(), { ...formType, ...headers });
	return {
		...scene,
		ada,
		recoveryCodes: confirmed.recoveryCodes,
		now: () => codeAt(secret, clock.now()),
		wrong: () => wrongCodeAt(secret, clock.now()),
		json: (payload) => ask("/login", payload, {}),
		form,
		async challenge() {
			const page = await form("/login", { login: ada.login, password: ada.password });
			return challengeIn(page.body);
		},
	};
}

function challengeIn(page: string): string {
	return /name="challenge" value="([^"]+)"/.exec(page)?.[1] ?? "";
}

test("JSON: the password alone asks for the code, a wrong code is told, the right one signs in once", async (t) => {
	const { ada, json, now, wrong, recoveryCodes, storage } = await openStage(t);
	const user = { login: ada.login, password: ada.password };
	const asked = await json(user);
	assert.deepEqual([asked.status, asked.code, asked.cookie], [401, "second_factor_required", undefined]);
	assert.equal((await json({ ...user, code: "" })).code, "second_factor_required");
	const refused = await json({ ...user, code: wrong() });
	assert.deepEqual([refused.status, refused.code, refused.cookie], [401, "wrong_second_factor", undefined]);
	assert.equal((await json({ ...user, password: "wrong", code: now() })).code, "wrong_credentials");
	const code = now();
	const done = await json({ ...user, code });
	assert.equal(done.status, 204);
	assert.match(done.cookie ?? "", /^__Host-sid=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
	assert.equal((await json({ ...user, code })).code, "wrong_second_factor", "a code counts once");
	assert.equal((await json({ ...user, code: recoveryCodes[0] })).status, 204);
	assert.equal((await json({ ...user, code: recoveryCodes[0] })).code, "wrong_second_factor");
	const logons = (await listAudit(storage.db, { limit: 2 })).map(({ changes }) => changes["secondFactor"]?.after);
	assert.deepEqual(logons, ["recoveryCode", "code"]);
});

test("JSON: a code where none is needed is ignored, and no other field is taken", async (t) => {
	const { json, person } = await openStage(t);
	const bob = await person();
	assert.equal((await json({ login: bob.login, password: bob.password, code: "123456" })).status, 204);
	assert.equal((await json({ login: bob.login, password: bob.password, code: 123_456 })).status, 400);
	assert.equal((await json({ login: bob.login, password: bob.password, challenge: "x" })).status, 400);
});

test("after ten wrong codes every code waits, however often the right password is given", async (t) => {
	const { ada, json, now, wrong, form, challenge, clock } = await openStage(t);
	const user = { login: ada.login, password: ada.password };
	for (let index = 0; index < 5; index++) {
		assert.equal((await json({ ...user, code: wrong() })).code, "wrong_second_factor");
		assert.equal((await json(user)).code, "second_factor_required");
		assert.equal((await form("/login/code", { challenge: await challenge(), code: wrong() })).status, 401);
	}
	const blocked = await json({ ...user, code: now() });
	assert.deepEqual([blocked.status, blocked.code, blocked.retry], [429, "too_many_logons", "1"]);
	const page = await form("/login/code", { challenge: await challenge(), code: now() });
	assert.deepEqual([page.status, page.retry], [429, "1"]);
	assert.match(page.body, /Try again in 1 seconds/);
	clock.advance(1000);
	assert.equal((await json({ ...user, code: now() })).status, 204);
});

test("the form leads to a page for the code, which asks for no password and works without script", async (t) => {
	const { ada, form, now, call } = await openStage(t);
	const page = await form("/login", { login: ada.login, password: ada.password });
	assert.deepEqual([page.status, page.cookie], [401, undefined]);
	assert.match(page.body, /action="\/acme\/login\/code"/);
	assert.match(page.body, /<label for="code">/);
	assert.match(page.body, /autocomplete="one-time-code"\s+inputmode="numeric"/);
	assert.match(page.body, /<label for="recovery-code">/);
	assert.doesNotMatch(page.body, /type="password"|<script|role="alert"/);
	assert.equal(page.body.includes(ada.password), false);
	const done = await form("/login/code", { challenge: challengeIn(page.body), code: now() });
	assert.equal(done.status, 303);
	const cookie = (done.cookie ?? "").split(";")[0] ?? "";
	assert.equal((await call({ method: "GET", url: "/acme/RI/rci/me", headers: { cookie } })).statusCode, 200);
});

test("a wrong code shows the page again, with the same five minutes", async (t) => {
	const { form, challenge, now, wrong, clock } = await openStage(t);
	const first = await challenge();
	clock.advance(5 * 60_000 - 1);
	const again = await form("/login/code", { challenge: first, code: wrong() });
	assert.match(again.body, /role="alert"/);
	assert.match(again.body, /aria-describedby="code-error"/);
	assert.equal(challengeIn(again.body), first);
	const empty = await form("/login/code", { challenge: first, code: " " });
	assert.deepEqual([empty.status, challengeIn(empty.body)], [401, first]);
	clock.advance(1);
	const late = await form("/login/code", { challenge: first, code: now() });
	assert.deepEqual([late.status, late.cookie], [401, undefined]);
	assert.match(late.body, /Sign in again/);
	assert.match(late.body, /type="password"/);
});

test("the page posted twice signs in once; with another code it is another logon", async (t) => {
	const { form, challenge, now, recoveryCodes } = await openStage(t);
	const proof = await challenge();
	const code = now();
	const both = await Promise.all([1, 2].map(() => form("/login/code", { challenge: proof, code })));
	assert.equal(both.filter(({ status }) => status === 303).length, 1);
	assert.equal(both.filter(({ status }) => status === 401).length, 1);
	assert.equal((await form("/login/code", { challenge: proof, code: recoveryCodes[0] ?? "" })).status, 303);
});

test("a proof that was forged, cut, moved to another account or overtaken by a change opens nothing", async (t) => {
	const { ada, form, challenge, now, person, storage, clock } = await openStage(t);
	const bob = await person();
	const proof = await challenge();
	const [id = "", version = "", endsAt = "", mac = ""] = proof.split(".");
	const later = String(Number(endsAt) + 1);
	const forged = [
		"",
		"...",
		[id, version, endsAt, ""].join("."),
		[id, version, endsAt, mac.slice(1)].join("."),
		[id, version, later, mac].join("."),
		[id, String(Number(version) + 1), endsAt, mac].join("."),
		[bob.id, version, endsAt, mac].join("."),
	];
	for (const one of forged) {
		const answer = await form("/login/code", { challenge: one, code: now() });
		assert.deepEqual([answer.status, answer.cookie], [401, undefined], one);
		assert.match(answer.body, /type="password"/);
	}
	assert.equal((await form("/login/code", { challenge: proof, code: now() }, {})).status, 403, "another site");
	const user = await findUser(storage.db, ada.id);
	assert.ok(user);
	const change = { id: user.id, version: user.version, fields: { ...user, enabled: false }, at: clock.now() };
	await storage.write((tx) => updateUser(tx, change));
	assert.equal((await form("/login/code", { challenge: proof, code: now() })).cookie, undefined);
	assert.match((await form("/login", { login: "ada", password: ada.password })).body, /type="password"/);
});
