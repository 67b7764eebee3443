// The first schema. A released migration is never changed: add another.

import { type Kysely, sql } from "kysely";
import type { Tables } from "../schema.ts";
import type { Dialect } from "../dialect.ts";
import { chatSessions } from "./chat-session-tables.ts";
import { chats } from "./chat-tables.ts";
import { queues } from "./queue-tables.ts";
import { type Spelling, spelling } from "./spelling.ts";
import { subscriptions } from "./subscription-tables.ts";

export async function up(db: Kysely<Tables>, dialect: Dialect): Promise<void> {
	const chatGroups = [queues, chats, chatSessions];
	for (const group of [
		configuration,
		people,
		logons,
		receiving,
		chains,
		sending,
		files,
		...chatGroups,
		subscriptions,
		revision,
	]) {
		for (const statement of group(spelling(dialect))) {
			await sql.raw(statement).execute(db);
		}
	}
}

function configuration({ bytes, ms, table }: Spelling): string[] {
	return [
		table("installation", "name TEXT PRIMARY KEY, value TEXT NOT NULL"),
		table(
			"data_keys",
			`id TEXT PRIMARY KEY, key_ring_key_id TEXT NOT NULL, wrapped ${bytes} NOT NULL, created_at ${ms} NOT NULL, retired_at ${ms}`,
		),
		table(
			"messaging_services",
			`id TEXT PRIMARY KEY, type TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, enabled INTEGER NOT NULL,
			service_connection TEXT NOT NULL, authentication_url TEXT, authentication_scope TEXT, incoming_mode TEXT NOT NULL,
			settings TEXT NOT NULL, stopped_reason TEXT, version INTEGER NOT NULL, created_at ${ms} NOT NULL, updated_at ${ms} NOT NULL,
			UNIQUE (type, name_key)`,
		),
		table(
			"authentications",
			`id TEXT PRIMARY KEY, service_id TEXT NOT NULL REFERENCES messaging_services (id) ON DELETE CASCADE, position INTEGER NOT NULL,
			authentication_id TEXT NOT NULL, direction TEXT NOT NULL, secret ${bytes}, secret_origin TEXT, secret_fingerprint TEXT,
			previous_secret ${bytes}, previous_valid_until ${ms}, changed_at ${ms}, UNIQUE (service_id, authentication_id)`,
		),
		table(
			"service_vitals",
			`service_id TEXT PRIMARY KEY REFERENCES messaging_services (id) ON DELETE CASCADE, last_in_at ${ms}, last_out_at ${ms},
			last_fault_at ${ms}, last_fault_code TEXT, last_fault_detail TEXT, faults_in_a_row INTEGER NOT NULL,
			refused_in_a_row INTEGER NOT NULL, last_refused_reason TEXT`,
		),
		table(
			"service_upkeep",
			`service_id TEXT PRIMARY KEY REFERENCES messaging_services (id) ON DELETE CASCADE, state TEXT NOT NULL, due_at ${ms} NOT NULL,
			asked_at ${ms}, epoch INTEGER NOT NULL, lease_until ${ms} NOT NULL, service_version INTEGER NOT NULL, finished_at ${ms}, trouble TEXT`,
		),
		table(
			"service_checks",
			`id TEXT PRIMARY KEY, service_id TEXT NOT NULL REFERENCES messaging_services (id) ON DELETE CASCADE, asked_at ${ms} NOT NULL,
			asked_by TEXT NOT NULL, begun_at ${ms}, finished_at ${ms}, steps TEXT NOT NULL`,
		),
		"CREATE INDEX service_checks_service ON service_checks (service_id, id)",
		"CREATE INDEX service_checks_open ON service_checks (id) WHERE finished_at IS NULL",
		table(
			"service_calls",
			`id TEXT PRIMARY KEY, service_id TEXT NOT NULL REFERENCES messaging_services (id) ON DELETE CASCADE, at ${ms} NOT NULL,
			kind TEXT NOT NULL, status INTEGER NOT NULL, reason TEXT, remote_address TEXT, mode TEXT, quarantine_id TEXT`,
		),
		"CREATE INDEX service_calls_service ON service_calls (service_id, id)",
		table(
			"service_hours",
			`service_id TEXT NOT NULL REFERENCES messaging_services (id) ON DELETE CASCADE, hour ${ms} NOT NULL, received INTEGER NOT NULL,
			sent INTEGER NOT NULL, failed INTEGER NOT NULL, PRIMARY KEY (service_id, hour)`,
		),
		table(
			"service_refusals",
			`service_id TEXT NOT NULL REFERENCES messaging_services (id) ON DELETE CASCADE, hour ${ms} NOT NULL, reason TEXT NOT NULL,
			mode TEXT NOT NULL, count INTEGER NOT NULL, last_at ${ms} NOT NULL, PRIMARY KEY (service_id, hour, reason, mode)`,
		),
	];
}

