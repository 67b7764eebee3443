// Decides who may send now — breaker, pace, free places — claims that many parts per service, and delivers them side by
// side. One slow or broken provider takes only its own places.

import type { Outcome } from "#connectors/contract.ts";
import type { Ids } from "#platform/ids.ts";
import type { Metrics } from "#platform/metrics.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { describeError } from "#platform/log.ts";
import { type GroupCommit, groupCommit } from "#storage/group-commit.ts";
import { type Claim, claimParts } from "#storage/outbox.ts";
import { type Settlement, settleInside } from "#storage/outbox-moves.ts";
import { stopService } from "#storage/services.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage, Tx } from "#storage/storage.ts";
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
import type { Vitals } from "./vitals.ts";

export type SenderDeps = Omit<DeliverDeps, "settlements" | "heard"> & {
	storage: Storage;
	signals: Signals;
	ids: Ids;
	metrics: Metrics;
	vitals: Pick<Vitals, "attempted">;
	services: ServiceBook;
	leaseMs: number;
	breaker: BreakerRules;
	/** Names this process in leases. */
	owner: string;
};

type ServiceState = {
	breaker: Breaker;
	pace: Pace;
	inFlight: number;
	/** Its provider said "never again"; until the book knows that too. */
	isGone: boolean;
	/** Of the service, as it was when the rest was learnt: what a person changed is tried at once. */
	version: number;
};

/** What this process is doing right now. */
type Floor = {
	deps: SenderDeps;
	states: Map<string, ServiceState>;
	running: Set<Promise<void>>;
	turnsTaken: number;
	/** Aborted when the process is told to end. */
	stopping: AbortSignal;
	/** One turn at a time: two at once would both give away the same places. */
	turns: GroupCommit<Settlement | "look", unknown>;
};

const settlementsMax = 256; // That share one fsync.
const sendsInAll = 200; // Open requests of this process to all providers.
const pollMs = 250;
const pauseAfterThrottleMs = 1000; // A throttle without Retry-After.

export type Sender = RunningWorker & {
	/** Why a service is not sending at the moment, for its state; undefined: nothing is in the way. */
	trouble(serviceId: string): string | undefined;
};

