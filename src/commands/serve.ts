// Composes and runs the servers: settings → storage → key ring → identity → servers → listeners, and the way back.

import type { FastifyInstance } from "fastify";
import { startGateway } from "#gateway/start.ts";
import { type Identity, openIdentity } from "#identity/identity.ts";
import { startMatcher } from "#matcher/start.ts";
import { sleep } from "#platform/clock.ts";
import { buildHttpServer } from "#platform/http-server.ts";
import { type Log, openLog } from "#platform/log.ts";
import { type Metrics, openMetrics } from "#platform/metrics.ts";
import { passwordHasher } from "#platform/passwords.ts";
import { openWayOut } from "#platform/safe-request.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { startRest } from "#rest/start.ts";
import { storageProblem } from "#rest/storage-problem.ts";
import { queueDepths } from "#storage/depths.ts";
import { deleteOld } from "#storage/retention.ts";
import { localSignals, type Signals } from "#storage/signals.ts";
import { openStorage, type Storage } from "#storage/storage.ts";
import type { Vault } from "#platform/vault.ts";
import { openVault } from "./open-vault.ts";
import { buildOpsListener, type Readiness } from "./ops-listener.ts";
import type { System } from "./system.ts";

export type Running = {
	/** Where the main listener answers, e.g. `http://127.0.0.1:8080`. */
	origin: string;
	opsOrigin: string;
	/** Drains and ends; resolves within the setting shutdown.drainMs and a little. */
	stop(): Promise<void>;
};

export type ServeOptions = {
	log?: Log;
	signals?: Signals;
	/** How long callers hear 503 on kept connections before the listener closes. Default 0. */
	closingGraceMs?: number;
};

const passwordsAtOnce = 4; // Each hash takes 19 MiB and a core for about 14 ms.
const passwordsWaitingMax = 50;
const answerBytesMax = 1024 * 1024; // Of a provider's answer, decoded.
const diskFullForMs = 10_000;
const retentionEveryMs = 10 * 60_000;

export async function serve(system: System, options: ServeOptions = {}): Promise<Running> {
	const { settings } = system;
	const log = options.log ?? openLog({ level: settings.logLevel });
	const metrics = openMetrics();
	const disk = diskWatch(system, metrics);
	const storage = await openStorageFor(system, log, disk);
	try {
		const { signals = localSignals(), closingGraceMs = 0 } = options;
		return await compose({ system, log, metrics, storage, disk, signals, closingGraceMs });
	} catch (error) {
		await storage.close();
		throw error;
	}
}

function openStorageFor(system: System, log: Log, disk: DiskWatch): Promise<Storage> {
	return openStorage(
		system.settings.database,
		() => log.warn("A database connection was lost.", { server: "main" }),
		(trouble) => {
			if (trouble === "full") {
				disk.foundFull();
			}
			if (trouble === "fatal") {
				log.error("The database's disk is broken; the process ends and recovers at the next start.", {
					server: "main",
				});
				system.exit(1);
			}
		},
	);
}

type DiskWatch = { foundFull(): void; isFull(): boolean };

/** Full while a write met no space within the last seconds: the alarm ends by itself when there is space again. */
function diskWatch({ clock }: System, metrics: Metrics): DiskWatch {
	let lastFullMs = Number.NEGATIVE_INFINITY;
	const isFull = () => clock.monotonicMs() - lastFullMs < diskFullForMs;
	return {
		foundFull() {
			lastFullMs = clock.monotonicMs();
			metrics.alarm("storage_full", true);
			clock.after(diskFullForMs, () => metrics.alarm("storage_full", isFull()));
		},
		isFull,
	};
}

type Base = {
	system: System;
	log: Log;
	metrics: Metrics;
	storage: Storage;
	signals: Signals;
	disk: DiskWatch;
	closingGraceMs: number;
};

async function compose(base: Base): Promise<Running> {
	const { system, log, metrics, storage } = base;
	const { settings, clock } = system;
	const { vault, watch } = await openVault(base);
	const parts = { ...base, ...system, vault };
	const app = buildMainListener(base);
	let isStopping = false;
	const ops = buildOpsListener({
		system,
		log,
		metrics,
		readiness: async () => [...(await readiness(base, vault.isOpen())), stillRuns(isStopping)],
	});
	const workers = await startServers(app, parts);
	workers.push(watch(), startRetention(base));
	metrics.watchDepth("inbox", async () => (await queueDepths(storage.db)).inbox);
	metrics.watchDepth("outbox", async () => (await queueDepths(storage.db)).outbox);
	const origin = await app.listen({ host: settings.host, port: settings.port });
	const opsOrigin = await ops.listen({ host: settings.opsHost, port: settings.opsPort });
	system.say(`Parley listens on ${origin} (public: ${settings.publicBaseUrl}${settings.basePath})`);
	system.say(`Health and metrics on ${opsOrigin}`);
	return {
		origin,
		opsOrigin,
		stop: () => {
			isStopping = true;
			return stop({ app, ops, workers, storage, drainMs: settings.shutdown.drainMs, clock });
		},
	};
}

