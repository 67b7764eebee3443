// What hangs on a messaging service: counted before it is deleted, and given up when it is deleted all the same.

import { sql } from "kysely";
import { codeOf } from "#domain/delivery.ts";
import { lockUntilCommit } from "./lock.ts";
import { appendStateEvents } from "./state-events.ts";
import { isOneOf } from "./messages.ts";
import type { Db, Tx } from "./storage.ts";

export type Dependents = {
	/** Parts that are still to be sent, are being sent, or are held for a person. */
	waitingParts: number;
	/** Received events that are not matched yet. */
	unfinishedEvents: number;
	openConversations: number;
	/** Refused requests that a person could still release. */
	quarantined: number;
	/** Received events that wait for a person. */
	parked: number;
	/** Users, user groups and roles with a right on this very service. */
	grants: number;
};

const changesPerInsert = 1000; // SQLite takes 32,766 values per statement; a ledger row has 6.
const waitingStates = ["queued", "sending", "held"] as const;

export async function dependentsOf(db: Db, serviceId: string): Promise<Dependents> {
	const backlog = (await backlogs(db, [serviceId])).get(serviceId) ?? noBacklog;
	const { open, parked, grants } = await db
		.selectNoFrom((eb) => [
			eb
				.selectFrom("conversations")
				.select(({ fn }) => fn.countAll<number>().as("count"))
				.where("service_id", "=", serviceId)
				.where("state", "=", "open")
				.as("open"),
			eb
				.selectFrom("inbox")
				.select(({ fn }) => fn.countAll<number>().as("count"))
				.where("service_id", "=", serviceId)
				.where(sql<boolean>`state = 'parked'`) // Literally, so that the index of what is parked fits.
				.as("parked"),
			eb
				.selectFrom("grants")
				.select(({ fn }) => fn.countAll<number>().as("count"))
				.where("object_type", "=", "messagingService")
				.where("object_id", "=", serviceId)
				.as("grants"),
		])
		.executeTakeFirstOrThrow();
	return {
		waitingParts: backlog.outgoing,
		unfinishedEvents: backlog.incoming,
		openConversations: Number(open),
		parked: Number(parked),
		quarantined: backlog.quarantined,
		grants: Number(grants),
	};
}

export type Backlog = { outgoing: number; incoming: number; quarantined: number };
const noBacklog: Backlog = { outgoing: 0, incoming: 0, quarantined: 0 };

/**
 * What waits at each of the services. The states stand in the query literally, so that the indexes over what is still work
 * fit: the cost grows with what waits, never with what is stored.
 */
export async function backlogs(db: Db, serviceIds: readonly string[]): Promise<ReadonlyMap<string, Backlog>> {
	const ours = isOneOf("service_id", serviceIds);
	const { rows } = await sql<{ service_id: string; outgoing: number; incoming: number; quarantined: number }>`
		SELECT service_id, sum(outgoing) AS outgoing, sum(incoming) AS incoming, sum(quarantined) AS quarantined FROM (
			SELECT service_id, count(*) AS outgoing, 0 AS incoming, 0 AS quarantined FROM outbox
				WHERE ${ours} AND state IN (3, 4) GROUP BY service_id
			UNION ALL SELECT service_id, count(*), 0, 0 FROM outbox WHERE ${ours} AND state = 2 GROUP BY service_id
			UNION ALL SELECT service_id, 0, count(*), 0 FROM inbox
				WHERE ${ours} AND state IN ('received', 'waiting') GROUP BY service_id
			UNION ALL SELECT service_id, 0, 0, count(*) FROM quarantine WHERE ${ours} GROUP BY service_id
		) AS waiting GROUP BY service_id`.execute(db);
	const found = new Map(rows.map((row) => [row.service_id, row]));
	return new Map(
		serviceIds.map((id) => {
			const { outgoing, incoming, quarantined } = found.get(id) ?? noBacklog;
			return [id, { outgoing: Number(outgoing), incoming: Number(incoming), quarantined: Number(quarantined) }];
		}),
	);
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
