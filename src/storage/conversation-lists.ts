// Conversations and contacts as a reader sees them. Writing is in `conversations.ts`.

import { addressKey } from "#domain/chains.ts";
import type { Db } from "./storage.ts";
import { toLike } from "./list.ts";
import { isOneOf } from "./messages.ts";
import { type SqlBool, sql } from "kysely";

export type Conversation = {
	id: string;
	serviceId: string;
	/** Null: the messaging service was deleted. */
	service: { name: string; type: string } | null;
	channel: string;
	ourAddress: string;
	contactAddress: string;
	contactId: string;
	chainKey: string;
	state: "open" | "closed";
	openedAt: Date;
	closedAt: Date | null;
	previousId: string | null;
	groupId: string;
	lastMessageAt: Date;
	contactLastWroteAt: Date | null;
	messages: number;
	version: number;
};

export type Visible = "every" | readonly string[];
/** Newest first. `after`: the id last seen. */
export type NewestFirst = { limit: number; after?: string | undefined };

export type ConversationFilter = {
	services: Visible;
	contactId?: string | undefined;
	groupId?: string | undefined;
	channel?: string | undefined;
	state?: "open" | "closed" | undefined;
	/** Bounds of `openedAt`: from the first on, before the second. */
	since?: Date | undefined;
	until?: Date | undefined;
};

export async function findConversations(
	db: Db,
	filter: ConversationFilter,
	page: NewestFirst,
): Promise<Conversation[]> {
	let query = conversationColumns(db).orderBy("conversations.id", "desc").limit(page.limit);
	const equal = [
		["conversations.contact_id", filter.contactId],
		["conversations.group_id", filter.groupId],
		["conversations.channel", filter.channel],
		["conversations.state", filter.state],
	] as const;
	for (const [column, value] of equal) {
		if (value !== undefined) {
			query = query.where(column, "=", value);
		}
	}
	if (filter.services !== "every") {
		query = query.where(isOneOf("conversations.service_id", filter.services));
	}
	if (filter.since !== undefined) {
		query = query.where("conversations.opened_at", ">=", filter.since.getTime());
	}
	if (filter.until !== undefined) {
		query = query.where("conversations.opened_at", "<", filter.until.getTime());
	}
	if (page.after !== undefined) {
		query = query.where("conversations.id", "<", page.after);
	}
	return (await query.execute()).map(toConversation);
}

