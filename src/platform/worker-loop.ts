// The loop around every worker: wakes on a hint or when the poll is due, works until there is nothing left, waits longer
// while the work fails, and ends when told to.

import { type Clock, sleep } from "./clock.ts";
import { describeError, type Log } from "./log.ts";

export type Worker = {
	name: string;
	/** One round. True: there may be more, come again at once. */
	round(): Promise<boolean>;
	/** Longest wait without a hint, milliseconds. */
	pollMs: number;
	/** From a hint to the round, milliseconds: where a round costs nearly the same for one as for many. Default 0. */
	gatherMs?: number;
	/** Tells the loop how to be woken; returns how to stop that. */
	listen(wake: () => void): () => void;
};

export type RunningWorker = { stop(): Promise<void> };

/** Several as one. */
export function workersTogether(workers: readonly RunningWorker[]): RunningWorker {
	return {
		async stop() {
			await Promise.all(workers.map((worker) => worker.stop()));
		},
	};
}

const failureWaitMaxMs = 5000; // A database that comes back is noticed within this time.

export function startWorker(worker: Worker, deps: { clock: Clock; log: Log }): RunningWorker {
	const stopping = new AbortController();
	let failures = 0;
	let isWanted = false; // A hint came since the last round began.
	let endPause: () => void = () => undefined;
	const stopListening = worker.listen(() => {
		isWanted = true;
		endPause();
	});

	async function run(): Promise<void> {
		while (!stopping.signal.aborted) {
			isWanted = false;
			const hasMore = await oneRound();
			await (hasMore ? letOthersRun() : pause());
		}
	}

	async function oneRound(): Promise<boolean> {
		try {
			const hasMore = await worker.round();
			failures = 0;
			return hasMore;
		} catch (error) {
			failures += 1;
			deps.log.error(`${worker.name} could not work and will try again.`, {
				error: describeError(error),
				count: failures,
			});
			return false;
		}
	}

	function pause(): Promise<void> {
		if (failures > 0) {
			return sleep(deps.clock, Math.min(failureWaitMaxMs, 100 * 2 ** failures), stopping.signal);
		}
		return isWanted || stopping.signal.aborted ? gather() : untilWanted().then(gather);
	}

	function gather(): Promise<void> {
		const { gatherMs = 0 } = worker;
		return isWanted && gatherMs > 0 ? sleep(deps.clock, gatherMs, stopping.signal) : letOthersRun();
	}

	/** Until a hint, the poll or the end. */
	function untilWanted(): Promise<void> {
		return new Promise((resolve) => {
			const cancel = deps.clock.after(worker.pollMs, end);
			function end(): void {
				cancel();
				endPause = () => undefined;
				resolve();
			}
			endPause = end;
		});
	}

	// SQLite answers without ever waiting: a long backlog would keep requests and timers out until it is done.
	function letOthersRun(): Promise<void> {
		return new Promise((resolve) => setImmediate(resolve));
	}

	const running = run();
	return {
		async stop() {
			stopping.abort();
			stopListening();
			endPause();
			await running;
		},
	};
}
