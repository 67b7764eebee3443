// Conversations. One per chain key can be open: the unique open key decides between any number of concurrent first messages.

import { sql } from "kysely";
import { type Chain, chainKey } from "#domain/chains.ts";
import { toRefusalKey } from "./consents.ts";
import type { Statement } from "./many.ts";
import type { Tx } from "./storage.ts";

export type ConversationRow = {
	id: string;
	groupId: string;
	openedAt: Date;
	closedAt: Date | null;
	contactLastWroteAt: Date | null;
};

/** What is known of a chain: its open conversation, and the one closed last. */
export type ChainState = { open?: ConversationRow; lastClosed?: ConversationRow };

export async function readChain(tx: Tx, chain: Chain): Promise<ChainState> {
	const states = await readChains(tx, [chain]);
	return states.get(chainKey(chain)) ?? {};
}

/** What is known of the chain of a message of ours, and whether its contact does not want it: in one statement. */
export async function readChainForSending(tx: Tx, chain: Chain): Promise<ChainState & { isRefused: boolean }> {
	const { usage, address_key: key, service_id } = toRefusalKey(chain);
	const asked = { chain_key: chainKey(chain), channel: usage, contact_address: key, service_id };
	const rows = await tx.many.run<(ChainRow | { [K in keyof ChainRow]: null }) & { refusals: number }>(
		readChainForSendingRows,
		[asked],
	);
	const found = rows.filter((row): row is ChainRow & { refusals: number } => row.id !== null);
	return { ...stateOf(found), isRefused: rows.some(({ refusals }) => refusals > 0) };
}

function stateOf(rows: readonly ChainRow[]): ChainState {
	const open = rows.find(({ state }) => state === "open");
	const lastClosed = rows.find(({ state }) => state !== "open");
	return {
		...(open === undefined ? {} : { open: toConversation(open) }),
		...(lastClosed === undefined ? {} : { lastClosed: toConversation(lastClosed) }),
	};
}

/** What is known of each chain, by its key. */
export async function readChains(tx: Tx, chains: readonly Chain[]): Promise<Map<string, ChainState>> {
	const keys = new Set(chains.map(chainKey));
	const rows = await tx.many.run<ChainRow>(
		readChainRows,
		[...keys].map((key) => ({ chain_key: key })),
	);
	const byKey = Map.groupBy(rows, (row) => row.chain_key);
	return new Map([...keys].map((key) => [key, stateOf(byKey.get(key) ?? [])]));
}

type ChainRow = {
	chain_key: string;
	id: string;
	group_id: string;
	opened_at: number;
	closed_at: number | null;
	state: string;
	contact_last_wrote_at: number | null;
};

const chainColumns = "chain_key, id, group_id, opened_at, closed_at, state, contact_last_wrote_at";
// The open one first, also where the clock was set back after others were opened.
const newestTwo = "ORDER BY open_key IS NULL, opened_at DESC, id DESC LIMIT 2";
const readChainRows: Statement = {
	columns: ["chain_key"],
	rowType: "conversations",
	sqlite: `SELECT ${chainColumns} FROM conversations WHERE chain_key = ?1 ${newestTwo}`,
	postgres: `SELECT found.* FROM given CROSS JOIN LATERAL
		(SELECT ${chainColumns} FROM conversations WHERE conversations.chain_key = given.chain_key ${newestTwo}) AS found`,
};

const readChainForSendingRows = forSendingStatement();

function forSendingStatement(): Statement {
	const refusals = (usage: string, key: string, service: string): string =>
		`(SELECT count(*) FROM customer_consents WHERE state = 'refused' AND usage = ${usage} AND address_key = ${key}
			AND service_id IN ('', ${service})) AS refusals`;
	const newest = (chain: string): string =>
		`(SELECT ${chainColumns} FROM conversations WHERE conversations.chain_key = ${chain} ${newestTwo})`;
	return {
		columns: ["chain_key", "channel", "contact_address", "service_id"],
		rowType: "conversations",
		sqlite: `SELECT found.*, ${refusals("?2", "?3", "?4")} FROM (SELECT 1) LEFT JOIN ${newest("?1")} AS found`,
		postgres: `SELECT found.*, ${refusals("given.channel", "given.contact_address", "given.service_id")}
			FROM given LEFT JOIN LATERAL ${newest("given.chain_key")} AS found ON true`,
	};
}

