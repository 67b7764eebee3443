// Contacts: who is behind an address. The unique address decides between any number of concurrent first messages.

import { addressKey } from "#domain/chains.ts";
import type { ContactAddress } from "#domain/messages.ts";
import type { Statement } from "./many.ts";
import type { Db, Tx } from "./storage.ts";

export type Sender = { channel: string; contact: ContactAddress };

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

/** Null: nobody told one yet. */
export async function contactName(db: Db, id: string): Promise<string | null> {
	const row = await db.selectFrom("contacts").select("name").where("id", "=", id).executeTakeFirst();
	return row?.name ?? null;
}

async function findContact(tx: Tx, channel: string, scope: string, key: string): Promise<string | undefined> {
	const rows = await tx.many.run<AddressRow>(readAddresses, [{ channel, scope, address_key: key }]);
	return rows[0]?.contact_id;
}

type AddressRow = { channel: string; scope: string; address_key: string; contact_id: string; name: string | null };

const readAddresses: Statement = {
	columns: ["channel", "scope", "address_key"],
	rowType: "contact_addresses",
	sqlite: `SELECT channel, scope, address_key, contact_id, name FROM contact_addresses
		JOIN contacts ON contacts.id = contact_id WHERE channel = ?1 AND scope = ?2 AND address_key = ?3`,
	postgres: `SELECT channel, scope, address_key, contact_id, name FROM contact_addresses
		JOIN given USING (channel, scope, address_key) JOIN contacts ON contacts.id = contact_id`,
};

/** The contacts of many senders, in their order; each address is looked up once. */
export async function contactsFor(
	tx: Tx,
	senders: readonly Sender[],
	fresh: { newId(): string; now: Date },
): Promise<string[]> {
	const addresses = new Map(senders.map((sender) => [senderKey(sender), toAddressKey(sender)]));
	const rows = await tx.many.run<AddressRow>(readAddresses, [...addresses.values()]);
	const known = new Map(
		rows.map((row) => [
			JSON.stringify([row.channel, row.scope, row.address_key]),
			{ id: row.contact_id, name: row.name },
		]),
	);
	const contactIds: string[] = [];
	for (const sender of senders) {
		const key = senderKey(sender);
		const found = known.get(key);
		const name = sender.contact.name ?? null;
		const isAllKnown = found !== undefined && (name === null || found.name !== null);
		const id = isAllKnown
			? found.id
			: await contactFor(tx, sender.channel, sender.contact, { id: fresh.newId(), now: fresh.now });
		known.set(key, { id, name: found?.name ?? name });
		contactIds.push(id);
	}
	return contactIds;
}

function toAddressKey({ channel, contact }: Sender) {
	return { channel, scope: contact.scope ?? "", address_key: addressKey(contact.address) };
}

function senderKey(sender: Sender): string {
	const { channel, scope, address_key: key } = toAddressKey(sender);
	return JSON.stringify([channel, scope, key]);
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
