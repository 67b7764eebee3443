// Rounds over many chats and people: one that fails is logged and rests for a while, and the others go on without it. What
// is the database's own trouble ends the round, since the next one would fail in the same way.

import type { Clock } from "#platform/clock.ts";
import { describeError, type Log, type LogFields } from "#platform/log.ts";
import { storageTrouble } from "#storage/trouble.ts";

export type Apart = {
	/** Those that failed lately. */
	resting(): readonly string[];
	/** Does the work of one, unless it rests. Rejects for trouble of the database only. */
	attempt(id: string, work: () => Promise<unknown>): Promise<void>;
};

const restMs = 30_000;
const restingMax = 1000; // Whoever failed longest ago is tried again before its time.

/** @param what that failed, as a sentence for the log */
export function openApart(
	{ clock, log }: { clock: Clock; log: Log },
	what: string,
	about: (id: string) => LogFields,
): Apart {
	const until = new Map<string, number>();
	const isResting = (id: string): boolean => (until.get(id) ?? 0) > clock.monotonicMs();

	function rest(id: string): void {
		until.delete(id);
		until.set(id, clock.monotonicMs() + restMs);
		const [oldest] = until.keys();
		if (until.size > restingMax && oldest !== undefined) {
			until.delete(oldest);
		}
	}

	return {
		resting() {
			const ids = [...until.keys()];
			ids.filter((id) => !isResting(id)).forEach((id) => until.delete(id));
			return [...until.keys()];
		},
		async attempt(id, work) {
			if (isResting(id)) {
				return;
			}
			try {
				await work();
			} catch (error) {
				if (storageTrouble(error) !== undefined) {
					throw error;
				}
				rest(id);
				log.error(what, { server: "Chat Server", ...about(id), error: describeError(error) });
			}
		},
	};
}
