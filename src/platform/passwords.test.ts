import test from "node:test";
import assert from "node:assert/strict";
import { passwordHasher, passwordProblem } from "./passwords.ts";
import { Problem } from "./problems.ts";

const hasher = passwordHasher({ atOnce: 2, waitingMax: 2 });
const verify = (hash: string, password: string, by = hasher) => by.checking((check) => check.verify(hash, password));

test("a password verifies against its own hash only, and the hash tells argon2id with the cost that was chosen", async () => {
	const hash = await hasher.hash("correct horse battery");
	assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	assert.equal(await verify(hash, "correct horse battery"), true);
	assert.equal(await verify(hash, "correct horse batterY"), false);
	assert.notEqual(hash, await hasher.hash("correct horse battery"));
});

test("long and Unicode passwords are kept exactly", async () => {
	const long = "x".repeat(99);
	assert.equal(await verify(await hasher.hash(`${long}a`), `${long}b`), false);
	const composed = "pässwörter für alle";
	const hash = await hasher.hash(composed);
	assert.equal(await verify(hash, composed), true);
	assert.equal(await verify(hash, composed.normalize("NFD")), false);
});

test("verifying nothing does the work of a real hash and never succeeds", async () => {
	assert.equal(await hasher.checking((check) => check.verifyNothing("correct horse battery")), undefined);
});

test("beyond what runs and waits, callers are told at once to come back, and the places are free again afterwards", async () => {
	const small = passwordHasher({ atOnce: 1, waitingMax: 1 });
	const running = small.hash("correct horse battery");
	const waiting = small.hash("correct horse battery");
	await assert.rejects(
		small.hash("correct horse battery"),
		(error) => error instanceof Problem && error.status === 429 && error.headers["retry-after"] === "1",
	);
	await Promise.all([running, waiting]);
	assert.match(await small.hash("correct horse battery"), /^\$argon2id/);
});

test("a failing call gives its place back", async () => {
	const single = passwordHasher({ atOnce: 1, waitingMax: 0 });
	await assert.rejects(verify("not a hash", "x", single));
	assert.match(await single.hash("correct horse battery"), /^\$argon2id/);
});

test("new passwords have at least 12 and at most 256 characters", () => {
	assert.match(passwordProblem("short-pass1", "anna") ?? "", /at least 12/);
	assert.match(passwordProblem("🔑".repeat(257), "anna") ?? "", /at most 256/);
	assert.equal(passwordProblem("kfUwq8ähzmtR", "anna"), undefined);
});

test("a password must not be the logon name, in whatever case", () => {
	assert.match(passwordProblem("Anna.Andersson", "anna.andersson") ?? "", /logon name/);
});

test("passwords that are guessed first are refused, whatever is put around them or instead of letters", () => {
	const common = [
		"passwordpassword",
		"P@ssw0rd1234",
		"Password123!",
		"Password2026!",
		"Welcome2026!!",
		"qwertyuiop12",
		"administrator",
		"Admin1234567",
		"letmeinletmein",
		"aaaaaaaaaaaa",
		"abcabcabcabc",
		"123456789012",
		"abcdefghijkl",
		"987654321098",
		"Parley123456",
		"PASSWORD    1",
		"changeme1234",
		"iloveyou1234",
	];
	for (const password of common) {
		assert.match(passwordProblem(password, "anna") ?? "", /first that are guessed/, password);
	}
});

test("long phrases and random texts are taken, also with a well-known word in them", () => {
	const good = [
		"correct horse battery",
		"my password is a secret poem",
		"Fg7#kQ2!vLp9",
		"der igel tanzt um drei",
		"пароль длинный и редкий",
		"kitchen summer umbrella",
	];
	for (const password of good) {
		assert.equal(passwordProblem(password, "anna"), undefined, password);
	}
});
