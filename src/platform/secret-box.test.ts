import test from "node:test";
import assert from "node:assert/strict";
import { Problem } from "./problems.ts";
import { systemRandom } from "./random.ts";
import { type Place, SealBroken, SecretsLocked, lockedSecretBox, secretBox } from "./secret-box.ts";

const keys = new Map([
	["d1", systemRandom.bytes(32)],
	["d2", systemRandom.bytes(32)],
]);
const box = secretBox(keys, "d2", systemRandom);
const place: Place = { table: "authentications", column: "secret", rowId: "A1", boundTo: "https://api.example" };

test("what is sealed opens at its place, byte for byte", () => {
	const text = "päss\u0000wörd 🔑";
	assert.equal(box.openText(box.seal(text, place), place), text);
	assert.equal(box.openText(box.seal("", place), place), "");
	const bytes = systemRandom.bytes(1000);
	assert.deepEqual(Buffer.from(box.openBytes(box.seal(bytes, place), place)), Buffer.from(bytes));
});

test("the sealed value does not contain the clear one, and sealing twice gives two values", () => {
	const sealed = box.seal("hunter2hunter2", place);
	assert.ok(!Buffer.from(sealed).includes("hunter2"));
	assert.notDeepEqual(sealed, box.seal("hunter2hunter2", place));
});

test("any single flipped bit is refused", () => {
	const sealed = Buffer.from(box.seal("secret", place));
	for (let bit = 0; bit < sealed.length * 8; bit++) {
		const changed = Buffer.from(sealed);
		changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
		assert.throws(() => box.openBytes(changed, place), SealBroken, `bit ${bit}`);
	}
});

test("any cut is refused", () => {
	const sealed = box.seal("secret", place);
	for (let length = 0; length < sealed.length; length++) {
		assert.throws(() => box.openBytes(sealed.subarray(0, length), place), SealBroken, `length ${length}`);
	}
});

test("a value moved to another table, column, row or origin does not open", () => {
	const sealed = box.seal("secret", place);
	const { boundTo: _, ...unbound } = place;
	const others: Place[] = [
		{ ...place, table: "users" },
		{ ...place, column: "previous_secret" },
		{ ...place, rowId: "A2" },
		{ ...place, boundTo: "https://evil.example" },
		unbound,
	];
	for (const other of others) {
		assert.throws(() => box.openText(sealed, other), SealBroken);
	}
	assert.throws(
		() => box.openText(box.seal("x", { ...place, table: "a|b", column: "c" }), { ...place, table: "a", column: "b|c" }),
		SealBroken,
	);
});

test("a value tells its data key, and opens after another key became the current one", () => {
	const old = secretBox(keys, "d1", systemRandom).seal("secret", place);
	assert.equal(box.dataKeyIdOf(old), "d1");
	assert.equal(box.openText(old, place), "secret");
	assert.equal(box.dataKeyIdOf(box.seal("secret", place)), "d2");
});

test("a value of a data key that is gone is refused", () => {
	const other = secretBox(new Map([["d9", systemRandom.bytes(32)]]), "d9", systemRandom);
	const what = {
		name: "SealBroken",
		message: /^The value authentications\.secret of row A1 .* key that is not known\.$/,
	};
	assert.throws(() => box.openText(other.seal("secret", place), place), what);
});

test("a data key's id has 1 to 255 bytes, however many characters they are", () => {
	const boxOf = (id: string) => secretBox(new Map([[id, systemRandom.bytes(32)]]), id, systemRandom);
	for (const id of ["i", "i".repeat(255), "ü".repeat(127)]) {
		const named = boxOf(id);
		assert.equal(named.dataKeyIdOf(named.seal("secret", place)), id);
		assert.equal(named.openText(named.seal("secret", place), place), "secret");
	}
	for (const id of ["", "i".repeat(256), "ü".repeat(128)]) {
		assert.throws(() => boxOf(id).seal("secret", place), { name: "RangeError", message: /1 to 255 bytes/ });
	}
});

test("the data key is told from the first bytes alone, and of no other layout", () => {
	const layout = { name: "SealBroken", message: "A sealed value has an unknown layout." };
	assert.equal(box.dataKeyIdOf(Uint8Array.of(1, 2, 0x64, 0x31)), "d1");
	for (const odd of [[], [1], [1, 0], [1, 0, 0x64], [2, 2, 0x64, 0x31], [1, 2, 0x64], [1, 3, 0x64, 0x31]]) {
		assert.throws(() => box.dataKeyIdOf(Uint8Array.from(odd)), layout, String(odd));
	}
});

test("a current key that is not there is a bug", () => {
	const what = { name: "RangeError", message: /is not among the data keys/ };
	assert.throws(() => secretBox(keys, "d3", systemRandom), what);
});

test("a locked box refuses with a problem the HTTP boundary understands", () => {
	const locked = lockedSecretBox();
	const sealed = box.seal("x", place);
	for (const run of [
		() => locked.seal("x", place),
		() => locked.openText(sealed, place),
		() => locked.openBytes(sealed, place),
	]) {
		assert.throws(run, (error) => error instanceof SecretsLocked && error instanceof Problem && error.status === 503);
		assert.throws(run, { name: "SecretsLocked", message: /key ring is missing or unreadable/ });
	}
	assert.equal(locked.dataKeyIdOf(sealed), "d2", "which key it needs may be told");
});

test("an error names the place and not the value", () => {
	assert.throws(
		() => box.openText(box.seal("hunter2", place), { ...place, rowId: "A2" }),
		(error) =>
			error instanceof SealBroken &&
			error.message.includes("authentications.secret") &&
			!error.message.includes("hunter2"),
	);
});
