// Every kind of callback that changes no message, as data: its top-level key, the name we give it, and the fields that
// make it unique. The body carries no trigger name; the key is all there is to tell the kinds apart.

export type ActivityKind = {
	key: string;
	name: string;
	/** Paths of the ids, the indispensable one first. Without it, or with none listed, a fingerprint tells. */
	ids: readonly string[];
};

export const activityKinds: readonly ActivityKind[] = [
	{ key: "message_submit_notification", name: "message_submitted", ids: ["message_id", "channel_identity.channel"] },
	{ key: "event_delivery_report", name: "event_delivery", ids: ["event_id", "status", "channel_identity.channel"] },
	{ key: "conversation_start_notification", name: "conversation_started", ids: ["conversation.id"] },
	{ key: "conversation_stop_notification", name: "conversation_stopped", ids: ["conversation.id"] },
	{ key: "conversation_delete_notification", name: "conversation_deleted", ids: ["conversation.id"] },
	{ key: "contact_create_notification", name: "contact_created", ids: ["contact.id"] },
	{ key: "contact_delete_notification", name: "contact_deleted", ids: ["contact.id"] },
	{
		key: "contact_merge_notification",
		name: "contacts_merged",
		ids: ["preserved_contact.id", "deleted_contact.id"],
	},
	{ key: "contact_update_notification", name: "contact_updated", ids: [] },
	{ key: "duplicated_contact_identities_notification", name: "contact_identities_duplicated", ids: [] },
	// The vendor's own SDK for Node expects this key instead of the one above; both are accepted.
	{ key: "duplicated_identities", name: "contact_identities_duplicated", ids: [] },
	{ key: "batch_status_update_notification", name: "batch_status", ids: [] },
	{ key: "capability_notification", name: "capability", ids: ["request_id", "channel"] },
	{ key: "opt_in_notification", name: "opt_in", ids: ["request_id", "status"] },
	{ key: "opt_out_notification", name: "opt_out", ids: ["request_id", "status"] },
	{ key: "channel_event_notification", name: "channel_event", ids: [] },
	{ key: "unsupported_callback", name: "unsupported", ids: ["id"] },
	{ key: "smart_conversation_notification", name: "analysis", ids: [] },
	{ key: "record_notification", name: "record", ids: [] },
];

/** What a contact did without writing, by the key inside `contact_event` or `contact_message_event`. */
export const contactEventNames = new Map<string, string>([
	["composing_event", "typing"],
	["composing_end_event", "typing_stopped"],
	["conversation_deleted_event", "conversation_deleted_by_contact"],
	["comment_event", "comment"],
	["reaction_event", "reaction"],
	["payment_status_update_event", "payment_status"],
	["shortlink_activated_event", "shortlink"],
	["generic_event", "generic"],
]);

/** Fields that every callback has; whatever else is at the top names its kind. */
export const envelopeKeys: ReadonlySet<string> = new Set([
	"app_id",
	"project_id",
	"accepted_time",
	"event_time",
	"message_metadata",
	"correlation_id",
	"trigger",
]);
