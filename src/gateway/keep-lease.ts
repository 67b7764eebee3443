// Renews a claim's lease while its work runs; a process that dies stops renewing, and the claim comes back quickly.

import type { Clock } from "#platform/clock.ts";
import { describeError, type Log } from "#platform/log.ts";
import { renewLease } from "#storage/outbox.ts";
import type { Storage } from "#storage/storage.ts";

export type LeaseDeps = { clock: Clock; log: Log; leaseMs: number };

/** Of a part that is being sent. */
export function keepLease(
	claim: { partId: string; epoch: number },
	deps: LeaseDeps & { storage: Storage },
): () => void {
	return keepRenewing((until) => renewLease(deps.storage.db, claim, until), deps);
}

/**
 * Returns what ends it. After that nothing is renewed, also where a renewal was under way: the row must become free.
 * @param renewUntil false: somebody else has it, or it is settled
 */
export function keepRenewing(renewUntil: (until: Date) => Promise<boolean>, deps: LeaseDeps): () => void {
	let isOver = false;
	let cancel = schedule();

	function schedule(): () => void {
		return isOver ? () => undefined : deps.clock.after(deps.leaseMs / 3, () => void renew());
	}

	async function renew(): Promise<void> {
		try {
			const until = new Date(deps.clock.now().getTime() + deps.leaseMs);
			if (await renewUntil(until)) {
				cancel = schedule();
			}
		} catch (error) {
			// Whatever it was, the lease is still ours for a while: try again until it is over anyway.
			deps.log.warn("A lease could not be renewed.", { server: "SMS Server", error: describeError(error) });
			cancel = schedule();
		}
	}

	return () => {
		isOver = true;
		cancel();
	};
}
