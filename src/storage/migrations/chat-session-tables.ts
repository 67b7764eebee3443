// The tables of who is logged in to the Chat Server, and of the tickets that open one socket each.

import type { Spelling } from "./spelling.ts";

export function chatSessions({ bytes, ms, table }: Spelling): string[] {
	return [
		table(
			"chat_sessions",
			`token_hash ${bytes} PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, user_id TEXT NOT NULL, created_at ${ms} NOT NULL,
			last_seen_at ${ms} NOT NULL, expires_at ${ms} NOT NULL, alive_until ${ms} NOT NULL, ended_at ${ms}, password_changed_at ${ms} NOT NULL,
			browser_session_id TEXT, api_token_hash ${bytes}, network_mac ${bytes}`,
		),
		"CREATE INDEX chat_sessions_user ON chat_sessions (kind, user_id, alive_until)",
		"CREATE INDEX chat_sessions_open ON chat_sessions (alive_until) WHERE ended_at IS NULL",
		"CREATE INDEX chat_sessions_ended ON chat_sessions (ended_at) WHERE ended_at IS NOT NULL",
		"CREATE INDEX chat_sessions_network ON chat_sessions (network_mac, created_at) WHERE network_mac IS NOT NULL",
		table(
			"chat_tickets",
			`ticket_hash ${bytes} PRIMARY KEY, session_id TEXT NOT NULL REFERENCES chat_sessions (id) ON DELETE CASCADE, expires_at ${ms} NOT NULL`,
		),
		"CREATE INDEX chat_tickets_session ON chat_tickets (session_id)",
		"CREATE INDEX chat_tickets_expiry ON chat_tickets (expires_at)",
	];
}
