// Who has had which chat: the legs tell only who has it now. Of chats before this step the last agent is known, and those
// who have a leg.

import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import type { Tables } from "../schema.ts";
import { spelling } from "./spelling.ts";

export async function up(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
	const { table } = spelling(dialect);
	const statements = [
		table(
			"chat_holders",
			`chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE, user_id TEXT NOT NULL, PRIMARY KEY (user_id, chat_id)`,
		),
		"CREATE INDEX chat_holders_chat ON chat_holders (chat_id)",
		`INSERT INTO chat_holders (chat_id, user_id)
		SELECT id, last_agent_id FROM chats WHERE last_agent_id IS NOT NULL
		UNION SELECT id, agent_id FROM chats WHERE agent_id IS NOT NULL
		UNION SELECT chat_id, user_id FROM chat_legs WHERE role <> 'supervisor' AND state <> 'offered'`,
	];
	for (const statement of statements) {
		await sql.raw(statement).execute(db);
	}
}
