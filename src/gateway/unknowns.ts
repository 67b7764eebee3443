// Looks after parts that nobody works on: claims of dead workers, outcomes that stayed unknown, times that ran out. An
// unknown outcome waits for an echo or a receipt, is then asked for at the provider, and is else left to the policy.

import type { Outcome } from "#connectors/contract.ts";
import { describeError } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import type { NextStep } from "#storage/outbox-moves.ts";
import {
	claimUnknowns,
	endUnknown,
	expireOverdue,
	giveUpOrphans,
	markLapsed,
	type UnknownPart,
} from "#storage/outbox-recovery.ts";
import { toOutboundMessage } from "./deliver.ts";
import { keepLease } from "./keep-lease.ts";
import type { OpenService } from "./open-service.ts";
import type { SenderDeps } from "./sender.ts";
import { settleUnknown } from "./settle.ts";
import { storable } from "./storable.ts";
import { toolsFor } from "./tools.ts";

const pollMs = 1000; // Held messages are shown within the wait plus this.
const asksAtOnce = 10; // Per service: half of its way out, the other half is for sends.

export function startUnknowns(deps: SenderDeps): RunningWorker {
	const running = new Map<string, Promise<void>>();
	const worker = startWorker(
		{ name: "Recovery of sends", pollMs, round: () => recover(deps, running), listen: () => () => undefined },
		deps,
	);
	return {
		async stop() {
			await worker.stop();
			await Promise.all(running.values());
		},
	};
}

/** One round. A provider that does not answer holds up only the questions about its own service. */
async function recover(deps: SenderDeps, running: Map<string, Promise<void>>): Promise<boolean> {
	const { storage, clock } = deps;
	const { count, isMore } = await storage.alone("outbox", (tx) => expireOverdue(tx, clock.now()));
	const lapsed = await storage.alone("outbox", (tx) => markLapsed(tx, clock.now()));
	const orphans = await storage.alone("outbox", (tx) => giveUpOrphans(tx, clock.now()));
	if (count + lapsed + orphans > 0) {
		nudge(deps);
	}
	for (const service of deps.services.all().filter(({ id }) => !running.has(id))) {
		const work = recoverService(service, deps).finally(() => running.delete(service.id));
		running.set(service.id, work);
	}
	return isMore;
}

function nudge({ signals }: SenderDeps): void {
	signals.nudge("sender");
	signals.nudge("events");
}

/** Never rejects. */
async function recoverService(service: OpenService, deps: SenderDeps): Promise<void> {
	try {
		const now = deps.clock.now();
		const since = new Date(now.getTime() - service.settings.unknownWaitSeconds * 1000);
		const options = { serviceId: service.id, since, now, leaseMs: deps.leaseMs, limit: asksAtOnce };
		const parts = await deps.storage.alone("outbox", (tx) => claimUnknowns(tx, options));
		await Promise.all(parts.map((part) => endWait(part, service, deps)));
		if (parts.length > 0) {
			nudge(deps);
		}
	} catch (error) {
		// Leases end by themselves: the next rounds try again.
		deps.log.error("Outcomes that stayed unknown could not be settled.", {
			server: "SMS Server",
			serviceId: service.id,
			error: describeError(error),
		});
	}
}

async function endWait(part: UnknownPart, service: OpenService, deps: SenderDeps): Promise<void> {
	const next = part.learnt ?? (await askAndDecide(part, service, deps));
	const isOurs = await deps.storage.alone("outbox", (tx) => endUnknown(tx, part, next, deps.clock.now()));
	if (isOurs && next.to === "held") {
		deps.metrics.alarm("messages_held", true);
		deps.log.warn("A message is held: nobody knows whether the provider took it.", {
			server: "SMS Server",
			serviceId: service.id,
			messageId: part.messageId,
		});
	}
}

async function askAndDecide(part: UnknownPart, service: OpenService, deps: SenderDeps): Promise<NextStep> {
	// A question may take longer than a lease; another node that took the part over meanwhile would ask for ever as well.
	const stopRenewing = keepLease(part, deps);
	try {
		const asked = await ask(part, service, deps);
		return settleUnknown(part, asked, service.settings.unknownOutcome, deps.clock.now());
	} finally {
		stopRenewing();
	}
}

/** What the provider says about the attempt; undefined where it cannot be asked or does not answer. */
async function ask(part: UnknownPart, service: OpenService, deps: SenderDeps): Promise<Outcome | undefined> {
	if (service.lookup === undefined || service.isLocked) {
		return undefined;
	}
	try {
		const { tools } = toolsFor(service, deps);
		const attachments = deps.links.given(part.attachments, part.attemptedAt) ?? [];
		const message = toOutboundMessage({ ...part, attachments }, service);
		return storable(await service.lookup(message, part.attemptedAt, tools));
	} catch (error) {
		deps.log.error("A connector failed while asking for an outcome.", {
			server: "SMS Server",
			serviceId: service.id,
			messageId: part.messageId,
			error: describeError(error),
		});
		return undefined;
	}
}
