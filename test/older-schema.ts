// A database as it was before a step of its schema, for tests of what the step makes of what was there.

import { sql } from "kysely";
import type { Db } from "#storage/storage.ts";

/** What takes each step back, newest first. */
const undoing: readonly (readonly [string, readonly string[]])[] = [
	["0007-wrap-up-queues", ["ALTER TABLE chat_legs DROP COLUMN queue_id"]],
	["0006-waits", ["ALTER TABLE chats DROP COLUMN queued_at", "ALTER TABLE chats DROP COLUMN waited_ms"]],
	["0005-chat-holders", ["DROP TABLE chat_holders"]],
	["0004-attached-by-agents", ["ALTER TABLE chats DROP COLUMN attached_by_agents"]],
];

export async function goBackBefore(db: Db, step: string): Promise<void> {
	for (const [name, statements] of undoing.filter(([one]) => one >= step)) {
		for (const statement of statements) {
			await sql.raw(statement).execute(db);
		}
		await sql`DELETE FROM schema_history WHERE name = ${name}`.execute(db);
	}
}
