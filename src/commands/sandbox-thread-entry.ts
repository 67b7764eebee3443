// What runs in the sandbox's thread: the stage, told what to do by the first thread.

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import { openSandboxStage, type SandboxStage } from "./sandbox-stage.ts";
import type { FromSandbox, SandboxAnswer, SandboxStart, ToSandbox } from "./sandbox-talk.ts";
import { toFailure } from "./thread-talk.ts";

if (parentPort !== null) {
	run(parentPort, workerData as SandboxStart);
}

function run(first: MessagePort, start: SandboxStart): void {
	const say = (words: FromSandbox): void => first.postMessage(words);
	const stage = openSandboxStage(start, { clock: systemClock, random: systemRandom });
	first.on("message", (words: ToSandbox) => {
		const { number } = words;
		carryOut(stage, words).then(
			(answer) => say({ kind: "answer", number, answer }),
			(error: unknown) => say({ kind: "failure", number, failure: toFailure(error) }),
		);
	});
}

async function carryOut(stage: SandboxStage, words: ToSandbox): Promise<SandboxAnswer> {
	switch (words.kind) {
		case "start":
			return stage.start(words.types);
		case "connect":
			stage.connect(words.connection);
			return undefined;
		case "write":
			return stage.write(words);
		case "misbehave":
			stage.misbehave(words.type, words.fault);
			return undefined;
	}
}
