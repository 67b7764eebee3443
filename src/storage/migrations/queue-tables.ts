// What administrators set for chats: queues with their addresses, prompts, calendars, schedules, reply templates.

import type { Spelling } from "./spelling.ts";

export function queues({ ms, bytes, table }: Spelling): string[] {
	const named = `id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE`;
	const versioned = `version INTEGER NOT NULL, created_at ${ms} NOT NULL, updated_at ${ms} NOT NULL`;
	return [
		table("queues", `${named}, priority INTEGER NOT NULL, settings TEXT NOT NULL, ${versioned}`),
		table(
			"queue_addresses",
			`address_key TEXT PRIMARY KEY, queue_id TEXT NOT NULL REFERENCES queues (id) ON DELETE CASCADE, address TEXT NOT NULL,
			position INTEGER NOT NULL`,
		),
		"CREATE INDEX queue_addresses_queue ON queue_addresses (queue_id)",
		table("prompts", `${named}, type TEXT NOT NULL, external_id TEXT, texts TEXT NOT NULL, ${versioned}`),
		table("calendars", `${named}, priority INTEGER NOT NULL UNIQUE, days TEXT NOT NULL, ${versioned}`),
		table(
			"schedules",
			`id TEXT PRIMARY KEY, kind TEXT NOT NULL, queue_id TEXT NOT NULL, calendar_id TEXT NOT NULL, prompt_type TEXT NOT NULL,
			settings TEXT NOT NULL, ${versioned}, UNIQUE (kind, queue_id, calendar_id, prompt_type)`,
		),
		table(
			"ad_hoc_schedules",
			`id TEXT PRIMARY KEY, queue_id TEXT NOT NULL, valid_from ${ms} NOT NULL, valid_until ${ms} NOT NULL, is_open INTEGER NOT NULL, ${versioned}`,
		),
		table(
			"reply_templates",
			`${named}, folder TEXT NOT NULL, language TEXT, text TEXT NOT NULL, template TEXT, queue_ids TEXT NOT NULL, ${versioned}`,
		),
		table(
			"chat_settings",
			`id INTEGER PRIMARY KEY CHECK (id = 1), settings TEXT NOT NULL, identity_secret ${bytes}, version INTEGER NOT NULL`,
		),
	];
}
