// Makes a database large: every message in it, with all that belongs to it, is copied so many times inside SQLite. The rows
// are what Parley itself wrote; only ids, contacts and keys are made different.

import { DatabaseSync } from "node:sqlite";
import { contacts } from "./stand.ts";

/** How the columns that must differ from copy to copy are spelled; all others are taken as they are. */
type Kind = "id" | "address" | "chain" | "key" | "left out";
type Copied = Readonly<Record<string, Kind>>;

const tables: Readonly<Record<string, Copied>> = {
	contacts: { id: "id" },
	contact_addresses: { contact_id: "id", address: "address", address_key: "address" },
	conversations: {
		id: "id",
		contact_id: "id",
		group_id: "id",
		previous_id: "id",
		contact_address: "address",
		chain_key: "chain",
		open_key: "chain",
	},
	inbound_requests: { id: "id" },
	inbox: { id: "id", request_id: "id", message_id: "id", dedup_key: "key", lane: "chain" },
	messages: {
		id: "id",
		contact_id: "id",
		conversation_id: "id",
		request_id: "id",
		contact_address: "address",
		remote_id: "key",
	},
	outbox: { id: "id", message_id: "id", lane: "chain" },
	events: { seq: "left out", tx: "left out", message_id: "id", conversation_id: "id" },
};

const copiesMax = 0xffff; // Four hexadecimal digits of an id tell them apart.
const addressDigits = 13; // As `contactAddress` makes them.

/** @param copies how many of each row are added; to be called while Parley is stopped */
export function addCopies(database: string, copies: number): void {
	if (copies > copiesMax) {
		throw new RangeError(`At most ${copiesMax} copies can be told apart.`);
	}
	const file = new DatabaseSync(database.replace(/^sqlite:/, ""), { enableForeignKeyConstraints: false });
	try {
		// What is filled here is thrown away when the machine fails: no journal, no fsync, much memory.
		// (A database in WAL mode does not go to OFF at once.)
		file.exec("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
		file.exec("PRAGMA cache_size = -524288; BEGIN");
		for (const [table, copied] of Object.entries(tables)) {
			file.exec(copyStatement(table, columnsOf(file, table), copied, copies));
		}
		file.exec("COMMIT; ANALYZE; PRAGMA journal_mode = WAL");
	} finally {
		file.close();
	}
}

function columnsOf(file: DatabaseSync, table: string): string[] {
	return file
		.prepare(`SELECT name FROM pragma_table_info('${table}')`)
		.all()
		.map((row) => String(row["name"]));
}

export function copyStatement(table: string, columns: readonly string[], copied: Copied, copies: number): string {
	const taken = columns.filter((column) => copied[column] !== "left out");
	const values = taken.map((column) => spelled(column, copied[column]));
	return `WITH RECURSIVE copy (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < ${copies})
		INSERT INTO ${table} (${taken.join(", ")}) SELECT ${values.join(", ")} FROM copy CROSS JOIN ${table} AS original`;
}

function spelled(column: string, kind: Kind | undefined): string {
	const name = `original.${column}`;
	switch (kind) {
		case "id":
			// The digit of the variant, which is 8 to B in an id of Parley's, keeps copies apart from originals.
			return `substr(${name}, 1, 16) || 'C' || substr(${name}, 18, 11) || printf('%04X', copy.number)`;
		case "address":
			return moved(name);
		case "chain":
			// A JSON list whose last entry is the address.
			return `substr(${name}, 1, length(${name}) - ${addressDigits + 2}) || ${moved(`substr(${name}, -${addressDigits + 2}, ${addressDigits})`)} || '"]'`;
		case "key":
			return `${name} || ':' || copy.number`;
		case "left out":
		case undefined:
			return name;
	}
}

function moved(address: string): string {
	return `CAST(CAST(${address} AS INTEGER) + ${contacts} * copy.number AS TEXT)`;
}
