// The quarantine's way back: what a person asked for is judged again with today's secrets, in the order it came. What is
// genuine now becomes an arrival like any other (and is de-duplicated like any other); the rest stays sealed.

import { describeError } from "#platform/log.ts";
import { SealBroken, SecretsLocked } from "#platform/secret-box.ts";
import type { RawRequest } from "#connectors/contract.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { type QuarantinedRow, removeFromQuarantine, stillRefused, wishes } from "#storage/quarantine.ts";
import { openSealedRequest, type SealedRequest } from "#storage/sealed-requests.ts";
import type { Storage } from "#storage/storage.ts";
import { storageTrouble } from "#storage/trouble.ts";
import type { OpenService } from "./open-service.ts";
import { parse, type ReceiveDeps, sortOut, toArrival } from "./receive.ts";
import type { ServiceBook } from "./service-book.ts";
import { admit, type Door } from "./admit.ts";

export type RecheckDeps = ReceiveDeps & { storage: Storage; services: ServiceBook };

const batchSize = 50;
const pollMs = 1000;

export function startRecheck(deps: RecheckDeps): RunningWorker {
	return startWorker(
		{
			name: "Quarantine",
			pollMs,
			round: () => recheckBatch(deps),
			listen: (wake) => deps.signals.listen("quarantine", wake),
		},
		deps,
	);
}

/** True: the batch was full. */
export async function recheckBatch(deps: RecheckDeps): Promise<boolean> {
	const rows = await wishes(deps.storage.db, batchSize);
	if (rows.length > 0) {
		await deps.services.refresh();
	}
	const sitting: Sitting = { throttled: new Set(), wrong: new Set() };
	for (const row of rows) {
		await recheckSafely(row, sitting, deps);
	}
	if (rows.length > 0) {
		deps.signals.nudge("matcher");
		deps.signals.nudge("receipts");
	}
	return rows.length === batchSize && sitting.throttled.size === 0;
}

/**
 * What one batch has learnt. Logons that fail make the provider's own calls wait, so a password that was wrong once is not
 * tried for each request; and what is not looked at for now keeps its wish.
 */
type Sitting = { throttled: Set<string>; wrong: Set<string> };

/** A row that cannot be judged at all must not stand in the way of the others. */
async function recheckSafely(row: QuarantinedRow, sitting: Sitting, deps: RecheckDeps): Promise<void> {
	try {
		await recheck(row, sitting, deps);
	} catch (error) {
		if (error instanceof SecretsLocked || storageTrouble(error) !== undefined) {
			throw error;
		}
		deps.log.error("A refused request could not be checked again.", {
			server: "SMS Server",
			serviceId: row.serviceId,
			error: describeError(error),
		});
		const reason = error instanceof SealBroken ? "seal_broken" : "not_checkable";
		await deps.storage.write((tx) => stillRefused(tx, row.id, reason, deps.clock.now()));
	}
}

async function recheck(row: QuarantinedRow, sitting: Sitting, deps: RecheckDeps): Promise<void> {
	const service = deps.services.byId(row.serviceId);
	const now = deps.clock.now();
	if (service === undefined) {
		await deps.storage.write((tx) => stillRefused(tx, row.id, "unknown_service", now));
		return;
	}
	const raw = toRawRequest(openSealedRequest(deps.box(), row.id, row.sealed));
	const door = await admitAgain(raw, { row, service, sitting }, deps);
	if (!door.open) {
		if (door.reason === "logons_throttled") {
			return;
		}
		await deps.storage.write((tx) => stillRefused(tx, row.id, door.reason, now));
		return;
	}
	const { ours, foreign } = sortOut(parse(door.request, service, deps));
	if (ours.length === 0 && foreign.length > 0) {
		await deps.storage.write((tx) => stillRefused(tx, row.id, "foreign_account", now));
		return;
	}
	if (row.wish === "recheck") {
		await deps.storage.write((tx) => stillRefused(tx, row.id, "genuine", now));
		return;
	}
	await release(row, { raw, service, ours }, deps);
}

type Judged = { row: QuarantinedRow; service: OpenService; sitting: Sitting };

async function admitAgain(raw: RawRequest, { row, service, sitting }: Judged, deps: RecheckDeps): Promise<Door> {
	const key = `${row.serviceId} ${raw.headers.get("authorization") ?? ""}`;
	if (sitting.throttled.has(key)) {
		return { open: false, status: 503, reason: "logons_throttled" };
	}
	if (sitting.wrong.has(key)) {
		return { open: false, status: 401, reason: "http_credentials_wrong" };
	}
	const door = await admit(raw, service, row.remoteAddress ?? "", { ...deps, now: () => row.receivedAt });
	if (!door.open && door.reason === "logons_throttled") {
		sitting.throttled.add(key);
	}
	if (!door.open && door.reason === "http_credentials_wrong") {
		sitting.wrong.add(key);
	}
	return door;
}

type Genuine = { raw: Parameters<typeof toArrival>[0]; service: OpenService; ours: ReturnType<typeof sortOut>["ours"] };

/** Recorded and taken out of the quarantine in one transaction: neither lost nor twice. */
async function release(row: QuarantinedRow, { raw, service, ours }: Genuine, deps: RecheckDeps): Promise<void> {
	const content = {
		service,
		caller: { address: row.remoteAddress ?? "" },
		nonce: undefined,
		events: ours,
		verdict: "released",
	};
	const arrival = toArrival(raw, content, deps);
	await deps.storage.write(async (tx) => {
		await recordArrivals(tx, [arrival]);
		await removeFromQuarantine(tx, row.id);
	});
}

function toRawRequest(request: SealedRequest): RawRequest {
	return { ...request, headers: new Headers(request.headers.map(([name, value]) => [name, value])) };
}
