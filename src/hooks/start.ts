// Event webhooks: what stands in the ledger goes to those who subscribed. One worker makes deliveries of events, another
// sends them; they meet in the table.

import { type RunningWorker, workersTogether } from "#platform/worker-loop.ts";
import { startCollecting } from "./collect.ts";
import type { HookDeps } from "./deps.ts";
import { startDelivering } from "./deliver.ts";

export function startHooks(deps: HookDeps): RunningWorker {
	return workersTogether([startCollecting(deps), startDelivering(deps)]);
}
