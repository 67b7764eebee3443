// What the RESTful Interfaces are given by the composition root. Routes reach it as `ctx.deps`.

import type { Identity } from "#identity/identity.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { PasswordHasher } from "#platform/passwords.ts";
import type { Random } from "#platform/random.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import type { Sandbox } from "./sandbox-port.ts";

/** The settings that REST reads; `Settings` fits. */
export type RestSettings = {
	publicBaseUrl: string;
	basePath: string;
	/** Where event webhooks may go besides public hosts. */
	outboundAllow: readonly string[];
	useLocalHttpAuthentication: boolean;
	session: { idleMinutes: number; absoluteHours: number };
	attachments: { bytesMax: number; types: readonly string[] };
};

export type RestDeps = {
	storage: Storage;
	settings: RestSettings;
	clock: Clock;
	random: Random;
	ids: Ids;
	log: Log;
	metrics: Metrics;
	/** The key ring's keyed hash: `audit`, `machine password`, … are purposes with a key each. */
	mac(purpose: string, ...pieces: readonly (string | Uint8Array)[]): Uint8Array;
	passwords: PasswordHasher;
	secretBox: SecretBox;
	signals: Signals;
	identity: Identity;
	sandbox: Sandbox;
	/** A page that names its origin is one that may ask: the listener has refused all others. */
	pagesAreAdmitted?: boolean;
	/** Where the bundled browser parts lie; undefined: they are not built, and a plain page stands in their place. */
	webFolder?: string;
};
