// The SMS Server: webhooks in, deliveries out, receipts, and what nobody else looks after.

import type { FastifyInstance } from "fastify";
import { commonSettings } from "#domain/service-settings.ts";
import { filledSettings } from "#connectors/kit/rules.ts";
import { connectorOf } from "#connectors/registry.ts";
import type { Identity } from "#identity/identity.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { Random } from "#platform/random.ts";
import type { WayOut } from "#platform/safe-request.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { groupCommit } from "#storage/group-commit.ts";
import { type Arrival, recordArrivals, type Recorded } from "#storage/arrivals.ts";
import { readSmsServer } from "#storage/installation.ts";
import { keepRefused } from "#storage/quarantine.ts";
import { appendSecurityEvents } from "#storage/security-events.ts";
import { type OpenedService, openServices } from "#storage/service-secrets.ts";
import { servicesVersion } from "#storage/services.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage, Tx } from "#storage/storage.ts";
import { openService, type OpenService } from "./open-service.ts";
import { startReceipts } from "./receipts.ts";
import { startRecheck } from "./recheck.ts";
import type { SecurityNote } from "./refuse.ts";
import { type BookSource, openServiceBook, type ServiceBook } from "./service-book.ts";
import { startSender } from "./sender.ts";
import { tokenShelf } from "./tools.ts";
import { startUnknowns } from "./unknowns.ts";
import { serveWebhooks } from "./webhooks.ts";

/** `Settings` fits. */
export type GatewaySettings = {
	publicBaseUrl: string;
	basePath: string;
	bodyBytesMax: number;
	useLocalHttpAuthentication: boolean;
	retry: { baseMs: number; capMs: number };
	lease: { ms: number };
	breaker: { failures: number; probeMs: number };
	quarantine: { rowsMax: number; bytesMax: number };
};

type Common = {
	storage: Storage;
	signals: Signals;
	clock: Clock;
	random: Random;
	ids: Ids;
	log: Log;
	metrics: Metrics;
	/** The box as it is now: locked while the key ring is away. `boxVersion` changes with it. */
	box(): SecretBox;
	boxVersion(): string;
	settings: GatewaySettings;
};

export type DoorDeps = Common & {
	identity: Pick<Identity, "checkHttpUser">;
	/** Records what came in, in one transaction; without it, here and now. */
	recordArrivals?: (arrivals: readonly Arrival[]) => Promise<readonly Recorded[]>;
};
export type DeliveryDeps = Common & { wayOut: WayOut };
export type GatewayDeps = DoorDeps & DeliveryDeps;

const groupMax = 256; // Items that share one fsync.
// Arrivals that wait for the writer, beyond the group that is being written: about 50 ms of work. More is answered
// "later" at once: providers come again, and what was taken is threaded and answered meanwhile.
const arrivalsWaitingMax = 512;
const bookPollMs = 1000; // A change made on another node counts within this time.

/** Both halves in one thread. */
export async function startGateway(app: FastifyInstance, deps: GatewayDeps): Promise<RunningWorker> {
	return together([await startDoors(app, deps), await startDeliveries(deps)]);
}

/** Webhooks in, and what was refused judged again. */
export async function startDoors(app: FastifyInstance, deps: DoorDeps): Promise<RunningWorker> {
	const { clock, log, settings, storage } = deps;
	const variables = { useLocalHttpAuthentication: settings.useLocalHttpAuthentication };
	const { services, bookkeeping } = await openBook(deps, variables);
	const receiving = {
		...deps,
		...openCommits(deps),
		services,
		now: () => clock.now(),
		usesLocalHttpAuthentication: () => variables.useLocalHttpAuthentication,
	};
	await serveWebhooks(app, receiving);
	log.info("The SMS Server takes webhooks.", { server: "SMS Server", count: services.all().length });
	return together([startRecheck({ ...receiving, storage }), bookkeeping]);
}

/** Deliveries out, receipts, and what nobody else looks after. */
export async function startDeliveries(deps: DeliveryDeps): Promise<RunningWorker> {
	const { clock, ids, log, settings, signals } = deps;
	const variables = { useLocalHttpAuthentication: settings.useLocalHttpAuthentication };
	const { services, bookkeeping } = await openBook(deps, variables);
	const sending = {
		...deps,
		services,
		tokens: tokenShelf(clock),
		retry: settings.retry,
		breaker: settings.breaker,
		leaseMs: settings.lease.ms,
		owner: ids.next(),
	};
	const workers = [startSender(sending), startReceipts(sending), startUnknowns(sending), bookkeeping];
	signals.nudge("sender");
	log.info("The SMS Server sends.", { server: "SMS Server", count: services.sending().length });
	return together(workers);
}

function together(workers: readonly RunningWorker[]): RunningWorker {
	return {
		stop: async () => {
			await Promise.all(workers.map((worker) => worker.stop()));
		},
	};
}

async function openBook(deps: Common, variables: { useLocalHttpAuthentication: boolean }) {
	const services = await openServiceBook(bookSource(deps, variables), deps);
	const bookkeeping = startWorker(
		{ name: "Service book", pollMs: bookPollMs, round: () => reread(services), listen: () => () => undefined },
		deps,
	);
	return { services, bookkeeping };
}

async function reread(services: ServiceBook): Promise<boolean> {
	await services.refresh();
	return false;
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

/** Reads services and the SMS Server's variables together: both change rarely and are asked for on every request. */
function bookSource(deps: Common, variables: { useLocalHttpAuthentication: boolean }): BookSource {
	const { clock, settings, storage } = deps;
	const defaults = { useLocalHttpAuthentication: settings.useLocalHttpAuthentication };
	let secretsChangeAt = Number.POSITIVE_INFINITY; // A previous secret ends by itself, without a change of any row.
	return {
		async version() {
			const { version, variables: stored } = await readSmsServer(storage.db, defaults);
			variables.useLocalHttpAuthentication = stored.useLocalHttpAuthentication;
			const isOver = clock.now().getTime() >= secretsChangeAt;
			return [await servicesVersion(storage.db), version, deps.boxVersion(), isOver].join(" ");
		},
		async load() {
			const opened = await openServices(storage.db, deps.box(), clock.now());
			secretsChangeAt = Math.min(...opened.map((service) => service.secretsChangeAt?.getTime() ?? Infinity));
			deps.metrics.alarm("secrets_locked", opened.some(isLocked));
			return opened.flatMap((service) => toOpenService(service, settings) ?? []);
		},
	};
}

function isLocked(service: OpenedService): boolean {
	return service.authentications.some(({ broken }) => broken);
}

function toOpenService(service: OpenedService, settings: GatewaySettings): OpenService | undefined {
	const connector = connectorOf(service.type);
	if (connector === undefined) {
		return undefined;
	}
	const facts = {
		stored: { ...service, settings: filledSettings(connector.config.form, service.settings) },
		type: service.type,
		name: service.name,
		enabled: service.enabled,
		incomingMode: service.incomingMode,
		stoppedReason: service.stoppedReason,
		isLocked: isLocked(service),
		settings: commonSettings(service.settings),
		webhookUrl: `${settings.publicBaseUrl}${settings.basePath}/sms/${service.type}/${service.id}`,
	};
	return openService(facts, connector);
}
