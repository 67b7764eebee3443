// Does the checks that people ask for, one after the other; each step is written as soon as it is known, so that a person
// sees them come.

import type { CheckStep } from "#connectors/contract.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { beginCheck, writeSteps } from "#storage/service-checks.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { type CheckDeps, checkService } from "./check.ts";
import type { ServiceBook } from "./service-book.ts";

export type ChecksDeps = CheckDeps & { storage: Storage; signals: Signals; services: ServiceBook };

const pollMs = 1000;
const lapsesMs = 120_000; // Longer than all steps with their time limits: whoever began it is gone.

export function startChecks(deps: ChecksDeps): RunningWorker {
	return startWorker(
		{
			name: "Checks",
			pollMs,
			round: () => doOneCheck(deps),
			listen: (wake) => deps.signals.listen("checks", wake),
		},
		deps,
	);
}

/** True: there was one, so there may be another. */
export async function doOneCheck(deps: ChecksDeps): Promise<boolean> {
	const { storage, clock, services } = deps;
	const now = clock.now();
	const asked = await storage.write((tx) => beginCheck(tx, now, new Date(now.getTime() - lapsesMs)));
	if (asked === undefined) {
		return false;
	}
	await services.refresh();
	const service = services.byId(asked.serviceId);
	const steps: CheckStep[] = [];
	if (service !== undefined) {
		await checkService(service, deps, async (step) => {
			steps.push(step);
			await storage.write((tx) => writeSteps(tx, asked.id, steps, null));
		});
	}
	await storage.write((tx) => writeSteps(tx, asked.id, steps, clock.now()));
	return true;
}