export function startSender(deps: SenderDeps): Sender {
	const stopping = new AbortController();
	const turns = groupCommit((items: readonly (Settlement | "look")[]) => turn(floor, items), settlementsMax);
	const floor: Floor = { deps, states: new Map(), running: new Set(), turnsTaken: 0, stopping: stopping.signal, turns };
	const listen = (wake: () => void) => deps.signals.listen("sender", wake);
	const worker = startWorker({ name: "Sender", pollMs, round: () => look(floor), listen }, deps);
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

async function look({ turns }: Floor): Promise<boolean> {
	await turns.add("look");
	return false; // Whatever ends a send looks for the next one.
}

/** What came back is settled and what may go is claimed, with one commit for both. */
async function turn(floor: Floor, items: readonly (Settlement | "look")[]): Promise<readonly unknown[]> {
	const { deps, stopping } = floor;
	const settlements = items.filter((item) => item !== "look");
	const wishes = stopping.aborted ? [] : wishesOf(floor, settlements);
	if (settlements.length + wishes.length === 0) {
		return items;
	}
	if (settlements.length > 0) {
		deps.metrics.groupCommit(settlements.length);
	}
	const taken = await deps.storage.alone("outbox", async (tx) => {
		await settleInside(tx, settlements, deps.clock.now());
		const claimed: { wish: Wish; claims: Claim[] }[] = [];
		let places = sendsInAll - floor.running.size + settlements.length;
		for (const wish of wishes) {
			const limit = Math.min(wish.limit, places);
			const claims = limit > 0 ? await claimFor(tx, { ...wish, limit }, deps) : [];
			places -= claims.length;
			claimed.push({ wish, claims });
		}
		return claimed;
	});
	taken.forEach(({ wish, claims }) => begin(claims, wish, floor));
	tell(settlements, taken.length > 0, deps.signals);
	return items;
}

function tell(settlements: readonly Settlement[], hasClaimed: boolean, signals: Signals): void {
	if (settlements.some(({ next }) => next.to === "sent")) {
		signals.nudge("receipts"); // Some may have waited for the remote ids.
	}
	if (hasClaimed || settlements.length > 0) {
		signals.nudge("events");
	}
}

/** How many sends of a service may start. */
type Wish = { service: OpenService; state: ServiceState; limit: number };

/**
 * The places of what is about to be settled count as free. Each turn begins with another service, so that where places in
 * all are short nobody is always last.
 */
function wishesOf(floor: Floor, settlements: readonly Settlement[]): Wish[] {
	const { deps } = floor;
	const wishes: Wish[] = [];
	for (const service of deps.services.sending()) {
		if (deps.lines?.isReady(service) === false) {
			continue;
		}
		const state = stateOf(service, floor);
		const freed = settlements.filter(({ claim }) => claim.serviceId === service.id).length;
		const places = service.settings.sendsAtOnce - state.inFlight + freed;
		const wanted = Math.min(places, Math.floor(state.pace.tokens));
		const limit =
			wanted > 0 && !state.isGone ? allowance(state.breaker, wanted, deps.clock.monotonicMs(), deps.breaker) : 0;
		if (limit > 0) {
			wishes.push({ service, state, limit });
		}
	}
	floor.turnsTaken += 1;
	const first = floor.turnsTaken % Math.max(1, wishes.length);
	return [...wishes.slice(first), ...wishes.slice(0, first)];
}

function claimFor(tx: Tx, { service, limit }: Wish, deps: SenderDeps): Promise<Claim[]> {
	return claimParts(tx, {
		serviceId: service.id,
		limit,
		now: deps.clock.now(),
		leaseMs: deps.leaseMs,
		owner: deps.owner,
		newAttemptId: () => deps.ids.next(),
	});
}

/** After the commit: the attempts are written, sockets may be opened. */
function begin(claims: readonly Claim[], { service, state }: Wish, floor: Floor): void {
	if (claims.length === 0) {
		return;
	}
	state.pace = spend(state.pace, claims.length);
	state.inFlight += claims.length;
	state.breaker = afterProbe(state.breaker, floor.deps.clock.monotonicMs());
	for (const claim of claims) {
		const work = deliverOne(claim, service, state, floor);
		floor.running.add(work);
		void work.finally(() => floor.running.delete(work));
	}
}

function stateOf(service: OpenService, floor: Floor): ServiceState {
	const nowMs = floor.deps.clock.monotonicMs();
	const { sendsPerSecond } = service.settings;
	const state = floor.states.get(service.id) ?? {
		breaker: closedBreaker,
		pace: fullPace(sendsPerSecond, nowMs),
		inFlight: 0,
		isGone: false,
		version: service.version,
	};
	state.pace = refill(state.pace, sendsPerSecond, nowMs);
	if (state.version !== service.version) {
		const before = state.breaker;
		state.breaker = closedBreaker;
		state.version = service.version;
		reportBreaker(before, state.breaker, service, floor);
	}
	floor.states.set(service.id, state);
	return state;
}

async function deliverOne(claim: Claim, service: OpenService, state: ServiceState, floor: Floor): Promise<void> {
	const { deps, turns, stopping } = floor;
	const stopRenewing = keepLease(claim, deps);
	const heard = (outcome: Outcome): void => learn(outcome, service, state, floor);
	try {
		const outcome = await deliver(claim, service, { ...deps, settlements: turns, heard, stopping });
		await obey(outcome, service, deps);
		state.isGone = false;
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
	}
}

function learn(outcome: Outcome, service: OpenService, state: ServiceState, floor: Floor): void {
	const { deps } = floor;
	const nowMs = deps.clock.monotonicMs();
	deps.metrics.attempt(service.type, outcome.kind);
	deps.vitals.attempted(service.id, outcome);
	state.isGone ||= outcome.kind === "rejected" && outcome.closesService === true;
	const before = state.breaker;
	state.breaker = afterOutcome(before, toFact(outcome, deps.clock.now(), nowMs), nowMs, deps.breaker);
	reportBreaker(before, state.breaker, service, floor);
}

/** A provider that says "never again" is asked nothing more until a person looks at it. */
async function obey(outcome: Outcome, service: OpenService, deps: SenderDeps): Promise<void> {
	if (outcome.kind === "rejected" && outcome.closesService === true) {
		await deps.storage.write((tx) => stopService(tx, service.id, outcome.detail, deps.clock.now()));
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
			return { failed: false };
		case "rejected":
			// One message refused says that the provider is well; the account refused stops the queue.
			return outcome.code === "credentials" ? { failed: true, code: outcome.code } : { failed: false };
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
