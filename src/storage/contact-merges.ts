// Merges of contacts, written: what one contact has becomes another's, and the record of it lets it go back. Whoever writes
// waits for other merges, for chats, and for conversations that are just beginning.

import type { Selectable } from "kysely";
import {
	goingBack,
	type Managed,
	mergedName,
	type MergeRefusal,
	type Moved,
	nameAfterUndo,
	type UndoFacts,
	type UndoRefusal,
	whyNotMerge,
	whyNotUndo,
} from "#domain/contact-merges.ts";
import { isPlacedAt, mergeSide } from "./contact-facts.ts";
import { lockUntilCommit } from "./lock.ts";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";

export type ContactMerge = {
	id: string;
	keptId: string;
	/** The contact that was taken in. */
	otherId: string;
	otherName: string | null;
	/** Those that came with it. */
	addresses: Moved["addresses"];
	at: Date;
	by: string;
	reason: string;
	undoneAt: Date | null;
	undoneBy: string | null;
	/** Null: it may be undone by who manages the whole contact. */
	standsBecause: Exclude<UndoRefusal, "unknown" | "partly"> | null;
};

export type Merging = { id: string; keptId: string; otherId: string; by: string; reason: string; now: Date };

/** Nothing is written where it is refused. */
export async function mergeContacts(
	tx: Tx,
	{ id, keptId, otherId, by, reason, now }: Merging,
	managed: Managed,
): Promise<{ ok: true; moved: Moved } | { ok: false; why: MergeRefusal }> {
	await lockContacts(tx);
	const [kept, other] = [await mergeSide(tx, keptId), await mergeSide(tx, otherId)];
	const why = whyNotMerge(kept, other, managed);
	if (why !== undefined || kept === undefined || other === undefined) {
		return { ok: false, why: why ?? "otherUnknown" };
	}
	const moved = await moveAll(tx, otherId, keptId);
	const nameGiven = mergedName(kept, other);
	await tx
		.updateTable("contacts")
		.set({ name: nameGiven, updated_at: now.getTime() })
		.where("id", "=", keptId)
		.execute();
	await tx
		.insertInto("contact_merges")
		.values({
			id,
			kept_id: keptId,
			absorbed_id: otherId,
			merged_at: now.getTime(),
			merged_by: by,
			reason,
			name_before: kept.name,
			name_given: nameGiven,
			moved: JSON.stringify(moved),
			undone_at: null,
			undone_by: null,
		})
		.execute();
	return { ok: true, moved };
}

/** Chats first, as whoever writes in a chat and then begins a conversation. */
async function lockContacts(tx: Tx): Promise<void> {
	await lockUntilCommit(tx, "chats");
	await lockUntilCommit(tx, "contacts");
}

async function moveAll(tx: Tx, from: string, to: string): Promise<Moved> {
	const addresses = await tx
		.updateTable("contact_addresses")
		.set({ contact_id: to })
		.where("contact_id", "=", from)
		.returning(["channel", "scope", "address_key as key"])
		.execute();
	const rows = await tx.selectFrom("conversations").select("id").where("contact_id", "=", from).execute();
	const conversations = rows.map(({ id }) => id);
	await moveConversations(tx, conversations, { from, to });
	// Those of conversations went with them.
	const chats = await tx
		.updateTable("chats")
		.set((eb) => ({ contact_id: to, version: eb("version", "+", 1) }))
		.where("contact_id", "=", from)
		.returning("id")
		.execute();
	return { addresses, conversations, chats: chats.map(({ id }) => id) };
}

const idsPerStatement = 500;

/** With their messages and chats. */
async function moveConversations(
	tx: Tx,
	ids: readonly string[],
	{ from, to }: { from: string; to: string },
): Promise<void> {
	for (let start = 0; start < ids.length; start += idsPerStatement) {
		const some = ids.slice(start, start + idsPerStatement);
		// The conversations first: a message that takes its place in one afterwards is told whose it is.
		await tx
			.updateTable("conversations")
			.set((eb) => ({ contact_id: to, version: eb("version", "+", 1) }))
			.where("id", "in", some)
			.execute();
		await tx
			.updateTable("messages")
			.set({ contact_id: to })
			.where("conversation_id", "in", some)
			.where("contact_id", "=", from)
			.execute();
		await tx
			.updateTable("chats")
			.set((eb) => ({ contact_id: to, version: eb("version", "+", 1) }))
			.where("conversation_id", "in", some)
			.where("contact_id", "=", from)
			.execute();
	}
}

export type Undoing = { id: string; keptId: string; by: string; now: Date };

