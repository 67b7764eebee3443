// What was lately seen of each messaging service: its last good message each way, its last fault, refusals by reason and
// hour. Written about once a second from what a process counted, so that a message costs nothing here.

import type { Selectable } from "kysely";
import type { FaultCode } from "#domain/faults.ts";
import type { Vitals } from "#domain/service-state.ts";
import type { IncomingMode } from "./services.ts";
import type { Tables } from "./schema.ts";
import type { Db, Tx } from "./storage.ts";

/** What one process saw of one service since it last told. */
export type SeenOf = {
	serviceId: string;
	lastInAt: Date | undefined;
	lastOutAt: Date | undefined;
	lastFault: { at: Date; code: FaultCode; detail: string } | undefined;
	/** A good answer came: faults before it are over. */
	hasRecovered: boolean;
	/** Since the last good answer, or since the last time this was told. */
	faults: number;
	/** A genuine call came: refusals before it are over. */
	wasGenuine: boolean;
	refusals: readonly RefusalCount[];
	/** Refusals since the last genuine call, or since the last time this was told. */
	refused: number;
	received: number;
	sent: number;
	failed: number;
	/** The newest ones. */
	calls: readonly WebhookCall[];
};

/**
 * A provider's call: its question whether this is the right place, or a webhook. `reason`: why it was refused. `mode`: under
 * which it was judged; a question is not. `quarantineId`: where it is kept, or what of it is not this service's.
 */
export type WebhookCall = {
	id: string;
	at: Date;
	kind: "handshake" | "call";
	status: number;
	reason: string | null;
	remoteAddress: string | null;
	mode: IncomingMode | null;
	quarantineId: string | null;
};

export type RefusalCount = { reason: string; mode: IncomingMode; count: number; lastAt: Date };

const hourMs = 3_600_000;
export const hourOf = (at: Date): number => Math.floor(at.getTime() / hourMs) * hourMs;

/** A service that was deleted meanwhile is left out. */
export async function recordSeen(tx: Tx, seen: readonly SeenOf[], now: Date): Promise<void> {
	for (const one of seen) {
		const known = await tx
			.selectFrom("messaging_services")
			.select("id")
			.where("id", "=", one.serviceId)
			.executeTakeFirst();
		if (known !== undefined) {
			await recordVitals(tx, one);
			await recordHour(tx, one, now);
			await recordRefusals(tx, one);
			await recordCalls(tx, one);
		}
	}
}

async function recordVitals(tx: Tx, seen: SeenOf): Promise<void> {
	const counts = { faults_in_a_row: seen.faults, refused_in_a_row: seen.refused };
	const fresh = freshColumns(seen);
	await tx
		.insertInto("service_vitals")
		.values({ ...nothingRow, service_id: seen.serviceId, ...fresh, ...counts })
		.onConflict((conflict) =>
			conflict.column("service_id").doUpdateSet((eb) => ({
				...fresh,
				faults_in_a_row: seen.hasRecovered ? seen.faults : eb("service_vitals.faults_in_a_row", "+", seen.faults),
				refused_in_a_row: seen.wasGenuine ? seen.refused : eb("service_vitals.refused_in_a_row", "+", seen.refused),
			})),
		)
		.execute();
}

const nothingRow = {
	last_in_at: null,
	last_out_at: null,
	last_fault_at: null,
	last_fault_code: null,
	last_fault_detail: null,
	last_refused_reason: null,
};

/** Only what was seen: the rest stays as it is. */
function freshColumns({ lastInAt, lastOutAt, lastFault, refusals }: SeenOf) {
	const [last] = refusals.toSorted((one, other) => other.lastAt.getTime() - one.lastAt.getTime());
	return {
		...(lastInAt === undefined ? {} : { last_in_at: lastInAt.getTime() }),
		...(lastOutAt === undefined ? {} : { last_out_at: lastOutAt.getTime() }),
		...(lastFault === undefined ? {} : faultColumns(lastFault)),
		...(last === undefined ? {} : { last_refused_reason: last.reason }),
	};
}

function faultColumns({ at, code, detail }: NonNullable<SeenOf["lastFault"]>) {
	return { last_fault_at: at.getTime(), last_fault_code: code, last_fault_detail: detail };
}

async function recordHour(tx: Tx, { serviceId, received, sent, failed }: SeenOf, now: Date): Promise<void> {
	if (received + sent + failed === 0) {
		return;
	}
	await tx
		.insertInto("service_hours")
		.values({ service_id: serviceId, hour: hourOf(now), received, sent, failed })
		.onConflict((conflict) =>
			conflict.columns(["service_id", "hour"]).doUpdateSet((eb) => ({
				received: eb("service_hours.received", "+", received),
				sent: eb("service_hours.sent", "+", sent),
				failed: eb("service_hours.failed", "+", failed),
			})),
		)
		.execute();
}