export async function findConversation(db: Db, id: string): Promise<Conversation | undefined> {
	const row = await conversationColumns(db).where("conversations.id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : toConversation(row);
}

function conversationColumns(db: Db) {
	return db
		.selectFrom("conversations")
		.leftJoin("messaging_services", "messaging_services.id", "conversations.service_id")
		.selectAll("conversations")
		.select(["messaging_services.name as service_name", "messaging_services.type as service_type"]);
}

type Row = Awaited<ReturnType<ReturnType<typeof conversationColumns>["execute"]>>[number];

function toConversation(row: Row): Conversation {
	return {
		id: row.id,
		serviceId: row.service_id,
		service:
			row.service_name === null || row.service_type === null
				? null
				: { name: row.service_name, type: row.service_type },
		channel: row.channel,
		ourAddress: row.our_address,
		contactAddress: row.contact_address,
		contactId: row.contact_id,
		chainKey: row.chain_key,
		state: row.state,
		openedAt: new Date(row.opened_at),
		closedAt: row.closed_at === null ? null : new Date(row.closed_at),
		previousId: row.previous_id,
		groupId: row.group_id,
		lastMessageAt: new Date(row.last_message_at),
		contactLastWroteAt: row.contact_last_wrote_at === null ? null : new Date(row.contact_last_wrote_at),
		messages: row.messages,
		version: row.version,
	};
}

export type Contact = {
	id: string;
	name: string | null;
	/** Those by which the contact is known in the services that are visible. */
	addresses: readonly { channel: string; scope: string | null; address: string }[];
	createdAt: Date;
	updatedAt: Date;
};

export type ContactFilter = {
	services: Visible;
	/** With `*` and `?`, compared without regard to case. */
	name?: string | undefined;
	/** A whole address. */
	address?: string | undefined;
	channel?: string | undefined;
};

/** Contacts that have a conversation in a visible service, newest first. */
export async function findContacts(db: Db, filter: ContactFilter, page: NewestFirst): Promise<Contact[]> {
	let query = db
		.selectFrom("contacts")
		.selectAll()
		.where(hasConversation(filter.services))
		.orderBy("id", "desc")
		.limit(page.limit);
	if (filter.name !== undefined) {
		query = query.where(sql<SqlBool>`lower(name) LIKE ${toLike(filter.name)} ESCAPE '!'`);
	}
	if (filter.address !== undefined || filter.channel !== undefined) {
		query = query.where("id", "in", contactsAt(db, filter));
	}
	if (page.after !== undefined) {
		query = query.where("id", "<", page.after);
	}
	return withAddresses(db, await query.execute(), filter.services);
}

/** Undefined also where the contact is known only in services that are not visible. */
export async function findContact(db: Db, id: string, services: Visible): Promise<Contact | undefined> {
	const rows = await db
		.selectFrom("contacts")
		.selectAll()
		.where("id", "=", id)
		.where(hasConversation(services))
		.execute();
	const [contact] = await withAddresses(db, rows, services);
	return contact;
}

function hasConversation(services: Visible) {
	const inVisible = services === "every" ? sql<SqlBool>`1 = 1` : isOneOf("conversations.service_id", services);
	return sql<SqlBool>`EXISTS (SELECT 1 FROM conversations WHERE conversations.contact_id = contacts.id AND ${inVisible})`;
}

/** Through conversations, so that an address used only in a service that is not visible finds nobody. */
function contactsAt(db: Db, { services, address, channel }: ContactFilter) {
	let query = db
		.selectFrom("contact_addresses")
		.innerJoin("conversations", (join) =>
			join
				.onRef("conversations.contact_id", "=", "contact_addresses.contact_id")
				.onRef("conversations.channel", "=", "contact_addresses.channel"),
		)
		.select("contact_addresses.contact_id")
		.distinct();
	if (services !== "every") {
		query = query.where(isOneOf("conversations.service_id", services));
	}
	if (address !== undefined) {
		query = query.where("contact_addresses.address_key", "=", addressKey(address));
	}
	return channel === undefined ? query : query.where("contact_addresses.channel", "=", channel);
}

type ContactRow = { id: string; name: string | null; created_at: number; updated_at: number };

async function withAddresses(db: Db, rows: readonly ContactRow[], services: Visible): Promise<Contact[]> {
	if (rows.length === 0) {
		return [];
	}
	const ids = rows.map((row) => row.id);
	const addresses = await db
		.selectFrom("contact_addresses")
		.selectAll()
		.where("contact_id", "in", ids)
		.orderBy("channel")
		.orderBy("scope")
		.orderBy("address_key")
		.execute();
	const isUsed = services === "every" ? () => true : await usedIn(db, ids, services);
	const visible = Map.groupBy(addresses.filter(isUsed), (row) => row.contact_id);
	return rows.map((row) => ({
		id: row.id,
		name: row.name,
		addresses: (visible.get(row.id) ?? []).map(({ channel, scope, address }) => ({
			channel,
			scope: scope === "" ? null : scope,
			address,
		})),
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
	}));
}

type AddressRow = { contact_id: string; channel: string; address_key: string };

async function usedIn(
	db: Db,
	contactIds: readonly string[],
	services: readonly string[],
): Promise<(row: AddressRow) => boolean> {
	const pairs = await db
		.selectFrom("conversations")
		.select(["contact_id", "channel", "contact_address"])
		.distinct()
		.where("contact_id", "in", [...contactIds])
		.where(isOneOf("service_id", services))
		.execute();
	const keyOf = (id: string, channel: string, key: string) => JSON.stringify([id, channel, key]);
	const used = new Set(pairs.map((row) => keyOf(row.contact_id, row.channel, addressKey(row.contact_address))));
	return (row) => used.has(keyOf(row.contact_id, row.channel, row.address_key));
}
