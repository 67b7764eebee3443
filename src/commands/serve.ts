// Composes and runs the servers: settings → storage → key ring → identity → servers → listeners, and the way back.

import { availableParallelism } from "node:os";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { startChat } from "#chat/start.ts";
import { connectorOf } from "#connectors/registry.ts";
import { startDoors } from "#gateway/doors.ts";
import { type Identity, openIdentity } from "#identity/identity.ts";
import { sleep } from "#platform/clock.ts";
import { buildHttpServer } from "#platform/http-server.ts";
import { describeError, type Log, openLog } from "#platform/log.ts";
import { type Metrics, openMetrics } from "#platform/metrics.ts";
import { type Meanwhile, openMeanwhile } from "#platform/outbound-rules.ts";
import { passwordHasher } from "#platform/passwords.ts";
import { Problem } from "#platform/problems.ts";
import { turnstile, turnstileMemory } from "#platform/turnstile.ts";
import { type RunningWorker, startWorker } from "#platform/worker-loop.ts";
import { startAgentInterfaces, startRest } from "#rest/start.ts";
import { storageProblem } from "#rest/storage-problem.ts";
import { queueDepths } from "#storage/depths.ts";
import { deleteOld } from "#storage/retention.ts";
import { localSignals, type Signals } from "#storage/signals.ts";
import { openStorage, type Storage } from "#storage/storage.ts";
import type { Vault } from "#platform/vault.ts";
import type { StorageTrouble } from "#storage/trouble.ts";
import { type Ballast, keepBallast } from "./ballast.ts";
import { openVault } from "./open-vault.ts";
import { type MainTls, openMainTls } from "./main-tls.ts";
import { buildOpsListener, type Readiness } from "./ops-listener.ts";
import { sandboxHere } from "./sandbox-here.ts";
import { type SecondThread, startSecondThread } from "./second-thread.ts";
import type { System } from "./system.ts";
import { webFolder, webIsBuilt } from "./web-build.ts";

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
	/** What works behind the doors gets a thread of its own, so that webhooks are taken meanwhile. Default: one thread. */
	hasSecondThread?: boolean;
};

// Each hash takes 19 MiB and a core for about 14 ms. Half the cores, so that a flood of logons leaves the other half to the
// messages; at most 4 of them (goal S4).
const passwordsAtOnce = Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)));
const passwordsWaitingMax = 50;
const requestsMax = 4000; // Connections of the main listener, besides the sockets of chats.
const diskFullForMs = 10_000;
const timerSlackMs = 50; // A timer may be a millisecond early, and the alarm would then stay on for ever.
const retentionEveryMs = 10 * 60_000;

export async function serve(system: System, options: ServeOptions = {}): Promise<Running> {
	const { settings } = system;
	const log = options.log ?? openLog({ level: settings.logLevel });
	const metrics = openMetrics();
	const disk = diskWatch(system, log, metrics);
	const onTrouble = (trouble: StorageTrouble) => meet(trouble, { system, log, disk });
	const tls = openMainTls(settings);
	const memory = turnstileMemory();
	const storage = await openStorage(
		settings.database,
		() => log.warn("A database connection was lost.", { server: "main" }),
		onTrouble,
		turnstile(memory),
	);
	try {
		const { signals = localSignals(), closingGraceMs = 0, hasSecondThread = false } = options;
		const startSecond = () =>
			startSecondThread(
				{ settings, turnstile: memory },
				{ onTrouble, exit: system.exit, onEnd: (error) => endForThread(error, system, log) },
			);
		const base = { system, log, metrics, storage, disk, signals, closingGraceMs, tls };
		return await compose(base, hasSecondThread ? startSecond : undefined);
	} catch (error) {
		await storage.close();
		throw error;
	}
}

function meet(trouble: StorageTrouble, { system, log, disk }: { system: System; log: Log; disk: DiskWatch }): void {
	if (trouble === "full") {
		disk.foundFull();
	}
	if (trouble === "fatal") {
		log.error("The database's disk is broken; the process ends and recovers at the next start.", { server: "main" });
		system.exit(1);
	}
}

