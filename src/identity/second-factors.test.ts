import assert from "node:assert/strict";
import test from "node:test";
import { type Person, type RestScene, restScene } from "#test/rest-scene.ts";
import { findCredentials } from "#storage/people.ts";
import { codeAt, wrongCodeAt } from "#test/one-time-codes.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { plainRecoveryCode } from "./recovery-codes.ts";

const address = "192.0.2.1";
const stepMs = 30_000;

type Enrolled = { scene: RestScene; ada: Person; secret: string; recoveryCodes: string[] };

async function ownerOf({ storage }: RestScene, { id }: Person) {
	const owner = await findCredentials(storage.db, { id });
	assert.ok(owner);
	return owner;
}

/** One step after the confirmation, so that a code is left. */
async function enrolled(scene: RestScene): Promise<Enrolled> {
	const ada = await scene.person({ login: "ada" });
	const { secondFactors } = scene.identity;
	const owner = await ownerOf(scene, ada);
	const { secret } = await scene.storage.write((tx) => secondFactors.begin(tx, owner));
	const given = { code: codeAt(secret, scene.clock.now()), address };
	const verdict = await scene.storage.write((tx) => secondFactors.confirm(tx, owner, given));
	assert.ok(verdict.ok);
	scene.clock.advance(stepMs);
	return { scene, ada, secret, recoveryCodes: verdict.recoveryCodes };
}

async function spend({ scene, ada }: Enrolled, code: string): Promise<string> {
	const owner = await ownerOf(scene, ada);
	const { secondFactors } = scene.identity;
	const verdict = await scene.storage.write((tx) => secondFactors.spend(tx, owner, { code, address }));
	return verdict.ok ? verdict.kind : verdict.why;
}

onBothDialects("a code signs in once, and no older one after it", async (open) => {
	const made = await enrolled(await restScene({ after: () => undefined }, { storage: await open() }));
	const { scene, secret } = made;
	const codeIn = (steps: number) => codeAt(secret, new Date(scene.clock.now().getTime() + steps * stepMs));
	assert.equal(await spend(made, codeIn(-1)), "wrongSecondFactor", "the one that confirmed");
	const code = codeIn(0);
	assert.equal(await spend(made, ` ${code.slice(0, 3)} ${code.slice(3)} `), "code");
	assert.equal(await spend(made, code), "wrongSecondFactor");
	assert.equal(await spend(made, codeIn(1)), "code", "a clock that is ahead");
	scene.clock.advance(stepMs);
	assert.equal(await spend(made, codeIn(0)), "wrongSecondFactor", "the same one, in time now");
	assert.equal(await spend(made, codeIn(-1)), "wrongSecondFactor");
	scene.clock.advance(stepMs);
	assert.equal(await spend(made, codeIn(0)), "code");
	await scene.app.close();
});

onBothDialects("of one code, or one recovery code, at the same time only one wins", async (open) => {
	const made = await enrolled(await restScene({ after: () => undefined }, { storage: await open() }));
	const { scene, secret, recoveryCodes } = made;
	for (const code of [codeAt(secret, scene.clock.now()), recoveryCodes[0] ?? ""]) {
		const all = await Promise.all(Array.from({ length: 8 }, () => spend(made, code)));
		assert.equal(all.filter((one) => one === "code" || one === "recoveryCode").length, 1, String(all));
	}
	await scene.app.close();
});

onBothDialects("each recovery code signs in once, however it is spelled, and new ones replace all", async (open) => {
	const made = await enrolled(await restScene({ after: () => undefined }, { storage: await open() }));
	const { scene, ada, recoveryCodes } = made;
	assert.equal(new Set(recoveryCodes).size, 10);
	const [first = "", second = "", third = ""] = recoveryCodes;
	assert.match(first, /^[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}$/);
	assert.equal(await spend(made, first.toLowerCase().replaceAll("-", " ")), "recoveryCode");
	assert.equal(await spend(made, first), "wrongSecondFactor");
	assert.equal(await spend(made, second), "recoveryCode");
	const owner = await ownerOf(scene, ada);
	const fresh = await scene.storage.write((tx) => scene.identity.secondFactors.renewRecoveryCodes(tx, owner));
	assert.equal(await spend(made, third), "wrongSecondFactor");
	assert.equal(await spend(made, fresh[0] ?? ""), "recoveryCode");
	await scene.app.close();
});

