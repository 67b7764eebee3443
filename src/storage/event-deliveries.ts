// Events on their way to subscriptions: claimed one at a time for each subscription, tried, settled. The attempt is written
// with the claim, before any socket is opened; what a claim brings counts only while its epoch does.

import type { Selectable } from "kysely";
import { disableSubscription } from "./event-subscriptions.ts";
import type { SubscriptionTables } from "./schema-subscriptions.ts";
import type { Db, Tx } from "./storage.ts";
import { type SealedSecrets, sealedColumns } from "./subscription-secrets.ts";

export type DeliveryState = "pending" | "delivered" | "failed";
export const deliveryStates = ["pending", "delivered", "failed"] as const;

export type DeliveryAttempt = {
	number: number;
	at: string;
	/** Null: it is under way, or was cut off. */
	outcome: string | null;
	status: number | null;
	durationMs: number | null;
	/** The beginning of what was answered. */
	answer: string | null;
};

export type EventDelivery = {
	id: string;
	/** Of the event; null: it is a test. */
	event: string | null;
	type: string;
	eventAt: Date;
	state: DeliveryState;
	notBefore: Date;
	reason: string | null;
	attempts: readonly DeliveryAttempt[];
	createdAt: Date;
};

const attemptsKept = 20; // Two rounds of tries.

/** Subscriptions to which something could be sent now; first those that nothing was sent to for longest. */
export async function dueSubscriptions(db: Db, now: Date, limit: number): Promise<string[]> {
	const nowMs = now.getTime();
	const rows = await db
		.selectFrom("event_subscriptions as subscription")
		.innerJoin("event_subscription_progress as progress", "progress.subscription_id", "subscription.id")
		.select("subscription.id")
		.where("progress.lease_until", "<=", nowMs)
		.where((eb) =>
			eb.exists(
				eb
					.selectFrom("event_deliveries as delivery")
					.select("delivery.id")
					.whereRef("delivery.subscription_id", "=", "subscription.id")
					.where("delivery.state", "=", "pending")
					.where("delivery.not_before", "<=", nowMs)
					.where(({ or, and, eb: is }) =>
						or([
							is("delivery.event_seq", "is", null),
							and([is("subscription.enabled", "=", 1), is("progress.rest_until", "<=", nowMs)]),
						]),
					),
			),
		)
		.orderBy("progress.lease_until") // When it was last sent to.
		.orderBy("subscription.id")
		.limit(limit)
		.execute();
	return rows.map(({ id }) => id);
}

export type DeliveryClaim = {
	id: string;
	subscriptionId: string;
	epoch: number;
	/** Tries of this round, with this one. */
	tries: number;
	firstTriedAt: Date;
	isTest: boolean;
	type: string;
	serviceId: string;
	queueId: string | null;
	body: string;
	attempts: readonly DeliveryAttempt[];
	ownerId: string;
	sealed: SealedSecrets;
	/** Of the subscription, before this try. */
	failures: number;
	failingSince: Date | null;
	lastDeliveredAt: Date | null;
};

/** The first of the subscription that is due. Undefined: there is none, or another node sends to it. */
export async function claimDelivery(
	tx: Tx,
	subscriptionId: string,
	{ now, leaseMs }: { now: Date; leaseMs: number },
): Promise<DeliveryClaim | undefined> {
	const nowMs = now.getTime();
	const progress = await tx
		.updateTable("event_subscription_progress")
		.set((eb) => ({ lease_until: nowMs + leaseMs, epoch: eb("epoch", "+", 1) }))
		.where("subscription_id", "=", subscriptionId)
		.where("lease_until", "<=", nowMs)
		.returning(["epoch", "failures", "failing_since", "rest_until", "delivered_at"])
		.executeTakeFirst();
	const subscription = await tx
		.selectFrom("event_subscriptions")
		.select([...sealedColumns, "owner_id", "enabled"])
		.where("id", "=", subscriptionId)
		.executeTakeFirst();
	if (progress === undefined || subscription === undefined) {
		return undefined;
	}
	const mayGoOn = subscription.enabled === 1 && progress.rest_until <= nowMs;
	const row = await headOf(tx, subscriptionId, { nowMs, testsOnly: !mayGoOn });
	if (row === undefined) {
		await endLease(tx, { subscriptionId, epoch: progress.epoch }, nowMs);
		return undefined;
	}
	const claim = toClaim(row, progress, now);
	await tx
		.updateTable("event_deliveries")
		.set({
			tries: claim.tries,
			first_tried_at: claim.firstTriedAt.getTime(),
			attempts: JSON.stringify(claim.attempts),
		})
		.where("id", "=", row.id)
		.execute();
	return { ...claim, ownerId: subscription.owner_id, sealed: subscription };
}

