// What waits for a person: received events that were parked, and messages of ours with held parts. One list, by id.

import { codeOf } from "#domain/delivery.ts";
import { appendEvents, byPerson, type PersonsAct } from "./events.ts";
import { isOneOf } from "./messages.ts";
import type { Db, Tx } from "./storage.ts";

const held = codeOf("held");

/** The reason of an inbox row that a person took off the list. */
export const discarded = "discarded";

export type Parked = {
	/** The inbox row's id, or the message's where its parts are held. */
	id: string;
	kind: "received" | "held";
	/** Of the event received; `message` where parts are held. */
	event: "message" | "receipt" | "activity" | "unreadable";
	serviceId: string;
	messageId: string | null;
	requestId: string | null;
	reason: string | null;
	since: Date;
	attempts: number;
};

export type ParkedPage = { services: "every" | readonly string[]; limit: number; after?: string | undefined };

/** Newest first. */
export async function findParked(db: Db, page: ParkedPage): Promise<Parked[]> {
	const both = [...(await parkedEvents(db, page)), ...(await heldMessages(db, page))];
	return both.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, page.limit);
}

export async function findOneParked(db: Db, id: string): Promise<Parked | undefined> {
	const row = await eventColumns(db).where("id", "=", id).executeTakeFirst();
	if (row !== undefined) {
		return fromInbox(row);
	}
	const message = await heldColumns(db).where("outbox.message_id", "=", id).executeTakeFirst();
	return message === undefined ? undefined : fromHeld(message);
}

async function parkedEvents(db: Db, { services, limit, after }: ParkedPage): Promise<Parked[]> {
	let query = eventColumns(db).orderBy("id", "desc").limit(limit);
	if (services !== "every") {
		query = query.where(isOneOf("service_id", services));
	}
	if (after !== undefined) {
		query = query.where("id", "<", after);
	}
	return (await query.execute()).map(fromInbox);
}

async function heldMessages(db: Db, { services, limit, after }: ParkedPage): Promise<Parked[]> {
	let query = heldColumns(db).orderBy("outbox.message_id", "desc").limit(limit);
	if (services !== "every") {
		query = query.where(isOneOf("outbox.service_id", services));
	}
	if (after !== undefined) {
		query = query.where("outbox.message_id", "<", after);
	}
	return (await query.execute()).map(fromHeld);
}

function eventColumns(db: Db) {
	return db
		.selectFrom("inbox")
		.select([
			"id",
			"kind",
			"service_id",
			"message_id",
			"request_id",
			"reason",
			"received_at",
			"finished_at",
			"attempts",
		])
		.where("state", "=", "parked");
}

type EventRow = Awaited<ReturnType<ReturnType<typeof eventColumns>["execute"]>>[number];

function fromInbox(row: EventRow): Parked {
	return {
		id: row.id,
		kind: "received",
		event: row.kind,
		serviceId: row.service_id,
		messageId: row.message_id,
		requestId: row.request_id,
		reason: row.reason,
		since: new Date(row.finished_at ?? row.received_at),
		attempts: row.attempts,
	};
}

/** One row per message, whatever the number of its held parts. */
function heldColumns(db: Db) {
	return db
		.selectFrom("outbox")
		.select((eb) => [
			"outbox.message_id",
			"outbox.service_id",
			eb.fn.min("outbox.error_detail").as("reason"),
			eb.fn.min("outbox.state_at").as("since"),
			eb.fn.max("outbox.attempts").as("attempts"),
		])
		.where("outbox.state", "=", held)
		.groupBy(["outbox.message_id", "outbox.service_id"]);
}

type HeldRow = Awaited<ReturnType<ReturnType<typeof heldColumns>["execute"]>>[number];

function fromHeld(row: HeldRow): Parked {
	return {
		id: row.message_id,
		kind: "held",
		event: "message",
		serviceId: row.service_id,
		messageId: row.message_id,
		requestId: null,
		reason: row.reason,
		since: new Date(Number(row.since)),
		attempts: Number(row.attempts),
	};
}

/** A parked event becomes work again, as if it had just come. False: it is not parked any more. */
export async function retryParked(tx: Tx, parked: Parked, now: Date, act: PersonsAct = {}): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("inbox")
		.set((eb) => ({
			state: "received",
			attempts: 0,
			not_before: now.getTime(),
			lease_until: 0,
			epoch: eb("epoch", "+", 1),
			reason: null,
			finished_at: null,
		}))
		.where("id", "=", parked.id)
		.where("state", "=", "parked")
		.executeTakeFirstOrThrow();
	if (numUpdatedRows === 0n) {
		return false;
	}
	if (parked.event === "message" && parked.messageId !== null) {
		await receiveAgain(tx, { serviceId: parked.serviceId, messageId: parked.messageId, act }, now);
	}
	return true;
}

type Again = { serviceId: string; messageId: string; act: PersonsAct };

async function receiveAgain(tx: Tx, { act, ...message }: Again, now: Date): Promise<void> {
	await tx
		.updateTable("messages")
		.set({ state: "received", state_at: now.getTime() })
		.where("id", "=", message.messageId)
		.execute();
	await appendEvents(tx, [{ at: now, type: "message.retried", ...message, conversationId: null, data: byPerson(act) }]);
}

/** Takes a parked event off the list; its message stays parked. False: it is not parked any more. */
export async function discardParked(tx: Tx, id: string, now: Date): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("inbox")
		.set({ state: "done", reason: discarded, finished_at: now.getTime() })
		.where("id", "=", id)
		.where("state", "=", "parked")
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}
