// Brings the schema to this program's version, one transaction per step, and refuses a schema that is newer.

import { type Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import type { Dialect } from "./dialect.ts";
import * as first from "./migrations/0001-first.ts";
import * as contactMerges from "./migrations/0002-contact-merges.ts";
import * as askedSupervisions from "./migrations/0003-asked-supervisions.ts";
import * as attachedByAgents from "./migrations/0004-attached-by-agents.ts";
import * as chatHolders from "./migrations/0005-chat-holders.ts";
import * as waits from "./migrations/0006-waits.ts";
import * as wrapUpQueues from "./migrations/0007-wrap-up-queues.ts";
import type { Tables } from "./schema.ts";

type Migration = { up(db: Kysely<Tables>, dialect: Dialect): Promise<void> };

/** In order of their names; the names are stored. */
const migrations: Readonly<Record<string, Migration>> = {
	"0001-first": first,
	"0002-contact-merges": contactMerges,
	"0003-asked-supervisions": askedSupervisions,
	"0004-attached-by-agents": attachedByAgents,
	"0005-chat-holders": chatHolders,
	"0006-waits": waits,
	"0007-wrap-up-queues": wrapUpQueues,
};

const historyTable = "schema_history";

export async function migrate(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
	await refuseNewer(db);
	await (dialect === "sqlite" ? inOneTransaction(db, (one) => toLatest(one, dialect)) : toLatest(db, dialect));
}

/**
 * Kysely takes SQLite for a database whose DDL knows no transactions. It does, and without one a process killed during its
 * first start would leave half a schema, which no later start could finish.
 */
async function inOneTransaction(db: Kysely<Tables>, work: (one: Kysely<Tables>) => Promise<void>): Promise<void> {
	await db.connection().execute(async (one) => {
		await sql`begin immediate`.execute(one);
		try {
			await work(one);
			await sql`commit`.execute(one);
		} catch (error) {
			await sql`rollback`.execute(one);
			throw error;
		}
	});
}

async function toLatest(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
	const migrator = new Migrator({
		db,
		migrationTableName: historyTable,
		migrationLockTableName: `${historyTable}_lock`,
		provider: {
			getMigrations: () =>
				Promise.resolve(
					Object.fromEntries(
						Object.entries(migrations).map(([name, step]) => [
							name,
							{ up: (handle: Kysely<unknown>) => step.up(handle, dialect) },
						]),
					),
				),
		},
	});
	const { error } = await migrator.migrateToLatest();
	if (error !== undefined) {
		throw error instanceof Error ? error : new Error("The migration failed.");
	}
}

/** Goal: an older program never writes into tables it does not understand. */
async function refuseNewer(db: Kysely<Tables>): Promise<void> {
	const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
	if (!tables.some((table) => table.name === historyTable)) {
		return;
	}
	const { rows } = await sql<{ name: string }>`SELECT name FROM ${sql.table(historyTable)}`.execute(db);
	const unknown = rows.map((row) => row.name).filter((name) => !Object.hasOwn(migrations, name));
	if (unknown.length > 0) {
		throw new Error(
			`The database was written by a newer Parley (unknown schema step ${unknown.join(", ")}). Start that version, or restore a backup.`,
		);
	}
}