function people({ bytes, ms, table }: Spelling): string[] {
	return [
		table(
			"users",
			`id TEXT PRIMARY KEY, first_name TEXT NOT NULL, surname TEXT NOT NULL, login TEXT NOT NULL, login_key TEXT NOT NULL UNIQUE,
			password_hash TEXT, machine_secret ${bytes}, password_changed_at ${ms}, password_is_initial INTEGER NOT NULL,
			second_factor_at ${ms}, external_user INTEGER NOT NULL, enabled INTEGER NOT NULL,
			email TEXT, title TEXT, location TEXT, phone TEXT, ui_language TEXT, time_zone TEXT, external_id TEXT,
			version INTEGER NOT NULL, created_at ${ms} NOT NULL, updated_at ${ms} NOT NULL`,
		),
		...["user_groups", "roles"].map((name) =>
			table(
				name,
				`id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, description TEXT NOT NULL, version INTEGER NOT NULL,
				created_at ${ms} NOT NULL, updated_at ${ms} NOT NULL`,
			),
		),
		table(
			"user_group_parents",
			`group_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE, parent_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
			PRIMARY KEY (group_id, parent_id)`,
		),
		table(
			"user_group_members",
			`group_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
			PRIMARY KEY (group_id, user_id)`,
		),
		"CREATE INDEX user_group_members_user ON user_group_members (user_id)",
		table(
			"role_holders",
			`role_id TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE, holder_kind TEXT NOT NULL, holder_id TEXT NOT NULL,
			PRIMARY KEY (role_id, holder_kind, holder_id)`,
		),
		"CREATE INDEX role_holders_holder ON role_holders (holder_kind, holder_id)",
		table(
			"grants",
			`id TEXT PRIMARY KEY, holder_kind TEXT NOT NULL, holder_id TEXT NOT NULL, object_type TEXT NOT NULL, object_id TEXT NOT NULL,
			access TEXT NOT NULL, UNIQUE (holder_kind, holder_id, object_type, object_id)`,
		),
		table(
			"audit_log",
			`seq ${ms} PRIMARY KEY, at ${ms} NOT NULL, user_id TEXT, actor TEXT NOT NULL, via TEXT NOT NULL, action TEXT NOT NULL,
			object_type TEXT NOT NULL, object_id TEXT, object_name TEXT, changes TEXT NOT NULL, mac ${bytes} NOT NULL`,
		),
		"CREATE INDEX audit_log_object ON audit_log (object_type, object_id)",
		table(
			"security_events",
			`id TEXT PRIMARY KEY, at ${ms} NOT NULL, kind TEXT NOT NULL, service_id TEXT, address TEXT, detail TEXT NOT NULL`,
		),
	];
}

function logons({ ms, bytes, table }: Spelling): string[] {
	return [
		table(
			"sessions",
			`token_hash ${bytes} PRIMARY KEY, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
			created_at ${ms} NOT NULL, last_seen_at ${ms} NOT NULL, expires_at ${ms} NOT NULL, user_agent TEXT NOT NULL`,
		),
		"CREATE INDEX sessions_user ON sessions (user_id)",
		table(
			"api_tokens",
			`id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, name TEXT NOT NULL, token_hash ${bytes} NOT NULL UNIQUE,
			prefix TEXT NOT NULL, created_at ${ms} NOT NULL, expires_at ${ms} NOT NULL, last_used_at ${ms}`,
		),
		"CREATE INDEX api_tokens_user ON api_tokens (user_id)",
		table(
			"bootstrap",
			`id INTEGER PRIMARY KEY CHECK (id = 1), token_hash ${bytes} NOT NULL, expires_at ${ms} NOT NULL`,
		),
		table(
			"logon_failures",
			`subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, first_at ${ms} NOT NULL, last_at ${ms} NOT NULL, blocked_until ${ms} NOT NULL`,
		),
		table(
			"second_factors",
			`user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, secret ${bytes}, pending ${bytes}, last_step ${ms} NOT NULL`,
		),
		table(
			"recovery_codes",
			`user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, code_mac ${bytes} NOT NULL, PRIMARY KEY (user_id, code_mac)`,
		),
		table(
			"authentication_policy",
			`id INTEGER PRIMARY KEY CHECK (id = 1), policy TEXT NOT NULL, version INTEGER NOT NULL`,
		),
	];
}

