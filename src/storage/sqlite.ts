// Makes node:sqlite look like the driver Kysely's SQLite dialect expects, with the one setting that decides whether an
// acknowledged row survives a power cut: synchronous=FULL, asserted, not assumed (other bindings default to NORMAL).

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type SqliteDatabase, type SqliteStatement, SqliteDialect } from "kysely";

const statementsMax = 500; // Prepared statements kept; every query of the product is one of far fewer texts.
const busyTimeoutMs = 5000; // A command such as `verify` may hold the file for a moment.

export function openSqlite(path: string): DatabaseSync {
	const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: busyTimeoutMs });
	database.exec("PRAGMA journal_mode = WAL");
	database.exec("PRAGMA synchronous = FULL");
	database.exec("PRAGMA secure_delete = ON");
	database.exec("PRAGMA cache_size = -32768"); // 32 MiB
	assertDurable(database, path);
	return database;
}

/** Refuses a database that could lose what it acknowledged. */
export function assertDurable(database: DatabaseSync, path: string): void {
	const { synchronous } = database.prepare("PRAGMA synchronous").get() as { synchronous: number };
	const { journal_mode: journalMode } = database.prepare("PRAGMA journal_mode").get() as { journal_mode: string };
	if (synchronous < 2) {
		throw new Error("SQLite runs with synchronous below FULL: a power cut would lose acknowledged messages.");
	}
	if (journalMode !== "wal" && path !== ":memory:") {
		throw new Error("SQLite did not accept WAL mode; the data directory may be on a network file system.");
	}
}

export function sqliteDialect(database: DatabaseSync): SqliteDialect {
	return new SqliteDialect({ database: asKyselyDatabase(database) });
}

function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
	const prepared = new Map<string, SqliteStatement>();
	return {
		close: () => database.close(),
		prepare(text) {
			const known = prepared.get(text);
			if (known !== undefined) {
				return known;
			}
			const statement = text === "rollback" ? rollback(database) : asKyselyStatement(database.prepare(spelling(text)));
			if (prepared.size >= statementsMax) {
				prepared.clear();
			}
			prepared.set(text, statement);
			return statement;
		},
	};
}

/**
 * A transaction that first reads and then writes would fail where another thread wrote in between; one that says at once
 * that it will write waits instead.
 */
function spelling(text: string): string {
	return text === "begin" ? "BEGIN IMMEDIATE" : text;
}

/** A full disk makes SQLite roll back by itself; a second ROLLBACK would fail and hide the error that counts. */
function rollback(database: DatabaseSync): SqliteStatement {
	return {
		reader: false,
		all: () => [],
		run() {
			if (database.isTransaction) {
				database.exec("ROLLBACK");
			}
			return { changes: 0, lastInsertRowid: 0 };
		},
		*iterate() {
			yield* [];
		},
	};
}

function asKyselyStatement(statement: StatementSync): SqliteStatement {
	return {
		reader: statement.columns().length > 0,
		all: (values) => statement.all(...(values as SQLInputValue[])),
		run(values) {
			const { changes, lastInsertRowid } = statement.run(...(values as SQLInputValue[]));
			return { changes, lastInsertRowid };
		},
		*iterate(values) {
			yield* statement.iterate(...(values as SQLInputValue[]));
		},
	};
}
