// How messaging services did: messages and refusals by the hour, refusals by reason, and how long their providers took. Each
// is one query for any number of services.

import { sql } from "kysely";
import { firstIdAt } from "#domain/ids.ts";
import { isOneOf } from "./messages.ts";
import type { Db } from "./storage.ts";
import { hourOf, type RefusalCount } from "./vitals.ts";

export type Traffic = { received: number; sent: number; failed: number };
export type HourOfService = Traffic & {
	at: Date;
	/** Really refused: in the modes observe and warn nothing is. */
	refused: number;
};

const hourMs = 3_600_000;

/** So many hours up to this one of each service, oldest first; an hour in which nothing happened is there too. */
export async function lastHours(
	db: Db,
	serviceIds: readonly string[],
	now: Date,
	count: number,
): Promise<ReadonlyMap<string, HourOfService[]>> {
	const firstMs = hourOf(now) - (count - 1) * hourMs;
	const traffic = await trafficByHour(db, serviceIds, firstMs);
	const refused = await refusedByHour(db, serviceIds, firstMs);
	const hours = Array.from({ length: count }, (_, index) => firstMs + index * hourMs);
	return new Map(
		serviceIds.map((id) => [
			id,
			hours.map((hour) => {
				const { received = 0, sent = 0, failed = 0 } = traffic.get(keyOf(id, hour)) ?? {};
				return { at: new Date(hour), received, sent, failed, refused: refused.get(keyOf(id, hour)) ?? 0 };
			}),
		]),
	);
}

function keyOf(serviceId: string, hour: number): string {
	return `${serviceId} ${hour}`;
}

async function trafficByHour(db: Db, serviceIds: readonly string[], firstMs: number) {
	const rows = await db
		.selectFrom("service_hours")
		.select(["service_id", "hour", "received", "sent", "failed"])
		.where(isOneOf("service_id", serviceIds))
		.where("hour", ">=", firstMs)
		.execute();
	return new Map(rows.map((row) => [keyOf(row.service_id, row.hour), row]));
}

async function refusedByHour(db: Db, serviceIds: readonly string[], firstMs: number) {
	const rows = await db
		.selectFrom("service_refusals")
		.select(["service_id", "hour"])
		.select(({ fn }) => fn.sum<number>("count").as("count"))
		.where(isOneOf("service_id", serviceIds))
		.where("hour", ">=", firstMs)
		.where("mode", "=", "enforce")
		.groupBy(["service_id", "hour"])
		.execute();
	return new Map(rows.map((row) => [keyOf(row.service_id, row.hour), Number(row.count)]));
}

/** What was refused, or would have been in the mode enforce; the most frequent reason of each service first. */
export async function refusalsSince(
	db: Db,
	serviceIds: readonly string[],
	since: Date,
): Promise<ReadonlyMap<string, RefusalCount[]>> {
	const rows = await db
		.selectFrom("service_refusals")
		.select(["service_id", "reason", "mode"])
		.select(({ fn }) => [fn.sum<number>("count").as("count"), fn.max("last_at").as("last_at")])
		.where(isOneOf("service_id", serviceIds))
		.where("hour", ">=", hourOf(since))
		.groupBy(["service_id", "reason", "mode"])
		.orderBy(sql`sum(count)`, "desc")
		.execute();
	const found = rows.map(({ service_id: serviceId, reason, mode, count, last_at: lastAt }) => ({
		serviceId,
		refusal: { reason, mode, count: Number(count), lastAt: new Date(Number(lastAt)) },
	}));
	const byService = Map.groupBy(found, ({ serviceId }) => serviceId);
	return new Map([...byService].map(([id, some]) => [id, some.map(({ refusal }) => refusal)]));
}

export type Latency = { medianMs: number; p95Ms: number; samples: number };

export const latencySamplesMax = 5000; // Read by the primary key from the newest on: 8 ms on SQLite, however many there are.
export const latencyHours = 2;

/**
 * How long the attempts took that the provider accepted, by service: of the newest attempts of all services, so that the
 * cost does not grow with what is sent. A service without any among these is left out.
 */
export async function latencies(db: Db, now: Date): Promise<ReadonlyMap<string, Latency>> {
	const newest = db
		.selectFrom("attempts")
		.select(["service_id", "started_at", "finished_at", "outcome"])
		.where("id", ">=", firstIdAt(now.getTime() - latencyHours * hourMs))
		.orderBy("id", "desc")
		.limit(latencySamplesMax);
	const rows = await db
		.selectFrom(newest.as("newest"))
		.select(["service_id", "started_at", "finished_at"])
		.where("outcome", "=", "accepted")
		.execute();
	const byService = Map.groupBy(rows, (row) => row.service_id);
	return new Map(
		[...byService].map(([id, some]) => [
			id,
			toLatency(some.map((row) => Math.max(0, (row.finished_at ?? row.started_at) - row.started_at))),
		]),
	);
}

/** By the nearest rank: a time that was really measured. */
function toLatency(times: readonly number[]): Latency {
	const sorted = times.toSorted((one, other) => one - other);
	const atRank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
	return { medianMs: atRank(0.5), p95Ms: atRank(0.95), samples: sorted.length };
}
