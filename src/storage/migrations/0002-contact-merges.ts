// Merges of contacts: who took in whom, and what moved, so that it can go back.

import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import type { Tables } from "../schema.ts";
import { type Spelling, spelling } from "./spelling.ts";

export async function up(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
	for (const statement of contactMerges(spelling(dialect))) {
		await sql.raw(statement).execute(db);
	}
}

function contactMerges({ ms, table }: Spelling): string[] {
	return [
		table(
			"contact_merges",
			`id TEXT PRIMARY KEY, kept_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
			absorbed_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE, merged_at ${ms} NOT NULL, merged_by TEXT NOT NULL,
			reason TEXT NOT NULL, name_before TEXT, name_given TEXT, moved TEXT NOT NULL, undone_at ${ms}, undone_by TEXT,
			CHECK (kept_id <> absorbed_id)`,
		),
		// Whoever is part of a contact is part of one.
		"CREATE UNIQUE INDEX contact_merges_absorbed ON contact_merges (absorbed_id) WHERE undone_at IS NULL",
		"CREATE INDEX contact_merges_kept ON contact_merges (kept_id, id)",
		"CREATE INDEX contact_merges_of ON contact_merges (absorbed_id)",
	];
}
