// From the ledger to deliveries: each subscription has a cursor of its own, and moves it in the transaction that makes the
// deliveries. Those that stand at the same place read together.

import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { type EventSight, isInSight } from "#rights/event-sight.ts";
import {
	type EventCursor,
	eventsAfter,
	queuesOfChats,
	type StoredEvent,
	toEventBody,
	toEventObject,
} from "#storage/events.ts";
import { disableSubscription, type EventSubscription, listSubscriptions } from "#storage/event-subscriptions.ts";
import {
	type Advance,
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
const unwrittenMax = 5000; // So many events that are not for it may be read anew after a restart.

/** `stored`: what the row says · `at`: read up to here, with nothing for it since `stored`. */
type Place = { stored: EventCursor; at: EventCursor; unwritten: number };
type Places = Map<string, Place>;

export function startCollecting(deps: HookDeps): RunningWorker {
	const places: Places = new Map();
	return startWorker(
		{
			name: "Event Webhooks",
			pollMs,
			gatherMs,
			round: () => collect(deps, places),
			listen: (wake) => deps.signals.listen("events", wake),
		},
		deps,
	);
}

/** One round. True: there may be more. */
export async function collect(deps: HookDeps, places: Places): Promise<boolean> {
	const { storage, metrics } = deps;
	const all = await storage.remembered("event subscriptions", (db) => listSubscriptions(db));
	metrics.alarm(
		"event_subscription_disabled",
		all.some(({ disabledReason }) => disabledReason !== null),
	);
	const enabled = all.filter((subscription) => subscription.enabled);
	if (enabled.length === 0) {
		return false;
	}
	const readers = await readersOf(deps, enabled, places);
	const groups = [...Map.groupBy(readers, ({ place }) => `${place.at.tx}.${place.at.seq}`).values()];
	const found = [];
	for (const group of groups) {
		found.push(await readFor(deps, group));
	}
	await write(
		deps,
		found.flatMap(({ steps }) => steps),
		places,
	);
	return found.some(({ isMore }) => isMore);
}

type Reader = { subscription: EventSubscription; sight: EventSight; progress: SubscriptionProgress; place: Place };

async function readersOf(
	deps: HookDeps,
	enabled: readonly EventSubscription[],
	places: Places,
): Promise<readonly Reader[]> {
	const progresses = await subscriptionsProgress(deps.storage.db);
	const readers: Reader[] = [];
	for (const subscription of enabled) {
		const progress = progresses.get(subscription.id);
		const sight = await ownerSight(deps.storage, subscription.ownerId);
		if (sight === null) {
			await endForOwner(deps, subscription);
		} else if (progress !== undefined && progress.waiting < waitingMax) {
			readers.push({ subscription, sight, progress, place: placeOf(progress, places.get(subscription.id)) });
		}
	}
	return readers;
}

/** What is known of the place counts while nobody else has moved the cursor. */
function placeOf({ cursor }: SubscriptionProgress, known: Place | undefined): Place {
	return known !== undefined && known.stored.tx === cursor.tx && known.stored.seq === cursor.seq
		? known
		: { stored: cursor, at: cursor, unwritten: 0 };
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

type Step = {
	subscriptionId: string;
	place: Place;
	deliveries: readonly NewDelivery[];
	readTo: EventCursor;
	read: number;
};

async function readFor(
	{ storage, ids }: HookDeps,
	group: readonly Reader[],
): Promise<{ steps: readonly Step[]; isMore: boolean }> {
	const [first] = group;
	if (first === undefined) {
		return { steps: [], isMore: false };
	}
	const options = { limit: eventsPerRead, serviceIds: "every" as const };
	const events = await eventsAfter(storage.db, storage.dialect, first.place.at, options);
	const readTo = events.at(-1)?.cursor;
	if (readTo === undefined) {
		return { steps: [], isMore: false };
	}
	const queuesOf = await queuesOfChats(storage.db, events);
	const steps = group.map((reader) => ({
		subscriptionId: reader.subscription.id,
		place: reader.place,
		deliveries: events
			.flatMap((event) => forReader(event, queuesOf(event), reader))
			.map((one) => toDelivery(one, ids.next())),
		readTo,
		read: events.length,
	}));
	return { steps, isMore: events.length === eventsPerRead };
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

/** One transaction for all; where nothing is for anybody, none. */
async function write({ storage, clock, signals }: HookDeps, steps: readonly Step[], places: Places): Promise<void> {
	const due = steps.filter(
		({ deliveries, place, read }) => deliveries.length > 0 || place.unwritten + read >= unwrittenMax,
	);
	for (const { subscriptionId, place, readTo, read } of steps) {
		places.set(subscriptionId, { ...place, at: readTo, unwritten: place.unwritten + read });
	}
	if (due.length === 0) {
		return;
	}
	const moved = await storage.write(async (tx) => {
		const done: boolean[] = [];
		for (const step of due) {
			done.push(await advance(tx, toAdvance(step), clock.now()));
		}
		return done;
	});
	due.forEach(({ subscriptionId, readTo }, index) => {
		if (moved[index] === true) {
			places.set(subscriptionId, { stored: readTo, at: readTo, unwritten: 0 });
		} else {
			places.delete(subscriptionId); // Another node was faster.
		}
	});
	signals.nudge("eventDeliveries");
}

function toAdvance({ subscriptionId, place, readTo, deliveries }: Step): Advance {
	return { subscriptionId, from: place.stored, to: readTo, deliveries };
}
