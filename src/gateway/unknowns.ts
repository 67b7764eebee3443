// Looks after parts that nobody works on: claims of dead workers, outcomes that stayed unknown, times that ran out. An
// unknown outcome waits for an echo or a receipt, is then asked for at the provider, and is else left to the policy.

import type { Outcome } from "#connectors/contract.ts";
import { describeError } from "#platform/log.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { claimUnknowns, endUnknown, expireOverdue, markLapsed, type UnknownPart } from "#storage/outbox-recovery.ts";
import { toOutboundMessage } from "./deliver.ts";
import type { OpenService } from "./open-service.ts";
import type { SenderDeps } from "./sender.ts";
import { settleUnknown } from "./settle.ts";
import { toolsFor } from "./tools.ts";

const pollMs = 1000; // Held messages are shown within the wait plus this.

export function startUnknowns(deps: SenderDeps): RunningWorker {
	return startWorker(
		{ name: "Recovery of sends", pollMs, round: () => recover(deps), listen: () => () => undefined },
		deps,
	);
}

/** One round over all services. */
export async function recover(deps: SenderDeps): Promise<boolean> {
	const { storage, clock } = deps;
	const expired = await storage.write((tx) => expireOverdue(tx, clock.now()));
	const lapsed = await storage.alone("outbox", (tx) => markLapsed(tx, clock.now()));
	let ended = 0;
	for (const service of deps.services.all()) {
		ended += await recoverService(service, deps);
	}
	if (expired + lapsed + ended > 0) {
		deps.signals.nudge("sender");
		deps.signals.nudge("events");
	}
	return false;
}

async function recoverService(service: OpenService, deps: SenderDeps): Promise<number> {
	const now = deps.clock.now();
	const since = new Date(now.getTime() - service.settings.unknownWaitSeconds * 1000);
	const { leaseMs } = deps;
	const parts = await deps.storage.alone("outbox", (tx) =>
		claimUnknowns(tx, { serviceId: service.id, since, now, leaseMs }),
	);
	for (const part of parts) {
		await endWait(part, service, deps);
	}
	return parts.length;
}

async function endWait(part: UnknownPart, service: OpenService, deps: SenderDeps): Promise<void> {
	const asked = await ask(part, service, deps);
	const now = deps.clock.now();
	const next = settleUnknown(part, asked, service.settings.unknownOutcome, now);
	const isOurs = await deps.storage.write((tx) => endUnknown(tx, part, next, now));
	if (isOurs && next.to === "held") {
		deps.metrics.alarm("messages_held", true);
		deps.log.warn("A message is held: nobody knows whether the provider took it.", {
			server: "SMS Server",
			serviceId: service.id,
			messageId: part.messageId,
		});
	}
}

/** What the provider says about the attempt; undefined where it cannot be asked or does not answer. */
async function ask(part: UnknownPart, service: OpenService, deps: SenderDeps): Promise<Outcome | undefined> {
	if (service.lookup === undefined || service.isLocked) {
		return undefined;
	}
	try {
		const { tools } = toolsFor(service, deps);
		return await service.lookup(toOutboundMessage(part, service), part.attemptedAt, tools);
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
