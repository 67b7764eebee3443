import assert from "node:assert/strict";
import test from "node:test";
import type { PasswordHasher } from "#platform/passwords.ts";
import { Problem } from "#platform/problems.ts";
import { findUser, updateUser } from "#storage/people.ts";
import { type RestScene, restScene } from "#test/rest-scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { openLogons } from "./logon.ts";
import { machineSecretMac } from "./tokens.ts";

const address = "192.0.2.1";

async function change(scene: RestScene, id: string, over: object, password?: object): Promise<void> {
	const user = await findUser(scene.storage.db, id);
	assert.ok(user);
	const fields = { ...user, ...over };
	const { version } = user;
	const at = scene.clock.now();
	await scene.storage.write((tx) =>
		updateUser(tx, { id, version, fields, at, ...(password === undefined ? {} : { password: password as never }) }),
	);
}

test("the right password is right whatever the case of the logon name; everything else is wrong alike", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person({ login: "Ada" });
	const gone = await scene.person({ login: "Gone", enabled: false });
	const tries: readonly [login: string, password: string, ok: boolean][] = [
		["aDA", ada.password, true],
		["ada", `${ada.password} `, false],
		["ada", "", false],
		["nobody", ada.password, false],
		["gone", gone.password, false],
		["", "", false],
		["x".repeat(400), ada.password, false],
		["ada", "x".repeat(2000), false],
	];
	for (const [login, password, ok] of tries) {
		const verdict = await scene.identity.logOn({ login, password, address });
		assert.deepEqual(verdict.ok ? { ok: true } : verdict, ok ? { ok: true } : { ok: false, why: "wrong" }, login);
	}
});

test("every failed logon costs one comparison, also of names that do not exist and of machines", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person({ login: "ada" });
	const machine = await scene.person({ login: "machine", externalUser: true });
	const mac = machineSecretMac(scene.deps.mac, machine.id, "right");
	await change(scene, machine.id, {}, { kind: "machine", mac });
	await change(scene, ada.id, {});
	for (const login of ["ada", "nobody", "machine"]) {
		const before = scene.hashings();
		await scene.identity.logOn({ login, password: "wrong", address });
		assert.equal(scene.hashings() - before, 1, login);
	}
});

test("a machine's password costs no comparison, and strangers' failures do not lock it out", async (t) => {
	const scene = await restScene(t);
	const machine = await scene.person({ login: "machine", externalUser: true });
	const mac = machineSecretMac(scene.deps.mac, machine.id, "right");
	await change(scene, machine.id, {}, { kind: "machine", mac });
	for (let index = 0; index < 12; index++) {
		await scene.identity.logOn({ login: "machine", password: "wrong", address });
	}
	const before = scene.hashings();
	assert.equal((await scene.identity.logOn({ login: "machine", password: "right", address })).ok, true);
	assert.equal(scene.hashings(), before);
	const other = await scene.person({ login: "other" });
	assert.notDeepEqual(machineSecretMac(scene.deps.mac, other.id, "right"), mac, "bound to the user");
});

test("a password is compared once in five minutes, and again after any change of the user", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person({ login: "ada" });
	const compared = async () => {
		const before = scene.hashings();
		const verdict = await scene.identity.logOn({ login: "ada", password: ada.password, address });
		return [verdict.ok, scene.hashings() - before];
	};
	assert.deepEqual(await compared(), [true, 1]);
	assert.deepEqual(await compared(), [true, 0]);
	scene.clock.advance(5 * 60_000 - 1);
	assert.deepEqual(await compared(), [true, 0]);
	scene.clock.advance(1);
	assert.deepEqual(await compared(), [true, 1]);
	await change(scene, ada.id, { title: "Dr" });
	assert.deepEqual(await compared(), [true, 1], "another version");
	scene.identity.forget(ada.id);
	assert.deepEqual(await compared(), [true, 1], "forgotten");
	await change(scene, ada.id, { enabled: false });
	assert.deepEqual(await compared(), [false, 1], "disabled");
});

test("a remembered password is heard while strangers try others", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person({ login: "ada" });
	assert.equal((await scene.identity.logOn({ login: "ada", password: ada.password, address })).ok, true);
	for (let index = 0; index < 15; index++) {
		await scene.identity.logOn({ login: "ada", password: "wrong", address: `203.0.113.${index}` });
	}
	assert.equal((await scene.identity.logOn({ login: "ada", password: ada.password, address })).ok, true);
});

onBothDialects(
	"after ten failures the account waits, also for the right password and on another node",
	async (open) => {
		const storage = await open();
		const scene = await restScene({ after: () => undefined }, { storage });
		const ada = await scene.person({ login: "ada" });
		const logOn = (password: string) => scene.identity.logOn({ login: "ADA", password, address });
		for (let index = 0; index < 10; index++) {
			assert.deepEqual(await logOn("wrong"), { ok: false, why: "wrong" });
		}
		assert.deepEqual(await logOn(ada.password), { ok: false, why: "throttled", retryAfterSeconds: 1 });
		const { deps } = scene;
		const otherNode = openLogons({
			...deps,
			settings: { ...deps.settings, session: { idleMinutes: 1, absoluteHours: 1 } },
		});
		const attempt = { login: "ada", password: ada.password, address: "198.51.100.1" };
		assert.deepEqual(await otherNode.verify(attempt), { ok: false, why: "throttled", retryAfterSeconds: 1 });
		scene.clock.advance(1000);
		assert.equal((await logOn(ada.password)).ok, true);
		for (let index = 0; index < 10; index++) {
			assert.deepEqual(await logOn("wrong"), { ok: false, why: "wrong" }, "a success starts the count anew");
		}
		const events = await storage.db.selectFrom("security_events").select(["kind", "address"]).execute();
		assert.deepEqual(
			events.map((event) => `${event.kind} ${event.address}`),
			Array.from({ length: 2 }, () => `logon_blocked ${address}`),
		);
		await scene.app.close();
	},
);

