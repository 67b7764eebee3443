// How long a chat waited where it waited last: its age in the queue also counts what it was talked in before.

import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import type { Tables } from "../schema.ts";
import { spelling } from "./spelling.ts";

export async function up(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
	const { ms } = spelling(dialect);
	for (const statement of [
		`ALTER TABLE chats ADD COLUMN queued_at ${ms} NOT NULL DEFAULT 0`,
		`ALTER TABLE chats ADD COLUMN waited_ms ${ms}`,
		"UPDATE chats SET queued_at = waiting_since, waited_ms = served_at - waiting_since",
	]) {
		await sql.raw(statement).execute(db);
	}
}