function receiving({ bytes, ms, table }: Spelling): string[] {
	return [
		table(
			"inbound_requests",
			`id TEXT PRIMARY KEY, service_id TEXT NOT NULL, received_at ${ms} NOT NULL, method TEXT NOT NULL, url TEXT NOT NULL, headers TEXT NOT NULL,
			body ${bytes} NOT NULL, verdict TEXT NOT NULL, remote_address TEXT`,
		),
		table(
			"inbox",
			`id TEXT PRIMARY KEY, service_id TEXT NOT NULL, request_id TEXT NOT NULL, dedup_key TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
			lane TEXT NOT NULL, event TEXT NOT NULL, message_id TEXT, remote_id TEXT, received_at ${ms} NOT NULL, not_before ${ms} NOT NULL, attempts INTEGER NOT NULL,
			lease_until ${ms} NOT NULL, epoch INTEGER NOT NULL, reason TEXT, finished_at ${ms}, UNIQUE (service_id, dedup_key)`,
		),
		// Only rows that are still work are in these: they stay small however old the installation is.
		"CREATE INDEX inbox_work ON inbox (kind, not_before, id) WHERE state IN ('received', 'waiting')",
		// What stands in the way of later messages of its chain: only what was claimed before, so it is nearly empty.
		"CREATE INDEX inbox_claimed ON inbox (lane, id) WHERE state = 'received' AND kind = 'message' AND attempts > 0",
		"CREATE INDEX inbox_parked ON inbox (id) WHERE state = 'parked'",
		"CREATE INDEX inbox_awaited ON inbox (service_id, remote_id) WHERE state IN ('waiting', 'parked')",
		// A message's row here has the message's own id; ids begin with their time, so age needs no index either.
		"CREATE INDEX inbox_message ON inbox (message_id) WHERE message_id IS NOT NULL AND kind <> 'message'",
		table(
			"nonces",
			`service_id TEXT NOT NULL, nonce TEXT NOT NULL, seen_at ${ms} NOT NULL, PRIMARY KEY (service_id, nonce)`,
		),
		"CREATE INDEX nonces_age ON nonces (seen_at)",
		table(
			"quarantine",
			`id TEXT PRIMARY KEY, service_id TEXT NOT NULL, received_at ${ms} NOT NULL, reason TEXT NOT NULL, sealed ${bytes} NOT NULL,
			bytes INTEGER NOT NULL, body_hash TEXT NOT NULL, remote_address TEXT, wish TEXT NOT NULL, wished_by TEXT, wished_because TEXT,
			checked_at ${ms} NOT NULL`,
		),
		// With the sizes: each refusal adds them up, and must not read through what is sealed.
		"CREATE INDEX quarantine_service ON quarantine (service_id, id, bytes)",
		"CREATE INDEX quarantine_age ON quarantine (received_at)",
		"CREATE INDEX security_events_age ON security_events (at)",
		"CREATE INDEX quarantine_wish ON quarantine (service_id, id) WHERE wish <> 'none'",
	];
}

