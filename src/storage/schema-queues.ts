// The tables of what administrators set for chats, as Kysely sees them; see schema.ts for the spelling of values.

type Ms = number;
type Json = string;

type Versioned = { version: number; created_at: Ms; updated_at: Ms };
type Named = { id: string; name: string; name_key: string };

export type QueueTables = {
	/** `settings`: everything of `Queue` (domain/queues.ts) but what has a column or row of its own. */
	queues: Named & { priority: number; settings: Json } & Versioned;
	queue_addresses: { address_key: string; queue_id: string; address: string; position: number };
	prompts: Named & { type: string; external_id: string | null; texts: Json } & Versioned;
	/** `days`: what it includes and excludes. */
	calendars: Named & { priority: number; days: Json } & Versioned;
	schedules: {
		id: string;
		kind: "serviceTimes" | "chatPrompts";
		/** Empty: of the contact centre. (Not null, so that the unique index sees it.) */
		queue_id: string;
		calendar_id: string;
		/** Empty for service times. */
		prompt_type: string;
		settings: Json;
	} & Versioned;
	ad_hoc_schedules: {
		id: string;
		/** Empty: of the contact centre. */
		queue_id: string;
		valid_from: Ms;
		valid_until: Ms;
		is_open: 0 | 1;
	} & Versioned;
	reply_templates: Named & {
		folder: string;
		language: string | null;
		text: string;
		/** Of the provider: id, language, parameters. */
		template: Json | null;
		/** JSON array; empty: for all. */
		queue_ids: Json;
	} & Versioned;
	/** One row, or none: the fields that were set, as JSON, and the sealed secret of signed visitor identities. */
	chat_settings: { id: number; settings: Json; identity_secret: Uint8Array | null; version: number };
};
