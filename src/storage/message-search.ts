// Finds messages by whatever somebody holds in hand: an id of ours or the provider's, an address, or words of the text. Ids
// and addresses of contacts are found by index, however old; words among the newest messages only, so that the time is bounded.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { addressKey } from "#domain/chains.ts";

/** Messages whose texts are read: some 150 ms on SQLite with a million stored. */
export const searchedMax = 50_000;

/** A condition on `messages`. */
export function isFoundBy(find: string): RawBuilder<SqlBool> {
	const text = find.trim();
	const id = text.toUpperCase();
	const addresses = spellingsOf(text);
	const words = `%${text.toLowerCase().replaceAll(/[!%_]/g, (sign) => `!${sign}`)}%`;
	return sql<SqlBool>`messages.id IN (
		SELECT id FROM messages WHERE id = ${id}
		UNION SELECT id FROM messages WHERE conversation_id = ${id}
		UNION SELECT id FROM messages WHERE remote_id = ${text} AND service_id IN (SELECT id FROM messaging_services)
		UNION SELECT outbox.message_id FROM remote_ids JOIN outbox ON outbox.id = remote_ids.part_id
			WHERE remote_ids.remote_id = ${text} AND remote_ids.service_id IN (SELECT id FROM messaging_services)
		UNION SELECT messages.id FROM conversations JOIN messages ON messages.conversation_id = conversations.id
			WHERE conversations.contact_id = ${id} OR conversations.contact_id IN (
				SELECT contact_id FROM contact_addresses WHERE address_key IN (${sql.join(addresses)}))
		UNION SELECT id FROM (SELECT id, request_id, our_address, contact_address, text FROM messages ORDER BY id DESC LIMIT ${searchedMax}) newest
			WHERE request_id = ${id} OR lower(our_address) IN (${sql.join(addresses)})
				OR lower(contact_address) IN (${sql.join(addresses)}) OR lower(text) LIKE ${words} ESCAPE '!'
	)`;
}

/** An address as it is, and a phone number as it may be stored: with and without what people write between digits. */
export function spellingsOf(text: string): readonly string[] {
	const bare = text.replaceAll(/[\s().\-/]/g, "");
	const number = /^(?:\+|00)?(\d{5,15})$/.exec(bare)?.[1];
	const numbers = number === undefined ? [] : [bare, number, `+${number}`];
	return [...new Set([text, ...numbers].map(addressKey))];
}
