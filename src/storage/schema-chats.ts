// The Chat Server's tables as Kysely sees them; see schema.ts for the spelling of values.

import type { GeneratedAlways } from "kysely";

type Bit = 0 | 1;
type Ms = number;
type Json = string;

export type ChatTables = {
	chats: {
		id: string;
		original_id: string;
		previous_id: string | null;
		conversation_id: string | null;
		service_id: string | null;
		contact_id: string | null;
		visitor_id: string | null;
		channel: string;
		direction: "inbound" | "outbound";
		queue_id: string | null;
		destination: string;
		state: "queued" | "served" | "ended";
		agent_id: string | null;
		originator: string;
		contact_name: string | null;
		language: string | null;
		title: string | null;
		attached: Json;
		attached_by_agents: Json;
		created_at: Ms;
		waiting_since: Ms;
		queued_at: Ms;
		waited_ms: Ms | null;
		is_front: Bit;
		preferred_agent_id: string | null;
		preferred_until: Ms | null;
		passes: Json;
		served_at: Ms | null;
		ended_at: Ms | null;
		ended_by: "agent" | "contact" | "idle" | "system" | null;
		last_agent_id: string | null;
		failure: "queue_full" | "queue_closed" | "bad_address" | null;
		reason: string | null;
		last_line_at: Ms;
		is_warned: Bit;
		gone_since: Ms | null;
		is_shown: Bit;
		lines: number;
		/** When a clock of the chat runs out next. */
		due_at: Ms | null;
		version: number;
	};
	/** Those who have to do with a chat now. */
	chat_legs: {
		chat_id: string;
		user_id: string;
		role: "agent" | "consulted" | "supervisor";
		state: "offered" | "accepted" | "wrapUp";
		origin: "allocation" | "transfer" | "consult" | "pick" | "outbound" | "supervision";
		since: Ms;
		until: Ms | null;
		queue_id: string | null;
	};
	/** Those who have had a chat, or were asked in. */
	chat_holders: { chat_id: string; user_id: string };
	chat_lines: {
		chat_id: string;
		seq: number;
		id: string;
		type: "text" | "attachment" | "template" | "error" | "state" | "location" | "note";
		message: string;
		originator: string;
		is_system: Bit;
		audience: "all" | "agents" | "contact";
		at: Ms;
		message_id: string | null;
		delivery: "queued" | "sent" | "delivered" | "read" | "failed" | null;
		client_message_id: string | null;
		/** A prompt that still has to go to the provider. */
		is_to_send: Bit;
	};
	/** Files of chats: announced first, then their bytes come. */
	chat_attachments: {
		id: string;
		chat_id: string;
		filename: string;
		size: number;
		content_type: string;
		originator: "customer" | "agent";
		by_user: string;
		/** Null: its bytes have not come yet. */
		file_id: string | null;
		/** Until when they may come. */
		until: Ms;
	};
	/** What each commit changed in users' trees. Its numbers rise in the order of the commits; kept for minutes. */
	chat_changes: { seq: GeneratedAlways<number>; at: Ms; tells: Json };
	chat_agents: {
		user_id: string;
		work_status: "ready" | "not_ready";
		work_since: Ms;
		presence: string;
		alias: string | null;
		/** JSON: queue id → whether it is served, where that was chosen. */
		serving: Json;
		capabilities: Json;
		supervising: Json;
		ui_settings: Json;
		ui: Json;
		/** When the last chat was given back: who waits longest is offered the next one. */
		freed_at: Ms;
	};
	chat_visitors: {
		id: string;
		chat_address: string;
		alias: string;
		language: string | null;
		capabilities: Json;
		/** Who they are to the site that showed the widget, where that was proven. */
		proven_id: string | null;
		seen_at: Ms;
	};
	chat_supervisions: {
		id: string;
		supervisor_id: string | null;
		agent_id: string;
		state: "monitoring" | "silent_listening" | "coaching" | "barge_in";
		at: Ms;
		/** The agent asked for help. */
		is_asked: Bit;
	};
	/** One row: up to where the ledger of messages was taken into chats. */
	chat_intake: { id: number; tx: number; seq: number };
};
