// The database as one value: opened, checked, migrated; reads through `db`, writes through `write`.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Kysely, type Transaction, sql } from "kysely";
import type { Turnstile } from "#platform/turnstile.ts";
import type { Dialect } from "./dialect.ts";
import { groupCommit, Overloaded } from "./group-commit.ts";
import { type Many, manyOnPostgres, manyOnSqlite, plainStatement } from "./many.ts";
import { migrate } from "./migrate.ts";
import { assertDurable, openPostgres, postgresDialect } from "./postgres.ts";
import type { Tables } from "./schema.ts";
import { openSqlite, sqliteDialect } from "./sqlite.ts";
import { openRemembered, type Remembered } from "./remembered.ts";
import { type StorageTrouble, storageTrouble } from "./trouble.ts";

/** What every query function takes: the pool, or the transaction it is to be part of. */
export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables> & {
	/** For the statements of the hot path; see `many.ts`. */
	readonly many: Many;
};

export type Storage = {
	readonly dialect: Dialect;
	readonly db: Db;
	/** For what is configured and asked for with every call. */
	readonly remembered: Remembered;
	/** One transaction: all of it is durable when the promise resolves, none of it when it rejects. */
	write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
	/**
	 * `write` for calls that many make at once: on SQLite they share a transaction and its fsync. One that throws takes back
	 * its own changes only. Rejects with `Overloaded` while as many wait as may.
	 */
	writeTogether<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
	/** `writeTogether` would reject with `Overloaded`: to be asked before work is put into a call. */
	isFull(): boolean;
	/**
	 * A transaction that runs alone among those of the same name, on all nodes: for claims, where two readers of one
	 * moment would take each other's next row. SQLite has one writer anyway.
	 */
	alone<T>(name: "inbox" | "outbox" | "chats", work: (tx: Tx) => Promise<T>): Promise<T>;
	/** Several reads of one moment. On SQLite nothing of this thread is written meanwhile, so the work must be short. */
	readTogether<T>(work: (db: Db) => Promise<T>): Promise<T>;
	/** Resolves when the database answers. */
	ping(): Promise<void>;
	/** The database's own clock. */
	now(): Promise<Date>;
	close(): Promise<void>;
};

/**
 * @param location `sqlite:<path>` (or `sqlite::memory:`), or a `postgres://` URL
 * @param onIdleError a pooled connection died; the pool replaces it
 * @param onTrouble a write failed for a reason of the database's own; after `fatal` the process must end and recover from
 * what is on the disk
 * @param turnstile shared by the threads that write to one SQLite file; PostgreSQL has locks of its own
 */
export async function openStorage(
	location: string,
	onIdleError: (error: Error) => void,
	onTrouble: (trouble: StorageTrouble) => void = () => undefined,
	turnstile: Pick<Turnstile, "pass"> = { pass: (work) => work() },
): Promise<Storage> {
	const { dialect, db, manyOf } = location.startsWith("sqlite:")
		? openFile(location.slice("sqlite:".length))
		: await openServer(location, onIdleError);
	try {
		await migrate(db, dialect);
	} catch (error) {
		await db.destroy();
		throw error;
	}
	async function write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
		try {
			const run = () => db.transaction().execute((tx) => work(Object.assign(tx, { many: manyOf(tx) })));
			return await (dialect === "sqlite" ? turnstile.pass(run) : run());
		} catch (error) {
			const trouble = storageTrouble(error);
			if (trouble !== undefined) {
				onTrouble(trouble);
			}
			throw error;
		}
	}
	return {
		dialect,
		db,
		remembered: openRemembered(db),
		write,
		...admitting(dialect === "sqlite" ? together(write) : write),
		alone: (name, work) =>
			write(async (tx) => {
				if (dialect === "postgres") {
					await sql`SELECT pg_advisory_xact_lock(hashtext(${`parley ${name}`}))`.execute(tx);
				}
				return work(tx);
			}),
		readTogether: (work) =>
			dialect === "sqlite"
				? db.connection().execute(work)
				: db.transaction().setIsolationLevel("repeatable read").execute(work),
		ping: async () => {
			await sql`SELECT 1`.execute(db);
		},
		now: () => databaseTime(db, dialect),
		close: () => db.destroy(),
	};
}

// A turn of the writer for callers, then one for who sends and matches: so many works that neither starves the other. At
// 1.5 × what can be kept up, 0.91 to 0.94 of it still arrives with 24 and with 32, 0.68 with 64, 0.78 with 16 (measured).
const togetherMax = 24;
const waitingMax = 256;

/** So many at a time: a queue that only grows answers nobody. */
function admitting(write: Storage["write"]): Pick<Storage, "writeTogether" | "isFull"> {
	let waiting = 0;
	const isFull = (): boolean => waiting >= waitingMax;
	return {
		isFull,
		async writeTogether(work) {
			if (isFull()) {
				throw new Overloaded("More comes than can be written.");
			}
			waiting += 1;
			try {
				return await write(work);
			} finally {
				waiting -= 1;
			}
		},
	};
}

type Ended = { ok: true; value: unknown } | { ok: false; error: unknown };

/** Each work behind a savepoint of its own. */
function together(write: Storage["write"]): Storage["write"] {
	const works = groupCommit<(tx: Tx) => Promise<unknown>, Ended>(
		(group) =>
			write(async (tx) => {
				const ends: Ended[] = [];
				for (const work of group) {
					ends.push(await behindSavepoint(tx, work));
				}
				return ends;
			}),
		togetherMax,
	);
	return async <T>(work: (tx: Tx) => Promise<T>) => {
		const end = await works.add(work);
		if (!end.ok) {
			throw end.error;
		}
		return end.value as T;
	};
}

async function behindSavepoint(tx: Tx, work: (tx: Tx) => Promise<unknown>): Promise<Ended> {
	await tx.many.run(savepoint, once);
	try {
		const value = await work(tx);
		await tx.many.run(release, once);
		return { ok: true, value };
	} catch (error) {
		if (storageTrouble(error) !== undefined) {
			throw error; // The transaction itself may be gone.
		}
		await tx.many.run(takeBack, once);
		await tx.many.run(release, once);
		return { ok: false, error };
	}
}

const once = [{}];
const savepoint = plainStatement("SAVEPOINT work");
const release = plainStatement("RELEASE work");
const takeBack = plainStatement("ROLLBACK TO work");

async function databaseTime(db: Db, dialect: Dialect): Promise<Date> {
	const ms =
		dialect === "sqlite" ? sql<number>`unixepoch('subsec') * 1000` : sql<number>`extract(epoch from now()) * 1000`;
	const { rows } = await sql<{ ms: number }>`SELECT ${ms} AS ms`.execute(db);
	return new Date(Number(rows[0]?.ms));
}

type Opened = { dialect: Dialect; db: Db; manyOf(tx: Transaction<Tables>): Many };

function openFile(path: string): Opened {
	if (path !== ":memory:") {
		mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	}
	const database = openSqlite(path);
	const many = manyOnSqlite(database);
	return { dialect: "sqlite", db: new Kysely<Tables>({ dialect: sqliteDialect(database) }), manyOf: () => many };
}

async function openServer(url: string, onIdleError: (error: Error) => void): Promise<Opened> {
	const pool = openPostgres(url, onIdleError);
	try {
		await assertDurable(pool);
	} catch (error) {
		await pool.end();
		throw error;
	}
	return { dialect: "postgres", db: new Kysely<Tables>({ dialect: postgresDialect(pool) }), manyOf: manyOnPostgres };
}
