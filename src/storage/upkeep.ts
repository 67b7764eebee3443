// Upkeep of messaging services: when each is due, who does it, and what the last round left. One node at a time: a claim
// is a lease, and only its holder settles it.

import type { Selectable } from "kysely";
import { isOneOf } from "./messages.ts";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";

/** `version` is the service's: after a change of it the next round is due at once. */
export type UpkeptService = { id: string; version: number };
export type UpkeepClaim = { serviceId: string; epoch: number; state: Readonly<Record<string, unknown>> };
export type UpkeepTrouble = { code: string; detail: string };
export type UpkeepSeen = { finishedAt: Date | null; dueAt: Date; trouble: UpkeepTrouble | null };

// Calls of a provider may ask for a round each; it shall not be asked more often than this.
const askedRestMs = 5000;

type Row = Selectable<Tables["service_upkeep"]>;

/** Those of the services whose next round may begin now. Reads only: most of the time there is none. */
export async function dueUpkeep(db: Db, services: readonly UpkeptService[], now: Date): Promise<UpkeptService[]> {
	if (services.length === 0) {
		return [];
	}
	const rows = await db
		.selectFrom("service_upkeep")
		.selectAll()
		.where(
			"service_id",
			"in",
			services.map(({ id }) => id),
		)
		.execute();
	const known = new Map(rows.map((row) => [row.service_id, row]));
	return services.filter(({ id, version }) => isDue(known.get(id), version, now.getTime()));
}

function isDue(row: Row | undefined, version: number, nowMs: number): boolean {
	if (row === undefined) {
		return true;
	}
	const wasAsked = row.asked_at !== null && nowMs >= (row.finished_at ?? 0) + askedRestMs;
	return row.lease_until <= nowMs && (row.due_at <= nowMs || wasAsked || row.service_version !== version);
}

/** Undefined: another node has it. Due until it is settled, so that a claim whose holder dies comes back by its lease. */
export async function claimUpkeep(
	tx: Tx,
	service: UpkeptService,
	now: Date,
	leaseMs: number,
): Promise<UpkeepClaim | undefined> {
	const nowMs = now.getTime();
	await tx
		.insertInto("service_upkeep")
		.values({
			service_id: service.id,
			state: "{}",
			due_at: nowMs,
			asked_at: null,
			epoch: 0,
			lease_until: 0,
			service_version: service.version,
			finished_at: null,
			trouble: null,
		})
		.onConflict((conflict) => conflict.column("service_id").doNothing())
		.execute();
	const claimed = await tx
		.updateTable("service_upkeep")
		.set((eb) => ({
			epoch: eb("epoch", "+", 1),
			lease_until: nowMs + leaseMs,
			due_at: nowMs,
			asked_at: null,
			service_version: service.version,
		}))
		.where("service_id", "=", service.id)
		.where("lease_until", "<=", nowMs)
		.returning(["epoch", "state"])
		.executeTakeFirst();
	return claimed === undefined
		? undefined
		: { serviceId: service.id, epoch: claimed.epoch, state: JSON.parse(claimed.state) as UpkeepClaim["state"] };
}

/** False: the round is over, or another node began anew. */
export async function renewUpkeep(
	db: Db,
	{ serviceId, epoch }: Pick<UpkeepClaim, "serviceId" | "epoch">,
	until: Date,
): Promise<boolean> {
	const { numUpdatedRows } = await db
		.updateTable("service_upkeep")
		.set({ lease_until: until.getTime() })
		.where("service_id", "=", serviceId)
		.where("epoch", "=", epoch)
		.where("lease_until", ">", 0)
		.executeTakeFirstOrThrow();
	return numUpdatedRows === 1n;
}

export type UpkeepEnd = {
	/** Undefined: as it was. */
	state: Readonly<Record<string, unknown>> | undefined;
	dueAt: Date;
	finishedAt: Date;
	trouble: UpkeepTrouble | null;
};

/** False: the lease ran out and another node began anew; nothing of this round may be kept. */
export async function settleUpkeep(
	tx: Tx,
	claim: Pick<UpkeepClaim, "serviceId" | "epoch">,
	end: UpkeepEnd,
): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("service_upkeep")
		.set({
			...(end.state === undefined ? {} : { state: JSON.stringify(end.state) }),
			due_at: end.dueAt.getTime(),
			lease_until: 0,
			finished_at: end.finishedAt.getTime(),
			trouble: end.trouble === null ? null : JSON.stringify(end.trouble),
		})
		.where("service_id", "=", claim.serviceId)
		.where("epoch", "=", claim.epoch)
		.executeTakeFirstOrThrow();
	return numUpdatedRows === 1n;
}

/** A provider's call says that there is something to fetch. Asking twice is asking once; false: it was asked already. */
export async function askUpkeep(tx: Tx, serviceId: string, now: Date): Promise<boolean> {
	const { numUpdatedRows } = await tx
		.updateTable("service_upkeep")
		.set({ asked_at: now.getTime() })
		.where("service_id", "=", serviceId)
		.where("asked_at", "is", null)
		.executeTakeFirstOrThrow();
	return numUpdatedRows === 1n;
}

/** What the last rounds left, by service. */
export async function upkeepStates(db: Db): Promise<ReadonlyMap<string, UpkeepClaim["state"]>> {
	const rows = await db.selectFrom("service_upkeep").select(["service_id", "state"]).execute();
	return new Map(rows.map((row) => [row.service_id, JSON.parse(row.state) as UpkeepClaim["state"]]));
}

/** For people, by service; one that never had a round is left out. */
export async function upkeepSeen(db: Db, serviceIds: readonly string[]): Promise<ReadonlyMap<string, UpkeepSeen>> {
	const rows = await db
		.selectFrom("service_upkeep")
		.select(["service_id", "finished_at", "due_at", "trouble"])
		.where(isOneOf("service_id", serviceIds))
		.execute();
	return new Map(
		rows.map((row) => [
			row.service_id,
			{
				finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
				dueAt: new Date(row.due_at),
				trouble: row.trouble === null ? null : (JSON.parse(row.trouble) as UpkeepTrouble),
			},
		]),
	);
}
