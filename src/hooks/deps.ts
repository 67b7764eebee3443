// What the event webhooks are given by the composition root.

import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { Random } from "#platform/random.ts";
import type { WayOut } from "#platform/safe-request.ts";
import type { SecretBox } from "#platform/secret-box.ts";
import type { Signals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";

export type HookDeps = {
	storage: Storage;
	signals: Signals;
	clock: Clock;
	random: Random;
	ids: Ids;
	log: Log;
	metrics: Pick<Metrics, "eventDelivery" | "alarm">;
	box: SecretBox;
	wayOut: Pick<WayOut, "request">;
	/** How long a node holds a subscription for one delivery: longer than a request can take. */
	leaseMs: number;
};