async function recordRefusals(tx: Tx, { serviceId, refusals }: SeenOf): Promise<void> {
	for (const { reason, mode, count, lastAt } of refusals) {
		await tx
			.insertInto("service_refusals")
			.values({ service_id: serviceId, hour: hourOf(lastAt), reason, mode, count, last_at: lastAt.getTime() })
			.onConflict((conflict) =>
				conflict.columns(["service_id", "hour", "reason", "mode"]).doUpdateSet((eb) => ({
					count: eb("service_refusals.count", "+", count),
					last_at: lastAt.getTime(),
				})),
			)
			.execute();
	}
}

const callsKept = 50; // Of each service.

async function recordCalls(tx: Tx, { serviceId, calls }: SeenOf): Promise<void> {
	if (calls.length === 0) {
		return;
	}
	await tx
		.insertInto("service_calls")
		.values(
			calls.map(({ id, at, kind, status, reason, remoteAddress, mode, quarantineId }) => ({
				id,
				service_id: serviceId,
				at: at.getTime(),
				kind,
				status,
				reason,
				remote_address: remoteAddress,
				mode,
				quarantine_id: quarantineId,
			})),
		)
		.execute();
	const newest = tx.selectFrom("service_calls").select("id").where("service_id", "=", serviceId);
	await tx
		.deleteFrom("service_calls")
		.where("service_id", "=", serviceId)
		.where("id", "not in", newest.orderBy("id", "desc").limit(callsKept))
		.execute();
}

/** The newest first. What was released or deleted meanwhile is in no quarantine any more. */
export async function callsOf(db: Db, serviceId: string, limit: number): Promise<WebhookCall[]> {
	const rows = await db
		.selectFrom("service_calls")
		.leftJoin("quarantine", "quarantine.id", "service_calls.quarantine_id")
		.selectAll("service_calls")
		.select("quarantine.id as kept_id")
		.where("service_calls.service_id", "=", serviceId)
		.orderBy("service_calls.id", "desc")
		.limit(limit)
		.execute();
	return rows.map((row) => ({
		id: row.id,
		at: new Date(row.at),
		kind: row.kind,
		status: row.status,
		reason: row.reason,
		remoteAddress: row.remote_address,
		mode: row.mode,
		quarantineId: row.kept_id,
	}));
}

export async function vitalsOf(db: Db, serviceIds: readonly string[]): Promise<ReadonlyMap<string, Vitals>> {
	if (serviceIds.length === 0) {
		return new Map();
	}
	const rows = await db
		.selectFrom("messaging_services")
		.leftJoin("service_vitals", "service_vitals.service_id", "messaging_services.id")
		.leftJoin("service_upkeep", "service_upkeep.service_id", "messaging_services.id")
		.selectAll("service_vitals")
		.select(["messaging_services.id", "service_upkeep.trouble"])
		.where("messaging_services.id", "in", [...serviceIds])
		.execute();
	const seen = rows.filter((row) => row.service_id !== null || row.trouble !== null);
	return new Map(seen.map((row) => [row.id, toVitals(row)]));
}

type SeenRow = Selectable<Tables["service_vitals"]>;
type VitalsRow = { [Column in keyof SeenRow]: SeenRow[Column] | null } & { trouble: string | null };

function toVitals(row: VitalsRow): Vitals {
	return {
		lastInAt: dateOrNull(row.last_in_at),
		lastOutAt: dateOrNull(row.last_out_at),
		lastFault:
			row.last_fault_at === null
				? null
				: {
						at: new Date(row.last_fault_at),
						code: (row.last_fault_code ?? "protocol") as FaultCode,
						detail: row.last_fault_detail ?? "",
					},
		faultsInARow: row.faults_in_a_row ?? 0,
		refusedInARow: row.refused_in_a_row ?? 0,
		lastRefusedReason: row.last_refused_reason,
		upkeepTrouble: row.trouble === null ? null : (JSON.parse(row.trouble) as Vitals["upkeepTrouble"]),
	};
}

/** A change of the configuration may have mended what went wrong: the next attempt tells. */
export async function forgetFaults(tx: Tx, serviceId: string): Promise<void> {
	await tx.updateTable("service_vitals").set({ faults_in_a_row: 0 }).where("service_id", "=", serviceId).execute();
}

function dateOrNull(ms: number | null): Date | null {
	return ms === null ? null : new Date(ms);
}
