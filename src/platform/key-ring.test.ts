import test, { type TestContext } from "node:test";
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "./clock.ts";
import { type KeyRing, KeyNotOpened, openKeyRing } from "./key-ring.ts";
import { systemRandom } from "./random.ts";

const deps = { random: systemRandom, clock: systemClock };
const dataKey = systemRandom.bytes(32);

function newPath(context: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "key-ring-"));
	context.after(() => rmSync(folder, { recursive: true }));
	return join(folder, "ring");
}

function open(path: string, mayCreate: boolean): KeyRing {
	const opened = openKeyRing(path, deps, { mayCreate });
	assert.ok(opened.ok, opened.ok ? "" : opened.detail);
	return opened.ring;
}

function refusal(path: string): { why: string; detail: string } {
	const opened = openKeyRing(path, deps, { mayCreate: true });
	assert.ok(!opened.ok, "must be refused");
	return opened;
}

test("the first start makes a ring that only its owner may use, and later starts find the same one", (context) => {
	const path = newPath(context);
	const first = openKeyRing(path, deps, { mayCreate: true });
	assert.ok(first.ok && first.created);
	assert.equal(statSync(path).mode & 0o777, 0o600);
	const { keyRingKeyId, wrapped } = first.ring.wrap(dataKey);
	const second = openKeyRing(path, deps, { mayCreate: true });
	assert.ok(second.ok && !second.created);
	assert.deepEqual(Buffer.from(second.ring.unwrap(keyRingKeyId, wrapped)), Buffer.from(dataKey));
});

test("without leave to make one, a missing ring is told and nothing is written", (context) => {
	const path = newPath(context);
	const opened = openKeyRing(path, deps, { mayCreate: false });
	assert.ok(!opened.ok && opened.why === "missing");
	assert.equal(existsSync(path), false);
});

test("a ring that group or others may read, write or execute is refused with the command that mends it", (context) => {
	const path = newPath(context);
	open(path, true);
	for (const mode of [0o640, 0o604, 0o620, 0o610, 0o644, 0o666]) {
		chmodSync(path, mode);
		const { why, detail } = refusal(path);
		assert.equal(why, "exposed", mode.toString(8));
		assert.ok(detail.endsWith(`run chmod 600 ${path}`), detail);
	}
	chmodSync(path, 0o400);
	assert.ok(openKeyRing(path, deps, { mayCreate: false }).ok);
});

test(
	"a ring of another user is refused",
	{ skip: process.getuid?.() === 0 ? false : "only root can give a file away" },
	async (context) => {
		const { chownSync } = await import("node:fs");
		const path = newPath(context);
		open(path, true);
		chownSync(path, 12_345, 12_345);
		assert.equal(refusal(path).why, "exposed");
	},
);

test("a damaged ring is refused, never replaced, and nothing of it is repeated", (context) => {
	const path = newPath(context);
	open(path, true);
	const good = JSON.parse(readFileSync(path, "utf8")) as { keys: { id: string; key: string }[]; macKey: string };
	const [key] = good.keys;
	const damaged: unknown[] = [
		"",
		"hunter2",
		"null",
		{ ...good, version: 2 },
		{ ...good, current: "k0" },
		{ ...good, keys: [] },
		{ ...good, keys: [null] },
		{ ...good, keys: [key, key] },
		{ ...good, keys: [{ ...key, key: "c2hvcnQ=" }] },
		{ ...good, keys: [{ ...key, key: `${key?.key ?? ""} ` }] },
		{ ...good, macKey: undefined },
	];
	for (const content of damaged) {
		const text = typeof content === "string" ? content : JSON.stringify(content);
		writeFileSync(path, text, { mode: 0o600 });
		const { why, detail } = refusal(path);
		assert.equal(why, "damaged", text);
		assert.ok(!detail.includes("hunter2") && !detail.includes(good.macKey));
		assert.equal(readFileSync(path, "utf8"), text);
	}
});

test("what is no regular file, or cannot be opened, is refused", (context) => {
	const path = newPath(context);
	mkdirSync(path);
	assert.equal(refusal(path).why, "exposed");
	rmSync(path, { recursive: true });
	writeFileSync(path, "x");
	assert.equal(refusal(join(path, "below")).why, "unreadable");
});

test("a rotated ring wraps with the new key, still opens what the old one wrapped, and keeps its keyed hashes", (context) => {
	const path = newPath(context);
	const ring = open(path, true);
	const old = ring.wrap(dataKey);
	const next = ring.rotated(systemRandom, systemClock);
	assert.notEqual(next.currentId, ring.currentId);
	assert.equal(open(path, false).currentId, ring.currentId, "nothing is written before save");
	next.save();
	const found = open(path, false);
	assert.equal(found.currentId, next.currentId);
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.equal(found.wrap(dataKey).keyRingKeyId, next.currentId);
	assert.deepEqual(Buffer.from(found.unwrap(old.keyRingKeyId, old.wrapped)), Buffer.from(dataKey));
	assert.deepEqual(found.mac("audit", "x"), ring.mac("audit", "x"));
});

test("a save that was cut off before the rename does not stop the next one", (context) => {
	const path = newPath(context);
	const ring = open(path, true);
	writeFileSync(`${path}.next`, "half");
	ring.rotated(systemRandom, systemClock).save();
	assert.equal(open(path, false).keyIds.length, 2);
	assert.equal(existsSync(`${path}.next`), false);
});

test("a retired key no longer opens anything, and the current one cannot be retired", (context) => {
	const ring = open(newPath(context), true);
	const old = ring.wrap(dataKey);
	const rotated = ring.rotated(systemRandom, systemClock);
	const without = rotated.without(ring.currentId);
	assert.deepEqual(without.keyIds, [rotated.currentId]);
	assert.throws(() => without.unwrap(old.keyRingKeyId, old.wrapped), KeyNotOpened);
	assert.throws(() => rotated.without(rotated.currentId), RangeError);
});

test("a wrapped key that was changed, or named with another key's id, does not open", (context) => {
	const ring = open(newPath(context), true).rotated(systemRandom, systemClock);
	const { keyRingKeyId, wrapped } = ring.wrap(dataKey);
	for (let index = 0; index < wrapped.length; index++) {
		const changed = Buffer.from(wrapped);
		changed[index] = (changed[index] ?? 0) ^ 1;
		assert.throws(() => ring.unwrap(keyRingKeyId, changed), KeyNotOpened);
	}
	assert.throws(() => ring.unwrap(ring.keyIds[0] ?? "", wrapped), KeyNotOpened);
	assert.throws(() => ring.unwrap(keyRingKeyId, wrapped.subarray(0, 5)), KeyNotOpened);
});

test("keyed hashes depend on ring, purpose and the border between the pieces", (context) => {
	const ring = open(newPath(context), true);
	const other = open(newPath(context), true);
	const hashes = [
		ring.mac("audit", "ab", "c"),
		ring.mac("audit", "a", "bc"),
		ring.mac("audit", "abc"),
		ring.mac("machine secret", "abc"),
		other.mac("audit", "abc"),
	].map((mac) => Buffer.from(mac).toString("hex"));
	assert.equal(new Set(hashes).size, hashes.length);
	assert.equal(ring.mac("audit", "ab").length, 32);
	assert.deepEqual(ring.mac("audit", "ä"), ring.mac("audit", Buffer.from("ä")));
});