/** Half a server is none: what was not done is recovered at the next start. */
function endForThread(error: Error | undefined, system: System, log: Log): void {
	log.error("The thread behind the doors ended; the process ends with it and recovers at the next start.", {
		server: "main",
		...(error === undefined ? {} : { error: describeError(error) }),
	});
	system.exit(1);
}

type DiskWatch = { start(): RunningWorker[]; foundFull(): void; isFull(): boolean; takesNothing(): boolean };

/** Full while a write met no space within the last seconds, or the ballast is not back: the alarm ends by itself. */
function diskWatch({ clock, settings }: System, log: Log, metrics: Metrics): DiskWatch {
	let lastFullMs = Number.NEGATIVE_INFINITY;
	const { database, dataDir } = settings;
	const keepsFiles = database.startsWith("sqlite:") && !database.includes(":memory:");
	const tell = () => metrics.alarm("storage_full", isFull());
	const ballast: Ballast | undefined = keepsFiles ? keepBallast(dataDir, { clock, log, onRestored: tell }) : undefined;
	const takesNothing = () => ballast?.isReleased() ?? false;
	const isFull = () => takesNothing() || clock.monotonicMs() - lastFullMs < diskFullForMs;
	return {
		start: () => (ballast === undefined ? [] : [ballast.start()]),
		foundFull() {
			lastFullMs = clock.monotonicMs();
			ballast?.release();
			metrics.alarm("storage_full", true);
			clock.after(diskFullForMs + timerSlackMs, tell);
		},
		isFull,
		takesNothing,
	};
}

/** While people make room, providers and agents' messages wait: both come again. */
function refuseWhileFull(request: FastifyRequest, disk: DiskWatch, basePath: string): void {
	const path = request.url.slice(basePath.length);
	const takesIn =
		path.startsWith("/sms/") || (request.method === "POST" && /^\/RI\/cmi\/(?:messages|attachments)/.test(path));
	if (takesIn && disk.takesNothing()) {
		throw new Problem("storage_full", "There is no space left on the disk; nothing was stored.", undefined, {
			headers: { "retry-after": "60" },
		});
	}
}

type Base = {
	system: System;
	log: Log;
	metrics: Metrics;
	storage: Storage;
	signals: Signals;
	disk: DiskWatch;
	closingGraceMs: number;
	tls: MainTls | undefined;
};

async function compose(base: Base, startSecond: (() => Promise<SecondThread>) | undefined): Promise<Running> {
	const { system, log, metrics, storage } = base;
	const { settings, clock } = system;
	const { vault, watch } = await openVault(base);
	const second = await startSecond?.();
	if (second !== undefined) {
		metrics.join(second.counted);
	}
	const meanwhile = openMeanwhile();
	const parts = { ...base, ...system, signals: second?.signals ?? base.signals, vault, second, meanwhile };
	const app = buildMainListener(base);
	let isStopping = false;
	const ops = buildOpsListener({
		system,
		log,
		metrics,
		readiness: async () => [...(await readiness(base, vault.isOpen())), stillRuns(isStopping)],
	});
	const workers: RunningWorker[] = second === undefined ? [] : [second];
	const end = (): Promise<void> => {
		isStopping = true;
		return stop({ app, ops, workers, second, storage, drainMs: settings.shutdown.drainMs, clock });
	};
	try {
		const identity = await startServers(app, parts, workers);
		workers.push(watch(), startRetention(base), ...base.disk.start());
		if (base.tls !== undefined) {
			workers.push(base.tls.watch(app, { clock, log, metrics }));
		}
		metrics.watchDepth("inbox", async () => (await queueDepths(storage.db)).inbox);
		metrics.watchDepth("outbox", async () => (await queueDepths(storage.db)).outbox);
		metrics.watchDepth("event_deliveries", async () => (await queueDepths(storage.db)).deliveries);
		const origin = await app.listen({ host: settings.host, port: settings.port });
		await announceBootstrap(identity, system); // Before anybody can learn that Parley is ready.
		const opsOrigin = await ops.listen({ host: settings.opsHost, port: settings.opsPort });
		system.say(`Parley listens on ${origin} (public: ${settings.publicBaseUrl}${settings.basePath})`);
		system.say(`Health and metrics on ${opsOrigin}`);
		return { origin, opsOrigin, stop: end };
	} catch (error) {
		await end(); // A port is taken, or a server could not begin: what works already must not go on without a door.
		throw error;
	}
}

