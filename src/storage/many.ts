// Statements that every message passes through, for many rows at once and prepared once. SQLite runs a prepared statement
// per row, which costs 3 µs where building the query anew costs 20 (measured); PostgreSQL takes all rows in one journey.

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { CompiledQuery, type Transaction } from "kysely";
import type { Tables } from "./schema.ts";

export type Value = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, Value>>;
type Table = keyof Tables;

/**
 * One statement in both dialects. SQLite: `?1`, `?2` … are the columns in order. PostgreSQL: the rows are the table `given`,
 * typed as `rowType` (a table with columns of these names).
 */
export type Statement = {
	columns: readonly string[];
	rowType: Table;
	sqlite: string;
	postgres: string;
	/**
	 * What is told of each row that a change met: columns as they were given, or what this query of SQLite's then reads.
	 * PostgreSQL tells it by RETURNING; SQLite's RETURNING opens a table for it, which costs more than most changes.
	 */
	tells?: readonly string[] | string;
};

export type Many = {
	/** Runs the statement for each row; what it returns, of all rows together. */
	run<Result>(statement: Statement, rows: readonly Row[]): Promise<readonly Result[]>;
};

/**
 * Inserts rows that all have these columns (`id, service_id`). With `unlessKnown` (the columns of a unique index), rows
 * that are known already are left out, and `returning` tells the others.
 */
export function insertInto(
	table: Table,
	names: string,
	{ unlessKnown, returning }: { unlessKnown?: string; returning?: string } = {},
): Statement {
	const columns = names.split(", ");
	const places = columns.map((_, index) => `?${index + 1}`).join(", ");
	const onConflict = unlessKnown === undefined ? "" : ` ON CONFLICT (${unlessKnown}) DO NOTHING`;
	const told = returning === undefined ? "" : ` RETURNING ${returning}`;
	return {
		columns,
		rowType: table,
		sqlite: `INSERT INTO ${table} (${names}) VALUES (${places})${onConflict}`,
		postgres: `INSERT INTO ${table} (${names}) SELECT ${names} FROM given${onConflict}${told}`,
		...(returning === undefined ? {} : { tells: returning.split(", ") }),
	};
}

/** Sets columns of the rows that have all of `found`'s values; tells the ids of those that were there. */
export function updateOf(table: Table, newValues: string, found: string): Statement {
	const set = newValues.split(", ");
	const where = found.split(", ");
	const columns = [...set, ...where];
	const place = (column: string): string => `?${columns.indexOf(column) + 1}`;
	return {
		columns,
		rowType: table,
		tells: ["id"],
		sqlite: `UPDATE ${table} SET ${set.map((column) => `${column} = ${place(column)}`).join(", ")} WHERE ${where
			.map((column) => `${column} = ${place(column)}`)
			.join(" AND ")}`,
		postgres: `UPDATE ${table} SET ${set.map((column) => `${column} = given.${column}`).join(", ")} FROM given WHERE ${where
			.map((column) => `${table}.${column} = given.${column}`)
			.join(" AND ")} RETURNING ${table}.id`,
	};
}

/** Without values; of SQLite only. */
export function plainStatement(text: string): Statement {
	return { columns: [], rowType: "installation", sqlite: text, postgres: text };
}

export function manyOnSqlite(database: DatabaseSync): Many {
	const prepared = new Map<string, { statement: StatementSync; isReader: boolean }>();
	function prepare(text: string) {
		const known = prepared.get(text);
		if (known !== undefined) {
			return known;
		}
		const statement = database.prepare(text);
		const fresh = { statement, isReader: statement.columns().length > 0 };
		prepared.set(text, fresh);
		return fresh;
	}
	return {
		run<Result>({ columns, sqlite, tells }: Statement, rows: readonly Row[]) {
			const { statement, isReader } = prepare(sqlite);
			const teller = typeof tells === "string" ? prepare(tells).statement : undefined;
			const found: (Row | Record<string, SQLOutputValue>)[] = [];
			for (const row of rows) {
				const values = columns.map((column) => row[column] ?? null) as SQLInputValue[];
				if (isReader) {
					found.push(...statement.all(...values));
				} else if (Number(statement.run(...values).changes) > 0) {
					found.push(...(teller?.all(...values) ?? [pick(row, tells as readonly string[] | undefined)]));
				}
			}
			return Promise.resolve(found as Result[]);
		},
	};
}

function pick(row: Row, columns: readonly string[] = []): Row {
	return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}

export function manyOnPostgres(tx: Transaction<Tables>): Many {
	return {
		async run<Result>({ rowType, columns, postgres }: Statement, rows: readonly Row[]) {
			if (rows.length === 0) {
				return [];
			}
			const text = `WITH given AS (SELECT ${columns.join(", ")} FROM json_populate_recordset(NULL::${rowType}, $1)) ${postgres}`;
			const given = JSON.stringify(rows.map(toJsonRow));
			const { rows: found } = await tx.executeQuery<Result>(CompiledQuery.raw(text, [given]));
			return found;
		},
	};
}

function toJsonRow(row: Row): Row {
	return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toJsonValue(value)]));
}

/** Bytes as PostgreSQL reads them from text; half a surrogate pair as U+FFFD, as it is where a text has to be UTF-8. */
function toJsonValue(value: Value): Value {
	if (value instanceof Uint8Array) {
		return `\\x${Buffer.from(value).toString("hex")}`;
	}
	return typeof value === "string" ? value.toWellFormed() : value;
}
