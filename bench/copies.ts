// Makes a database large: every message in it, with all that belongs to it, is copied so many times inside SQLite. The rows
// are what Parley itself wrote; only ids, contacts and keys are made different, so every copy has a contact and a
// conversation of its own.

import { DatabaseSync } from "node:sqlite";
import { contacts } from "./stand.ts";

const tables = [
	"contacts",
	"contact_addresses",
	"conversations",
	"inbound_requests",
	"inbox",
	"messages",
	"outbox",
	"events",
];

/** What must differ from copy to copy, by the name of the column; all other columns are taken as they are. */
type Kind = "id" | "address" | "chain" | "key" | "left out" | "same";

const kinds: Readonly<Record<string, Kind>> = {
	id: "id",
	contact_id: "id",
	conversation_id: "id",
	group_id: "id",
	previous_id: "id",
	request_id: "id",
	message_id: "id",
	address: "address",
	address_key: "address",
	contact_address: "address",
	chain_key: "chain",
	open_key: "chain",
	lane: "chain",
	dedup_key: "key",
	remote_id: "key",
	// Numbered by the database itself.
	seq: "left out",
	tx: "left out",
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
		for (const table of tables) {
			file.exec(copyStatement(table, columnsOf(file, table), copies));
		}
		file.exec("COMMIT; PRAGMA journal_mode = WAL");
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

function copyStatement(table: string, columns: readonly string[], copies: number): string {
	const taken = columns.filter((column) => kinds[column] !== "left out");
	return `WITH RECURSIVE copy (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < ${copies})
		INSERT INTO ${table} (${taken.join(", ")}) SELECT ${taken.map(spelled).join(", ")} FROM copy CROSS JOIN ${table} AS original`;
}

function spelled(column: string): string {
	const name = `original.${column}`;
	const kind = kinds[column] ?? "same";
	switch (kind) {
		case "id":
			// The digit of the variant, which is 8 to B in an id of Parley's, keeps copies apart from originals.
			return `substr(${name}, 1, 16) || 'C' || substr(${name}, 18, 11) || printf('%04X', copy.number)`;
		case "address":
			return moved(name);
		case "chain":
			return movedInside(name);
		case "key":
			return `${name} || ':' || copy.number`;
		case "left out":
		case "same":
			return name;
	}
}

function moved(address: string): string {
	return `CAST(CAST(${address} AS INTEGER) + ${contacts} * copy.number AS TEXT)`;
}

/** A chain's key is a JSON list whose last entry is the address. */
function movedInside(key: string): string {
	const address = moved(`substr(${key}, -${addressDigits + 2}, ${addressDigits})`);
	return `substr(${key}, 1, length(${key}) - ${addressDigits + 2}) || ${address} || '"]'`;
}
