// Contacts, their addresses and their merges as Kysely sees them; see schema.ts for the spelling of values.

type Ms = number;
type Json = string;

export type ContactTables = {
	contacts: { id: string; name: string | null; created_at: Ms; updated_at: Ms };
	/** One address belongs to one contact; `scope` is empty where the address means the same everywhere. */
	contact_addresses: { channel: string; scope: string; address_key: string; address: string; contact_id: string };
	/** Who took in whom. The one taken in keeps its row and its name, and nothing else. */
	contact_merges: {
		id: string;
		kept_id: string;
		absorbed_id: string;
		merged_at: Ms;
		/** Id of the user. */
		merged_by: string;
		reason: string;
		/** The kept contact's name before and after. */
		name_before: string | null;
		name_given: string | null;
		/** JSON: `Moved` of `domain/contact-merges.ts`. */
		moved: Json;
		undone_at: Ms | null;
		undone_by: string | null;
	};
};
