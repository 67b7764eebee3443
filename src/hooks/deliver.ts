// Sends deliveries: claim → send → settle, one at a time for each subscription, in the order of events; what failed steps
// aside until its time comes. Subscriptions take turns, so that slow receivers do not keep others waiting. A claim that a
// killed process leaves behind is taken over when its lease is over.

import { describeError } from "#platform/log.ts";
import { SealBroken, SecretsLocked } from "#platform/secret-box.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { isInSight } from "#rights/event-sight.ts";
import {
	claimDelivery,
	type DeliveryClaim,
	type DeliverySettlement,
	dueSubscriptions,
	settleDelivery,
} from "#storage/event-deliveries.ts";
import { openHeaders, openSigningSecrets } from "#storage/subscription-secrets.ts";
import type { HookDeps } from "./deps.ts";
import { ownerSight } from "./owner-sight.ts";
import { settle } from "./settle.ts";
import { sign } from "./sign.ts";

const pollMs = 1000;
const subscriptionsAtOnce = 20;
const turnMs = 2000; // No delivery is begun later in a turn, as others may wait.
const lockedRestMs = 30_000; // Until the key ring is looked for again.

type Floor = { deps: HookDeps; running: Map<string, Promise<void>>; stopping: AbortSignal };

export function startDelivering(deps: HookDeps): RunningWorker {
	const stop = new AbortController();
	const floor: Floor = { deps, running: new Map(), stopping: stop.signal };
	const worker = startWorker(
		{
			name: "Event Webhooks",
			pollMs,
			round: () => beginDue(floor),
			listen: (wake) => deps.signals.listen("eventDeliveries", wake),
		},
		deps,
	);
	return {
		async stop() {
			await worker.stop();
			stop.abort(); // What is under way is broken off, and sent again under the same id.
			await Promise.all(floor.running.values());
		},
	};
}

async function beginDue({ deps, running, stopping }: Floor): Promise<boolean> {
	const limit = subscriptionsAtOnce - running.size;
	// Those that are running may be among them, between two deliveries.
	const due = limit > 0 ? await dueSubscriptions(deps.storage.db, deps.clock.now(), subscriptionsAtOnce) : [];
	for (const id of due.filter((one) => !running.has(one)).slice(0, limit)) {
		const work = serve(id, deps, stopping).finally(() => {
			running.delete(id);
			deps.signals.nudge("eventDeliveries");
		});
		running.set(id, work);
	}
	return false;
}

/** One turn: until nothing is due for it, or others have waited long enough. Never rejects. */
async function serve(subscriptionId: string, deps: HookDeps, stopping: AbortSignal): Promise<void> {
	const { storage, clock, leaseMs } = deps;
	const claimNext = (): Promise<DeliveryClaim | undefined> =>
		storage.write((tx) => claimDelivery(tx, subscriptionId, { now: clock.now(), leaseMs }));
	try {
		const endMs = clock.monotonicMs() + turnMs;
		let claim = stopping.aborted ? undefined : await claimNext();
		while (claim !== undefined) {
			await deliverOne(claim, deps, stopping);
			claim = stopping.aborted || clock.monotonicMs() >= endMs ? undefined : await claimNext();
		}
	} catch (error) {
		// The lease ends by itself, and the delivery is sent again.
		deps.log.error("An event webhook could not be dealt with.", {
			...factsOf(subscriptionId),
			error: describeError(error),
		});
	}
}

/** One try, and what follows. */
export async function deliverOne(claim: DeliveryClaim, deps: HookDeps, stopping?: AbortSignal): Promise<void> {
	const settlement = await tryOne(claim, deps, stopping);
	const isOurs = await deps.storage.write((tx) => settleDelivery(tx, claim, settlement, deps.clock.now()));
	const { next, disable } = settlement;
	deps.metrics.eventDelivery(next.to === "pending" ? "retry" : next.to);
	if (isOurs && disable !== undefined) {
		deps.metrics.alarm("event_subscription_disabled", true);
		deps.log.warn("An event subscription was disabled.", { ...factsOf(claim.subscriptionId), reason: disable });
	}
}

function factsOf(objectId: string) {
	return { server: "Event Webhooks", objectType: "eventSubscription", objectId } as const;
}

async function tryOne(
	claim: DeliveryClaim,
	deps: HookDeps,
	stopping: AbortSignal | undefined,
): Promise<DeliverySettlement> {
	const { storage, clock, random, wayOut } = deps;
	const sight = await ownerSight(storage, claim.ownerId);
	if (!claim.isTest && (sight === null || !isInSight(claim, sight))) {
		return withoutTry("The owner of the subscription may not be told of this event any more.");
	}
	const opened = open(claim, deps);
	if ("next" in opened) {
		return opened;
	}
	const startMs = clock.monotonicMs();
	const answer = await wayOut.request({
		method: "POST",
		url: claim.sealed.url,
		headers: {
			...opened.headers,
			"content-type": "application/json",
			"user-agent": "Parley",
			...sign(opened.secrets, { id: claim.id, at: clock.now(), body: claim.body }),
		},
		body: claim.body,
		lane: claim.subscriptionId,
		...(stopping === undefined ? {} : { signal: stopping }),
	});
	const durationMs = Math.round(clock.monotonicMs() - startMs);
	const tried = { answer, durationMs, isBrokenOff: stopping?.aborted === true };
	return settle(claim, tried, { now: clock.now(), fraction: random.fraction() });
}

const untried = { status: null, durationMs: null, answer: null } as const;

function withoutTry(reason: string): DeliverySettlement {
	return {
		attempt: { ...untried, outcome: "not sent" },
		next: { to: "failed", reason },
		subscription: { is: "same" },
	};
}

type Opened = { headers: Readonly<Record<string, string>>; secrets: readonly string[] };

/** What is needed to send, in clear; or what follows where it does not open. */
function open({ sealed }: DeliveryClaim, { box, clock }: HookDeps): Opened | DeliverySettlement {
	try {
		return { headers: openHeaders(box, sealed, sealed), secrets: openSigningSecrets(box, sealed, clock.now()) };
	} catch (error) {
		if (error instanceof SecretsLocked) {
			const restUntil = new Date(clock.now().getTime() + lockedRestMs);
			return {
				attempt: { ...untried, outcome: "secrets locked" },
				next: { to: "pending", notBefore: restUntil, isCounted: false },
				subscription: { is: "same", restUntil },
			};
		}
		if (error instanceof SealBroken) {
			const reason = "Its stored secrets do not open any more. Rotate the secret and give the headers again.";
			return { ...withoutTry(reason), disable: reason };
		}
		throw error;
	}
}
