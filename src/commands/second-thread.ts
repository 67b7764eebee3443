// The second thread as the first one sees it: it records what came in and runs the servers behind the doors. A process has
// one fate: whatever ends the thread ends the process.

import { Worker } from "node:worker_threads";
import type { Counted } from "#platform/metrics.ts";
import type { Arrival, Recorded } from "#storage/arrivals.ts";
import type { Signals } from "#storage/signals.ts";
import type { StorageTrouble } from "#storage/trouble.ts";
import { openQuestions } from "./open-questions.ts";
import {
	fromFailure,
	pack,
	type Results,
	type SecondThreadStart,
	sharedSignals,
	type ToFirst,
	type ToSecond,
	unpackResults,
} from "./thread-talk.ts";

export type SecondThread = {
	/** In one transaction, durable when the promise resolves. */
	recordArrivals(arrivals: readonly Arrival[]): Promise<readonly Recorded[]>;
	counted(): Promise<Counted>;
	signals: Signals;
	/** See `Meanwhile`. */
	allowMeanwhile(targets: readonly string[]): Promise<void>;
	/** Ends the servers behind the doors. What comes in is recorded until `close`. */
	stop(): Promise<void>;
	close(): Promise<void>;
};

export type SecondThreadHooks = {
	onTrouble(trouble: StorageTrouble): void;
	exit(code: number): void;
	/** It ended without being told to. */
	onEnd(error: Error | undefined): void;
};

// Node would take up to 48 MiB for what lives a moment; less costs nothing measurable here.
const youngMb = 12;

const ownEntry = new URL("second-thread-entry.ts", import.meta.url);

/**
 * Resolves when it works.
 * @param entry what runs in the thread; tests bring their own
 */
export async function startSecondThread(
	start: SecondThreadStart,
	hooks: SecondThreadHooks,
	entry = ownEntry,
): Promise<SecondThread> {
	const worker = new Worker(entry, {
		workerData: start,
		resourceLimits: { maxYoungGenerationSizeMb: youngMb },
	});
	let isClosing = false;
	const runs = Promise.withResolvers<void>();
	const say = (words: ToSecond, changeHands: readonly ArrayBuffer[] = []): void =>
		worker.postMessage(words, [...changeHands]);
	const signals = sharedSignals((lane) => say({ kind: "nudge", lane }));
	const questions = openQuestions("The thread behind the doors has ended.");
	worker.on("message", (words: ToFirst) => {
		switch (words.kind) {
			case "runs":
				return runs.resolve();
			case "answer":
				return questions.of(words.number)?.resolve(words.answer as never);
			case "failure":
				return questions.of(words.number)?.reject(fromFailure(words.failure));
			case "nudge":
				return signals.hear(words.lane);
			case "trouble":
				return hooks.onTrouble(words.trouble);
			case "exit":
				return hooks.exit(words.code);
		}
	});
	// Before it works, its end is the failure of this call; afterwards it is the end of the process.
	const failure = new Error("The thread behind the doors ended before it worked.");
	worker.once("error", (error: Error) => runs.reject(error));
	worker.once("exit", () => runs.reject(failure));
	worker.once("exit", () => questions.end());
	await runs.promise;
	worker.once("error", (error: Error) => hooks.onEnd(error));
	worker.once("exit", () => isClosing || hooks.onEnd(undefined));
	return {
		signals,
		async recordArrivals(arrivals) {
			const freight = pack(arrivals);
			return unpackResults(
				await questions.ask<Results>((number) => say({ kind: "record", number, freight }, [freight.bodies.buffer])),
			);
		},
		counted: () => questions.ask((number) => say({ kind: "count", number })),
		allowMeanwhile: (targets) => questions.ask((number) => say({ kind: "allow", number, targets })),
		stop: () => questions.ask((number) => say({ kind: "stop", number })),
		async close() {
			isClosing = true;
			try {
				await questions.ask((number) => say({ kind: "close", number }));
			} catch (error) {
				if (questions.areHeard()) {
					throw error;
				} // It ended by itself, which is as good.
			}
			await worker.terminate();
		},
	};
}
