// The Chat Server's tables: chats with their legs and lines, agents' and visitors' states, and the feed of changes.

import type { Spelling } from "./spelling.ts";

export function chats({ dialect, ms, table }: Spelling): string[] {
	const seq =
		dialect === "sqlite" ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
	return [
		table(
			"chats",
			`id TEXT PRIMARY KEY, original_id TEXT NOT NULL, previous_id TEXT, conversation_id TEXT, service_id TEXT, contact_id TEXT,
			visitor_id TEXT, channel TEXT NOT NULL, direction TEXT NOT NULL, queue_id TEXT, destination TEXT NOT NULL, state TEXT NOT NULL,
			agent_id TEXT, originator TEXT NOT NULL, contact_name TEXT, language TEXT, title TEXT, attached TEXT NOT NULL,
			created_at ${ms} NOT NULL, waiting_since ${ms} NOT NULL, is_front INTEGER NOT NULL, preferred_agent_id TEXT, preferred_until ${ms},
			passes TEXT NOT NULL, served_at ${ms}, ended_at ${ms}, ended_by TEXT, last_agent_id TEXT, failure TEXT, reason TEXT,
			last_line_at ${ms} NOT NULL, is_warned INTEGER NOT NULL, gone_since ${ms}, is_shown INTEGER NOT NULL, lines INTEGER NOT NULL,
			due_at ${ms}, version INTEGER NOT NULL, CHECK ((state = 'served') = (agent_id IS NOT NULL))`,
		),
		// One live chat per conversation, whatever many nodes take in at once.
		"CREATE UNIQUE INDEX chats_live ON chats (conversation_id) WHERE conversation_id IS NOT NULL AND state <> 'ended'",
		"CREATE INDEX chats_conversation ON chats (conversation_id, id) WHERE conversation_id IS NOT NULL",
		"CREATE INDEX chats_visitor ON chats (visitor_id, id) WHERE visitor_id IS NOT NULL",
		"CREATE INDEX chats_contact ON chats (contact_id, id) WHERE contact_id IS NOT NULL",
		"CREATE INDEX chats_queue ON chats (queue_id, id)",
		"CREATE INDEX chats_waiting ON chats (queue_id, waiting_since) WHERE state = 'queued'",
		"CREATE INDEX chats_served ON chats (agent_id) WHERE state = 'served'",
		"CREATE INDEX chats_due ON chats (due_at) WHERE due_at IS NOT NULL",
		table(
			"chat_legs",
			`chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE, user_id TEXT NOT NULL, role TEXT NOT NULL, state TEXT NOT NULL,
			origin TEXT NOT NULL, since ${ms} NOT NULL, until ${ms}, PRIMARY KEY (chat_id, user_id)`,
		),
		"CREATE INDEX chat_legs_user ON chat_legs (user_id)",
		table(
			"chat_lines",
			`chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE, seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
			message TEXT NOT NULL, originator TEXT NOT NULL, is_system INTEGER NOT NULL, audience TEXT NOT NULL, at ${ms} NOT NULL, message_id TEXT,
			delivery TEXT, client_message_id TEXT, is_to_send INTEGER NOT NULL, PRIMARY KEY (chat_id, seq)`,
		),
		"CREATE INDEX chat_lines_message ON chat_lines (message_id) WHERE message_id IS NOT NULL",
		"CREATE UNIQUE INDEX chat_lines_client ON chat_lines (chat_id, originator, client_message_id) WHERE client_message_id IS NOT NULL",
		"CREATE INDEX chat_lines_to_send ON chat_lines (id) WHERE is_to_send = 1",
		...words(dialect),
		table(
			"chat_attachments",
			`id TEXT PRIMARY KEY, chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE, filename TEXT NOT NULL, size INTEGER NOT NULL,
			content_type TEXT NOT NULL, originator TEXT NOT NULL, by_user TEXT NOT NULL, file_id TEXT, until ${ms} NOT NULL`,
		),
		"CREATE INDEX chat_attachments_chat ON chat_attachments (chat_id)",
		"CREATE INDEX chat_attachments_file ON chat_attachments (file_id) WHERE file_id IS NOT NULL",
		table("chat_changes", `seq ${seq}, at ${ms} NOT NULL, tells TEXT NOT NULL`),
		"CREATE INDEX chat_changes_age ON chat_changes (at)",
		table(
			"chat_agents",
			`user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, work_status TEXT NOT NULL, work_since ${ms} NOT NULL,
			presence TEXT NOT NULL, alias TEXT, serving TEXT NOT NULL, capabilities TEXT NOT NULL, supervising TEXT NOT NULL,
			ui_settings TEXT NOT NULL, ui TEXT NOT NULL, freed_at ${ms} NOT NULL`,
		),
		"CREATE INDEX chat_agents_ready ON chat_agents (user_id) WHERE work_status = 'ready'",
		table(
			"chat_visitors",
			`id TEXT PRIMARY KEY, chat_address TEXT NOT NULL, alias TEXT NOT NULL, language TEXT, capabilities TEXT NOT NULL, proven_id TEXT,
			seen_at ${ms} NOT NULL`,
		),
		"CREATE INDEX chat_visitors_age ON chat_visitors (seen_at)",
		table(
			"chat_supervisions",
			`id TEXT PRIMARY KEY, supervisor_id TEXT, agent_id TEXT NOT NULL, state TEXT NOT NULL, at ${ms} NOT NULL`,
		),
		"CREATE INDEX chat_supervisions_agent ON chat_supervisions (agent_id)",
		table("chat_intake", `id INTEGER PRIMARY KEY CHECK (id = 1), tx ${ms} NOT NULL, seq ${ms} NOT NULL`),
	];
}

/** What people said and noted, by words. FTS5 keeps an index beside the table; triggers feed it. */
function words(dialect: Spelling["dialect"]): string[] {
	if (dialect === "postgres") {
		return [
			"CREATE INDEX chat_lines_words ON chat_lines USING gin (to_tsvector('simple', message)) WHERE type IN ('text', 'note')",
		];
	}
	const isSaid = (row: string): string => `WHEN ${row}.type IN ('text', 'note')`;
	const forget = "INSERT INTO chat_words (chat_words, rowid, message) VALUES ('delete', old.rowid, old.message)";
	return [
		"CREATE VIRTUAL TABLE chat_words USING fts5 (message, content = 'chat_lines', tokenize = 'unicode61')",
		`CREATE TRIGGER chat_words_said AFTER INSERT ON chat_lines ${isSaid("new")}
		BEGIN INSERT INTO chat_words (rowid, message) VALUES (new.rowid, new.message); END`,
		`CREATE TRIGGER chat_words_forgotten AFTER DELETE ON chat_lines ${isSaid("old")} BEGIN ${forget}; END`,
	];
}
