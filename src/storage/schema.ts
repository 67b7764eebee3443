// The tables as Kysely sees them; both dialects have the same. Times are milliseconds since 1970 (UTC), booleans are
// 0 or 1, JSON is text, so that one query reads the same from SQLite and PostgreSQL.

import type { GeneratedAlways } from "kysely";
import type { ChatSessionTables } from "./schema-chat-sessions.ts";
import type { ChatTables } from "./schema-chats.ts";
import type { ContactTables } from "./schema-contacts.ts";
import type { FileTables } from "./schema-files.ts";
import type { QueueTables } from "./schema-queues.ts";
import type { ServiceTables } from "./schema-services.ts";
import type { SubscriptionTables } from "./schema-subscriptions.ts";

type Bit = 0 | 1;
type Bytes = Uint8Array;
type Ms = number;
type Json = string;

export type Tables = ChatSessionTables &
	ChatTables &
	ContactTables &
	FileTables &
	QueueTables &
	ServiceTables &
	SubscriptionTables & {
		/** Small facts of the installation: `installationId`, the SMS Server's variables (`smsServer.<name>`), … */
		installation: { name: string; value: string };
		/** Data keys, wrapped by a key of the key ring. */
		data_keys: { id: string; key_ring_key_id: string; wrapped: Bytes; created_at: Ms; retired_at: Ms | null };

		/** One row: raised by every change of services, users, rights and tokens; see `remembered.ts`. */
		configuration_revision: { id: number; number: number; tx: number };

		users: {
			id: string;
			first_name: string;
			surname: string;
			login: string;
			/** Lower-cased login; unique. */
			login_key: string;
			/** argon2id, PHC string; null: cannot log on with a password. */
			password_hash: string | null;
			/** HMAC-SHA-256 under a key of the key ring; set instead of `password_hash` for generated machine passwords. */
			machine_secret: Bytes | null;
			password_changed_at: Ms | null;
			/** Somebody else chose the password. */
			password_is_initial: Bit;
			/** Since when there is a second factor; null: there is none. What it is lies in `second_factors`. */
			second_factor_at: Ms | null;
			external_user: Bit;
			enabled: Bit;
			email: string | null;
			title: string | null;
			location: string | null;
			phone: string | null;
			ui_language: string | null;
			time_zone: string | null;
			external_id: string | null;
			version: number;
			created_at: Ms;
			updated_at: Ms;
		};
		user_groups: {
			id: string;
			name: string;
			name_key: string;
			description: string;
			version: number;
			created_at: Ms;
			updated_at: Ms;
		};
		/** Groups nest: a member of the child has the rights of the parent. */
		user_group_parents: { group_id: string; parent_id: string };
		user_group_members: { group_id: string; user_id: string };
		roles: {
			id: string;
			name: string;
			name_key: string;
			description: string;
			version: number;
			created_at: Ms;
			updated_at: Ms;
		};
		role_holders: { role_id: string; holder_kind: "user" | "userGroup"; holder_id: string };
		grants: {
			id: string;
			holder_kind: "user" | "userGroup" | "role";
			holder_id: string;
			object_type: string;
			/** Empty: all objects of the type. (Not null, so that the unique index sees it.) */
			object_id: string;
			/** JSON array of accesses. */
			access: Json;
		};
		sessions: {
			/** SHA-256 of the cookie's token. */
			token_hash: Bytes;
			id: string;
			user_id: string;
			created_at: Ms;
			last_seen_at: Ms;
			expires_at: Ms;
			user_agent: string;
		};
		api_tokens: {
			id: string;
			user_id: string;
			name: string;
			token_hash: Bytes;
			/** The first characters, so that a person can tell tokens apart. */
			prefix: string;
			created_at: Ms;
			expires_at: Ms;
			last_used_at: Ms | null;
		};
		/** One row: the one-time token that makes the first administrator. */
		bootstrap: { id: number; token_hash: Bytes; expires_at: Ms };
		/** Failed logons, by `account:<login key>` or `address:<network>`. */
		logon_failures: { subject: string; failures: number; first_at: Ms; last_at: Ms; blocked_until: Ms };
		/** Seeds of time-based codes, sealed; `pending`: shown to its owner, not confirmed yet. */
		second_factors: {
			user_id: string;
			secret: Bytes | null;
			pending: Bytes | null;
			/** The 30-second step of the code that was accepted last: none up to it counts again. */
			last_step: number;
		};
		/** Those not used yet, as HMAC-SHA-256 under a key of the key ring. */
		recovery_codes: { user_id: string; code_mac: Bytes };
		/** One row, or none: the fields that were set, as JSON. */
		authentication_policy: { id: number; policy: Json; version: number };
		/** Tamper-evident: each row's mac covers the row and the mac before it, under a key outside the database. */
		audit_log: {
			seq: number;
			at: Ms;
			user_id: string | null;
			actor: string;
			/** `rci`, `logon`, `cmi`, `chat`, `command`, `system`. */
			via: string;
			action: string;
			object_type: string;
			object_id: string | null;
			object_name: string | null;
			/** JSON `{field: {before, after}}`, secrets as `"set"` or `"not set"`. */
			changes: Json;
			mac: Bytes;
		};
		/** What an operator should know about the doors: refused calls, foreign accounts, replays. Bounded. */
		security_events: {
			id: string;
			at: Ms;
			kind: string;
			service_id: string | null;
			address: string | null;
			detail: string;
		};

		/** A provider's request as it came in, kept for the trace and for replay. Header values that are secrets are removed. */
		inbound_requests: {
			id: string;
			service_id: string;
			received_at: Ms;
			method: string;
			url: string;
			headers: Json;
			body: Bytes;
			/** What the door said: `ok`, or why not (modes observe and warn let it through all the same). */
			verdict: string;
			remote_address: string | null;
		};
		/** Received events, each once. A row is work until its state is final. */
		inbox: {
			id: string;
			service_id: string;
			request_id: string;
			dedup_key: string;
			kind: "message" | "receipt" | "activity" | "unreadable";
			/** `received` → `done`; `waiting` (a receipt whose message is not known yet) → `done`; or `parked` for a person. */
			state: "received" | "waiting" | "done" | "parked";
			/** Messages: the chain key; a contact's messages are matched one after the other. Empty for other kinds. */
			lane: string;
			/** The event as JSON. */
			event: Json;
			/** The message this event made (kind message) or is about (receipt, once matched). */
			message_id: string | null;
			/** Receipts: the remote id they name, so that a late send answer can wake them. */
			remote_id: string | null;
			received_at: Ms;
			not_before: Ms;
			attempts: number;
			lease_until: Ms;
			epoch: number;
			reason: string | null;
			finished_at: Ms | null;
		};
		/** Nonces of signed requests, for twice the time window. */
		nonces: { service_id: string; nonce: string; seen_at: Ms };
		/** Refused requests, sealed, for a person with the right to look, re-check and release. Bounded per service. */
		quarantine: {
			id: string;
			service_id: string;
			received_at: Ms;
			reason: string;
			/** The whole request, sealed. */
			sealed: Bytes;
			bytes: number;
			body_hash: string;
			remote_address: string | null;
			/** What a person asked the SMS Server to do with it. */
			wish: "none" | "recheck" | "release";
			/** Who asked, by logon name, and why. */
			wished_by: string | null;
			wished_because: string | null;
			checked_at: Ms;
		};

		/** What contacts said about our messages; the newest word counts. */
		customer_consents: {
			id: string;
			/** The channel, spelled as in the interface. */
			usage: string;
			/** See `consentKey`: what makes two spellings of an address the same. */
			address_key: string;
			address: string;
			/** Empty: every service. (Not null, so that the unique index sees it.) */
			service_id: string;
			state: "granted" | "refused";
			source: "contact" | "provider" | "user";
			/** The message in which the contact said it, or of which the provider said it. */
			message_id: string | null;
			/** When it was said: an older word that comes later changes nothing. */
			said_at: Ms;
			said_by: string | null;
			note: string | null;
			version: number;
		};
		conversations: {
			id: string;
			service_id: string;
			channel: string;
			our_address: string;
			contact_address: string;
			contact_id: string;
			/** (service, channel, our address, contact address), normalised: what the matcher looks for. */
			chain_key: string;
			/** The chain key while open, null once closed: its unique index lets one conversation be open at a time. */
			open_key: string | null;
			state: "open" | "closed";
			opened_at: Ms;
			closed_at: Ms | null;
			/** The conversation before this one with the same contact, and the first of them all. */
			previous_id: string | null;
			group_id: string;
			last_message_at: Ms;
			contact_last_wrote_at: Ms | null;
			/** Number of messages so far; the next message's `sequence`. */
			messages: number;
			version: number;
		};
		messages: {
			id: string;
			direction: "in" | "out";
			service_id: string;
			channel: string;
			our_address: string;
			contact_address: string;
			contact_id: string | null;
			conversation_id: string | null;
			/** Place within the conversation, from 1. */
			sequence: number | null;
			/** Incoming only; the state of an outgoing message is computed from its parts. */
			state: "received" | "matched" | "parked" | null;
			state_at: Ms;
			text: string;
			/** JSON: attachments, location, replyTo, choice, metadata, template. */
			content: Json;
			/** Incoming: the provider's id. Outgoing ones have theirs in `remote_ids`. */
			remote_id: string | null;
			request_id: string | null;
			received_at: Ms;
			provider_at: Ms | null;
			valid_until: Ms | null;
			/** JSON: the matcher's decision with its reason and inputs. */
			decision: Json | null;
			created_by: string | null;
		};
		/** Parts of outgoing messages that are to be, or have been, handed to the provider. */
		outbox: {
			id: string;
			message_id: string;
			part: number;
			service_id: string;
			/** One send in flight per lane: the conversation, or its key before there is one. */
			lane: string;
			text: string;
			/** JSON array: the attachments that travel with this part. */
			attachments: Json;
			/** A code of `domain/delivery.ts`. */
			state: number;
			state_at: Ms;
			not_before: Ms;
			valid_until: Ms;
			attempts: number;
			lease_owner: string | null;
			lease_until: Ms;
			epoch: number;
			/** Since when the last attempt's outcome is unknown; null: it is known. */
			unknown_since: Ms | null;
			possible_duplicate: Bit;
			error_code: string | null;
			error_detail: string | null;
			created_at: Ms;
			handed_over_at: Ms | null;
		};
		/** One try at sending; written before the socket is opened. No `outcome`: nobody knows (yet). */
		attempts: {
			id: string;
			part_id: string;
			message_id: string;
			service_id: string;
			number: number;
			epoch: number;
			started_at: Ms;
			finished_at: Ms | null;
			outcome: "accepted" | "retry" | "rejected" | "unknown" | null;
			code: string | null;
			detail: string | null;
			/** JSON: the exchange with secrets and texts removed (method, URL, status, durations). */
			exchange: Json | null;
			/** JSON: what was decided then, e.g. retry at. */
			decision: Json | null;
		};
		/** The provider's ids for parts of ours; `attempt_id` tells which attempt it answered. */
		remote_ids: { service_id: string; remote_id: string; part_id: string; message_id: string; attempt_id: string };
		receipts: {
			id: string;
			inbox_id: string;
			service_id: string;
			message_id: string;
			part_id: string;
			status: "sent" | "delivered" | "read" | "failed";
			provider_at: Ms | null;
			received_at: Ms;
			code: string | null;
			detail: string | null;
			/** Whether it moved the part's state (late and repeated ones do not). */
			effect: "moved" | "none";
		};
		/** Everything that happened, in order: the trace's spine and the event stream's source. */
		events: {
			seq: GeneratedAlways<number>;
			/** PostgreSQL: the writing transaction, so that a reader never runs ahead of one still open. SQLite: 0. */
			tx: GeneratedAlways<number>;
			at: Ms;
			type: string;
			service_id: string;
			message_id: string | null;
			conversation_id: string | null;
			data: Json;
		};
		idempotency: {
			principal: string;
			key: string;
			request_hash: string;
			created_at: Ms;
			status: number;
			headers: Json;
			body: string;
		};
	};
