// Finds messages by what a person has in hand: any id, an address, or words of the text. Ids and addresses are looked up by
// indexes, however old they are; words are looked for in the newest messages, as far as the bound allows.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { addressKey } from "#domain/chains.ts";
import { enteredAddress } from "#domain/entered-address.ts";
import { firstIdAt, isId, timeOf } from "#domain/ids.ts";
import { findMessages, isOneOf, type MessageFilter, type StoredMessage } from "./messages.ts";
import type { Db } from "./storage.ts";

/** Newest first. `after`: the id last seen. */
export type FindPage = { limit: number; after?: string | undefined };

/** Those that have that id or address, whichever id it is. */
export function messagesKnownAs(
	db: Db,
	filter: MessageFilter,
	found: string,
	page: FindPage,
): Promise<StoredMessage[]> {
	const text = found.trim();
	const id = text.replaceAll("-", "").toUpperCase();
	const queries = [...ofProviderId(text), ...ofAddress(enteredAddress(text).keys), ...(isId(id) ? ofOwnId(id) : [])];
	const known = sql<SqlBool>`messages.id IN (${sql.join(queries, sql` UNION `)})`;
	return findMessages(db, filter, { ...page, order: "desc" }, known);
}

function ofProviderId(id: string): RawBuilder<unknown>[] {
	return [
		sql`SELECT id FROM messages WHERE remote_id = ${id}`,
		sql`SELECT message_id FROM remote_ids WHERE remote_id = ${id}`,
	];
}

/** By the contact's conversations; what is not matched yet has none, and is among the little that is still work. */
function ofAddress(keys: readonly string[]): RawBuilder<unknown>[] {
	const list = sql.join(keys);
	const unmatched = (isWork: RawBuilder<unknown>) => sql`SELECT messages.id FROM inbox
		JOIN messages ON messages.id = inbox.id WHERE ${isWork} AND lower(messages.contact_address) IN (${list})`;
	return [
		sql`SELECT messages.id FROM contact_addresses
			JOIN conversations ON conversations.contact_id = contact_addresses.contact_id
			JOIN messages ON messages.conversation_id = conversations.id WHERE contact_addresses.address_key IN (${list})`,
		unmatched(sql`inbox.state IN ('received', 'waiting') AND inbox.kind = 'message'`),
		unmatched(sql`inbox.state = 'parked' AND inbox.kind = 'message'`),
	];
}

const requestMs = 5000; // A request's messages get their ids in the same moment; the rest is for a slow process.

/** Of the message, a part, an attempt, a receipt, a file, the conversation, the contact, or the request it came with. */
function ofOwnId(id: string): RawBuilder<unknown>[] {
	const requestEnd = firstIdAt(timeOf(id).getTime() + requestMs);
	return [
		sql`SELECT id FROM messages WHERE id = ${id}`,
		sql`SELECT message_id FROM outbox WHERE id = ${id}`,
		sql`SELECT message_id FROM attempts WHERE id = ${id}`,
		sql`SELECT message_id FROM inbox WHERE id = ${id} AND message_id IS NOT NULL`,
		sql`SELECT message_id FROM receipts WHERE id = ${id}`,
		sql`SELECT message_id FROM attachments WHERE file_id = ${id}`,
		sql`SELECT id FROM messages WHERE conversation_id = ${id}`,
		sql`SELECT messages.id FROM conversations JOIN messages ON messages.conversation_id = conversations.id
			WHERE conversations.contact_id = ${id}`,
		sql`SELECT id FROM messages WHERE id > ${id} AND id < ${requestEnd} AND request_id = ${id}`,
		sql`SELECT message_id FROM inbox WHERE id > ${id} AND id < ${requestEnd} AND request_id = ${id}
			AND message_id IS NOT NULL`,
	];
}

export type FoundByWords = {
	messages: readonly StoredMessage[];
	/** The oldest message that was looked at; undefined: all that may be meant were. */
	endedAt: string | undefined;
};

export type Slices = { rows: number; most: number };