function buildMainListener({ system, log, closingGraceMs }: Base): FastifyInstance {
	const { settings, ids, clock } = system;
	return buildHttpServer({
		log,
		trustedProxies: settings.trustedProxies,
		bodyLimitBytes: settings.bodyBytesMax,
		ids,
		clock,
		behindProxy: settings.trustedProxies.length > 0,
		publicBaseUrl: settings.publicBaseUrl,
		onStorageTrouble: storageProblem,
		closingGraceMs,
	});
}

type Parts = Base & Omit<System, "settings"> & { vault: Vault };

/** Every server the settings name, under the base path. They never meet but in tables. */
async function startServers(app: FastifyInstance, parts: Parts): Promise<RunningWorker[]> {
	const { system, vault } = parts;
	const { settings } = system;
	const serves = new Set(settings.serve);
	const passwords = passwordHasher({ atOnce: passwordsAtOnce, waitingMax: passwordsWaitingMax });
	const common = { ...parts, settings, passwords, mac: vault.mac };
	const identity = openIdentity(common);
	const workers: RunningWorker[] = [];
	await app.register(
		async (scope) => {
			if (serves.has("rest")) {
				await startRest(scope, { ...common, secretBox: vault.box, identity });
			}
			if (serves.has("gateway")) {
				workers.push(await startSmsServer(scope, { ...common, identity }));
			}
		},
		{ prefix: settings.basePath },
	);
	if (serves.has("matcher")) {
		workers.push(startMatcher({ ...parts, settings: { leaseMs: settings.lease.ms } }));
	}
	await announceBootstrap(identity, system);
	return workers;
}

type ForGateway = Omit<Parameters<typeof startGateway>[1], "wayOut" | "box" | "boxVersion"> & {
	settings: System["settings"];
	vault: Vault;
};

async function startSmsServer(scope: FastifyInstance, parts: ForGateway): Promise<RunningWorker> {
	const { settings, vault } = parts;
	const wayOut = openWayOut({
		outboundAllow: settings.outboundAllow,
		connectTimeoutMs: settings.outbound.connectMs,
		firstByteTimeoutMs: settings.outbound.firstByteMs,
		totalTimeoutMs: settings.outbound.totalMs,
		answerBytesMax,
	});
	const gateway = await startGateway(scope, { ...parts, wayOut, box: () => vault.box, boxVersion: vault.version });
	return {
		async stop() {
			await gateway.stop();
			await wayOut.close();
		},
	};
}

/** While there is no user, a one-time URL makes the first administrator. There is no default account. */
async function announceBootstrap(identity: Identity, system: System): Promise<void> {
	const url = await identity.bootstrap.open();
	if (url !== undefined) {
		system.say(`Create the first administrator within 30 minutes: ${url}`);
	}
}

function startRetention({ system, storage, log }: Base): RunningWorker {
	const { clock, settings } = system;
	const round = () => deleteOld(storage, settings.retention, clock.now());
	return startWorker(
		{ name: "Retention", pollMs: retentionEveryMs, round, listen: () => () => undefined },
		{ clock, log },
	);
}

async function readiness({ storage, disk }: Base, isVaultOpen: boolean): Promise<readonly Readiness[]> {
	const database = await storage.ping().then(
		() => ({ name: "database", ok: true }),
		() => ({ name: "database", ok: false, why: "The database does not answer; see the log." }),
	);
	const keyRing = isVaultOpen
		? { name: "key ring", ok: true }
		: { name: "key ring", ok: false, why: "The key ring is missing or does not fit the database; put it back." };
	const space = disk.isFull()
		? { name: "disk", ok: false, why: "There is no space left for the database; make room." }
		: { name: "disk", ok: true };
	return [database, keyRing, space];
}

/** Load balancers are told first. */
function stillRuns(isStopping: boolean): Readiness {
	return isStopping
		? { name: "process", ok: false, why: "The process was told to stop." }
		: { name: "process", ok: true };
}

type Stopping = {
	app: FastifyInstance;
	ops: FastifyInstance;
	workers: readonly RunningWorker[];
	storage: Storage;
	drainMs: number;
	clock: System["clock"];
};

/** No new work first, then what runs is finished or left to recovery, then the database. */
async function stop({ app, ops, workers, storage, drainMs, clock }: Stopping): Promise<void> {
	const drained = Promise.all([app.close(), ...workers.map((worker) => worker.stop())]);
	await Promise.race([drained, sleep(clock, drainMs)]);
	await ops.close();
	await storage.close();
}
