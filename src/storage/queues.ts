// Queues as they are stored: what a queue has besides name, priority and addresses lies in one JSON column.

import type { Queue } from "#domain/queues.ts";
import type { Db } from "./storage.ts";

/** For what was not set; the original's where it has one. */
export const queueDefaults: Omit<Queue, "id" | "name" | "addresses"> = {
	priority: 100,
	size: -1,
	overflowQueueId: null,
	overflowAfterSeconds: 0,
	allocation: "autoAllocation",
	offerSeconds: 120,
	notReadyAfterMiss: true,
	autoAccept: false,
	wrapUpSeconds: 120,
	wrapUpReasons: [],
	inactivityMinutes: 30,
	idleWarningMinutes: 5,
	reopenMinutes: 60,
	preferredAgentSeconds: 120,
	pick: "all",
	forcedToServe: false,
	timeZone: "UTC",
	language: "en",
	thresholds: {
		maxWaitSeconds: { warning: null, critical: null },
		chats: { warning: null, critical: null },
		agentsWaiting: { warning: null, critical: null },
		agentsServing: { warning: null, critical: null },
	},
};

export async function isQueue(db: Db, id: string): Promise<boolean> {
	return (await db.selectFrom("queues").select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
}

export async function readQueues(db: Db): Promise<Queue[]> {
	const rows = await db
		.selectFrom("queues")
		.select(["id", "name", "priority", "settings"])
		.orderBy("name_key")
		.execute();
	const addresses = await db
		.selectFrom("queue_addresses")
		.select(["queue_id", "address"])
		.orderBy("position")
		.execute();
	const byQueue = Map.groupBy(addresses, ({ queue_id }) => queue_id);
	return rows.map(({ id, name, priority, settings }) => ({
		...queueDefaults,
		...(JSON.parse(settings) as Partial<Queue>),
		id,
		name,
		priority,
		addresses: (byQueue.get(id) ?? []).map(({ address }) => address),
	}));
}
