// From the ledger to deliveries: each subscription has a cursor of its own, and moves it in the transaction that makes the
// deliveries. Those that stand at the same place read together, and move together. The row alone says where that is: a place
// kept here would be ahead of it whenever a write is refused, the subscription is changed, or the process ends.

import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { type EventSight, isInSight } from "#rights/event-sight.ts";
import { eventsAfter, queuesOfChats, type StoredEvent, toEventBody, toEventObject } from "#storage/events.ts";
import { disableSubscription, type EventSubscription, listSubscriptions } from "#storage/event-subscriptions.ts";
import {
	advance,
	type NewDelivery,
	type SubscriptionProgress,
	subscriptionsProgress,
} from "#storage/subscription-progress.ts";
import type { HookDeps } from "./deps.ts";
import { ownerSight } from "./owner-sight.ts";

const pollMs = 1000;
const gatherMs = 50;
const eventsPerRead = 500;
/** Whoever takes events more slowly than they happen: the rest waits in the ledger. */
export const waitingMax = 10_000;

export function startCollecting(deps: HookDeps): RunningWorker {
	return startWorker(
		{
			name: "Event Webhooks",
			pollMs,
			gatherMs,
			round: () => collect(deps),
			listen: (wake) => deps.signals.listen("events", wake),
		},
		deps,
	);
}

/** One round. True: there may be more. */
export async function collect(deps: HookDeps): Promise<boolean> {
	const { storage, metrics } = deps;
	// Before what is chosen: who goes back after a change of that is met at the new place with it, or not at all.
	const progresses = await subscriptionsProgress(storage.db);
	const all = await storage.remembered("event subscriptions", (db) => listSubscriptions(db));
	metrics.alarm(
		"event_subscription_disabled",
		all.some(({ disabledReason }) => disabledReason !== null),
	);
	const enabled = all.filter((subscription) => subscription.enabled);
	const readers = await readersOf(deps, enabled, progresses);
	let hasMore = false;
	for (const group of Map.groupBy(readers, ({ progress: { cursor } }) => `${cursor.tx}.${cursor.seq}`).values()) {
		hasMore = (await readOn(deps, group)) || hasMore;
	}
	return hasMore;
}

type Reader = { subscription: EventSubscription; sight: EventSight; progress: SubscriptionProgress };

async function readersOf(
	deps: HookDeps,
	enabled: readonly EventSubscription[],
	progresses: ReadonlyMap<string, SubscriptionProgress>,
): Promise<readonly Reader[]> {
	const readers: Reader[] = [];
	for (const subscription of enabled) {
		const progress = progresses.get(subscription.id);
		const sight = await ownerSight(deps.storage, subscription.ownerId);
		if (sight === null) {
			await endForOwner(deps, subscription);
		} else if (progress !== undefined && progress.waiting < waitingMax) {
			readers.push({ subscription, sight, progress });
		}
	}
	return readers;
}

async function endForOwner({ storage, clock, log }: HookDeps, { id }: EventSubscription): Promise<void> {
	const reason = "Its owner was disabled or deleted. Whoever gives its address again becomes the owner.";
	await storage.write((tx) => disableSubscription(tx, id, reason, clock.now()));
	log.warn("An event subscription was disabled.", {
		server: "Event Webhooks",
		objectType: "eventSubscription",
		objectId: id,
		reason,
	});
}

/** For those of one place. True: there may be more. */
async function readOn({ storage, clock, ids, signals }: HookDeps, group: readonly Reader[]): Promise<boolean> {
	const from = group[0]?.progress.cursor;
	const options = { limit: eventsPerRead, serviceIds: "every" as const };
	const events = from === undefined ? [] : await eventsAfter(storage.db, storage.dialect, from, options);
	const to = events.at(-1)?.cursor;
	if (from === undefined || to === undefined) {
		return false;
	}
	const queuesOf = await queuesOfChats(storage.db, events);
	const deliveries = new Map(
		group.map((reader) => {
			const found = events.flatMap((event) => forReader(event, queuesOf(event), reader));
			return [reader.subscription.id, found.map((one) => toDelivery(one, ids.next()))];
		}),
	);
	await storage.write((tx) => advance(tx, { from, to, deliveries }, clock.now()));
	if ([...deliveries.values()].some((made) => made.length > 0)) {
		signals.nudge("eventDeliveries");
	}
	return events.length === eventsPerRead;
}

type Placed = { event: StoredEvent; queueId: string | null };

/** Once, by the first of its queues that is chosen and in sight; else not at all. */
function forReader(event: StoredEvent, queueIds: readonly (string | null)[], reader: Reader): Placed[] {
	const fitting = queueIds.map((queueId) => ({ event, queueId })).find((one) => isFor(one, reader));
	return fitting === undefined ? [] : [fitting];
}

/** Of queues only chats are chosen. */
function isFor({ event, queueId }: Placed, { subscription, sight, progress }: Reader): boolean {
	const { events, serviceIds, queueIds } = subscription;
	return (
		events.includes(event.type) &&
		event.at >= progress.sinceAt &&
		(serviceIds.length === 0 || serviceIds.includes(event.serviceId)) &&
		(queueIds.length === 0 || !event.type.startsWith("chat.") || queueIds.includes(queueId ?? "")) &&
		isInSight({ ...event, queueId }, sight)
	);
}

function toDelivery({ event, queueId }: Placed, id: string): NewDelivery {
	const { cursor, type, serviceId, at: eventAt } = event;
	return { id, cursor, type, serviceId, queueId, eventAt, body: toEventBody(type, event.at, toEventObject(event)) };
}
