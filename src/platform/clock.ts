// Time as a value that is handed in. Nothing else in the product reads a clock or sets a timer (tidy enforces it).

export type Clock = {
	/** The wall clock. For what people and providers see, and for leases. */
	now(): Date;
	/** Milliseconds that never run backwards. For waits and measured durations. */
	monotonicMs(): number;
	/** Calls back once; the function returned cancels. The timer never keeps the process alive. */
	after(delayMs: number, run: () => void): () => void;
};

export const systemClock: Clock = {
	now: () => new Date(),
	monotonicMs: () => performance.now(),
	after(delayMs, run) {
		const timer = setTimeout(run, delayMs);
		timer.unref();
		return () => clearTimeout(timer);
	},
};

/** Waits on the clock given; ends early, without an error, when the signal is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal?.aborted === true) {
			resolve();
			return;
		}
		const cancel = clock.after(delayMs, done);
		function done(): void {
			signal?.removeEventListener("abort", onAbort);
			resolve();
		}
		function onAbort(): void {
			cancel();
			done();
		}
		signal?.addEventListener("abort", onAbort, { once: true });
	});
}