function chains({ ms, table }: Spelling): string[] {
	return [
		table("contacts", `id TEXT PRIMARY KEY, name TEXT, created_at ${ms} NOT NULL, updated_at ${ms} NOT NULL`),
		table(
			"contact_addresses",
			`channel TEXT NOT NULL, scope TEXT NOT NULL, address_key TEXT NOT NULL, address TEXT NOT NULL, contact_id TEXT NOT NULL REFERENCES contacts (id),
			PRIMARY KEY (channel, scope, address_key)`,
		),
		// Written once per contact; for who looks for an address without knowing the channel.
		"CREATE INDEX contact_addresses_key ON contact_addresses (address_key)",
		"CREATE INDEX contact_addresses_contact ON contact_addresses (contact_id)",
		table(
			"customer_consents",
			`id TEXT PRIMARY KEY, usage TEXT NOT NULL, address_key TEXT NOT NULL, address TEXT NOT NULL, service_id TEXT NOT NULL, state TEXT NOT NULL,
			source TEXT NOT NULL, message_id TEXT, said_at ${ms} NOT NULL, said_by TEXT, note TEXT, version INTEGER NOT NULL,
			UNIQUE (usage, address_key, service_id)`,
		),
		// Asked for every message of ours; empty where nobody refused.
		"CREATE INDEX customer_consents_refused ON customer_consents (usage, address_key, service_id) WHERE state = 'refused'",
		table(
			"conversations",
			`id TEXT PRIMARY KEY, service_id TEXT NOT NULL, channel TEXT NOT NULL, our_address TEXT NOT NULL, contact_address TEXT NOT NULL,
			contact_id TEXT NOT NULL, chain_key TEXT NOT NULL, open_key TEXT UNIQUE, state TEXT NOT NULL, opened_at ${ms} NOT NULL, closed_at ${ms},
			previous_id TEXT, group_id TEXT NOT NULL, last_message_at ${ms} NOT NULL, contact_last_wrote_at ${ms}, messages INTEGER NOT NULL,
			version INTEGER NOT NULL`,
		),
		"CREATE INDEX conversations_chain ON conversations (chain_key, opened_at)",
		"CREATE INDEX conversations_contact ON conversations (contact_id, id)",
		table(
			"messages",
			`id TEXT PRIMARY KEY, direction TEXT NOT NULL, service_id TEXT NOT NULL, channel TEXT NOT NULL, our_address TEXT NOT NULL,
			contact_address TEXT NOT NULL, contact_id TEXT, conversation_id TEXT, sequence INTEGER, state TEXT, state_at ${ms} NOT NULL,
			text TEXT NOT NULL, content TEXT NOT NULL, remote_id TEXT, request_id TEXT, received_at ${ms} NOT NULL, provider_at ${ms},
			valid_until ${ms}, decision TEXT, created_by TEXT`,
		),
		"CREATE UNIQUE INDEX messages_conversation ON messages (conversation_id, sequence) WHERE conversation_id IS NOT NULL",
		"CREATE INDEX messages_service ON messages (service_id, id)",
		"CREATE INDEX messages_contact ON messages (service_id, contact_address, id) WHERE direction = 'out'",
		// The remote id first: people look for one without knowing the service.
		"CREATE INDEX messages_remote ON messages (remote_id, service_id) WHERE remote_id IS NOT NULL",
	];
}

function sending({ dialect, ms, table }: Spelling): string[] {
	const eventColumns =
		dialect === "sqlite"
			? "seq INTEGER PRIMARY KEY AUTOINCREMENT, tx INTEGER NOT NULL DEFAULT 0"
			: "seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tx BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)";
	return [
		table(
			"outbox",
			`id TEXT PRIMARY KEY, message_id TEXT NOT NULL REFERENCES messages (id), part INTEGER NOT NULL, service_id TEXT NOT NULL, lane TEXT NOT NULL,
			text TEXT NOT NULL, attachments TEXT NOT NULL, state INTEGER NOT NULL, state_at ${ms} NOT NULL, not_before ${ms} NOT NULL, valid_until ${ms} NOT NULL,
			attempts INTEGER NOT NULL, lease_owner TEXT, lease_until ${ms} NOT NULL, epoch INTEGER NOT NULL, unknown_since ${ms},
			possible_duplicate INTEGER NOT NULL, error_code TEXT, error_detail TEXT, created_at ${ms} NOT NULL, handed_over_at ${ms},
			UNIQUE (message_id, part)`,
		),
		// 3 queued, 4 sending: the rows that are still work.
		"CREATE INDEX outbox_work ON outbox (service_id, not_before, id) WHERE state IN (3, 4)",
		"CREATE INDEX outbox_lane ON outbox (lane, id) WHERE state IN (3, 4)",
		"CREATE INDEX outbox_sending ON outbox (lease_until) WHERE state = 4",
		"CREATE INDEX outbox_expiry ON outbox (valid_until) WHERE state = 3",
		"CREATE INDEX outbox_held ON outbox (id) WHERE state = 2",
		table(
			"attempts",
			`id TEXT PRIMARY KEY, part_id TEXT NOT NULL REFERENCES outbox (id), message_id TEXT NOT NULL, service_id TEXT NOT NULL, number INTEGER NOT NULL,
			epoch INTEGER NOT NULL, started_at ${ms} NOT NULL, finished_at ${ms}, outcome TEXT, code TEXT, detail TEXT, exchange TEXT, decision TEXT,
			UNIQUE (part_id, number)`,
		),
		"CREATE INDEX attempts_message ON attempts (message_id)",
		table(
			"remote_ids",
			`service_id TEXT NOT NULL, remote_id TEXT NOT NULL, part_id TEXT NOT NULL, message_id TEXT NOT NULL,
			attempt_id TEXT NOT NULL, PRIMARY KEY (remote_id, service_id)`,
		),
		"CREATE INDEX remote_ids_part ON remote_ids (part_id)",
		table(
			"receipts",
			`id TEXT PRIMARY KEY, inbox_id TEXT NOT NULL, service_id TEXT NOT NULL, message_id TEXT NOT NULL, part_id TEXT NOT NULL, status TEXT NOT NULL,
			provider_at ${ms}, received_at ${ms} NOT NULL, code TEXT, detail TEXT, effect TEXT NOT NULL, UNIQUE (inbox_id, part_id)`,
		),
		"CREATE INDEX receipts_message ON receipts (message_id)",
		table(
			"events",
			`${eventColumns}, at ${ms} NOT NULL, type TEXT NOT NULL, service_id TEXT NOT NULL, message_id TEXT, conversation_id TEXT, data TEXT NOT NULL`,
		),
		"CREATE INDEX events_message ON events (message_id) WHERE message_id IS NOT NULL",
		...(dialect === "postgres" ? ["CREATE INDEX events_order ON events (tx, seq)"] : []),
		table(
			"idempotency",
			`principal TEXT NOT NULL, key TEXT NOT NULL, request_hash TEXT NOT NULL, created_at ${ms} NOT NULL, status INTEGER NOT NULL,
			headers TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (principal, key)`,
		),
		"CREATE INDEX idempotency_age ON idempotency (created_at)",
	];
}

