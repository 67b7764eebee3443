// Event subscriptions: who wants to be told of which events, and where. What is secret of them lies in
// `subscription-secrets.ts`, what is on its way in `event-deliveries.ts`.

import { type Selectable, sql } from "kysely";
import { nameKey } from "./bags.ts";
import { type EventCursor, type EventType, newestEvent } from "./events.ts";
import { applyList, type ListRequest } from "./list.ts";
import type { SubscriptionTables } from "./schema-subscriptions.ts";
import type { Db, Storage, Tx } from "./storage.ts";

export const subscriptionColumns = { id: "id", name: "name", url: "url" } as const;

export type SubscriptionFields = {
	name: string;
	url: string;
	events: readonly EventType[];
	/** Empty: of all. */
	serviceIds: readonly string[];
	/** Of chats; empty: of all. */
	queueIds: readonly string[];
	enabled: boolean;
	headerNames: readonly string[];
};

export type EventSubscription = SubscriptionFields & {
	id: string;
	ownerId: string;
	disabledReason: string | null;
	previousSecretUntil: Date | null;
	version: number;
	createdAt: Date;
	updatedAt: Date;
};

export async function listSubscriptions(db: Db, request?: ListRequest): Promise<EventSubscription[]> {
	const all = db.selectFrom("event_subscriptions").selectAll();
	const rows = await (request === undefined ? all.orderBy("id") : applyList(all, request)).execute();
	return rows.map(toSubscription);
}

export async function findSubscription(db: Db, id: string): Promise<EventSubscription | undefined> {
	const row = await db.selectFrom("event_subscriptions").selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : toSubscription(row);
}

export async function countSubscriptions(db: Db): Promise<number> {
	const { count } = await db
		.selectFrom("event_subscriptions")
		.select(({ fn }) => fn.countAll<number>().as("count"))
		.executeTakeFirstOrThrow();
	return Number(count);
}

type Sealed = Uint8Array;

/** It hears of what happens from now on. */
export async function insertSubscription(
	tx: Tx,
	dialect: Storage["dialect"],
	made: { id: string; ownerId: string; fields: SubscriptionFields; secret: Sealed; headers: Sealed | null; at: Date },
): Promise<void> {
	const at = made.at.getTime();
	const { tx: cursorTx, seq } = await newestEvent(tx, dialect);
	await tx
		.insertInto("event_subscriptions")
		.values({
			id: made.id,
			owner_id: made.ownerId,
			...toColumns(made.fields),
			disabled_reason: null,
			headers: made.headers,
			secret: made.secret,
			previous_secret: null,
			previous_valid_until: null,
			version: 1,
			created_at: at,
			updated_at: at,
		})
		.execute();
	const fresh = { lease_until: 0, epoch: 0, failures: 0, failing_since: null, rest_until: 0, delivered_at: null };
	await tx
		.insertInto("event_subscription_progress")
		.values({ subscription_id: made.id, cursor_tx: cursorTx, cursor_seq: seq, since_at: at, ...fresh })
		.execute();
}

export type SubscriptionChange = {
	before: EventSubscription;
	fields: SubscriptionFields;
	ownerId: string;
	headers: Sealed | null;
	at: Date;
};

/** False: the row has another version by now, or is gone. Once enabled again it hears of what happens from then on. */
export async function updateSubscription(
	tx: Tx,
	dialect: Storage["dialect"],
	{ before, fields, ownerId, headers, at }: SubscriptionChange,
): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("event_subscriptions")
		.set({
			...toColumns(fields),
			owner_id: ownerId,
			headers,
			...(fields.enabled || before.enabled ? { disabled_reason: null } : {}),
			version: before.version + 1,
			updated_at: at.getTime(),
		})
		.where("id", "=", before.id)
		.where("version", "=", before.version)
		.executeTakeFirstOrThrow();
	if (numUpdatedRows === 0n) {
		return false;
	}
	if (fields.enabled && !before.enabled) {
		await beginNow(tx, before.id, { cursor: await newestEvent(tx, dialect), at });
	} else if (!fields.enabled && before.enabled) {
		await giveUpWaiting(tx, before.id, "The subscription was disabled.");
	}
	return true;
}

