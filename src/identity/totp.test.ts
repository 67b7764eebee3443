import assert from "node:assert/strict";
import test from "node:test";
import { codeAt } from "#test/one-time-codes.ts";
import { seededRandom } from "#test/scene.ts";
import { enrolment, newSeed, stepOf } from "./totp.ts";

// RFC 6238, appendix B, the rows of SHA-1; of the eight digits printed there the last six.
const seed = Buffer.from("12345678901234567890", "ascii");
const vectors: readonly [seconds: number, code: string][] = [
	[59, "287082"],
	[1_111_111_109, "081804"],
	[1_111_111_111, "050471"],
	[1_234_567_890, "005924"],
	[2_000_000_000, "279037"],
	[20_000_000_000, "353130"],
];

for (const [seconds, code] of vectors) {
	test(`at ${seconds} s the code of the standard's seed is ${code}`, () => {
		const at = new Date(seconds * 1000);
		assert.equal(stepOf(seed, code, at), Math.floor(seconds / 30));
		assert.equal(codeAt("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at), code, "the tests' own");
	});
}

test("a code counts one step early and one step late, and says which step it is", () => {
	const step = Math.floor(1_234_567_890 / 30);
	const at = (steps: number) => new Date((step + steps) * 30_000);
	const found = [-2, -1, 0, 1, 2].map((steps) => stepOf(seed, "005924", at(steps)));
	assert.deepEqual(found, [undefined, step, step, step, undefined]);
});

for (const code of ["", "5924", "0059240", "00592a", "٠٠٥٩٢٤", "-05924"]) {
	test(`${JSON.stringify(code)} is no code`, () => {
		assert.equal(stepOf(seed, code, new Date(1_234_567_890_000)), undefined);
	});
}

test("a new seed has 160 bits and goes into the app as text or as an address", () => {
	const random = seededRandom(1);
	const [one, other] = [newSeed(random), newSeed(random)];
	assert.deepEqual([one.length, other.length], [20, 20]);
	assert.notDeepEqual(one, other);
	const { secret, otpauthUri } = enrolment(seed, { issuer: "Parley parley.example", login: "ada@b+c" });
	assert.equal(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	const uri = new URL(otpauthUri);
	assert.deepEqual([uri.protocol, uri.host], ["otpauth:", "totp"]);
	assert.equal(decodeURIComponent(uri.pathname), "/Parley parley.example:ada@b+c");
	const { searchParams } = uri;
	assert.deepEqual(
		["secret", "issuer", "algorithm", "digits", "period"].map((name) => searchParams.get(name)),
		[secret, "Parley parley.example", "SHA1", "6", "30"],
	);
});
