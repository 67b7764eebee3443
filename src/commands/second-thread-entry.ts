// What runs in the second thread: the servers behind the doors, and the recording of what the first thread took in.

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { openLog } from "#platform/log.ts";
import { openMetrics } from "#platform/metrics.ts";
import { openMeanwhile } from "#platform/outbound-rules.ts";
import { turnstile } from "#platform/turnstile.ts";
import { workersTogether } from "#platform/worker-loop.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { openStorage, type Storage } from "#storage/storage.ts";
import { type BehindParts, startBehind } from "./behind.ts";
import { openVault } from "./open-vault.ts";
import { systemWith } from "./system.ts";
import {
	type Freight,
	packResults,
	type Results,
	type SecondThreadStart,
	sharedSignals,
	toFailure,
	type ToFirst,
	type ToSecond,
	unpack,
} from "./thread-talk.ts";

if (parentPort !== null) {
	await run(parentPort, workerData as SecondThreadStart);
}

async function run(first: MessagePort, start: SecondThreadStart): Promise<void> {
	const say = (words: ToFirst): void => first.postMessage(words);
	const system = { ...systemWith(start.settings), exit: (code: number) => say({ kind: "exit", code }) };
	const log = openLog({ level: start.settings.logLevel });
	const metrics = openMetrics("thread");
	const signals = sharedSignals((lane) => say({ kind: "nudge", lane }));
	const storage = await openStorage(
		start.settings.database,
		() => log.warn("A database connection was lost.", { server: "main" }),
		(trouble) => say({ kind: "trouble", trouble }),
		turnstile(start.turnstile),
	);
	const { vault, watch } = await openVault({ system, storage, log, metrics });
	const meanwhile = openMeanwhile();
	const parts: BehindParts = { system, log, metrics, storage, signals, vault, meanwhile };
	const workers = workersTogether([await startBehind(parts), watch()]);
	first.on("message", (words: ToSecond) => {
		switch (words.kind) {
			case "record":
				return answer(words.number, () => record(storage, words.freight));
			case "count":
				return answer(words.number, () => metrics.counted());
			case "nudge":
				return signals.hear(words.lane);
			case "allow":
				return answer(words.number, () => Promise.resolve(meanwhile.replace(words.targets)));
			case "stop":
				return answer(words.number, () => workers.stop());
			case "close":
				return answer(words.number, () => storage.close());
		}
	});
	say({ kind: "runs" });

	function answer(number: number, work: () => Promise<Extract<ToFirst, { kind: "answer" }>["answer"] | void>): void {
		work().then(
			(result) => say({ kind: "answer", number, answer: result ?? undefined }),
			(error: unknown) => say({ kind: "failure", number, failure: toFailure(error) }),
		);
	}
}

async function record(storage: Storage, freight: Freight): Promise<Results> {
	const arrivals = unpack(freight);
	return packResults(await storage.write((tx) => recordArrivals(tx, arrivals)));
}