function buildMainListener({ system, log, closingGraceMs, tls }: Base): FastifyInstance {
	const { settings, ids, clock } = system;
	return buildHttpServer({
		log,
		trustedProxies: settings.trustedProxies,
		bodyLimitBytes: settings.bodyBytesMax,
		ids,
		clock,
		behindProxy: settings.trustedProxies.length > 0,
		publicBaseUrl: settings.publicBaseUrl,
		basePath: settings.basePath,
		onStorageTrouble: storageProblem,
		closingGraceMs,
		connectionsMax: requestsMax + (settings.serve.includes("chat") ? settings.chat.socketsMax : 0),
		...(tls === undefined ? {} : { tls: tls.pair }),
	});
}

type Parts = Base & Omit<System, "settings"> & { vault: Vault; second: SecondThread | undefined; meanwhile: Meanwhile };

/** Every server the settings name, under the base path. They never meet but in tables. What runs is added to `workers`. */
async function startServers(app: FastifyInstance, parts: Parts, workers: RunningWorker[]): Promise<Identity> {
	const { system, vault, second } = parts;
	const { settings } = system;
	const serves = new Set(settings.serve);
	const passwords = passwordHasher({ atOnce: passwordsAtOnce, waitingMax: passwordsWaitingMax });
	const common = { ...parts, settings, passwords, mac: vault.mac, secretBox: vault.box };
	const identity = openIdentity(common);
	if (second === undefined) {
		workers.push(await behindHere(parts));
	}
	await app.register(
		async (scope) => {
			scope.addHook("onRequest", (request, _reply, done) => {
				refuseWhileFull(request, parts.disk, settings.basePath);
				done();
			});
			const chat = serves.has("chat") ? await startChat(scope, { ...common, identity, connectorOf }) : undefined;
			if (chat !== undefined) {
				workers.push(chat);
			}
			if (serves.has("rest")) {
				const sandbox = sandboxHere({
					...common,
					addresses: () => app.addresses(),
					allowMeanwhile: second?.allowMeanwhile ?? ((targets) => Promise.resolve(parts.meanwhile.replace(targets))),
				});
				workers.push(sandbox);
				const rest = { ...common, identity, sandbox, ...(webIsBuilt() ? { webFolder } : {}) };
				await startRest(scope, rest);
				if (chat !== undefined) {
					await startAgentInterfaces(scope, rest, chat);
				}
			}
			if (serves.has("gateway")) {
				const recording = second === undefined ? {} : { recordArrivals: second.recordArrivals };
				const doors = { ...common, ...recording, identity, box: () => vault.box, boxVersion: vault.version };
				workers.push(await startDoors(scope, doors));
			}
		},
		{ prefix: settings.basePath },
	);
	return identity;
}

/** Loaded only where it runs: the way out and its connectors are a tenth of the memory. */
async function behindHere(parts: Parts): Promise<RunningWorker> {
	const { startBehind } = await import("./behind.ts");
	return startBehind(parts);
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
	second: SecondThread | undefined;
	storage: Storage;
	drainMs: number;
	clock: System["clock"];
};

/** No new work first, then what runs is finished or left to recovery, then the database. */
async function stop({ app, ops, workers, second, storage, drainMs, clock }: Stopping): Promise<void> {
	const drained = Promise.all([app.close(), ...workers.map((worker) => worker.stop())]);
	await Promise.race([drained, sleep(clock, drainMs)]);
	await ops.close();
	await second?.close();
	await storage.close();
}
