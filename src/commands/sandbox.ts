// The sandbox as REST sees it. Its simulators live in a thread of their own that begins with the first start and ends with
// the stop: until then nothing is loaded, afterwards its heap is gone, and what breaks in it harms nothing else. While
// they run, exactly their addresses are allowed as targets.

import { Worker } from "node:worker_threads";
import type { Log } from "#platform/log.ts";
import { describeError } from "#platform/log.ts";
import type { RunningSimulator, Sandbox, SandboxAccount } from "#rest/sandbox-port.ts";
import { openQuestions } from "./open-questions.ts";
import {
	type FromSandbox,
	personas,
	type SandboxStart,
	sandboxTypes,
	type ToSandbox,
	usualTypes,
	type Written,
} from "./sandbox-talk.ts";
import { fromFailure } from "./thread-talk.ts";

export type SandboxParts = {
	log: Log;
	/** Asked at the first start: only then the listener has its port. */
	begin(): SandboxStart;
	/** Resolves when the way out knows. */
	allowMeanwhile(targets: readonly string[]): Promise<void>;
};

// The process grows by about 40 MiB (measured with all types). What tries to take much more ends alone.
const limits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 };

const ownEntry = new URL("sandbox-thread-entry.ts", import.meta.url);

/** @param entry what runs in the thread; tests bring their own */
export function openSandbox(parts: SandboxParts, entry = ownEntry): Sandbox {
	const running = openRegister();
	let thread: SandboxThread | undefined;
	let lastChange: Promise<unknown> = Promise.resolve();
	const demandThread = (): SandboxThread => {
		if (thread === undefined) {
			throw new Error("The sandbox does not run.");
		}
		return thread;
	};
	function onEnd(ended: SandboxThread, error: Error | undefined): void {
		if (thread === ended) {
			thread = undefined;
			running.clear();
			parts.log.warn("The sandbox ended by itself; start it again.", {
				server: "main",
				...(error === undefined ? {} : { error: describeError(error) }),
			});
			void parts.allowMeanwhile([]);
		}
	}
	return {
		unavailableBecause: undefined,
		types: sandboxTypes,
		usualTypes,
		personas,
		running: running.list,
		alone(change) {
			const result = lastChange.then(change, change);
			lastChange = result.catch(() => undefined); // Whoever gave it hears of it.
			return result;
		},
		async start(types) {
			thread ??= startThread(parts.begin(), entry, onEnd);
			const accounts = await thread.ask<readonly SandboxAccount[]>({ kind: "start", types });
			running.add(accounts);
			await parts.allowMeanwhile(running.targets());
			return accounts;
		},
		async connect(connection) {
			await demandThread().ask({ kind: "connect", connection });
			running.change(connection.type, { serviceId: connection.serviceId });
		},
		write: async (message) => demandThread().ask<Written>({ kind: "write", ...message }),
		async misbehave(type, fault) {
			await demandThread().ask({ kind: "misbehave", type, fault });
			running.change(type, { fault });
		},
		async stop() {
			const ending = thread;
			thread = undefined;
			running.clear();
			if (ending !== undefined) {
				await parts.allowMeanwhile([]);
				await ending.end();
			}
		},
	};
}

/** What runs, and where it listens. */
function openRegister() {
	const running = new Map<string, RunningSimulator & { targets: readonly string[] }>();
	return {
		list: (): RunningSimulator[] => [...running.values()].map(({ targets: _targets, ...shown }) => shown),
		targets: (): string[] => [...running.values()].flatMap(({ targets }) => targets),
		clear: () => running.clear(),
		add(accounts: readonly SandboxAccount[]): void {
			for (const account of accounts.filter(({ type }) => !running.has(type))) {
				const { type } = account;
				running.set(type, { type, serviceId: undefined, fault: "none", targets: targetsOf(account) });
			}
		},
		change(type: string, fields: Partial<RunningSimulator>): void {
			const one = running.get(type);
			if (one !== undefined) {
				running.set(type, { ...one, ...fields });
			}
		},
	};
}

function targetsOf({ serviceConnection, authenticationUrl = serviceConnection }: SandboxAccount): string[] {
	return [...new Set([serviceConnection, authenticationUrl].map((url) => new URL(url).host))];
}

type Wish<Words> = Words extends { number: number } ? Omit<Words, "number"> : never;

type SandboxThread = {
	ask<Answer = undefined>(wish: Wish<ToSandbox>): Promise<Answer>;
	end(): Promise<void>;
};

function startThread(
	start: SandboxStart,
	entry: URL,
	onEnd: (ended: SandboxThread, error: Error | undefined) => void,
): SandboxThread {
	const worker = new Worker(entry, { workerData: start, resourceLimits: limits });
	const questions = openQuestions("The sandbox has ended; start it again.");
	let failure: Error | undefined;
	const thread: SandboxThread = {
		ask: (wish) => questions.ask((number) => worker.postMessage({ ...wish, number } satisfies ToSandbox)),
		async end() {
			await worker.terminate();
		},
	};
	worker.on("message", (words: FromSandbox) => {
		const question = questions.of(words.number);
		if (words.kind === "answer") {
			question?.resolve(words.answer as never);
		} else {
			question?.reject(fromFailure(words.failure));
		}
	});
	worker.once("error", (error: Error) => (failure = error));
	worker.once("exit", () => {
		questions.end();
		onEnd(thread, failure);
	});
	return thread;
}