/**
 * 50,000 messages. Measured of a million, without a hit, on two cores that others used too: twice as many took 120 ms on SQLite
 * and 380 on PostgreSQL; where only one of ten services is asked for, and its messages lie apart, 344 and 1770.
 */
const usualSlices: Slices = { rows: 5000, most: 10 };
export const lookedAtMost = usualSlices.rows * usualSlices.most;

/**
 * Those that have all of the words in their text, or the whole of it in an address. Looks at so many messages at most, a
 * slice at a time: SQLite answers in the thread that serves everybody, so others come in between.
 */
export async function messagesSaying(
	db: Db,
	filter: MessageFilter,
	words: string,
	page: FindPage & { slices?: Slices },
): Promise<FoundByWords> {
	const { slices = usualSlices } = page;
	const messages: StoredMessage[] = [];
	let after = earlier(page.after, filter.until);
	for (let slice = 0; slice < slices.most; slice++) {
		const first = await startOfSlice(db, filter, after, slices.rows);
		const inSlice = sql<SqlBool>`${says(words)} AND messages.id >= ${first ?? oldestId(filter)}`;
		const limit = page.limit - messages.length;
		messages.push(...(await findMessages(db, filter, { order: "desc", limit, after }, inSlice)));
		if (first === undefined || messages.length === page.limit) {
			return { messages, endedAt: undefined };
		}
		after = first;
		await new Promise((resolve) => setImmediate(resolve));
	}
	return { messages, endedAt: after };
}

const idsAreEarlyMs = 60_000; // An id is made a moment before the message is stored.

function earlier(after: string | undefined, until: Date | undefined): string | undefined {
	if (until === undefined) {
		return after;
	}
	const last = firstIdAt(Math.max(0, until.getTime() + idsAreEarlyMs));
	return after === undefined || last < after ? last : after;
}

/** The oldest id of the next slice; undefined: fewer are left. */
async function startOfSlice(
	db: Db,
	{ services, since }: Pick<MessageFilter, "services" | "since">,
	after: string | undefined,
	rows: number,
): Promise<string | undefined> {
	let query = db
		.selectFrom("messages")
		.select("id")
		.orderBy("id", "desc")
		.offset(rows - 1)
		.limit(1);
	if (services !== "every" && services.length <= 1) {
		query = query.where(isOneOf("service_id", services)); // One service has an index in this order, several have none.
	}
	if (after !== undefined) {
		query = query.where("id", "<", after);
	}
	return (await query.where("id", ">=", oldestId({ since })).executeTakeFirst())?.id;
}

/** Also where little is left it must be told: else the rest of the table would be read for it. */
function oldestId({ since }: Pick<MessageFilter, "since">): string {
	return since === undefined ? "" : firstIdAt(Math.max(0, since.getTime() - idsAreEarlyMs));
}

function says(found: string): RawBuilder<SqlBool> {
	const { digits } = enteredAddress(found);
	const words = found.trim().split(/\s+/);
	const inText = words.map((word) => contains("messages.text", spellings(word)));
	const address = spellings(digits ?? addressKey(found.trim()));
	return sql<SqlBool>`((${sql.join(inText, sql` AND `)}) OR ${contains("messages.contact_address", address)}
		OR ${contains("messages.our_address", address)})`;
}

/** SQLite makes small letters of the ASCII ones only; so the word is looked for in small and in capital other letters. */
function spellings(word: string): string[] {
	return [...new Set([word, word.toLowerCase(), word.toUpperCase()].map(asciiLower))];
}

function asciiLower(text: string): string {
	return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function contains(column: string, words: readonly string[]): RawBuilder<SqlBool> {
	const likes = words.map((word) => {
		const literal = word.replaceAll(/[!%_]/g, (character) => `!${character}`);
		return sql`lower(${sql.ref(column)}) LIKE ${`%${literal}%`} ESCAPE '!'`;
	});
	return sql<SqlBool>`(${sql.join(likes, sql` OR `)})`;
}
