// Checks of messaging services: asked for by REST, done by a process that may call providers, read again by REST while the
// steps come in one by one.

import type { Selectable } from "kysely";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";

export type ServiceCheck = {
	id: string;
	serviceId: string;
	askedAt: Date;
	finishedAt: Date | null;
	/** As the connector contract has them. */
	steps: readonly unknown[];
};

export async function askCheck(
	tx: Tx,
	check: { id: string; serviceId: string; askedAt: Date; askedBy: string },
): Promise<void> {
	await tx
		.insertInto("service_checks")
		.values({
			id: check.id,
			service_id: check.serviceId,
			asked_at: check.askedAt.getTime(),
			asked_by: check.askedBy,
			begun_at: null,
			finished_at: null,
			steps: "[]",
		})
		.execute();
}

export async function findCheck(db: Db, id: string): Promise<ServiceCheck | undefined> {
	const row = await db.selectFrom("service_checks").selectAll().where("id", "=", id).executeTakeFirst();
	return row === undefined ? undefined : toCheck(row);
}

/** The newest ones of a service first. */
export async function checksOf(db: Db, serviceId: string, limit: number): Promise<ServiceCheck[]> {
	const rows = await db
		.selectFrom("service_checks")
		.selectAll()
		.where("service_id", "=", serviceId)
		.orderBy("id", "desc")
		.limit(limit)
		.execute();
	return rows.map(toCheck);
}

/** Takes the oldest check that nobody does: not begun, or begun before `lapsedAt`. */
export async function beginCheck(
	tx: Tx,
	now: Date,
	lapsedAt: Date,
): Promise<{ id: string; serviceId: string } | undefined> {
	const row = await tx
		.selectFrom("service_checks")
		.select(["id", "service_id"])
		.where("finished_at", "is", null)
		.where((eb) => eb.or([eb("begun_at", "is", null), eb("begun_at", "<", lapsedAt.getTime())]))
		.orderBy("id")
		.limit(1)
		.executeTakeFirst();
	if (row === undefined) {
		return undefined;
	}
	const { numUpdatedRows } = await tx
		.updateTable("service_checks")
		.set({ begun_at: now.getTime(), steps: "[]" })
		.where("id", "=", row.id)
		.where((eb) => eb.or([eb("begun_at", "is", null), eb("begun_at", "<", lapsedAt.getTime())]))
		.executeTakeFirstOrThrow();
	return numUpdatedRows === 0n ? undefined : { id: row.id, serviceId: row.service_id };
}

/** What is known so far; with `finishedAt` it is the end. */
export async function writeSteps(
	tx: Tx,
	id: string,
	steps: readonly unknown[],
	finishedAt: Date | null,
): Promise<void> {
	await tx
		.updateTable("service_checks")
		.set({ steps: JSON.stringify(steps), finished_at: finishedAt?.getTime() ?? null })
		.where("id", "=", id)
		.execute();
}

function toCheck(row: Selectable<Tables["service_checks"]>): ServiceCheck {
	return {
		id: row.id,
		serviceId: row.service_id,
		askedAt: new Date(row.asked_at),
		finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
		steps: JSON.parse(row.steps) as unknown[],
	};
}
