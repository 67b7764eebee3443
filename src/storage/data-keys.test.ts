import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import test from "node:test";
import { systemClock } from "#platform/clock.ts";
import { openKeyRing } from "#platform/key-ring.ts";
import { systemRandom } from "#platform/random.ts";
import { onBothDialects, openTemporarySqlite } from "#test/storage-on-both.ts";
import { hasDataKeys, openDataKeys } from "./data-keys.ts";

const deps = { random: systemRandom, clock: systemClock };
const place = { table: "t", column: "c", rowId: "r" };

function folder(t: Pick<TestContext, "after">): string {
	const path = mkdtempSync(join(tmpdir(), "parley-data-keys-"));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

const newRing = (path: string) => openKeyRing(path, deps, { mayCreate: true });

onBothDialects("the first start makes a data key, the next ones open what it sealed", async (open) => {
	const storage = await open();
	const path = mkdtempSync(join(tmpdir(), "parley-data-keys-"));
	try {
		assert.equal(await hasDataKeys(storage.db), false);
		const ring = newRing(join(path, "ring"));
		// Two nodes that start at once agree on one key.
		const [one, two] = await Promise.all([openDataKeys(storage, ring, deps), openDataKeys(storage, ring, deps)]);
		assert.ok(one.ok && two.ok);
		const sealed = one.box.seal("secret", place);
		assert.equal(two.box.openText(sealed, place), "secret");
		assert.equal(await hasDataKeys(storage.db), true);
		const again = await openDataKeys(storage, newRing(join(path, "ring")), deps);
		assert.ok(again.ok);
		assert.equal(again.box.openText(sealed, place), "secret");
		const rows = await storage.db.selectFrom("data_keys").select("id").execute();
		assert.equal(rows.length, 1);
	} finally {
		rmSync(path, { recursive: true, force: true });
	}
});

test("another key ring, or none, means locked: nothing is made anew", async (t) => {
	const storage = await openTemporarySqlite(t);
	const path = folder(t);
	assert.ok((await openDataKeys(storage, newRing(join(path, "right")), deps)).ok);
	const before = await storage.db.selectFrom("data_keys").selectAll().execute();
	const wrong = await openDataKeys(storage, newRing(join(path, "wrong")), deps);
	assert.ok(!wrong.ok);
	assert.match(wrong.why, /put back the key ring that belongs to this database/);
	const missing = await openDataKeys(storage, openKeyRing(join(path, "no"), deps, { mayCreate: false }), deps);
	assert.ok(!missing.ok);
	assert.match(missing.why, /There is no key ring/);
	assert.deepEqual(await storage.db.selectFrom("data_keys").selectAll().execute(), before);
});

test("a key ring that was rotated still opens, and the newest data key seals", async (t) => {
	const storage = await openTemporarySqlite(t);
	const path = join(folder(t), "ring");
	const first = newRing(path);
	assert.ok(first.ok);
	const old = await openDataKeys(storage, first, deps);
	assert.ok(old.ok);
	const sealed = old.box.seal("secret", place);
	const ring = first.ring.rotated(systemRandom, systemClock);
	const { keyRingKeyId, wrapped } = ring.wrap(systemRandom.bytes(32));
	const createdAt = systemClock.now().getTime() + 1;
	await storage.db
		.insertInto("data_keys")
		.values({ id: "d2", key_ring_key_id: keyRingKeyId, wrapped, created_at: createdAt, retired_at: null })
		.execute();
	const opened = await openDataKeys(storage, { ok: true, ring, created: false }, deps);
	assert.ok(opened.ok);
	assert.equal(opened.box.openText(sealed, place), "secret");
	assert.equal(opened.box.dataKeyIdOf(opened.box.seal("x", place)), "d2");
	await storage.db.updateTable("data_keys").set({ retired_at: createdAt }).execute();
	const retired = await openDataKeys(storage, { ok: true, ring, created: false }, deps);
	assert.ok(!retired.ok);
	assert.match(retired.why, /Every data key is retired/);
});
