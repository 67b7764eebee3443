// PostgreSQL through `pg`: a bounded pool, times as numbers, and a refusal of servers that acknowledge before they sync.

import { PostgresDialect } from "kysely";
import pg from "pg";

const poolSize = 10; // Per process; 3 nodes stay far below PostgreSQL's default of 100 connections.
const connectTimeoutMs = 3000;
const statementTimeoutMs = 30_000;

/** BIGINT as a number: every BIGINT of ours is milliseconds or a counter, far below 2^53. */
const types = {
	getTypeParser(oid: number, format?: "text" | "binary"): unknown {
		return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
	},
};

export function openPostgres(url: string, onIdleError: (error: Error) => void): pg.Pool {
	const pool = new pg.Pool({
		connectionString: url,
		max: poolSize,
		connectionTimeoutMillis: connectTimeoutMs,
		statement_timeout: statementTimeoutMs,
		// A session whose node froze must not hold its rows for ever.
		idle_in_transaction_session_timeout: statementTimeoutMs,
		application_name: "parley",
		types,
	});
	// A connection that dies in the pool is replaced; the next query finds out whether the server is there.
	pool.on("error", onIdleError);
	// One that dies while it is in use rejects its query; without a listener it would also end the process.
	pool.on("connect", (client) => client.on("error", () => undefined));
	return pool;
}

/** Refuses a server that could lose what it acknowledged, or that is too old. */
export async function assertDurable(pool: pg.Pool): Promise<void> {
	const { rows } = await pool.query<{ version: number; fsync: string; commit: string }>(
		`SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
		current_setting('synchronous_commit') AS commit`,
	);
	const [found] = rows;
	if (found === undefined || found.version < 150_000) {
		throw new Error("PostgreSQL 15 or later is needed.");
	}
	if (found.fsync !== "on" || found.commit === "off") {
		throw new Error(
			"PostgreSQL runs with fsync or synchronous_commit off: a power cut would lose acknowledged messages.",
		);
	}
}

export function postgresDialect(pool: pg.Pool): PostgresDialect {
	return new PostgresDialect({ pool });
}
