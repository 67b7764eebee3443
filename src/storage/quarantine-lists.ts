// The quarantine as a reader sees it: what was refused, when and why; the sealed request only for one row at a time.

import { isOneOf } from "./messages.ts";
import type { Db } from "./storage.ts";

export type Quarantined = {
	id: string;
	serviceId: string;
	/** Null: the messaging service was deleted. */
	service: { name: string; type: string } | null;
	receivedAt: Date;
	reason: string;
	bytes: number;
	bodyHash: string;
	remoteAddress: string | null;
	wish: "none" | "recheck" | "release";
	checkedAt: Date;
};

export type QuarantinePage = { services: "every" | readonly string[]; limit: number; after?: string | undefined };

/** Oldest first: the order in which they are released. */
export async function findQuarantined(db: Db, { services, limit, after }: QuarantinePage): Promise<Quarantined[]> {
	let query = columns(db).orderBy("quarantine.id").limit(limit);
	if (services !== "every") {
		query = query.where(isOneOf("quarantine.service_id", services));
	}
	if (after !== undefined) {
		query = query.where("quarantine.id", ">", after);
	}
	return (await query.execute()).map(fromRow);
}

export async function findOneQuarantined(db: Db, id: string): Promise<Quarantined | undefined> {
	const row = await columns(db).where("quarantine.id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : fromRow(row);
}

export async function sealedOf(db: Db, id: string): Promise<Uint8Array | undefined> {
	const row = await db.selectFrom("quarantine").select("sealed").where("id", "=", id).executeTakeFirst();
	return row?.sealed;
}

function columns(db: Db) {
	return db
		.selectFrom("quarantine")
		.leftJoin("messaging_services", "messaging_services.id", "quarantine.service_id")
		.select([
			"quarantine.id",
			"quarantine.service_id",
			"quarantine.received_at",
			"quarantine.reason",
			"quarantine.bytes",
		])
		.select(["quarantine.body_hash", "quarantine.remote_address", "quarantine.wish", "quarantine.checked_at"])
		.select(["messaging_services.name as service_name", "messaging_services.type as service_type"]);
}

type Row = Awaited<ReturnType<ReturnType<typeof columns>["execute"]>>[number];

function fromRow(row: Row): Quarantined {
	return {
		id: row.id,
		serviceId: row.service_id,
		service:
			row.service_name === null || row.service_type === null
				? null
				: { name: row.service_name, type: row.service_type },
		receivedAt: new Date(row.received_at),
		reason: row.reason,
		bytes: row.bytes,
		bodyHash: row.body_hash,
		remoteAddress: row.remote_address,
		wish: row.wish,
		checkedAt: new Date(row.checked_at),
	};
}
