// What hangs on a messaging service: counted before it is deleted, and given up when it is deleted all the same.

import { codeOf } from "#domain/delivery.ts";
import { lockUntilCommit } from "./lock.ts";
import { appendStateEvents } from "./state-events.ts";
import type { Db, Tx } from "./storage.ts";

export type Dependents = {
	/** Parts that are still to be sent, are being sent, or are held for a person. */
	waitingParts: number;
	/** Received events that are not matched yet. */
	unfinishedEvents: number;
	openConversations: number;
	/** Refused requests that a person could still release. */
	quarantined: number;
};

const changesPerInsert = 1000; // SQLite takes 32,766 values per statement; a ledger row has 6.
const waitingStates = ["queued", "sending", "held"] as const;

export async function dependentsOf(db: Db, serviceId: string): Promise<Dependents> {
	const { waiting, unfinished, open, quarantined } = await db
		.selectNoFrom((eb) => [
			eb
				.selectFrom("outbox")
				.select(({ fn }) => fn.countAll<number>().as("count"))
				.where("service_id", "=", serviceId)
				.where("state", "in", waitingStates.map(codeOf))
				.as("waiting"),
			eb
				.selectFrom("inbox")
				.select(({ fn }) => fn.countAll<number>().as("count"))
				.where("service_id", "=", serviceId)
				.where("state", "in", ["received", "waiting"])
				.as("unfinished"),
			eb
				.selectFrom("conversations")
				.select(({ fn }) => fn.countAll<number>().as("count"))
				.where("service_id", "=", serviceId)
				.where("state", "=", "open")
				.as("open"),
			eb
				.selectFrom("quarantine")
				.select(({ fn }) => fn.countAll<number>().as("count"))
				.where("service_id", "=", serviceId)
				.as("quarantined"),
		])
		.executeTakeFirstOrThrow();
	return {
		waitingParts: Number(waiting),
		unfinishedEvents: Number(unfinished),
		openConversations: Number(open),
		quarantined: Number(quarantined),
	};
}

/**
 * Parts of a deleted service fail for good: nothing could send them any more. Those that are being sent at this moment
 * are settled by whoever holds their claim.
 */
export async function giveUpParts(tx: Tx, serviceId: string, now: Date): Promise<number> {
	await lockUntilCommit(tx, "outbox");
	const conversationOf = await conversationsOfWaiting(tx, serviceId);
	let count = 0;
	for (const from of ["queued", "held"] as const) {
		const rows = await failParts(tx, serviceId, from, now);
		const changes = rows.map((row) => ({
			partId: row.id,
			part: row.part,
			messageId: row.message_id,
			conversationId: conversationOf.get(row.message_id) ?? null,
			serviceId,
			from,
			to: "failed" as const,
			cause: { code: "config" },
		}));
		for (let start = 0; start < changes.length; start += changesPerInsert) {
			await appendStateEvents(tx, changes.slice(start, start + changesPerInsert), now);
		}
		count += rows.length;
	}
	return count;
}

async function conversationsOfWaiting(tx: Tx, serviceId: string): Promise<ReadonlyMap<string, string | null>> {
	const rows = await tx
		.selectFrom("outbox")
		.innerJoin("messages", "messages.id", "outbox.message_id")
		.select(["messages.id", "messages.conversation_id"])
		.where("outbox.service_id", "=", serviceId)
		.where("outbox.state", "in", waitingStates.map(codeOf))
		.execute();
	return new Map(rows.map((row) => [row.id, row.conversation_id]));
}

function failParts(tx: Tx, serviceId: string, from: "queued" | "held", now: Date) {
	return tx
		.updateTable("outbox")
		.set({
			state: codeOf("failed"),
			state_at: now.getTime(),
			unknown_since: null,
			error_code: "config",
			error_detail: "The messaging service was deleted.",
		})
		.where("service_id", "=", serviceId)
		.where("state", "=", codeOf(from))
		.returning(["id", "part", "message_id"])
		.execute();
}
