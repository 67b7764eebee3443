// Tells the other side that the visitor is writing, and when they have stopped.

import type { Interaction } from "#web/realtime/tree.ts";
import type { Ask } from "./asked.ts";

export type Typing = { note(): void; stop(): void };

const restMs = 5000;

type TypingDeps = {
	ask: Ask;
	after(delayMs: number, run: () => void): () => void;
	chat(): Interaction | undefined;
};

export function openTyping({ ask, after, chat }: TypingDeps): Typing {
	let isTyping = false;
	let cancel: (() => void) | undefined;
	const tell = (status: "typing" | "not_typing"): void => {
		const { id, originator } = chat() ?? {};
		if (id !== undefined && originator !== undefined) {
			void ask("PUT", `/interactions/${id}/participants/${encodeURIComponent(originator)}`, { status });
		}
	};
	const stop = (): void => {
		cancel?.();
		if (isTyping) {
			isTyping = false;
			tell("not_typing");
		}
	};
	return {
		note() {
			cancel?.();
			cancel = after(restMs, stop);
			if (!isTyping) {
				isTyping = true;
				tell("typing");
			}
		},
		stop,
	};
}