function toConversation(row: ChainRow): ConversationRow {
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
	/** Known from before, where it is we who start it: the reply window does not end with a conversation. */
	contactLastWroteAt?: Date | null;
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
			contact_last_wrote_at: fresh.contactLastWroteAt?.getTime() ?? null,
			messages: 0,
			version: 1,
		})
		.onConflict((conflict) => conflict.column("open_key").doNothing())
		.executeTakeFirstOrThrow();
	return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/**
 * Opens a closed conversation again. False: it is not closed any more, or another one of its chain is open.
 * @param wroteAt when the contact wrote last in any conversation of the chain, where that may be another one
 */
export async function reopenConversation(
	tx: Tx,
	id: string,
	chain: Chain,
	wroteAt: Date | null = null,
): Promise<boolean> {
	const key = chainKey(chain);
	const { numUpdatedRows } = await tx
		.updateTable("conversations")
		.set((eb) => ({ state: "open", open_key: key, closed_at: null, version: eb("version", "+", 1) }))
		.$if(wroteAt !== null, (update) => update.set({ contact_last_wrote_at: notBefore(wroteAt) }))
		.where("id", "=", id)
		.where("state", "=", "closed")
		.where(({ not, exists, selectFrom }) =>
			not(exists(selectFrom("conversations as c").select("c.id").where("c.open_key", "=", key))),
		)
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

/** The contact is known to have written, though the message is not in the conversation yet. */
export async function noteContactWrote(tx: Tx, id: string, at: Date): Promise<void> {
	await tx
		.updateTable("conversations")
		.set({ contact_last_wrote_at: notBefore(at) })
		.where("id", "=", id)
		.execute();
}

function notBefore(at: Date | null) {
	const ms = at?.getTime() ?? 0;
	return sql<number>`CASE WHEN contact_last_wrote_at > ${ms} THEN contact_last_wrote_at ELSE ${ms} END`;
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
	const [taken] = await takePlaces(tx, [{ conversationId: id, count: 1, lastAt: message.at }], message.direction);
	if (taken === undefined) {
		throw new Error("A conversation that was just read is gone.");
	}
	return { sequence: taken.lastSequence, contactId: taken.contactId };
}

export type WantedPlaces = { conversationId: string; count: number; lastAt: Date };
export type TakenPlaces = { conversationId: string; lastSequence: number; contactId: string };

/** Takes so many places in a row in each conversation; the last of them is told. */
export async function takePlaces(
	tx: Tx,
	wanted: readonly WantedPlaces[],
	direction: "in" | "out",
): Promise<TakenPlaces[]> {
	const rows = await tx.many.run<{ id: string; messages: number; contact_id: string }>(
		direction === "in" ? placesIn : placesOut,
		wanted.map(({ conversationId, count, lastAt }) => ({
			id: conversationId,
			messages: count,
			last_message_at: lastAt.getTime(),
		})),
	);
	return rows.map((row) => ({ conversationId: row.id, lastSequence: row.messages, contactId: row.contact_id }));
}

const placesIn = placesStatement(["last_message_at", "contact_last_wrote_at"]);
const placesOut = placesStatement(["last_message_at"]);

/** A parked message that is retried days later is older than what came meanwhile: a time only goes forward. */
function placesStatement(times: readonly string[]): Statement {
	const later = (column: string, at: string): string =>
		`${column} = CASE WHEN conversations.${column} > ${at} THEN conversations.${column} ELSE ${at} END`;
	const set = (count: string, at: string): string =>
		[`messages = conversations.messages + ${count}`, ...times.map((column) => later(column, at))].join(", ");
	const returning = "conversations.id, conversations.messages, conversations.contact_id";
	return {
		columns: ["messages", "last_message_at", "id"],
		rowType: "conversations",
		sqlite: `UPDATE conversations SET ${set("?1", "?2")} WHERE id = ?3`,
		tells: `SELECT ${returning} FROM conversations WHERE id = ?3`,
		postgres: `UPDATE conversations SET ${set("given.messages", "given.last_message_at")} FROM given
			WHERE conversations.id = given.id RETURNING ${returning}`,
	};
}
