// Refused requests, sealed: kept for a person who mends the secret, bounded per service, never shown to agents.

import { appendEvents, type PersonsAct } from "./events.ts";
import type { Db, Tx } from "./storage.ts";

export type RefusedRequest = {
	id: string;
	serviceId: string;
	receivedAt: Date;
	reason: string;
	sealed: Uint8Array;
	bytes: number;
	bodyHash: string;
	remoteAddress: string | null;
};

export type Bounds = { rowsMax: number; bytesMax: number };

/**
 * Keeps the requests for which there is room. Beyond the bounds of a service the newest are not kept: what came first is
 * what a mended secret releases in order. Returns, per request, whether it was kept.
 */
export async function keepRefused(tx: Tx, requests: readonly RefusedRequest[], bounds: Bounds): Promise<boolean[]> {
	const room = new Map<string, { rows: number; bytes: number }>();
	const kept: boolean[] = [];
	for (const request of requests) {
		const used = room.get(request.serviceId) ?? (await usedBy(tx, request.serviceId));
		const fits = used.rows < bounds.rowsMax && used.bytes + request.bytes <= bounds.bytesMax;
		if (fits) {
			await insertRefused(tx, request);
			room.set(request.serviceId, { rows: used.rows + 1, bytes: used.bytes + request.bytes });
		} else {
			room.set(request.serviceId, used);
		}
		kept.push(fits);
	}
	await tellKept(
		tx,
		requests.filter((_, index) => kept[index]),
	);
	return kept;
}

/** One event for all that a service keeps by this transaction: what hammers the door must not fill the ledger. */
async function tellKept(tx: Tx, requests: readonly RefusedRequest[]): Promise<void> {
	const byService = Map.groupBy(requests, ({ serviceId }) => serviceId);
	await appendEvents(
		tx,
		[...byService].map(([serviceId, ofService]) => ({
			...aboutNoMessage,
			at: ofService.at(-1)?.receivedAt ?? new Date(0),
			type: "request.quarantined",
			serviceId,
			data: { requests: ofService.length },
		})),
	);
}

const aboutNoMessage = { messageId: null, conversationId: null } as const;

export type QuarantineChange = { to: "asked" | "refused" | "released" | "deleted"; at: Date };

/** That something in a service's quarantine is not as it was; which request it is, is read there. */
export async function tellChanged(tx: Tx, serviceId: string, { to, at }: QuarantineChange): Promise<void> {
	await appendEvents(tx, [{ ...aboutNoMessage, at, type: "request.changed", serviceId, data: { to } }]);
}

async function usedBy(tx: Tx, serviceId: string): Promise<{ rows: number; bytes: number }> {
	const row = await tx
		.selectFrom("quarantine")
		.select((eb) => [eb.fn.countAll<number>().as("rows"), eb.fn.sum<number | null>("bytes").as("bytes")])
		.where("service_id", "=", serviceId)
		.executeTakeFirstOrThrow();
	return { rows: Number(row.rows), bytes: Number(row.bytes ?? 0) };
}

async function insertRefused(tx: Tx, request: RefusedRequest): Promise<void> {
	await tx
		.insertInto("quarantine")
		.values({
			id: request.id,
			service_id: request.serviceId,
			received_at: request.receivedAt.getTime(),
			reason: request.reason,
			sealed: request.sealed,
			bytes: request.bytes,
			body_hash: request.bodyHash,
			remote_address: request.remoteAddress,
			wish: "none",
			wished_by: null,
			wished_because: null,
			checked_at: request.receivedAt.getTime(),
		})
		.execute();
}

export type QuarantinedRow = {
	id: string;
	serviceId: string;
	receivedAt: Date;
	reason: string;
	sealed: Uint8Array;
	remoteAddress: string | null;
	wish: "none" | "recheck" | "release";
	/** Who asked for it, and why. */
	act: PersonsAct;
};

/** What people asked to be checked again, in order of arrival. */
export async function wishes(db: Db, limit: number): Promise<QuarantinedRow[]> {
	const rows = await db
		.selectFrom("quarantine")
		.selectAll()
		.where("wish", "<>", "none")
		.orderBy("service_id")
		.orderBy("id")
		.limit(limit)
		.execute();
	return rows.map((row) => ({
		id: row.id,
		serviceId: row.service_id,
		receivedAt: new Date(row.received_at),
		reason: row.reason,
		sealed: row.sealed,
		remoteAddress: row.remote_address,
		wish: row.wish,
		act: {
			...(row.wished_by === null ? {} : { user: row.wished_by }),
			...(row.wished_because === null ? {} : { because: row.wished_because }),
		},
	}));
}

/** It is still refused: the wish is done with, the reason is the newest. */
export async function stillRefused(tx: Tx, { id, serviceId }: Kept, reason: string, now: Date): Promise<void> {
	await tx
		.updateTable("quarantine")
		.set({ wish: "none", wished_by: null, wished_because: null, reason, checked_at: now.getTime() })
		.where("id", "=", id)
		.execute();
	await tellChanged(tx, serviceId, { to: "refused", at: now });
}

type Kept = { id: string; serviceId: string };

export async function removeFromQuarantine(tx: Tx, { id, serviceId }: Kept, change: QuarantineChange): Promise<void> {
	await tx.deleteFrom("quarantine").where("id", "=", id).execute();
	await tellChanged(tx, serviceId, change);
}

/** Asks for one row, or for all rows of a service, to be checked again. Returns how many. */
export async function wish(
	tx: Tx,
	which: { id: string } | { serviceId: string },
	what: "recheck" | "release",
	act: PersonsAct = {},
): Promise<number> {
	const { numUpdatedRows } = await tx
		.updateTable("quarantine")
		.set({ wish: what, wished_by: act.user ?? null, wished_because: act.because ?? null })
		.$if("id" in which, (query) => query.where("id", "=", (which as { id: string }).id))
		.$if("serviceId" in which, (query) => query.where("service_id", "=", (which as { serviceId: string }).serviceId))
		.executeTakeFirstOrThrow();
	return Number(numUpdatedRows);
}
