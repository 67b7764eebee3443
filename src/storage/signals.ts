// Hints that there is work. They only shorten the wait: the rows are the truth, and everything works with signals off.

export type Lane =
	| "matcher"
	| "receipts"
	| "sender"
	| "events"
	| "quarantine"
	| "checks"
	| "upkeep"
	| "media"
	| "lines"
	| "chats"
	| "chatChanges"
	| "eventDeliveries"
	| "configuration";

export type Signals = {
	nudge(lane: Lane): void;
	/** Calls back on every nudge of the lane; the function returned stops it. */
	listen(lane: Lane, run: () => void): () => void;
};

/** Within one process. */
export function localSignals(): Signals {
	const listeners = new Map<Lane, Set<() => void>>();
	return {
		nudge(lane) {
			for (const run of listeners.get(lane) ?? []) {
				run();
			}
		},
		listen(lane, run) {
			const set = listeners.get(lane) ?? new Set();
			listeners.set(lane, set.add(run));
			return () => set.delete(run);
		},
	};
}

/** Nobody hears anything: proves that polling alone does the work. */
export const noSignals: Signals = { nudge: () => undefined, listen: () => () => undefined };