async function beginNow(tx: Tx, id: string, { cursor, at }: { cursor: EventCursor; at: Date }): Promise<void> {
	await tx
		.updateTable("event_subscription_progress")
		.set({ cursor_tx: cursor.tx, cursor_seq: cursor.seq, since_at: at.getTime() })
		.set({ failures: 0, failing_since: null, rest_until: 0 })
		.where("subscription_id", "=", id)
		.execute();
}

/** By Parley itself, with the reason. */
export async function disableSubscription(tx: Tx, id: string, reason: string, at: Date): Promise<void> {
	const { numUpdatedRows } = await tx
		.updateTable("event_subscriptions")
		.set((eb) => ({
			enabled: 0,
			disabled_reason: reason,
			version: eb("version", "+", 1),
			updated_at: at.getTime(),
		}))
		.where("id", "=", id)
		.where("enabled", "=", 1)
		.executeTakeFirstOrThrow();
	if (numUpdatedRows > 0n) {
		await giveUpWaiting(tx, id, reason);
	}
}

/** With what waits for it; what was delivered stays in the log until its time is over. */
export async function deleteSubscription(tx: Tx, id: string): Promise<void> {
	await giveUpWaiting(tx, id, "The subscription was deleted.");
	await tx.deleteFrom("grants").where("object_type", "=", "eventSubscription").where("object_id", "=", id).execute();
	await tx.deleteFrom("event_subscriptions").where("id", "=", id).execute();
}

async function giveUpWaiting(tx: Tx, id: string, reason: string): Promise<void> {
	await tx
		.updateTable("event_deliveries")
		.set({ state: "failed", reason })
		.where("subscription_id", "=", id)
		.where("state", "=", "pending")
		.execute();
}

/**
 * Goes back to the events of a time: those without a delivery get one, those given up are tried again, those delivered
 * stay as they are. False: it has not come so far yet.
 */
export async function goBack(tx: Tx, id: string, { cursor, at }: { cursor: EventCursor; at: Date }): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("event_subscription_progress")
		.set((eb) => ({
			cursor_tx: cursor.tx,
			cursor_seq: cursor.seq,
			since_at: eb.case().when("since_at", "<", at.getTime()).then(eb.ref("since_at")).else(at.getTime()).end(),
			rest_until: 0,
		}))
		.where("subscription_id", "=", id)
		.where(sql<boolean>`(cursor_tx, cursor_seq) > (${cursor.tx}, ${cursor.seq})`)
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

function toColumns(fields: SubscriptionFields) {
	return {
		name: fields.name,
		name_key: nameKey(fields.name),
		url: fields.url,
		events: JSON.stringify(fields.events),
		service_ids: JSON.stringify(fields.serviceIds),
		queue_ids: JSON.stringify(fields.queueIds),
		enabled: fields.enabled ? (1 as const) : (0 as const),
		header_names: JSON.stringify(fields.headerNames),
	};
}

function toSubscription(row: Selectable<SubscriptionTables["event_subscriptions"]>): EventSubscription {
	return {
		id: row.id,
		name: row.name,
		url: row.url,
		ownerId: row.owner_id,
		events: JSON.parse(row.events) as EventType[],
		serviceIds: JSON.parse(row.service_ids) as string[],
		queueIds: JSON.parse(row.queue_ids) as string[],
		enabled: row.enabled === 1,
		headerNames: JSON.parse(row.header_names) as string[],
		disabledReason: row.disabled_reason,
		previousSecretUntil: row.previous_valid_until === null ? null : new Date(row.previous_valid_until),
		version: row.version,
		createdAt: new Date(row.created_at),
		updatedAt: new Date(row.updated_at),
	};
}