onBothDialects("different guesses at the same time count one by one: ten are heard, not more", async (open) => {
	const scene = await restScene({ after: () => undefined }, { storage: await open() });
	const guess = (index: number) => ({ login: "nobody", password: `guess ${index}`, address });
	const verdicts = await Promise.all(Array.from({ length: 30 }, (_, index) => scene.identity.logOn(guess(index))));
	assert.equal(verdicts.filter((verdict) => !verdict.ok && verdict.why === "wrong").length, 10);
	assert.equal(scene.hashings(), 10);
	await scene.app.close();
});

test("many calls at the same time with one password are one attempt", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person({ login: "ada" });
	const before = scene.hashings();
	const calls = Array.from({ length: 60 }, () =>
		scene.identity.logOn({ login: "ada", password: ada.password, address }),
	);
	const verdicts = await Promise.all(calls);
	assert.equal(
		verdicts.every(({ ok }) => ok),
		true,
	);
	assert.equal(scene.hashings() - before, 1);
});

test("an address that has to wait does not answer for another one that comes with the same password meanwhile", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person({ login: "ada" });
	for (let index = 0; index < 50; index++) {
		await scene.identity.logOn({ login: `guess${index}`, password: "wrong", address: "203.0.113.1" });
	}
	const from = (elsewhere: string) =>
		scene.identity.logOn({ login: "ada", password: ada.password, address: elsewhere });
	const verdicts = await Promise.all([from("203.0.113.1"), from("198.51.100.7")]);
	assert.deepEqual(
		verdicts.map(({ ok }) => ok),
		[false, true],
	);
});

test("an address waits after fifty failures, whatever the accounts; one's own success takes back one only", async (t) => {
	const scene = await restScene(t);
	const ada = await scene.person({ login: "ada" });
	for (let index = 0; index < 49; index++) {
		await scene.identity.logOn({ login: `guess${index}`, password: "wrong", address: "2001:db8::1" });
	}
	assert.equal((await scene.identity.logOn({ login: "ada", password: ada.password, address: "2001:db8::2" })).ok, true);
	const blocked = await scene.identity.logOn({ login: "guess", password: "wrong", address: "2001:db8::3" });
	assert.deepEqual(blocked, { ok: false, why: "wrong" });
	const next = await scene.identity.logOn({ login: "other", password: "wrong", address: "2001:db8::4" });
	assert.equal(!next.ok && next.why, "throttled");
	const elsewhere = await scene.identity.logOn({ login: "other", password: "wrong", address: "2001:db8:0:1::4" });
	assert.deepEqual(elsewhere, { ok: false, why: "wrong" });
});

test("while strangers take every turn, a password that is known to fit is heard, and a blocked address takes none", async (t) => {
	let isTaken = false;
	const check = { verify: () => Promise.resolve(true), verifyNothing: () => Promise.resolve() };
	const passwords: PasswordHasher = {
		hash: (password) => Promise.resolve(password),
		checking: (work) => (isTaken ? Promise.reject(new Problem("too_many_logons", "busy")) : work(check)),
	};
	const scene = await restScene(t, { passwords });
	const ada = await scene.person({ login: "ada" });
	assert.equal((await scene.identity.logOn({ login: "ada", password: ada.password, address })).ok, true);
	for (let index = 0; index < 50; index++) {
		await scene.identity.logOn({ login: `guess${index}`, password: "wrong", address: "203.0.113.1" });
	}
	const rows = () => scene.storage.db.selectFrom("logon_failures").selectAll().orderBy("subject").execute();
	const counted = await rows();
	isTaken = true;
	assert.equal((await scene.identity.logOn({ login: "ada", password: ada.password, address })).ok, true);
	const blocked = await scene.identity.logOn({ login: "ada", password: "other", address: "203.0.113.1" });
	assert.equal(!blocked.ok && blocked.why, "throttled");
	const refused = scene.identity.logOn({ login: "ada", password: "other", address });
	await assert.rejects(refused, { code: "too_many_logons" });
	assert.deepEqual(await rows(), counted, "nothing is written for who is not looked at");
});

test("an attempt that was not looked at, because too many were waiting, is no failure", async (t) => {
	const busy = () => Promise.reject(new Problem("too_many_logons", "busy"));
	const passwords = { hash: (text: string) => Promise.resolve(text), checking: busy };
	const scene = await restScene(t, { passwords });
	await scene.person({ login: "ada" });
	for (let index = 0; index < 20; index++) {
		await assert.rejects(scene.identity.logOn({ login: "ada", password: "x", address }), { code: "too_many_logons" });
	}
});
