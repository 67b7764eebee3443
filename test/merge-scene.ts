// Contacts with conversations, messages and chats, to be merged; and everything that is whose, as text to be compared.

import { matchBatch } from "#matcher/start.ts";
import { silentLog } from "#platform/log.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { mergeContacts, undoMerge } from "#storage/contact-merges.ts";
import { noSignals } from "#storage/signals.ts";
import { arrivalOf, messageEvent, type Stage } from "./scene.ts";

/** The contact writes, and the Chain Matcher takes it. */
export async function writes(
	stage: Stage,
	{ address, name, ours = "+493012345" }: { address: string; name?: string; ours?: string },
): Promise<void> {
	const contact = { address, ...(name === undefined ? {} : { name }) };
	const event = messageEvent(stage.ids.next<string>(), { contact, ourAddress: ours });
	await stage.storage.write((tx) => recordArrivals(tx, [arrivalOf(stage, [event])]));
	await matchBatch({ ...stage, signals: noSignals, log: silentLog, settings: { leaseMs: 20_000 } });
	stage.clock.advance(1000);
}

export async function ownerOf({ storage }: Stage, address: string): Promise<string> {
	const row = await storage.db
		.selectFrom("contact_addresses")
		.select("contact_id")
		.where("address", "=", address)
		.executeTakeFirstOrThrow();
	return row.contact_id;
}

/** An ended chat; of the newest conversation of the contact, or of none. */
export async function addChat(stage: Stage, contactId: string, ofConversation = true): Promise<string> {
	const { storage, ids, clock } = stage;
	const conversation = await storage.db
		.selectFrom("conversations")
		.select("id")
		.where("contact_id", "=", contactId)
		.orderBy("id", "desc")
		.executeTakeFirst();
	const id = ids.next<string>();
	const now = clock.now().getTime();
	const times = { created_at: now, waiting_since: now, ended_at: now, last_line_at: now };
	const texts = { channel: "sms", direction: "inbound", destination: "", originator: "", attached: "{}", passes: "[]" };
	const numbers = { is_front: 0, is_warned: 0, is_shown: 0, lines: 0, version: 1 };
	await storage.db
		.insertInto("chats")
		.values({
			id,
			original_id: id,
			conversation_id: ofConversation ? (conversation?.id ?? null) : null,
			contact_id: contactId,
			state: "ended",
			...times,
			...texts,
			...numbers,
		} as never)
		.execute();
	return id;
}

export function merge({ storage, ids, clock }: Stage, keptId: string, otherId: string, id: string = ids.next()) {
	const merging = { id, keptId, otherId, by: "mia", reason: "the same person", now: clock.now() };
	return storage.write((tx) => mergeContacts(tx, merging, "every"));
}

export function undo({ storage, clock }: Stage, keptId: string, id: string) {
	return storage.write((tx) => undoMerge(tx, { id, keptId, by: "leo", now: clock.now() }, "every"));
}

/** Whose every address, conversation, message and chat is, and every contact's name. */
export async function holdings({ storage: { db } }: Stage): Promise<string[]> {
	const contacts = await db.selectFrom("contacts").select(["id", "name"]).execute();
	const addresses = await db.selectFrom("contact_addresses").selectAll().execute();
	const conversations = await db.selectFrom("conversations").select(["id", "contact_id"]).execute();
	const messages = await db.selectFrom("messages").select(["id", "contact_id"]).execute();
	const chats = await db.selectFrom("chats").select(["id", "contact_id"]).execute();
	return [
		...contacts.map(({ id, name }) => `contact ${id} ${name ?? "?"}`),
		...addresses.map((one) => `address ${one.channel} ${one.scope} ${one.address} ${one.contact_id}`),
		...conversations.map((one) => `conversation ${one.id} ${one.contact_id}`),
		...messages.map((one) => `message ${one.id} ${one.contact_id ?? "?"}`),
		...chats.map((one) => `chat ${one.id} ${one.contact_id ?? "?"}`),
	].toSorted();
}
