// For laws over the database: a stage per run on one storage, because migrating one for each run takes longer than the run.

import { sql } from "kysely";
import type { Storage } from "#storage/storage.ts";
import { setStage, type Stage } from "#test/scene.ts";

const tables = [
	"attempts",
	"receipts",
	"remote_ids",
	"outbox",
	"inbox",
	"inbound_requests",
	"nonces",
	"events",
	"messages",
	"conversations",
	"chats",
	"contact_merges",
	"contact_addresses",
	"contacts",
	"customer_consents",
	"messaging_services",
] as const;

/** The storage, emptied, with one messaging service in it. */
export async function freshStage(storage: Storage, seed = 1): Promise<Stage> {
	await emptied(storage);
	return setStage(storage, seed);
}

export async function emptied(storage: Storage): Promise<void> {
	await storage.write(async (tx) => {
		for (const table of tables) {
			await sql`DELETE FROM ${sql.table(table)}`.execute(tx);
		}
	});
}
