// How far each subscription is in the ledger. Deliveries are made in the transaction that moves the cursor, so each event
// becomes exactly one for each subscription, whatever node does it and however often it is begun.

import type { EventCursor } from "./events.ts";
import type { Db, Storage, Tx } from "./storage.ts";

export type SubscriptionProgress = {
	subscriptionId: string;
	cursor: EventCursor;
	sinceAt: Date;
	failingSince: Date | null;
	deliveredAt: Date | null;
	/** Deliveries that wait. */
	waiting: number;
};

export async function subscriptionsProgress(db: Db): Promise<ReadonlyMap<string, SubscriptionProgress>> {
	const rows = await db
		.selectFrom("event_subscription_progress as progress")
		.selectAll()
		.select((eb) =>
			eb
				.selectFrom("event_deliveries as delivery")
				.select(({ fn }) => fn.countAll<number>().as("waiting"))
				.whereRef("delivery.subscription_id", "=", "progress.subscription_id")
				.where("delivery.state", "=", "pending")
				.as("waiting"),
		)
		.orderBy("subscription_id")
		.execute();
	return new Map(
		rows.map((row) => [
			row.subscription_id,
			{
				subscriptionId: row.subscription_id,
				cursor: { tx: row.cursor_tx, seq: row.cursor_seq },
				sinceAt: new Date(row.since_at),
				failingSince: row.failing_since === null ? null : new Date(row.failing_since),
				deliveredAt: row.delivered_at === null ? null : new Date(row.delivered_at),
				waiting: Number(row.waiting ?? 0),
			},
		]),
	);
}

export type NewDelivery = {
	id: string;
	cursor: EventCursor;
	type: string;
	serviceId: string;
	queueId: string | null;
	eventAt: Date;
	body: string;
};

export type Advance = {
	from: EventCursor;
	to: EventCursor;
	/** By subscription, of all that stand at `from`. */
	deliveries: ReadonlyMap<string, readonly NewDelivery[]>;
};

/**
 * Moves the cursors and makes the deliveries, but for those whose cursor somebody else moved meanwhile. What was given up is
 * tried again: a cursor comes by an event twice only where somebody let it go back.
 */
export async function advance(tx: Tx, { from, to, deliveries }: Advance, now: Date): Promise<void> {
	const moved = await tx
		.updateTable("event_subscription_progress")
		.set({ cursor_tx: to.tx, cursor_seq: to.seq })
		.where("subscription_id", "in", [...deliveries.keys()])
		.where("cursor_tx", "=", from.tx)
		.where("cursor_seq", "=", from.seq)
		.returning("subscription_id")
		.execute();
	for (const { subscription_id: id } of moved) {
		const made = deliveries.get(id) ?? [];
		if (made.length > 0) {
			await insertDeliveries(tx, id, made, now);
		}
	}
}

async function insertDeliveries(
	tx: Tx,
	subscriptionId: string,
	deliveries: readonly NewDelivery[],
	now: Date,
): Promise<void> {
	const due = { state: "pending", not_before: now.getTime(), tries: 0, first_tried_at: null, reason: null } as const;
	await tx
		.insertInto("event_deliveries")
		.values(
			deliveries.map((one) => ({
				id: one.id,
				subscription_id: subscriptionId,
				event_tx: one.cursor.tx,
				event_seq: one.cursor.seq,
				type: one.type,
				service_id: one.serviceId,
				queue_id: one.queueId,
				event_at: one.eventAt.getTime(),
				body: one.body,
				...due,
				attempts: "[]",
				created_at: now.getTime(),
			})),
		)
		.onConflict((conflict) =>
			conflict
				.columns(["subscription_id", "event_seq"])
				.doUpdateSet(due)
				.where("event_deliveries.state", "=", "failed"),
		)
		.execute();
}

/**
 * The place before the first event of a time or later. Numbers rise with time but for clocks that differ a little, so the
 * place is searched for by halves; no index is needed for it.
 */
export async function cursorBefore(db: Db, dialect: Storage["dialect"], at: Date): Promise<EventCursor | undefined> {
	const ends = await db
		.selectFrom("events")
		.select(({ fn }) => [fn.min("seq").as("low"), fn.max("seq").as("high")])
		.executeTakeFirst();
	if (typeof ends?.low !== "number" || typeof ends.high !== "number") {
		return undefined;
	}
	let { low } = ends;
	let high = ends.high + 1;
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		const row = await firstFrom(db, middle);
		if (row !== undefined && row.at < at.getTime()) {
			low = row.seq + 1;
		} else {
			high = middle;
		}
	}
	const found = await firstFrom(db, low);
	if (found === undefined) {
		return undefined;
	}
	return dialect === "sqlite" ? { tx: found.tx, seq: found.seq - 1 } : { tx: found.tx, seq: 0 };
}

function firstFrom(db: Db, seq: number) {
	return db
		.selectFrom("events")
		.select(["seq", "tx", "at"])
		.where("seq", ">=", seq)
		.orderBy("seq")
		.limit(1)
		.executeTakeFirst();
}
