// What the room of identity is given.

import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { PasswordHasher } from "#platform/passwords.ts";
import type { Random } from "#platform/random.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import type { Storage } from "#storage/storage.ts";

/** `Settings` fits. */
export type IdentitySettings = {
	publicBaseUrl: string;
	basePath: string;
	session: { idleMinutes: number; absoluteHours: number };
};

export type IdentityDeps = {
	storage: Storage;
	settings: IdentitySettings;
	clock: Clock;
	random: Random;
	ids: Ids;
	log: Log;
	metrics: Pick<Metrics, "logon">;
	/** The key ring's keyed hash. */
	mac(purpose: string, ...pieces: readonly (string | Uint8Array)[]): Uint8Array;
	passwords: PasswordHasher;
	secretBox: SecretBox;
};
