// Counts over chats for the live figures of queues. All by index over what is live; the average over one day.

import type { Db } from "./storage.ts";

export type LiveLeg = { userId: string; queueId: string | null; state: "offered" | "accepted" | "wrapUp" };

export async function legsOfUsers(db: Db, userIds: readonly string[]): Promise<LiveLeg[]> {
	if (userIds.length === 0) {
		return [];
	}
	const rows = await db
		.selectFrom("chat_legs")
		.innerJoin("chats", "chats.id", "chat_legs.chat_id")
		.select(({ fn }) => [
			"chat_legs.user_id",
			fn.coalesce("chat_legs.queue_id", "chats.queue_id").as("queue_id"),
			"chat_legs.state",
		])
		.where("chat_legs.user_id", "in", userIds)
		.where("chat_legs.role", "<>", "supervisor")
		.execute();
	return rows.map((row) => ({ userId: row.user_id, queueId: row.queue_id, state: row.state }));
}

/** Per queue: how many wait, and since when the longest does. */
export async function waitingFigures(db: Db): Promise<Map<string, { count: number; oldest: number }>> {
	const rows = await db
		.selectFrom("chats")
		.select(["queue_id", ({ fn }) => fn.countAll<number>().as("count"), ({ fn }) => fn.min("queued_at").as("oldest")])
		.where("state", "=", "queued")
		.groupBy("queue_id")
		.execute();
	return new Map(
		rows.map(({ queue_id, count, oldest }) => [queue_id ?? "", { count: Number(count), oldest: Number(oldest) }]),
	);
}

const dayMs = 86_400_000;

/** Per queue: the mean wait, in milliseconds, of the chats that got an agent within the last 24 hours. */
export async function waitsOfToday(db: Db, now: Date): Promise<Map<string, number>> {
	const rows = await db
		.selectFrom("chats")
		.select(["queue_id", (eb) => eb.fn.avg<number>("waited_ms").as("wait")])
		.where("served_at", ">", now.getTime() - dayMs)
		.where("direction", "=", "inbound")
		.groupBy("queue_id")
		.execute();
	return new Map(rows.map(({ queue_id, wait }) => [queue_id ?? "", Number(wait)]));
}
