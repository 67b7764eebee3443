import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { sql } from "kysely";
import { onBothDialects } from "#test/storage-on-both.ts";
import { type AuditEntry, type Mac, appendAudit, listAudit, verifyAudit } from "./audit.ts";
import type { Storage } from "./storage.ts";

const mac: Mac = (...pieces) => {
	const sum = createHmac("sha256", "key outside the database");
	for (const piece of pieces) {
		sum.update(piece);
	}
	return sum.digest();
};

const entry: AuditEntry = {
	at: new Date("2026-01-02T12:00:00Z"),
	userId: "A".repeat(32),
	actor: "ada",
	via: "rci",
	action: "modify",
	objectType: "user",
	objectId: "B".repeat(32),
	objectName: "Bob",
	changes: { enabled: { before: true, after: false } },
};

async function append(storage: Storage, count: number): Promise<void> {
	for (let index = 0; index < count; index++) {
		await storage.write((tx) => appendAudit(tx, { ...entry, action: `a${index}` }, mac));
	}
}

onBothDialects("writers at the same time make one whole chain", async (open) => {
	const storage = await open();
	await Promise.all(Array.from({ length: 20 }, () => storage.write((tx) => appendAudit(tx, entry, mac))));
	assert.deepEqual(await verifyAudit(storage.db, mac), { whole: true, rows: 20 });
});

onBothDialects("every way of tampering is found", async (open) => {
	const storage = await open();
	const tamperings: readonly [what: string, brokenAt: number][] = [
		["UPDATE audit_log SET actor = 'eve' WHERE seq = 2", 2],
		["UPDATE audit_log SET changes = '{}' WHERE seq = 3", 3],
		["UPDATE audit_log SET object_id = NULL WHERE seq = 1", 1],
		["DELETE FROM audit_log WHERE seq = 2", 2],
		["UPDATE audit_log SET seq = seq + 1 WHERE seq = 5", 5],
		["UPDATE audit_log SET mac = (SELECT mac FROM audit_log WHERE seq = 1) WHERE seq = 4", 4],
	];
	for (const [tampering, brokenAt] of tamperings) {
		await sql`DELETE FROM audit_log`.execute(storage.db);
		await append(storage, 5);
		assert.equal((await verifyAudit(storage.db, mac)).whole, true);
		await sql.raw(tampering).execute(storage.db);
		const verdict = await verifyAudit(storage.db, mac);
		assert.deepEqual([verdict.whole, !verdict.whole && verdict.brokenAt], [false, brokenAt], tampering);
	}
});

onBothDialects("a cut tail, or a log made anew, is found with a checkpoint from outside", async (open) => {
	const storage = await open();
	await append(storage, 4);
	const last = await storage.db
		.selectFrom("audit_log")
		.select(["seq", "mac"])
		.where("seq", "=", 4)
		.executeTakeFirstOrThrow();
	assert.equal((await verifyAudit(storage.db, mac, last)).whole, true);
	await sql`DELETE FROM audit_log WHERE seq > 2`.execute(storage.db);
	assert.equal((await verifyAudit(storage.db, mac)).whole, true);
	assert.deepEqual(await verifyAudit(storage.db, mac, last), { whole: false, brokenAt: 3, rows: 2 });
	await append(storage, 2);
	assert.deepEqual(await verifyAudit(storage.db, mac, last), { whole: false, brokenAt: 4, rows: 4 });
	assert.equal((await verifyAudit(storage.db, () => new Uint8Array(32))).whole, false, "another key");
});

onBothDialects("a chain longer than a page is verified to its end", async (open) => {
	const storage = await open();
	await storage.write(async (tx) => {
		for (let index = 0; index < 1001; index++) {
			await appendAudit(tx, entry, mac);
		}
	});
	assert.deepEqual(await verifyAudit(storage.db, mac), { whole: true, rows: 1001 });
	await sql`UPDATE audit_log SET actor = 'eve' WHERE seq = 1000`.execute(storage.db);
	assert.deepEqual(await verifyAudit(storage.db, mac), { whole: false, brokenAt: 1000, rows: 1000 });
});

onBothDialects("the log is read newest first, by filters and from a place on", async (open) => {
	const storage = await open();
	await append(storage, 3);
	const later = { ...entry, at: new Date("2026-01-03T00:00:00Z"), userId: null, objectType: "role", objectId: null };
	await storage.write((tx) => appendAudit(tx, later, mac));
	const list = async (filter: object) => (await listAudit(storage.db, { limit: 10, ...filter })).map(({ seq }) => seq);
	assert.deepEqual(await list({}), [4, 3, 2, 1]);
	assert.deepEqual(await list({ limit: 2, before: 4 }), [3, 2]);
	assert.deepEqual(await list({ action: "a1" }), [2]);
	assert.deepEqual(await list({ objectType: "role" }), [4]);
	assert.deepEqual(await list({ userId: entry.userId, objectId: entry.objectId }), [3, 2, 1]);
	assert.deepEqual(await list({ since: later.at }), [4]);
	assert.deepEqual(await list({ until: later.at, action: "a0" }), [1]);
	assert.deepEqual((await listAudit(storage.db, { limit: 1 }))[0], { ...later, seq: 4 });
});