onBothDialects("wrong codes wait like wrong passwords, also at the same time, and the right one too", async (open) => {
	const made = await enrolled(await restScene({ after: () => undefined }, { storage: await open() }));
	const { scene, ada, secret } = made;
	const wrong = wrongCodeAt(secret, scene.clock.now());
	const tries = await Promise.all(Array.from({ length: 15 }, () => spend(made, wrong)));
	assert.equal(tries.filter((why) => why === "wrongSecondFactor").length, 10);
	assert.equal(tries.filter((why) => why === "throttled").length, 5);
	assert.equal(await spend(made, codeAt(secret, scene.clock.now())), "throttled");
	const right = { login: ada.login, password: ada.password, address };
	assert.equal((await scene.identity.logOn(right)).ok, true, "the password is another count");
	assert.equal(await spend(made, codeAt(secret, scene.clock.now())), "throttled", "which washes nothing clean");
	const [event] = await scene.storage.db.selectFrom("security_events").select("kind").execute();
	assert.equal(event?.kind, "logon_blocked");
	scene.clock.advance(1000);
	assert.equal(await spend(made, codeAt(secret, scene.clock.now())), "code");
	await scene.app.close();
});

test("a quiet hour forgets no wrong codes, a success does", async (t) => {
	const made = await enrolled(await restScene(t));
	const { scene, ada, secret } = made;
	const guess = () => spend(made, wrongCodeAt(secret, scene.clock.now()));
	for (let index = 0; index < 10; index++) {
		assert.equal(await guess(), "wrongSecondFactor");
	}
	scene.clock.advance(3_600_000);
	await scene.identity.logOn({ login: "somebody", password: "wrong", address }); // Takes old rows away.
	assert.equal(await guess(), "wrongSecondFactor");
	assert.equal(await guess(), "throttled", "it is the twelfth, not the second");
	scene.clock.advance(2000);
	assert.equal(await spend(made, codeAt(secret, scene.clock.now())), "code");
	assert.equal(await guess(), "wrongSecondFactor");
	assert.equal(await guess(), "wrongSecondFactor");
	assert.equal((await ownerOf(scene, ada)).hasSecondFactor, true);
});

test("what is stored of the factor is sealed at its place, or a keyed hash", async (t) => {
	const { scene, secret, recoveryCodes } = await enrolled(await restScene(t));
	const factor = await scene.storage.db.selectFrom("second_factors").selectAll().executeTakeFirstOrThrow();
	assert.equal(factor.pending, null);
	const place = { table: "second_factors", column: "secret", rowId: factor.user_id };
	assert.equal(scene.deps.secretBox.openBytes(factor.secret ?? new Uint8Array(), place).length, 20);
	assert.throws(() => scene.deps.secretBox.openBytes(factor.secret ?? new Uint8Array(), { ...place, rowId: "B" }));
	const codes = await scene.storage.db.selectFrom("recovery_codes").selectAll().execute();
	const stored = [...codes.map(({ code_mac }) => code_mac), factor.secret ?? new Uint8Array()];
	const texts = stored.map((bytes) => Buffer.from(bytes).toString("latin1")).join();
	for (const shown of [secret, ...recoveryCodes]) {
		assert.equal(texts.includes(shown.replaceAll("-", "")), false);
	}
});

test("a seed that nobody confirmed, or with another's code, signs nobody in", async (t) => {
	const scene = await restScene(t);
	const { secondFactors } = scene.identity;
	const ada = await scene.person();
	const owner = await ownerOf(scene, ada);
	const write = scene.storage.write;
	const first = await write((tx) => secondFactors.begin(tx, owner));
	const second = await write((tx) => secondFactors.begin(tx, owner));
	const given = (secret: string) => ({ code: codeAt(secret, scene.clock.now()), address });
	assert.deepEqual(await write((tx) => secondFactors.spend(tx, owner, given(second.secret))), {
		ok: false,
		why: "wrongSecondFactor",
	});
	assert.equal((await write((tx) => secondFactors.confirm(tx, owner, given(first.secret)))).ok, false, "replaced");
	assert.equal((await ownerOf(scene, ada)).hasSecondFactor, false);
	assert.equal((await write((tx) => secondFactors.confirm(tx, owner, given(second.secret)))).ok, true);
	const again = await write((tx) => secondFactors.confirm(tx, owner, given(second.secret)));
	assert.deepEqual(again, { ok: false, why: "nothingPending" });
});

for (const [entered, plain] of [
	["abcd-efgh-ijkl-mn23", "ABCDEFGHIJKLMN23"],
	[" ABCDEFGH ijklmn23 ", "ABCDEFGHIJKLMN23"],
	["ABCD-EFGH-IJKL-MN2", undefined],
	["ABCD-EFGH-IJKL-MN21", undefined],
	["123456", undefined],
] as const) {
	test(`${JSON.stringify(entered)} is ${plain === undefined ? "no recovery code" : plain}`, () => {
		assert.equal(plainRecoveryCode(entered), plain);
	});
}
