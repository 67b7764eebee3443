// Decides who may send now — breaker, pace, free places — claims that many parts per service, and delivers them side by
// side. One slow or broken provider takes only its own places.

import type { Outcome } from "#connectors/contract.ts";
import type { Ids } from "#platform/ids.ts";
import type { Metrics } from "#platform/metrics.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { describeError } from "#platform/log.ts";
import { type Claim, claimParts } from "#storage/outbox.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import {
	afterOutcome,
	afterProbe,
	allowance,
	type Breaker,
	type BreakerFact,
	type BreakerRules,
	closedBreaker,
} from "./breaker.ts";
import { deliver, type DeliverDeps } from "./deliver.ts";
import { keepLease } from "./keep-lease.ts";
import type { OpenService } from "./open-service.ts";
import { fullPace, type Pace, refill, spend } from "./pace.ts";
import type { ServiceBook } from "./service-book.ts";
import { stopService } from "#storage/services.ts";

export type SenderDeps = DeliverDeps & {
	storage: Storage;
	signals: Signals;
	ids: Ids;
	metrics: Metrics;
	services: ServiceBook;
	leaseMs: number;
	breaker: BreakerRules;
	/** Names this process in leases. */
	owner: string;
};

type ServiceState = { breaker: Breaker; pace: Pace; inFlight: number };

/** What this process is doing right now. */
type Floor = {
	deps: SenderDeps;
	states: Map<string, ServiceState>;
	running: Set<Promise<void>>;
	/** Aborted when the process is told to end. */
	stopping: AbortSignal;
};

const sendsInAll = 200; // Open requests of this process to all providers.
const pollMs = 250;
const pauseAfterThrottleMs = 1000; // A throttle without Retry-After.

export type Sender = RunningWorker & {
	/** Why a service is not sending at the moment, for its state; undefined: nothing is in the way. */
	trouble(serviceId: string): string | undefined;
};

export function startSender(deps: SenderDeps): Sender {
	const stopping = new AbortController();
	const floor: Floor = { deps, states: new Map(), running: new Set(), stopping: stopping.signal };
	const listen = (wake: () => void) => deps.signals.listen("sender", wake);
	const worker = startWorker({ name: "Sender", pollMs, round: () => round(floor), listen }, deps);
	return {
		async stop() {
			stopping.abort();
			await worker.stop();
			await Promise.allSettled(floor.running);
		},
		trouble(serviceId) {
			const breaker = floor.states.get(serviceId)?.breaker;
			return breaker?.openedAtMs === undefined ? undefined : (breaker.lastCode ?? "unreachable");
		},
	};
}

/** True: something was started, so there may be more. */
async function round(floor: Floor): Promise<boolean> {
	let started = 0;
	for (const service of floor.deps.services.sending()) {
		const state = stateOf(service, floor);
		const claims = await claimFor(service, state, floor);
		for (const claim of claims) {
			const work = deliverOne(claim, service, state, floor);
			floor.running.add(work);
			void work.finally(() => floor.running.delete(work));
		}
		started += claims.length;
	}
	return started > 0;
}

function stateOf(service: OpenService, floor: Floor): ServiceState {
	const nowMs = floor.deps.clock.monotonicMs();
	const { sendsPerSecond } = service.settings;
	const state = floor.states.get(service.id) ?? {
		breaker: closedBreaker,
		pace: fullPace(sendsPerSecond, nowMs),
		inFlight: 0,
	};
	state.pace = refill(state.pace, sendsPerSecond, nowMs);
	floor.states.set(service.id, state);
	return state;
}

async function claimFor(service: OpenService, state: ServiceState, { deps, running }: Floor): Promise<Claim[]> {
	const nowMs = deps.clock.monotonicMs();
	const places = Math.min(service.settings.sendsAtOnce - state.inFlight, sendsInAll - running.size);
	const wanted = Math.min(places, Math.floor(state.pace.tokens));
	const limit = wanted > 0 ? allowance(state.breaker, wanted, nowMs, deps.breaker) : 0;
	if (limit === 0) {
		return [];
	}
	const claims = await deps.storage.alone("outbox", (tx) =>
		claimParts(tx, {
			serviceId: service.id,
			limit,
			now: deps.clock.now(),
			leaseMs: deps.leaseMs,
			owner: deps.owner,
			newAttemptId: () => deps.ids.next(),
		}),
	);
	state.pace = spend(state.pace, claims.length);
	state.inFlight += claims.length;
	if (claims.length > 0) {
		state.breaker = afterProbe(state.breaker, nowMs);
	}
	return claims;
}

async function deliverOne(claim: Claim, service: OpenService, state: ServiceState, floor: Floor): Promise<void> {
	const { deps } = floor;
	const stopRenewing = keepLease(claim, deps);
	try {
		const outcome = await deliver(claim, service, { ...deps, stopping: floor.stopping });
		await learn(outcome, service, state, floor);
	} catch (error) {
		// The attempt row stays without an outcome; recovery treats it as unknown once the lease is over.
		deps.log.error("An attempt's outcome could not be written.", {
			server: "SMS Server",
			attemptId: claim.attemptId,
			error: describeError(error),
		});
	} finally {
		stopRenewing();
		state.inFlight -= 1;
		deps.signals.nudge("sender");
		deps.signals.nudge("events");
		deps.signals.nudge("receipts");
	}
}

async function learn(outcome: Outcome, service: OpenService, state: ServiceState, floor: Floor): Promise<void> {
	const { deps } = floor;
	const now = deps.clock.now();
	const nowMs = deps.clock.monotonicMs();
	deps.metrics.attempt(service.type, outcome.kind);
	const before = state.breaker;
	state.breaker = afterOutcome(before, toFact(outcome, now, nowMs), nowMs, deps.breaker);
	reportBreaker(before, state.breaker, service, floor);
	if (outcome.kind === "rejected" && outcome.closesService === true) {
		await deps.storage.write((tx) => stopService(tx, service.id, outcome.detail, now));
		deps.metrics.alarm("service_stopped", true);
		await deps.services.refresh();
	}
}

function reportBreaker(before: Breaker, after: Breaker, service: OpenService, floor: Floor): void {
	const { deps } = floor;
	const isOpen = after.openedAtMs !== undefined;
	if (isOpen === (before.openedAtMs !== undefined)) {
		return;
	}
	const anyOpen = [...floor.states.values()].some(({ breaker }) => breaker.openedAtMs !== undefined);
	deps.metrics.alarm("service_not_sending", anyOpen);
	deps.log.warn(isOpen ? "A service stopped sending." : "A service sends again.", {
		server: "SMS Server",
		serviceId: service.id,
		serviceType: service.type,
		...(after.lastCode === undefined ? {} : { code: after.lastCode }),
	});
}

/** What an outcome says about the provider, as opposed to about the message. */
function toFact(outcome: Outcome, now: Date, nowMs: number): BreakerFact {
	switch (outcome.kind) {
		case "accepted":
		case "rejected":
			return { failed: false };
		case "unknown":
			return { failed: true, code: outcome.code };
		case "retry": {
			if (outcome.code !== "throttled") {
				return { failed: true, code: outcome.code };
			}
			const pauseMs =
				outcome.notBefore === undefined ? pauseAfterThrottleMs : outcome.notBefore.getTime() - now.getTime();
			return { failed: true, code: outcome.code, pauseUntilMs: nowMs + Math.max(0, pauseMs) };
		}
	}
}
