// The tables of event webhooks: who wants which events where, how far each is, and what is on its way to them.

import type { Spelling } from "./spelling.ts";

export function subscriptions({ bytes, ms, table }: Spelling): string[] {
	return [
		table(
			"event_subscriptions",
			`id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, url TEXT NOT NULL, owner_id TEXT NOT NULL,
			events TEXT NOT NULL, service_ids TEXT NOT NULL, queue_ids TEXT NOT NULL, enabled INTEGER NOT NULL, disabled_reason TEXT,
			header_names TEXT NOT NULL, headers ${bytes}, secret ${bytes} NOT NULL, previous_secret ${bytes}, previous_valid_until ${ms},
			version INTEGER NOT NULL, created_at ${ms} NOT NULL, updated_at ${ms} NOT NULL`,
		),
		table(
			"event_subscription_progress",
			`subscription_id TEXT PRIMARY KEY REFERENCES event_subscriptions (id) ON DELETE CASCADE, cursor_tx ${ms} NOT NULL, cursor_seq ${ms} NOT NULL,
			since_at ${ms} NOT NULL, lease_until ${ms} NOT NULL, epoch INTEGER NOT NULL, failures INTEGER NOT NULL, failing_since ${ms},
			rest_until ${ms} NOT NULL, delivered_at ${ms}`,
		),
		table(
			"event_deliveries",
			`id TEXT PRIMARY KEY, subscription_id TEXT NOT NULL, event_tx ${ms} NOT NULL, event_seq ${ms}, type TEXT NOT NULL, service_id TEXT NOT NULL,
			queue_id TEXT, event_at ${ms} NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, not_before ${ms} NOT NULL, tries INTEGER NOT NULL,
			first_tried_at ${ms}, attempts TEXT NOT NULL, reason TEXT, created_at ${ms} NOT NULL`,
		),
		// Exactly one for each event; tests have no event.
		"CREATE UNIQUE INDEX event_deliveries_event ON event_deliveries (subscription_id, event_seq)",
		"CREATE INDEX event_deliveries_list ON event_deliveries (subscription_id, id)",
		"CREATE INDEX event_deliveries_work ON event_deliveries (subscription_id, event_tx, event_seq) WHERE state = 'pending'",
		"CREATE INDEX event_deliveries_age ON event_deliveries (event_at)",
	];
}