type DeliveryRow = Selectable<SubscriptionTables["event_deliveries"]>;

function headOf(
	tx: Tx,
	subscriptionId: string,
	{ nowMs, testsOnly }: { nowMs: number; testsOnly: boolean },
): Promise<DeliveryRow | undefined> {
	return tx
		.selectFrom("event_deliveries")
		.selectAll()
		.where("subscription_id", "=", subscriptionId)
		.where("state", "=", "pending")
		.where("not_before", "<=", nowMs)
		.$if(testsOnly, (query) => query.where("event_seq", "is", null))
		.orderBy("event_tx") // Tests first.
		.orderBy("event_seq")
		.orderBy("id")
		.limit(1)
		.executeTakeFirst();
}

function toClaim(
	row: DeliveryRow,
	progress: Pick<
		Selectable<SubscriptionTables["event_subscription_progress"]>,
		"epoch" | "failures" | "failing_since" | "delivered_at"
	>,
	now: Date,
): Omit<DeliveryClaim, "ownerId" | "sealed"> {
	const before = JSON.parse(row.attempts) as DeliveryAttempt[];
	const attempt = {
		number: (before.at(-1)?.number ?? 0) + 1,
		at: now.toISOString(),
		outcome: null,
		status: null,
		durationMs: null,
		answer: null,
	};
	return {
		id: row.id,
		subscriptionId: row.subscription_id,
		epoch: progress.epoch,
		tries: row.tries + 1,
		firstTriedAt: row.first_tried_at === null ? now : new Date(row.first_tried_at),
		isTest: row.event_seq === null,
		type: row.type,
		serviceId: row.service_id,
		queueId: row.queue_id,
		body: row.body,
		attempts: [...before, attempt].slice(-attemptsKept),
		failures: progress.failures,
		failingSince: toDate(progress.failing_since),
		lastDeliveredAt: toDate(progress.delivered_at),
	};
}

function toDate(ms: number | null): Date | null {
	return ms === null ? null : new Date(ms);
}

async function endLease(
	tx: Tx,
	{ subscriptionId, epoch }: { subscriptionId: string; epoch: number },
	nowMs: number,
): Promise<void> {
	await tx
		.updateTable("event_subscription_progress")
		.set({ lease_until: nowMs })
		.where("subscription_id", "=", subscriptionId)
		.where("epoch", "=", epoch)
		.execute();
}

export type DeliverySettlement = {
	attempt: Pick<DeliveryAttempt, "outcome" | "status" | "durationMs" | "answer">;
	/** `isCounted` false: the try was broken off by us. */
	next: { to: "delivered" } | { to: "pending"; notBefore: Date; isCounted: boolean } | { to: "failed"; reason: string };
	/** What the answer says of the subscription; `same`: nothing. */
	subscription: { is: "well" } | { is: "failing"; restUntil: Date } | { is: "same"; restUntil?: Date };
	/** Why the subscription ends with this. */
	disable?: string;
};

