// What agents attach to a chat for the next one is kept apart from what came along with it, which its visitor sees. Rows
// from before do not tell one from the other and stay as they are.

import { type Kysely, sql } from "kysely";
import type { Tables } from "../schema.ts";

export async function up(db: Kysely<Tables>): Promise<void> {
	await sql`ALTER TABLE chats ADD COLUMN attached_by_agents TEXT NOT NULL DEFAULT '{}'`.execute(db);
}