function files({ bytes, ms, table }: Spelling): string[] {
	return [
		table(
			"files",
			`id TEXT PRIMARY KEY, content_type TEXT NOT NULL, filename TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
			created_at ${ms} NOT NULL, created_by TEXT, expires_at ${ms}, content ${bytes} NOT NULL`,
		),
		"CREATE INDEX files_expiry ON files (expires_at) WHERE expires_at IS NOT NULL",
		table(
			"attachments",
			`message_id TEXT NOT NULL REFERENCES messages (id), position INTEGER NOT NULL, service_id TEXT NOT NULL, file_id TEXT NOT NULL,
			state TEXT NOT NULL, reason TEXT, detail TEXT, not_before ${ms} NOT NULL, attempts INTEGER NOT NULL, lease_until ${ms} NOT NULL,
			epoch INTEGER NOT NULL, PRIMARY KEY (message_id, position)`,
		),
		"CREATE INDEX attachments_work ON attachments (service_id, not_before) WHERE state = 'waiting'",
		"CREATE INDEX attachments_file ON attachments (file_id)",
	];
}

/** Every change of these raises the revision under which they are remembered. */
const remembered: Readonly<Record<string, string>> = {
	messaging_services: "",
	authentications: "",
	users: "",
	user_group_parents: "",
	user_group_members: "",
	role_holders: "",
	grants: "",
	authentication_policy: "",
	// Only what a round leaves; that it ran is no change.
	service_upkeep: " OF state",
	queues: "",
	queue_addresses: "",
	prompts: "",
	calendars: "",
	schedules: "",
	ad_hoc_schedules: "",
	reply_templates: "",
	chat_settings: "",
	event_subscriptions: "",
	// When a token was used last is no change of what it may do.
	api_tokens: " OF user_id, token_hash, expires_at",
};

function revision({ dialect, ms, table }: Spelling): string[] {
	return [
		table("configuration_revision", `id INTEGER PRIMARY KEY CHECK (id = 1), number ${ms} NOT NULL, tx ${ms} NOT NULL`),
		"INSERT INTO configuration_revision (id, number, tx) VALUES (1, 1, 0)",
		...(dialect === "sqlite" ? sqliteTriggers() : postgresTriggers()),
	];
}

function sqliteTriggers(): string[] {
	const raise = "UPDATE configuration_revision SET number = number + 1";
	return Object.entries(remembered).flatMap(([name, columns]) =>
		["INSERT", `UPDATE${columns}`, "DELETE"].map(
			(change, index) => `CREATE TRIGGER ${name}_revision_${index} AFTER ${change} ON ${name} BEGIN ${raise}; END`,
		),
	);
}

/**
 * At the commit: the one row is the last that a transaction locks, so that no two writers wait for each other. Once in a
 * transaction: each further change of a row leaves another version of it to be read over.
 */
function postgresTriggers(): string[] {
	const tx = "pg_current_xact_id()::text::bigint";
	const raise = `UPDATE configuration_revision SET number = number + 1, tx = ${tx} WHERE tx <> ${tx}`;
	return [
		`CREATE FUNCTION raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${raise}; RETURN NULL; END $$`,
		...Object.entries(remembered).map(
			([name, columns]) =>
				`CREATE CONSTRAINT TRIGGER ${name}_revision AFTER INSERT OR UPDATE${columns} OR DELETE ON ${name}
				DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_revision()`,
		),
	];
}
