// The quarantine's way back: what a person asked for is judged again with today's secrets, in the order it came. What is
// genuine now becomes an arrival like any other (and is de-duplicated like any other); the rest stays sealed.

import { describeError } from "#platform/log.ts";
import { SealBroken, SecretsLocked } from "#platform/secret-box.ts";
import type { RawRequest } from "#connectors/contract.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { type Arrival, recordArrivals } from "#storage/arrivals.ts";
import { appendEvents, byPerson, type PersonsAct } from "#storage/events.ts";
import { existingMessages } from "#storage/messages.ts";
import { type QuarantinedRow, removeFromQuarantine, stillRefused, wishes } from "#storage/quarantine.ts";
import { openSealedRequest, type SealedRequest } from "#storage/sealed-requests.ts";
import type { Storage, Tx } from "#storage/storage.ts";
import { storageTrouble } from "#storage/trouble.ts";
import type { OpenService } from "./open-service.ts";
import { parse, type ReceiveDeps, sortOut, toArrival } from "./receive.ts";
import type { ServiceBook } from "./service-book.ts";
import { admit, type RefusalReason } from "./admit.ts";

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
	for (const row of rows) {
		if ((await recheckSafely(row, deps)) === "not now") {
			return false; // In their order: those behind it wait as well.
		}
	}
	if (rows.length > 0) {
		deps.signals.nudge("matcher");
		deps.signals.nudge("receipts");
	}
	return rows.length === batchSize;
}

/** A row that cannot be judged at all must not stand in the way of the others. */
async function recheckSafely(row: QuarantinedRow, deps: RecheckDeps): Promise<"done" | "not now"> {
	try {
		return await recheck(row, deps);
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
		await deps.storage.write((tx) => stillRefused(tx, row, reason, deps.clock.now()));
		return "done";
	}
}

/** Not judged at all, for a reason that passes: the wish stays. */
const passing: ReadonlySet<RefusalReason> = new Set(["logon_throttled", "secrets_locked"]);

async function recheck(row: QuarantinedRow, deps: RecheckDeps): Promise<"done" | "not now"> {
	const service = deps.services.byId(row.serviceId);
	const refusedFor = async (reason: string): Promise<"done"> => {
		await deps.storage.write((tx) => stillRefused(tx, row, reason, deps.clock.now()));
		return "done";
	};
	if (service === undefined) {
		return refusedFor("unknown_service");
	}
	const raw = toRawRequest(openSealedRequest(deps.box(), row.id, row.sealed));
	const door = await admit(raw, service, row.remoteAddress ?? "", { ...deps, now: () => row.receivedAt });
	if (!door.open) {
		return passing.has(door.reason) ? "not now" : refusedFor(door.reason);
	}
	const { ours, foreign } = sortOut(parse(door.request, service, deps));
	if (ours.length === 0 && foreign.length > 0) {
		return refusedFor("foreign_account");
	}
	if (row.wish === "recheck") {
		return refusedFor("genuine");
	}
	await release(row, { raw, service, ours }, deps);
	return "done";
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
		const at = deps.clock.now();
		await tellReleased(tx, arrival, { act: row.act, at });
		await removeFromQuarantine(tx, row, { to: "released", at });
	});
}

/** In the ledger of each message that it brought; what was here before was not let in by this. */
async function tellReleased(tx: Tx, arrival: Arrival, { act, at }: { act: PersonsAct; at: Date }): Promise<void> {
	const { serviceId } = arrival.request;
	const fresh = await existingMessages(
		tx,
		arrival.events.filter(({ event }) => event.kind === "message").map(({ id }) => id),
	);
	const events = fresh.map((messageId) => ({ at, type: "message.released" as const, serviceId, messageId }));
	await appendEvents(
		tx,
		events.map((event) => ({ ...event, conversationId: null, data: byPerson(act) })),
	);
}

function toRawRequest(request: SealedRequest): RawRequest {
	return { ...request, headers: new Headers(request.headers.map(([name, value]) => [name, value])) };
}
