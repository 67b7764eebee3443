// The tables of event webhooks as Kysely sees them; see schema.ts for the spelling of values.

type Bit = 0 | 1;
type Bytes = Uint8Array;
type Ms = number;
type Json = string;

export type SubscriptionTables = {
	event_subscriptions: {
		id: string;
		name: string;
		name_key: string;
		url: string;
		/** Who said where the events go; only what they may see goes there. */
		owner_id: string;
		/** JSON arrays; of services and queues an empty one means all. */
		events: Json;
		service_ids: Json;
		queue_ids: Json;
		enabled: Bit;
		/** Why Parley disabled it; null: a person did, or it is enabled. */
		disabled_reason: string | null;
		header_names: Json;
		/** Sealed JSON object, bound to the origin of `url`. */
		headers: Bytes | null;
		secret: Bytes;
		previous_secret: Bytes | null;
		previous_valid_until: Ms | null;
		version: number;
		created_at: Ms;
		updated_at: Ms;
	};
	/** Beside it, because it changes with every event and is nothing that is configured. */
	event_subscription_progress: {
		subscription_id: string;
		/** Events up to here have their deliveries. */
		cursor_tx: number;
		cursor_seq: number;
		/** Earlier events are not for it, although they lie after the cursor. */
		since_at: Ms;
		/** Of whoever sends to it; in the past: when it was last sent to. */
		lease_until: Ms;
		epoch: number;
		/** Attempts that failed since one succeeded. */
		failures: number;
		failing_since: Ms | null;
		rest_until: Ms;
		delivered_at: Ms | null;
	};
	event_deliveries: {
		id: string;
		subscription_id: string;
		/** Place of the event in the ledger; of a test: −1 and null. */
		event_tx: number;
		event_seq: number | null;
		type: string;
		service_id: string;
		queue_id: string | null;
		event_at: Ms;
		body: string;
		state: "pending" | "delivered" | "failed";
		not_before: Ms;
		/** Since it was made, or ordered again. */
		tries: number;
		first_tried_at: Ms | null;
		/** JSON array, the newest at the end. */
		attempts: Json;
		/** Why it failed. */
		reason: string | null;
		created_at: Ms;
	};
};
