// What the Chat Server is given by the composition root.

import type { Identity } from "#identity/identity.ts";
import type { ConnectorLookup } from "#outgoing/reply-window.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { Random } from "#platform/random.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";

/** `Settings` fits. */
export type ChatServerSettings = { publicBaseUrl: string; basePath: string; chat: { socketsMax: number } };

export type ChatDeps = {
	storage: Storage;
	settings: ChatServerSettings;
	clock: Clock;
	random: Random;
	ids: Ids;
	log: Log;
	metrics: Metrics;
	signals: Signals;
	identity: Identity;
	secretBox: SecretBox;
	connectorOf: ConnectorLookup;
	/** The key ring's keyed hash. */
	mac(purpose: string, ...pieces: readonly (string | Uint8Array)[]): Uint8Array;
};
