// The half of the SMS Server that sends: deliveries out, receipts, and what nobody else looks after.

import type { LineOut } from "#platform/safe-line.ts";
import type { WayOut } from "#platform/safe-request.ts";
import { type RunningWorker, workersTogether } from "#platform/worker-loop.ts";
import { exampleTeller } from "./example-teller.ts";
import { type CommonDeps, openBook } from "./open-book.ts";
import { startChecks } from "./checks.ts";
import { fileLinks } from "./file-links.ts";
import { startMedia } from "./media.ts";
import { startLines } from "./lines.ts";
import { startReceipts } from "./receipts.ts";
import { startSender } from "./sender.ts";
import { tokenShelf } from "./tools.ts";
import { startUnknowns } from "./unknowns.ts";
import { startUpkeep } from "./upkeep.ts";
import { startVitals } from "./vitals.ts";

export type DeliveryDeps = CommonDeps & { wayOut: WayOut; lineOut: LineOut };

export async function startDeliveries(deps: DeliveryDeps): Promise<RunningWorker> {
	const { clock, ids, log, settings, signals } = deps;
	const variables = { useLocalHttpAuthentication: settings.useLocalHttpAuthentication };
	const { services, bookkeeping } = await openBook({ ...deps, opened: exampleTeller(log) }, variables);
	const { vitals, worker: vitalsWorker } = startVitals(deps);
	const { lines, worker: linesWorker } = startLines({ ...deps, vitals, services });
	const sending = {
		...deps,
		vitals,
		services,
		lines,
		tokens: tokenShelf(clock),
		links: fileLinks(deps.mac, settings),
		limits: settings.attachments,
		retry: settings.retry,
		breaker: settings.breaker,
		leaseMs: settings.lease.ms,
		owner: ids.next(),
	};
	const workers = [
		startSender(sending),
		startReceipts(sending),
		startUnknowns(sending),
		startChecks(sending),
		startUpkeep(sending),
		startMedia(sending),
		bookkeeping,
	];
	signals.nudge("sender");
	log.info("The SMS Server sends.", { server: "SMS Server", count: services.sending().length });
	return {
		async stop() {
			await workersTogether(workers).stop(); // What is being sent over a line ends first.
			await linesWorker.stop();
			await vitalsWorker.stop();
		},
	};
}
