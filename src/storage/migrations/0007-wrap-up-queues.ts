// Which queue a wrap-up is about: the chat may be in another one by then.

import { type Kysely, sql } from "kysely";
import type { Tables } from "../schema.ts";

export async function up(db: Kysely<Tables>): Promise<void> {
	await sql`ALTER TABLE chat_legs ADD COLUMN queue_id TEXT`.execute(db);
}
