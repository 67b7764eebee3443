// Conversations and the contacts they are with. One conversation per chain key can be open: the unique open key decides
// between any number of concurrent first messages.

import { type RawBuilder, sql } from "kysely";
import { addressKey, type Chain, chainKey } from "#domain/chains.ts";
import type { ContactAddress } from "#domain/messages.ts";
import type { Db, Tx } from "./storage.ts";

export type ConversationRow = {
	id: string;
	groupId: string;
	openedAt: Date;
	closedAt: Date | null;
	contactLastWroteAt: Date | null;
};

/** What is known of a chain: its open conversation, and the one closed last. */
export type ChainState = { open?: ConversationRow; lastClosed?: ConversationRow };

export async function readChain(db: Db, chain: Chain): Promise<ChainState> {
	const rows = await db
		.selectFrom("conversations")
		.select(["id", "group_id", "opened_at", "closed_at", "state", "contact_last_wrote_at"])
		.where("chain_key", "=", chainKey(chain))
		.orderBy(sql`open_key IS NULL`) // The open one first, also where the clock was set back after others were opened.
		.orderBy("opened_at", "desc")
		.orderBy("id", "desc")
		.limit(2)
		.execute();
	const open = rows.find((row) => row.state === "open");
	const closed = rows.find((row) => row.state === "closed");
	return {
		...(open === undefined ? {} : { open: toConversation(open) }),
		...(closed === undefined ? {} : { lastClosed: toConversation(closed) }),
	};
}

function toConversation(row: {
	id: string;
	group_id: string;
	opened_at: number;
	closed_at: number | null;
	contact_last_wrote_at: number | null;
}): ConversationRow {
	return {
		id: row.id,
		groupId: row.group_id,
		openedAt: new Date(row.opened_at),
		closedAt: row.closed_at === null ? null : new Date(row.closed_at),
		contactLastWroteAt: row.contact_last_wrote_at === null ? null : new Date(row.contact_last_wrote_at),
	};
}

export type NewConversation = {
	id: string;
	chain: Chain;
	contactId: string;
	previous: { id: string; groupId: string } | undefined;
	openedAt: Date;
};

/** Starts a conversation. False: somebody else opened one for this chain meanwhile; read the chain again. */
export async function startConversation(tx: Tx, fresh: NewConversation): Promise<boolean> {
	const key = chainKey(fresh.chain);
	const { numInsertedOrUpdatedRows } = await tx
		.insertInto("conversations")
		.values({
			id: fresh.id,
			service_id: fresh.chain.serviceId,
			channel: fresh.chain.channel,
			our_address: fresh.chain.ourAddress,
			contact_address: fresh.chain.contactAddress,
			contact_id: fresh.contactId,
			chain_key: key,
			open_key: key,
			state: "open",
			opened_at: fresh.openedAt.getTime(),
			closed_at: null,
			previous_id: fresh.previous?.id ?? null,
			group_id: fresh.previous?.groupId ?? fresh.id,
			last_message_at: fresh.openedAt.getTime(),
			contact_last_wrote_at: null,
			messages: 0,
			version: 1,
		})
		.onConflict((conflict) => conflict.column("open_key").doNothing())
		.executeTakeFirstOrThrow();
	return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Opens a closed conversation again. False: it is not closed any more, or another one of its chain is open. */
export async function reopenConversation(tx: Tx, id: string, chain: Chain): Promise<boolean> {
	const key = chainKey(chain);
	const { numUpdatedRows } = await tx
		.updateTable("conversations")
		.set((eb) => ({ state: "open", open_key: key, closed_at: null, version: eb("version", "+", 1) }))
		.where("id", "=", id)
		.where("state", "=", "closed")
		.where(({ not, exists, selectFrom }) =>
			not(exists(selectFrom("conversations as c").select("c.id").where("c.open_key", "=", key))),
		)
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

/** Closes it. False: it was not open. */
export async function closeConversation(tx: Tx, id: string, now: Date): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("conversations")
		.set((eb) => ({ state: "closed", open_key: null, closed_at: now.getTime(), version: eb("version", "+", 1) }))
		.where("id", "=", id)
		.where("state", "=", "open")
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

/** Takes the next place in the conversation's order. Serialised by the row's lock. */
export async function nextPlace(
	tx: Tx,
	id: string,
	message: { at: Date; direction: "in" | "out" },
): Promise<{ sequence: number; contactId: string }> {
	const at = message.at.getTime();
	const row = await tx
		.updateTable("conversations")
		.set((eb) => ({
			messages: eb("messages", "+", 1),
			// A parked message that is retried days later is older than what came meanwhile.
			last_message_at: later("last_message_at", at),
			...(message.direction === "in" ? { contact_last_wrote_at: later("contact_last_wrote_at", at) } : {}),
		}))
		.where("id", "=", id)
		.returning(["messages", "contact_id"])
		.executeTakeFirstOrThrow();
	return { sequence: row.messages, contactId: row.contact_id };
}

function later(column: "last_message_at" | "contact_last_wrote_at", at: number): RawBuilder<number> {
	const known = sql.ref(column);
	return sql<number>`CASE WHEN ${known} > ${at} THEN ${known} ELSE ${at} END`;
}

/** The contact an address belongs to; makes one on first sight, and learns a name where none is known. */
export async function contactFor(
	tx: Tx,
	channel: string,
	contact: ContactAddress,
	fresh: { id: string; now: Date },
): Promise<string> {
	const scope = contact.scope ?? "";
	const key = addressKey(contact.address);
	const known = await findContact(tx, channel, scope, key);
	if (known !== undefined) {
		await learnName(tx, known, contact.name, fresh.now);
		return known;
	}
	const now = fresh.now.getTime();
	await tx
		.insertInto("contacts")
		.values({ id: fresh.id, name: contact.name ?? null, created_at: now, updated_at: now })
		.execute();
	const { numInsertedOrUpdatedRows } = await tx
		.insertInto("contact_addresses")
		.values({ channel, scope, address_key: key, address: contact.address, contact_id: fresh.id })
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirstOrThrow();
	if ((numInsertedOrUpdatedRows ?? 0n) > 0n) {
		return fresh.id;
	}
	await tx.deleteFrom("contacts").where("id", "=", fresh.id).execute();
	const winner = await findContact(tx, channel, scope, key);
	if (winner === undefined) {
		throw new Error("A contact address that exists has no contact.");
	}
	return winner;
}

async function findContact(tx: Tx, channel: string, scope: string, key: string): Promise<string | undefined> {
	const row = await tx
		.selectFrom("contact_addresses")
		.select("contact_id")
		.where("channel", "=", channel)
		.where("scope", "=", scope)
		.where("address_key", "=", key)
		.executeTakeFirst();
	return row?.contact_id;
}

async function learnName(tx: Tx, id: string, name: string | undefined, now: Date): Promise<void> {
	if (name === undefined) {
		return;
	}
	await tx
		.updateTable("contacts")
		.set({ name, updated_at: now.getTime() })
		.where("id", "=", id)
		.where("name", "is", null)
		.execute();
}
