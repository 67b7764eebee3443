// Work that repeats with a provider — fetching what it does not bring, renewing what expires. One round per service at a
// time, on one node; what it found and where it stopped are stored in one transaction, so that a cut loses nothing.

import type { Finding, UpkeepRound } from "#connectors/contract.ts";
import { describeError } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { type Arrival, recordArrivals } from "#storage/arrivals.ts";
import {
	claimUpkeep,
	dueUpkeep,
	renewUpkeep,
	settleUpkeep,
	type UpkeepClaim,
	type UpkeepEnd,
} from "#storage/upkeep.ts";
import type { DeliveryDeps } from "./deliveries.ts";
import { fitting } from "./fitting.ts";
import { keepRenewing } from "./keep-lease.ts";
import type { OpenService } from "./open-service.ts";
import { nudge, sortOut, toArrival } from "./receive.ts";
import type { ServiceBook } from "./service-book.ts";
import { storable } from "./storable.ts";
import { hiderOf, type ToolDeps, toolsFor } from "./tools.ts";
import type { Vitals } from "./vitals.ts";

export type UpkeepDeps = Pick<DeliveryDeps, "storage" | "signals" | "clock" | "ids" | "log"> &
	ToolDeps & { services: ServiceBook; vitals: Pick<Vitals, "upkept" | "received"> };

const pollMs = 1000;
const leaseMs = 60_000; // Renewed while the round runs; so long after the end of a process another one begins.
const restMinMs = 2000;
const restMaxMs = 24 * 3_600_000;
const afterBugMs = 60_000;
const stateBytesMax = 262_144; // A cursor, a subscription and a provider's public keys take a few kilobytes.

export function startUpkeep(deps: UpkeepDeps): RunningWorker {
	const running = new Map<string, Promise<void>>();
	const worker = startWorker(
		{
			name: "Upkeep",
			pollMs,
			round: () => beginDue(deps, running),
			listen: (wake) => deps.signals.listen("upkeep", wake),
		},
		deps,
	);
	return {
		async stop() {
			await worker.stop();
			await Promise.all(running.values());
		},
	};
}

/** A provider that does not answer holds up only its own service. */
async function beginDue(deps: UpkeepDeps, running: Map<string, Promise<void>>): Promise<boolean> {
	const idle = deps.services.sending().filter((service) => isUpkept(service) && !running.has(service.id));
	for (const { id } of await dueUpkeep(deps.storage.db, idle, deps.clock.now())) {
		const service = deps.services.byId(id);
		if (service !== undefined) {
			running.set(
				id,
				upkeepOnce(service, deps).finally(() => running.delete(id)),
			);
		}
	}
	return false;
}

/** What cannot be opened or is not complete would only be refused. */
function isUpkept(service: OpenService): boolean {
	return service.upkeep !== undefined && !service.isLocked && service.cannotSend() === undefined;
}

/** Never rejects. */
async function upkeepOnce(service: OpenService, deps: UpkeepDeps): Promise<void> {
	const { clock, log, storage } = deps;
	try {
		const claim = await storage.write((tx) => claimUpkeep(tx, service, clock.now(), leaseMs));
		if (claim !== undefined) {
			await upkeepClaimed(service, claim, deps);
		}
	} catch (error) {
		// The lease ends by itself, and the round is repeated from the state before it.
		log.error("A round of upkeep could not be stored.", {
			server: "SMS Server",
			serviceId: service.id,
			error: describeError(error),
		});
	}
}

/** A slow provider makes a round last for minutes: a dozen requests, each with its time limit. */
async function upkeepClaimed(service: OpenService, claim: UpkeepClaim, deps: UpkeepDeps): Promise<void> {
	const stopRenewing = keepRenewing((until) => renewUpkeep(deps.storage.db, claim, until), { ...deps, leaseMs });
	try {
		await keep(await roundOf(service, claim, deps), { service, claim }, deps);
	} finally {
		stopRenewing();
	}
}

async function roundOf(service: OpenService, claim: UpkeepClaim, deps: UpkeepDeps): Promise<UpkeepRound> {
	const { tools } = toolsFor(service, deps);
	try {
		const round = await service.upkeep?.(claim.state, tools);
		if (round !== undefined && JSON.stringify(round.state).length <= stateBytesMax) {
			return round;
		}
		return failedRound(claim, deps, "The connector keeps too much between its rounds.");
	} catch (error) {
		deps.log.error("A connector failed in its upkeep.", {
			server: "SMS Server",
			serviceId: service.id,
			serviceType: service.type,
			error: describeError(error),
		});
		return failedRound(claim, deps, "The connector failed in its upkeep; the log of the SMS Server has the cause.");
	}
}

function failedRound({ state }: UpkeepClaim, { clock }: UpkeepDeps, detail: string): UpkeepRound {
	const nextAt = new Date(clock.now().getTime() + afterBugMs);
	return { findings: [], state, nextAt, trouble: { code: "protocol", detail } };
}

async function keep(
	round: UpkeepRound,
	{ service, claim }: { service: OpenService; claim: UpkeepClaim },
	deps: UpkeepDeps,
): Promise<void> {
	const { storage, clock, signals, vitals } = deps;
	const arrivals = round.findings.flatMap((finding) => toArrivals(finding, service, deps));
	const end = endOf(round, claim, { service, now: clock.now() });
	const recorded = await storage.write(async (tx) =>
		(await settleUpkeep(tx, claim, end)) ? recordArrivals(tx, arrivals) : undefined,
	);
	if (recorded === undefined) {
		return;
	}
	const fresh = recorded.reduce((sum, result) => sum + (result.kind === "stored" ? result.fresh : 0), 0);
	if (fresh > 0) {
		vitals.received(service.id, fresh);
	}
	if (end.trouble === null) {
		vitals.upkept(service.id);
	}
	nudge(
		arrivals.flatMap(({ events }) => events.map(({ event }) => event)),
		signals,
	);
}

/** What belongs to other accounts is nothing that somebody sent to us: it is left where it was found. */
function toArrivals({ url, body, events }: Finding, service: OpenService, deps: UpkeepDeps): Arrival[] {
	const { ours } = sortOut(events.map((event) => fitting(storable(event))));
	const raw = { method: "GET", url, headers: new Headers(), body };
	const caller = { address: URL.parse(url)?.host ?? "" };
	return ours.length === 0
		? []
		: [toArrival(raw, { service, caller, nonce: undefined, events: ours, verdict: "ok" }, deps)];
}

function endOf(
	round: UpkeepRound,
	claim: UpkeepClaim,
	{ service, now }: { service: OpenService; now: Date },
): UpkeepEnd {
	const waitMs = Math.min(restMaxMs, Math.max(restMinMs, round.nextAt.getTime() - now.getTime()));
	const isSame = JSON.stringify(round.state) === JSON.stringify(claim.state);
	const { trouble } = round;
	return {
		state: isSame ? undefined : round.state,
		dueAt: new Date(now.getTime() + waitMs),
		finishedAt: now,
		trouble: trouble === undefined ? null : { code: trouble.code, detail: hiderOf(service)(trouble.detail) },
	};
}
