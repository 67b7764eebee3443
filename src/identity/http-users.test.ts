import assert from "node:assert/strict";
import test from "node:test";
import type { Grant } from "#domain/rights.ts";
import { replaceGrants } from "#storage/grants.ts";
import { findUser, updateUser } from "#storage/people.ts";
import { basic, restScene } from "#test/rest-scene.ts";

const serviceId = "A".repeat(32);
const otherService = "B".repeat(32);
const asked = { serviceId, address: "192.0.2.1" };
const challenge = 'Basic realm="Parley", charset="UTF-8"';
const use = (objectId: string | null): Grant => ({ objectType: "messagingService", objectId, access: ["use"] });

test("the HTTP user needs the right password and Use on that service, or on all of them", async (t) => {
	const scene = await restScene(t);
	const fitting = await scene.person({ externalUser: true, grants: [use(serviceId)] });
	const onAll = await scene.person({ externalUser: true, grants: [use(null)] });
	const onOther = await scene.person({ externalUser: true, grants: [use(otherService)] });
	const viewer = await scene.person({ externalUser: true, grants: [{ ...use(null), access: ["view", "modify"] }] });
	const person = await scene.person({ grants: [use(serviceId)] });
	const disabled = await scene.person({ externalUser: true, enabled: false, grants: [use(serviceId)] });
	const wrong = { ok: false, status: 401, challenge } as const;
	const withoutUse = { ok: false, status: 403, challenge: undefined } as const;
	const table: readonly [what: string, authorization: string | undefined, verdict: object][] = [
		["fits", fitting.authorization, { ok: true, userId: fitting.id }],
		["all services", onAll.authorization, { ok: true, userId: onAll.id }],
		["a person, with a warning", person.authorization, { ok: true, userId: person.id }],
		["another service", onOther.authorization, withoutUse],
		["other rights", viewer.authorization, withoutUse],
		["wrong password", basic(fitting.login, "wrong"), wrong],
		["wrong password without the right", basic(onOther.login, "wrong"), wrong],
		["unknown user", basic("nobody", "wrong"), wrong],
		["disabled", disabled.authorization, wrong],
		["nothing", undefined, wrong],
		["another scheme", `Bearer ${fitting.password}`, wrong],
		["nonsense", "Basic !!!", wrong],
	];
	for (const [what, authorization, verdict] of table) {
		assert.deepEqual(await scene.identity.checkHttpUser(authorization, asked), verdict, what);
	}
});

test("a withdrawn right or a disabled user is refused within a second, and at once where it was changed", async (t) => {
	const scene = await restScene(t);
	const provider = await scene.person({ externalUser: true, grants: [use(serviceId)] });
	const check = async () => {
		const verdict = await scene.identity.checkHttpUser(provider.authorization, asked);
		return verdict.ok ? 200 : verdict.status;
	};
	assert.equal(await check(), 200);
	await scene.storage.write((tx) => replaceGrants(tx, { kind: "user", id: provider.id }, [], () => "x"));
	scene.clock.advance(1000);
	assert.equal(await check(), 403);
	await scene.storage.write((tx) => replaceGrants(tx, { kind: "user", id: provider.id }, [use(serviceId)], () => "x"));
	scene.identity.forget(provider.id);
	assert.equal(await check(), 200);
	const user = await findUser(scene.storage.db, provider.id);
	assert.ok(user);
	const { id, version } = user;
	const fields = { ...user, enabled: false };
	await scene.storage.write((tx) => updateUser(tx, { id, version, fields, at: scene.clock.now() }));
	scene.identity.forget(provider.id);
	assert.equal(await check(), 401);
});

test("many calls of one provider compare the password once in five minutes", async (t) => {
	const scene = await restScene(t);
	const provider = await scene.person({ externalUser: true, grants: [use(serviceId)] });
	const before = scene.hashings();
	for (let seconds = 0; seconds < 290; seconds++) {
		assert.equal((await scene.identity.checkHttpUser(provider.authorization, asked)).ok, true);
		scene.clock.advance(1000);
	}
	assert.equal(scene.hashings() - before, 1);
});

test("while logons are throttled nothing is said about a password, and the right one is heard afterwards", async (t) => {
	const scene = await restScene(t);
	const provider = await scene.person({ externalUser: true, grants: [use(serviceId)] });
	const statusOf = async (authorization: string) => {
		const verdict = await scene.identity.checkHttpUser(authorization, asked);
		return verdict.ok ? 200 : verdict.status;
	};
	const statuses: number[] = [];
	for (let tries = 0; tries < 12; tries++) {
		statuses.push(await statusOf(basic(provider.login, "wrong")));
	}
	assert.deepEqual([statuses[0], statuses.at(-1)], [401, 503]);
	assert.equal(await statusOf(provider.authorization), 503, "not looked at: it shall come again");
	scene.clock.advance(15 * 60_000);
	assert.equal(await statusOf(provider.authorization), 200);
});
