// Which kind of trouble a database error is: what the caller did, what may pass, or what must stop the process.

import { Overloaded } from "./group-commit.ts";

/**
 * `full` no space left · `unavailable` the database is away or busy; try again · `fatal` the disk or the file is broken:
 * after a failed fsync the kernel may report success next time (PostgreSQL panics for that reason), so the process must
 * end and recover from what is on the disk.
 */
export type StorageTrouble = "full" | "unavailable" | "fatal";

// SQLite primary result codes, https://sqlite.org/rescode.html (checked 2026-11-24).
const sqliteTroubles: Readonly<Record<number, StorageTrouble>> = {
	5: "unavailable", // SQLITE_BUSY
	6: "unavailable", // SQLITE_LOCKED
	7: "unavailable", // SQLITE_NOMEM
	8: "unavailable", // SQLITE_READONLY
	10: "fatal", // SQLITE_IOERR
	11: "fatal", // SQLITE_CORRUPT
	13: "full", // SQLITE_FULL
	14: "unavailable", // SQLITE_CANTOPEN
	26: "fatal", // SQLITE_NOTADB
};
// SQLITE_IOERR_SHMSIZE: no room for the WAL's index. (A write that meets a full disk is SQLITE_FULL; SQLITE_IOERR_WRITE is
// every other failure of a write, and fatal.)
const sqliteNoSpace = 4874;

const socketTroubles = new Set([
	"ECONNREFUSED",
	"ECONNRESET",
	"ENOENT",
	"EPIPE",
	"ETIMEDOUT",
	"ENOTFOUND",
	"EHOSTUNREACH",
]);

export function storageTrouble(error: unknown): StorageTrouble | undefined {
	if (error instanceof Overloaded) {
		return "unavailable"; // So many wait to write that no more may; like a database that is busy, it passes.
	}
	if (!(error instanceof Error)) {
		return undefined;
	}
	const { errcode, code } = error as { errcode?: unknown; code?: unknown };
	if (typeof errcode === "number") {
		return errcode === sqliteNoSpace ? "full" : sqliteTroubles[errcode & 0xff];
	}
	if (typeof code === "string") {
		return postgresTrouble(code);
	}
	return /timeout exceeded when trying to connect|Connection terminated|Client has encountered/i.test(error.message)
		? "unavailable"
		: undefined;
}

const passing = new Set([
	"25006", // read_only_sql_transaction: a standby that is not promoted yet
	"25P03", // idle_in_transaction_session_timeout
	"40001", // serialization_failure
	"40P01", // deadlock_detected
	"55P03", // lock_not_available
	"57014", // query_canceled: the statement timeout
]);

/** SQLSTATE classes, https://www.postgresql.org/docs/15/errcodes-appendix.html (checked 2026-11-24), or a socket's code. */
function postgresTrouble(code: string): StorageTrouble | undefined {
	if (code === "53100") {
		return "full"; // disk_full
	}
	if (code.startsWith("08") || code.startsWith("57P") || code.startsWith("53") || socketTroubles.has(code)) {
		return "unavailable"; // connection exception, operator intervention, insufficient resources
	}
	return passing.has(code) ? "unavailable" : undefined;
}
