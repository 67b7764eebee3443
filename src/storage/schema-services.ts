// The tables about messaging services: what an administrator configured, and what was lately seen of each.

type Bit = 0 | 1;
type Bytes = Uint8Array;
type Ms = number;
type Json = string;

export type ServiceTables = {
	messaging_services: {
		id: string;
		type: string;
		name: string;
		/** Lower-cased name; unique per type. */
		name_key: string;
		enabled: Bit;
		service_connection: string;
		authentication_url: string | null;
		authentication_scope: string | null;
		incoming_mode: "observe" | "warn" | "enforce";
		settings: Json;
		/** Set when the provider closed the door for good (HTTP 410); cleared by the next change of the service. */
		stopped_reason: string | null;
		version: number;
		created_at: Ms;
		updated_at: Ms;
	};
	authentications: {
		id: string;
		service_id: string;
		/** Order of entry. */
		position: number;
		authentication_id: string;
		direction: "outgoing" | "incoming" | "both";
		/** Sealed by the secret box; null: none set. Bound to this row and, unless incoming only, to `secret_origin`. */
		secret: Bytes | null;
		secret_origin: string | null;
		/** First four hex digits of a keyed hash: tells two secrets apart, tells nothing else. */
		secret_fingerprint: string | null;
		previous_secret: Bytes | null;
		previous_valid_until: Ms | null;
		changed_at: Ms | null;
	};

	/** What was lately seen of each service, for its state; see `vitals.ts`. */
	service_vitals: {
		service_id: string;
		last_in_at: Ms | null;
		last_out_at: Ms | null;
		last_fault_at: Ms | null;
		last_fault_code: string | null;
		last_fault_detail: string | null;
		faults_in_a_row: number;
		refused_in_a_row: number;
		last_refused_reason: string | null;
	};
	/** Repeated work with a provider, and what it left; see `upkeep.ts`. */
	service_upkeep: {
		service_id: string;
		/** What the next round and the connector's configuration start from. */
		state: Json;
		due_at: Ms;
		/** A webhook asked for a round; null: none did since the last one began. */
		asked_at: Ms | null;
		/** Rises with each claim: whoever settles an older one has lost it. */
		epoch: number;
		lease_until: Ms;
		/** The service's version when the round began: after a change it is due at once. */
		service_version: number;
		finished_at: Ms | null;
		/** JSON `{ code, detail }` of the last round, or null. */
		trouble: Json | null;
	};
	/** Checks that a person asked for, done by a process that may call providers. */
	service_checks: {
		id: string;
		service_id: string;
		asked_at: Ms;
		asked_by: string;
		/** Null: nobody has begun. A check that was begun long ago is begun again. */
		begun_at: Ms | null;
		finished_at: Ms | null;
		/** JSON array of steps, growing while it runs. */
		steps: Json;
	};
	/** The last calls of each provider, for who waits for the first one: a sample where many come. */
	service_calls: {
		id: string;
		service_id: string;
		at: Ms;
		kind: "handshake" | "call";
		status: number;
		reason: string | null;
		remote_address: string | null;
		mode: "observe" | "warn" | "enforce" | null;
		/** It may be gone from there. */
		quarantine_id: string | null;
	};
	/** Messages and failed attempts by the hour. */
	service_hours: { service_id: string; hour: Ms; received: number; sent: number; failed: number };
	/** What the door refused, or would have refused in the mode enforce, by the hour. */
	service_refusals: {
		service_id: string;
		hour: Ms;
		reason: string;
		mode: "observe" | "warn" | "enforce";
		count: number;
		last_at: Ms;
	};
};
