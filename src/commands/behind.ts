// The servers behind the doors: what sends, what threads messages into conversations, and what tells subscribers of events.
// They run in the first thread or, so that webhooks are taken while they work, in a second one.

import { startDeliveries } from "#gateway/deliveries.ts";
import { startHooks } from "#hooks/start.ts";
import { startMatcher } from "#matcher/start.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { Meanwhile } from "#platform/outbound-rules.ts";
import { openLineOut } from "#platform/safe-line.ts";
import { openWayOut, type WayOut } from "#platform/safe-request.ts";
import type { Vault } from "#platform/vault.ts";
import { type RunningWorker, workersTogether } from "#platform/worker-loop.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import type { Settings } from "#settings";
import type { System } from "./system.ts";

export type BehindParts = {
	system: System;
	log: Log;
	metrics: Metrics;
	storage: Storage;
	signals: Signals;
	vault: Vault;
	meanwhile: Meanwhile;
};

const answerBytesMax = 1024 * 1024; // Of a provider's answer, decoded.
const leaseSlackMs = 5000; // From a request's end, at the latest, to the row that says so.

/** Those of them that the settings name. */
export async function startBehind(parts: BehindParts): Promise<RunningWorker> {
	const { system, vault, meanwhile } = parts;
	const { settings } = system;
	const workers: RunningWorker[] = [];
	if (settings.serve.includes("gateway")) {
		const wayOut = wayOutOf(settings, meanwhile);
		const lineOut = openLineOut({
			outboundAllow: settings.outboundAllow,
			meanwhile,
			connectTimeoutMs: settings.outbound.connectMs,
			answerTimeoutMs: settings.outbound.firstByteMs,
		});
		const sealed = { box: () => vault.box, boxVersion: vault.version, mac: vault.mac };
		const deliveries = await startDeliveries({ ...system, ...parts, ...sealed, settings, wayOut, lineOut });
		workers.push({ stop: () => deliveries.stop().then(() => wayOut.close()) });
	}
	if (settings.serve.includes("matcher")) {
		workers.push(startMatcher({ ...system, ...parts, settings: { leaseMs: settings.lease.ms } }));
	}
	if (settings.serve.includes("rest")) {
		const wayOut = wayOutOf(settings); // Not to what runs for the sandbox.
		const leaseMs = settings.outbound.totalMs + leaseSlackMs;
		const hooks = startHooks({ ...system, ...parts, box: vault.box, wayOut, leaseMs });
		workers.push({ stop: () => hooks.stop().then(() => wayOut.close()) });
	}
	return workersTogether(workers);
}

function wayOutOf(settings: Settings, meanwhile?: Meanwhile): WayOut {
	return openWayOut({
		outboundAllow: settings.outboundAllow,
		...(meanwhile === undefined ? {} : { meanwhile }),
		connectTimeoutMs: settings.outbound.connectMs,
		firstByteTimeoutMs: settings.outbound.firstByteMs,
		totalTimeoutMs: settings.outbound.totalMs,
		answerBytesMax,
	});
}
