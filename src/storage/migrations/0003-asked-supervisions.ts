// Of supervisions, whether the agent asked for one; and an index by which each queue's chats are read as they are served.

import { type Kysely, sql } from "kysely";
import type { Tables } from "../schema.ts";

export async function up(db: Kysely<Tables>): Promise<void> {
	for (const statement of [
		"ALTER TABLE chat_supervisions ADD COLUMN is_asked INTEGER NOT NULL DEFAULT 0",
		"UPDATE chat_supervisions SET is_asked = 1 WHERE supervisor_id IS NULL",
		"DROP INDEX chats_waiting",
		"CREATE INDEX chats_waiting ON chats (queue_id, is_front DESC, waiting_since, id) WHERE state = 'queued'",
	]) {
		await sql.raw(statement).execute(db);
	}
}