/** Gives back what came, and what was said since at the addresses that go back. All else stays. */
export async function undoMerge(
	tx: Tx,
	{ id, keptId, by, now }: Undoing,
	managed: Managed,
): Promise<{ ok: true; merge: ContactMerge } | { ok: false; why: UndoRefusal }> {
	await lockContacts(tx);
	const row = await findRow(tx, keptId, id);
	const why = whyNotUndo(row === undefined ? undefined : await factsOf(tx, row), managed);
	if (row === undefined || why !== undefined) {
		return { ok: false, why: why ?? "unknown" };
	}
	await giveBack(tx, row, now);
	await tx
		.updateTable("contact_merges")
		.set({ undone_at: now.getTime(), undone_by: by })
		.where("id", "=", id)
		.execute();
	return { ok: true, merge: toMerge({ ...row, undone_at: now.getTime(), undone_by: by }, "undone") };
}

async function giveBack(tx: Tx, { kept_id: from, absorbed_id: to, ...row }: Row, now: Date): Promise<void> {
	const moved = JSON.parse(row.moved) as Moved;
	for (const address of moved.addresses) {
		await tx.updateTable("contact_addresses").set({ contact_id: to }).where(isPlacedAt(address)).execute();
	}
	const staying = await tx
		.selectFrom("contact_addresses")
		.select(["channel", "address_key as key"])
		.where("contact_id", "=", from)
		.execute();
	const conversations = await tx
		.selectFrom("conversations")
		.select(["id", "chain_key as chainKey", "channel", "contact_address as contactAddress"])
		.where("contact_id", "=", from)
		.execute();
	await moveConversations(tx, goingBack(conversations, moved, staying), { from, to });
	for (let start = 0; start < moved.chats.length; start += idsPerStatement) {
		await tx
			.updateTable("chats")
			.set((eb) => ({ contact_id: to, version: eb("version", "+", 1) }))
			.where("id", "in", moved.chats.slice(start, start + idsPerStatement))
			.where("contact_id", "=", from)
			.execute();
	}
	const kept = await tx.selectFrom("contacts").select("name").where("id", "=", from).executeTakeFirstOrThrow();
	const name = nameAfterUndo(kept.name, { before: row.name_before, given: row.name_given });
	await tx.updateTable("contacts").set({ name, updated_at: now.getTime() }).where("id", "=", from).execute();
}

const listedMax = 100;

/** What the contact took in itself, newest first; also what was given back. */
export async function mergesOf(db: Db, keptId: string): Promise<ContactMerge[]> {
	const rows = await mergeRows(db)
		.where("kept_id", "=", keptId)
		.orderBy("contact_merges.id", "desc")
		.limit(listedMax)
		.execute();
	const merges: ContactMerge[] = [];
	for (const row of rows) {
		merges.push(await shown(db, row));
	}
	return merges;
}

export async function findMerge(db: Db, keptId: string, id: string): Promise<ContactMerge | undefined> {
	const row = await findRow(db, keptId, id);
	return row === undefined ? undefined : shown(db, row);
}

function mergeRows(db: Db) {
	return db
		.selectFrom("contact_merges")
		.innerJoin("contacts", "contacts.id", "contact_merges.absorbed_id")
		.selectAll("contact_merges")
		.select("contacts.name as otherName");
}

type Row = Selectable<Tables["contact_merges"]> & { otherName: string | null };

function findRow(db: Db, keptId: string, id: string): Promise<Row | undefined> {
	return mergeRows(db).where("kept_id", "=", keptId).where("contact_merges.id", "=", id).executeTakeFirst();
}

async function factsOf(db: Db, row: Row): Promise<UndoFacts> {
	const { addresses } = JSON.parse(row.moved) as Moved;
	let here = 0;
	for (const address of addresses) {
		const found = await db
			.selectFrom("contact_addresses")
			.select("contact_id")
			.where(isPlacedAt(address))
			.executeTakeFirst();
		here += found?.contact_id === row.kept_id ? 1 : 0;
	}
	return {
		isUndone: row.undone_at !== null,
		kept: await mergeSide(db, row.kept_id),
		areAddressesThere: here === addresses.length,
	};
}

async function shown(db: Db, row: Row): Promise<ContactMerge> {
	const why = whyNotUndo(await factsOf(db, row), "every");
	return toMerge(row, why === "unknown" || why === "partly" ? "erased" : (why ?? null));
}

function toMerge(row: Row, standsBecause: ContactMerge["standsBecause"]): ContactMerge {
	return {
		id: row.id,
		keptId: row.kept_id,
		otherId: row.absorbed_id,
		otherName: row.otherName,
		addresses: (JSON.parse(row.moved) as Moved).addresses,
		at: new Date(row.merged_at),
		by: row.merged_by,
		reason: row.reason,
		undoneAt: row.undone_at === null ? null : new Date(row.undone_at),
		undoneBy: row.undone_by,
		standsBecause,
	};
}
