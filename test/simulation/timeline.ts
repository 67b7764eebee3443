// Virtual time. Two queues drive everything: timers, which fall due when time is moved, and immediates, which the product
// sets with `setImmediate` and which this module takes over, so that "quiet" is a fact and not a guess.

export type Timer = { dueMs: number; order: number; isWorld: boolean; run: () => void };

export type Timeline = {
	/** Milliseconds since the world began. */
	readonly nowMs: number;
	after(delayMs: number, run: () => void, owner: "node" | "world"): () => void;
	nextDueMs(owner: "any" | "world"): number | undefined;
	/** Moves time and runs what is due, in order, each until all is quiet. Timers may so run late, as real ones may. */
	moveTo(ms: number): Promise<void>;
	/** Runs what was set with `setImmediate`, and every promise that can go on, until nothing is left. */
	untilQuiet(): Promise<void>;
	close(): void;
};

const immediatesMax = 200_000; // In one quiet-down; more is a loop that never waits.

export function openTimeline(): Timeline {
	const realSetImmediate = globalThis.setImmediate;
	let nowMs = 0;
	let order = 0;
	let timers: Timer[] = [];
	const immediates: (() => void)[] = [];
	// No `clearImmediate` in the product; the handle is of no use to anybody.
	globalThis.setImmediate = ((run: (...args: unknown[]) => void, ...args: unknown[]) => {
		immediates.push(() => run(...args));
		return undefined as unknown as NodeJS.Immediate;
	}) as typeof setImmediate;

	/** A turn of the real event loop comes only after every promise that could go on did. */
	const turn = () => new Promise<void>((resolve) => realSetImmediate(() => resolve()));

	async function untilQuiet(): Promise<void> {
		await turn();
		for (let count = 0; ; count++) {
			const next = immediates.shift();
			if (next === undefined) {
				return;
			}
			if (count > immediatesMax) {
				throw new Error("Something works without ever waiting.");
			}
			next();
			await turn();
		}
	}

	return {
		get nowMs() {
			return nowMs;
		},
		after(delayMs, run, owner) {
			const timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, isWorld: owner === "world", run };
			// Sorted by time, then by order: from the end, since most timers are set for later than most.
			let place = timers.length;
			while (place > 0 && (timers[place - 1]?.dueMs ?? 0) > timer.dueMs) {
				place -= 1;
			}
			timers.splice(place, 0, timer);
			return () => {
				timers = timers.filter((other) => other !== timer);
			};
		},
		nextDueMs: (owner) => (owner === "any" ? timers[0] : timers.find(({ isWorld }) => isWorld))?.dueMs,
		async moveTo(ms) {
			nowMs = Math.max(nowMs, ms);
			for (;;) {
				const next = timers[0];
				if (next === undefined || next.dueMs > nowMs) {
					return;
				}
				timers.shift();
				next.run();
				await untilQuiet();
			}
		},
		untilQuiet,
		close() {
			globalThis.setImmediate = realSetImmediate;
		},
	};
}