/** False: another node has the subscription meanwhile, and nothing was written. */
export async function settleDelivery(
	tx: Tx,
	claim: DeliveryClaim,
	{ attempt, next, subscription, disable }: DeliverySettlement,
	now: Date,
): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("event_subscription_progress")
		.set({ lease_until: now.getTime(), ...progressAfter(subscription, claim, now) })
		.where("subscription_id", "=", claim.subscriptionId)
		.where("epoch", "=", claim.epoch)
		.executeTakeFirstOrThrow();
	if (numUpdatedRows === 0n) {
		return false;
	}
	const attempts = claim.attempts.map((one, index) =>
		index === claim.attempts.length - 1 ? { ...one, ...attempt } : one,
	);
	await tx
		.updateTable("event_deliveries")
		.set({
			state: next.to,
			reason: next.to === "failed" ? next.reason : null,
			attempts: JSON.stringify(attempts),
			...(next.to === "pending" ? { not_before: next.notBefore.getTime() } : {}),
			...(next.to === "pending" && !next.isCounted ? { tries: claim.tries - 1 } : {}),
		})
		.where("id", "=", claim.id)
		.where("state", "=", "pending")
		.execute();
	if (disable !== undefined) {
		await disableSubscription(tx, claim.subscriptionId, disable, now);
	}
	return true;
}

function progressAfter(subscription: DeliverySettlement["subscription"], claim: DeliveryClaim, now: Date) {
	switch (subscription.is) {
		case "well":
			return { failures: 0, failing_since: null, rest_until: 0, delivered_at: now.getTime() };
		case "failing":
			return {
				failures: claim.failures + 1,
				failing_since: (claim.failingSince ?? now).getTime(),
				rest_until: subscription.restUntil.getTime(),
			};
		case "same":
			return subscription.restUntil === undefined ? {} : { rest_until: subscription.restUntil.getTime() };
	}
}

export type DeliveryFilter = {
	subscriptionId: string;
	state?: DeliveryState | undefined;
	type?: string | undefined;
};

/** Newest first. */
export async function findDeliveries(
	db: Db,
	{ subscriptionId, state, type }: DeliveryFilter,
	{ after, limit }: { after?: string | undefined; limit: number },
): Promise<EventDelivery[]> {
	const rows = await db
		.selectFrom("event_deliveries")
		.selectAll()
		.where("subscription_id", "=", subscriptionId)
		.$if(state !== undefined, (query) => query.where("state", "=", state ?? "pending"))
		.$if(type !== undefined, (query) => query.where("type", "=", type ?? ""))
		.$if(after !== undefined, (query) => query.where("id", "<", after ?? ""))
		.orderBy("id", "desc")
		.limit(limit)
		.execute();
	return rows.map(toDelivery);
}

export async function findDelivery(db: Db, subscriptionId: string, id: string): Promise<EventDelivery | undefined> {
	const row = await db
		.selectFrom("event_deliveries")
		.selectAll()
		.where("subscription_id", "=", subscriptionId)
		.where("id", "=", id)
		.executeTakeFirst();
	return row === undefined ? undefined : toDelivery(row);
}

/** A round of tries from the start, under the same id. False: it still waits, or is gone. */
export async function resendDelivery(tx: Tx, subscriptionId: string, id: string, now: Date): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("event_deliveries")
		.set({ state: "pending", not_before: now.getTime(), tries: 0, first_tried_at: null, reason: null })
		.where("subscription_id", "=", subscriptionId)
		.where("id", "=", id)
		.where("state", "<>", "pending")
		.executeTakeFirstOrThrow();
	return numUpdatedRows > 0n;
}

export async function insertTestDelivery(
	tx: Tx,
	test: { id: string; subscriptionId: string; type: string; body: string; at: Date },
): Promise<void> {
	const at = test.at.getTime();
	await tx
		.insertInto("event_deliveries")
		.values({
			id: test.id,
			subscription_id: test.subscriptionId,
			event_tx: -1,
			event_seq: null,
			type: test.type,
			service_id: "",
			queue_id: null,
			event_at: at,
			body: test.body,
			state: "pending",
			not_before: at,
			tries: 0,
			first_tried_at: null,
			attempts: "[]",
			reason: null,
			created_at: at,
		})
		.execute();
}

function toDelivery(row: DeliveryRow): EventDelivery {
	return {
		id: row.id,
		event: row.event_seq === null ? null : `${row.event_tx}.${row.event_seq}`,
		type: row.type,
		eventAt: new Date(row.event_at),
		state: row.state,
		notBefore: new Date(row.not_before),
		reason: row.reason,
		attempts: JSON.parse(row.attempts) as DeliveryAttempt[],
		createdAt: new Date(row.created_at),
	};
}
