// Opens the service book: every messaging service with its secrets in clear, read again when something changed.

import { commonSettings } from "#domain/service-settings.ts";
import type { UpkeepState } from "#connectors/contract.ts";
import { filledSettings } from "#connectors/kit/settings-schema.ts";
import { connectorOf } from "#connectors/registry.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { Random } from "#platform/random.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import { startWorker } from "#platform/worker-loop.ts";
import { readSmsServer } from "#storage/installation.ts";
import { type OpenedService, openServices } from "#storage/service-secrets.ts";
import { configurationRevision } from "#storage/remembered.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { upkeepStates } from "#storage/upkeep.ts";
import type { Mac } from "./file-links.ts";
import { openService, type OpenService } from "./open-service.ts";
import { type BookDeps, type BookSource, openServiceBook, type ServiceBook } from "./service-book.ts";

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
	attachments: { bytesMax: number; types: readonly string[] };
	retention: { publicAttachmentDays: number };
};

/** What both halves of the SMS Server work with. */
export type CommonDeps = {
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
	/** The key ring's keyed hash; throws `SecretsLocked` while the key ring is away. */
	mac: Mac;
	settings: GatewaySettings;
};

const bookPollMs = 1000; // A change made on another node counts within this time.

export async function openBook(
	deps: CommonDeps & Pick<BookDeps, "opened">,
	variables: { useLocalHttpAuthentication: boolean },
) {
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

/** Reads services and the SMS Server's variables together: both change rarely and are asked for on every request. */
function bookSource(deps: CommonDeps, variables: { useLocalHttpAuthentication: boolean }): BookSource {
	const { clock, settings, storage } = deps;
	const defaults = { useLocalHttpAuthentication: settings.useLocalHttpAuthentication };
	let secretsChangeAt = Number.POSITIVE_INFINITY; // A previous secret ends by itself, without a change of any row.
	return {
		async version() {
			const { version, variables: stored } = await readSmsServer(storage.db, defaults);
			variables.useLocalHttpAuthentication = stored.useLocalHttpAuthentication;
			const isOver = clock.now().getTime() >= secretsChangeAt;
			return [await configurationRevision(storage.db), version, deps.boxVersion(), isOver].join(" ");
		},
		async load() {
			const opened = await openServices(storage.db, deps.box(), clock.now());
			const kept = await upkeepStates(storage.db);
			secretsChangeAt = Math.min(...opened.map((service) => service.secretsChangeAt?.getTime() ?? Infinity));
			deps.metrics.alarm("secrets_locked", opened.some(isLocked));
			return opened.flatMap((service) => toOpenService(service, kept.get(service.id), settings) ?? []);
		},
	};
}

function isLocked(service: OpenedService): boolean {
	return service.authentications.some(({ broken }) => broken);
}

function toOpenService(
	service: OpenedService,
	upkeep: UpkeepState | undefined,
	settings: GatewaySettings,
): OpenService | undefined {
	const connector = connectorOf(service.type);
	if (connector === undefined) {
		return undefined;
	}
	const facts = {
		stored: {
			...service,
			settings: filledSettings(connector.config.form, service.settings),
			...(upkeep === undefined ? {} : { upkeep }),
		},
		type: service.type,
		name: service.name,
		enabled: service.enabled,
		incomingMode: service.incomingMode,
		stoppedReason: service.stoppedReason,
		isLocked: isLocked(service),
		settings: commonSettings(service.settings),
		webhookUrl: `${settings.publicBaseUrl}${settings.basePath}/sms/${service.type}/${service.id}`,
		version: service.version,
	};
	return openService(facts, connector);
}
