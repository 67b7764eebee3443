import assert from "node:assert/strict";
import { Overloaded } from "./group-commit.ts";
import { DatabaseSync } from "node:sqlite";
import test from "node:test";
import { sql } from "kysely";
import { goBackBefore } from "#test/older-schema.ts";
import { onBothDialects, openTemporarySqlite } from "#test/storage-on-both.ts";
import { migrate } from "./migrate.ts";
import { findChat } from "./chats.ts";
import { assertDurable } from "./sqlite.ts";
import { storageTrouble } from "./trouble.ts";

onBothDialects("a schema written by a newer program is refused, the same one is not", async (open, dialect) => {
	const storage = await open();
	await migrate(storage.db, dialect);
	await sql`INSERT INTO schema_history (name, timestamp) VALUES ('9999-future', '2030-01-01')`.execute(storage.db);
	await assert.rejects(migrate(storage.db, dialect), /newer Parley.*9999-future/);
});

onBothDialects("a database of the step before gets what came since, with its rows", async (open, dialect) => {
	const { db } = await open();
	await goBackBefore(db, "0004-attached-by-agents");
	const row = {
		id: "C1",
		original_id: "C1",
		channel: "web",
		direction: "inbound",
		destination: "us@desk.test",
		state: "ended",
		originator: "ann@home.test",
		attached: '{"order":"4711"}',
		passes: "[]",
		created_at: 1,
		waiting_since: 1,
		last_line_at: 1,
		is_front: 0,
		is_warned: 0,
		is_shown: 0,
		lines: 0,
		version: 1,
	};
	const [names, values] = [Object.keys(row), Object.values(row)];
	await sql`INSERT INTO chats (${sql.join(names.map((name) => sql.ref(name)))}) VALUES (${sql.join(values)})`.execute(
		db,
	);
	await migrate(db, dialect);
	const chat = await findChat(db, "C1");
	assert.deepEqual([chat?.attached, chat?.attachedByAgents], [{ order: "4711" }, {}]);
	assert.deepEqual([chat?.queuedAt, chat?.waitedMs], [1, null]);
});

onBothDialects("a transaction that fails leaves nothing behind, and the next one works", async (open) => {
	const { db, write } = await open();
	const insert = (name: string) => write((tx) => tx.insertInto("installation").values({ name, value: "1" }).execute());
	await assert.rejects(
		write(async (tx) => {
			await tx.insertInto("installation").values({ name: "half", value: "1" }).execute();
			throw new Error("stop");
		}),
		/stop/,
	);
	await insert("whole");
	const rows = await db.selectFrom("installation").select("name").where("name", "in", ["half", "whole"]).execute();
	assert.deepEqual(
		rows.map(({ name }) => name),
		["whole"],
	);
});

test("SQLite below synchronous=FULL is refused", async (t) => {
	const storage = await openTemporarySqlite(t);
	const { rows } = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(storage.db);
	assert.equal(rows[0]?.synchronous, 2, "FULL is set");
	const unsafe = new DatabaseSync(":memory:");
	t.after(() => unsafe.close());
	unsafe.exec("PRAGMA synchronous = NORMAL");
	assert.throws(() => assertDurable(unsafe, ":memory:"), /synchronous below FULL/);
});

test("what a database error means", () => {
	const withCode = (fields: object) => Object.assign(new Error("x"), fields);
	const meanings: readonly (readonly [unknown, string | undefined])[] = [
		[withCode({ errcode: 13 }), "full"],
		[withCode({ errcode: 778 }), "fatal"],
		[withCode({ errcode: 5 }), "unavailable"],
		[withCode({ errcode: 261 }), "unavailable"], // SQLITE_BUSY_RECOVERY
		[withCode({ errcode: 1034 }), "fatal"], // SQLITE_IOERR_FSYNC
		[withCode({ errcode: 11 }), "fatal"],
		[withCode({ errcode: 2067 }), undefined], // SQLITE_CONSTRAINT_UNIQUE
		[withCode({ code: "53100" }), "full"],
		[withCode({ code: "57P01" }), "unavailable"],
		[withCode({ code: "08006" }), "unavailable"],
		[withCode({ code: "ECONNREFUSED" }), "unavailable"],
		[withCode({ code: "57014" }), "unavailable"], // The statement timeout.
		[withCode({ code: "25P03" }), "unavailable"],
		[withCode({ code: "23505" }), undefined],
		[new Error("Connection terminated unexpectedly"), "unavailable"],
		["text", undefined],
	];
	for (const [error, meaning] of meanings) {
		assert.equal(storageTrouble(error), meaning);
	}
});

onBothDialects("works that are written together fail alone", async (open) => {
	const storage = await open();
	const add = (name: string) =>
		storage.writeTogether(async (tx) => {
			await tx.insertInto("installation").values({ name, value: "1" }).execute();
			if (name === "bad") {
				throw new Error("not this one");
			}
			return name;
		});
	const ends = await Promise.allSettled([add("a"), add("bad"), add("b"), add("a")]);
	const [first, bad, other, second] = ends.map((end) => (end.status === "fulfilled" ? end.value : "failed"));
	assert.deepEqual([bad, other], ["failed", "b"]);
	// On PostgreSQL they run side by side, and either of the two may be the first.
	assert.equal([first, second].filter((end) => end === "a").length, 1, "of two with one key, one");
	const rows = await storage.db.selectFrom("installation").select("name").where("value", "=", "1").execute();
	assert.deepEqual(rows.map(({ name }) => name).toSorted(), ["a", "b"]);
});

onBothDialects("beyond what may wait, a call is refused at once; afterwards it is taken", async (open) => {
	const storage = await open();
	const calls = Array.from({ length: 400 }, () => storage.writeTogether(() => Promise.resolve("done")));
	assert.equal(storage.isFull(), true, "to be asked before work is put into a call");
	const ends = await Promise.allSettled(calls);
	const refused = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
	assert.equal(refused.length, 400 - 256);
	assert.ok(refused.every((reason) => reason instanceof Overloaded));
	assert.equal(storage.isFull(), false);
	assert.equal(await storage.writeTogether(() => Promise.resolve("again")), "again");
});
