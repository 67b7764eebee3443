// What is known of a contact before it is merged: how much it has, in which services, and whom it is part of by now.

import { type SqlBool, sql } from "kysely";
import { consentKey, usageOf } from "#domain/consents.ts";
import type { MergeSide, MovedAddress } from "#domain/contact-merges.ts";
import { type Consent, findConsents } from "./consent-lists.ts";
import type { Db } from "./storage.ts";

/** Undefined: there is no such contact. */
export async function mergeSide(db: Db, id: string): Promise<MergeSide | undefined> {
	const contact = await db.selectFrom("contacts").select("name").where("id", "=", id).executeTakeFirst();
	if (contact === undefined) {
		return undefined;
	}
	const partOf = await standsFor(db, id);
	const rows = await db
		.selectFrom("conversations")
		.select(({ fn }) => [
			"service_id",
			fn.countAll<number>().as("conversations"),
			fn.sum<number>("messages").as("messages"),
		])
		.where("contact_id", "=", partOf ?? id)
		.groupBy("service_id")
		.orderBy("service_id")
		.execute();
	const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + Number(one), 0);
	return {
		id,
		name: contact.name,
		services: rows.map((row) => row.service_id),
		partOf,
		conversations: partOf === null ? sum(rows.map((row) => row.conversations)) : 0,
		messages: partOf === null ? sum(rows.map((row) => row.messages)) : 0,
	};
}

/** The contact it is part of by now, over any number of merges; null: it stands for itself. */
async function standsFor(db: Db, id: string): Promise<string | null> {
	let at: string | null = null;
	for (;;) {
		const row: { kept_id: string } | undefined = await db
			.selectFrom("contact_merges")
			.select("kept_id")
			.where("absorbed_id", "=", at ?? id)
			.where("undone_at", "is", null)
			.executeTakeFirst();
		if (row === undefined) {
			return at;
		}
		at = row.kept_id;
	}
}

export function isPlacedAt({ channel, scope, key }: MovedAddress) {
	return sql<SqlBool>`channel = ${channel} AND scope = ${scope} AND address_key = ${key}`;
}

export async function countChats(db: Db, contactId: string): Promise<number> {
	const { count } = await db
		.selectFrom("chats")
		.select(({ fn }) => fn.countAll<number>().as("count"))
		.where("contact_id", "=", contactId)
		.executeTakeFirstOrThrow();
	return Number(count);
}

export type AtChannel = { channel: string; address: string };

const consentsPerAddress = 100; // One for every service, and one of each.

/** What was said about messages to each address. */
export async function consentsAt<A extends AtChannel>(
	db: Db,
	addresses: readonly A[],
): Promise<Map<A, readonly Consent[]>> {
	const found = new Map<string, readonly Consent[]>();
	const all = new Map<A, readonly Consent[]>();
	for (const one of addresses) {
		const usage = usageOf(one.channel);
		const key = JSON.stringify([usage, consentKey(usage, one.address)]);
		const said =
			found.get(key) ?? (await findConsents(db, { usage, address: one.address }, { limit: consentsPerAddress }));
		found.set(key, said);
		all.set(one, said);
	}
	return all;
}
