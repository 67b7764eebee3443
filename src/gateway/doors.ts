// The half of the SMS Server that takes in: webhooks, and what was refused judged again.

import type { FastifyInstance } from "fastify";
import type { Identity } from "#identity/identity.ts";
import { type RunningWorker, workersTogether } from "#platform/worker-loop.ts";
import { type Arrival, recordArrivals, type Recorded } from "#storage/arrivals.ts";
import { groupCommit } from "#storage/group-commit.ts";
import { keepRefused } from "#storage/quarantine.ts";
import { appendSecurityEvents } from "#storage/security-events.ts";
import type { Tx } from "#storage/storage.ts";
import { askUpkeep } from "#storage/upkeep.ts";
import { fileLinks } from "./file-links.ts";
import { type CommonDeps, openBook } from "./open-book.ts";
import { startRecheck } from "./recheck.ts";
import type { SecurityNote } from "./refuse.ts";
import { serveRichContent } from "./rich-content.ts";
import { startVitals } from "./vitals.ts";
import { serveWebhooks } from "./webhooks.ts";

export type DoorDeps = CommonDeps & {
	identity: Pick<Identity, "checkHttpUser">;
	/** Records what came in, in one transaction; without it, here and now. */
	recordArrivals?: (arrivals: readonly Arrival[]) => Promise<readonly Recorded[]>;
};

const groupMax = 256; // Items that share one fsync.
// Arrivals that wait for the writer, beyond the group that is being written: about 50 ms of work. More is answered
// "later" at once: providers come again, and what was taken is threaded and answered meanwhile.
const arrivalsWaitingMax = 512;

export async function startDoors(app: FastifyInstance, deps: DoorDeps): Promise<RunningWorker> {
	const { clock, log, settings, storage } = deps;
	const variables = { useLocalHttpAuthentication: settings.useLocalHttpAuthentication };
	const { services, bookkeeping } = await openBook(deps, variables);
	const { vitals, worker: vitalsWorker } = startVitals(deps);
	const receiving = {
		...deps,
		vitals,
		...openCommits(deps),
		services,
		now: () => clock.now(),
		usesLocalHttpAuthentication: () => variables.useLocalHttpAuthentication,
		async askUpkeep(serviceId: string) {
			const isFirst = await storage.write((tx) => askUpkeep(tx, serviceId, clock.now()));
			deps.signals.nudge("upkeep");
			return isFirst;
		},
	};
	await serveWebhooks(app, receiving);
	await serveRichContent(app, { storage, clock, links: fileLinks(deps.mac, settings) });
	log.info("The SMS Server takes webhooks.", { server: "SMS Server", count: services.all().length });
	return workersTogether([startRecheck({ ...receiving, storage }), bookkeeping, vitalsWorker]);
}

/** Everything that is written one by one but shares its fsync with what waits at the same time. */
function openCommits(deps: DoorDeps) {
	const { clock, ids, metrics, settings, storage } = deps;
	const record = deps.recordArrivals ?? ((items) => storage.write((tx) => recordArrivals(tx, items)));
	const inOneCommit = <Item, Result>(write: (...args: [Tx, readonly Item[]]) => Promise<readonly Result[]>) =>
		groupCommit<Item, Result>((items) => {
			metrics.groupCommit(items.length);
			return storage.write((tx) => write(tx, items));
		}, groupMax);
	return {
		arrivals: groupCommit<Arrival, Recorded>(
			(items) => {
				metrics.groupCommit(items.length);
				return record(items);
			},
			groupMax,
			arrivalsWaitingMax,
		),
		quarantine: inOneCommit((tx, requests: Parameters<typeof keepRefused>[1]) =>
			keepRefused(tx, requests, settings.quarantine),
		),
		securityEvents: inOneCommit<SecurityNote, void>(async (tx, notes) => {
			const at = clock.now();
			await appendSecurityEvents(
				tx,
				notes.map((note) => ({ ...note, id: ids.next(), at })),
			);
			return notes.map(() => undefined);
		}),
	};
}
