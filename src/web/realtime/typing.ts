// Tells the others of a chat that somebody is writing, and when they have stopped: when they say so, or rest, or write
// elsewhere.

import type { Interaction } from "./tree.ts";

export type Typing = {
	/** Another letter. */
	note(): void;
	/** What was written is sent or gone, or who wrote it is. */
	stop(): void;
};

const restMs = 5000;

type TypingDeps = {
	ask(method: string, uri: string, body: unknown): Promise<unknown>;
	after(delayMs: number, run: () => void): () => void;
	/** Where they write now, as whom; undefined: nobody would hear of it. */
	at(): { chat: Pick<Interaction, "id">; address: string } | undefined;
};

export function openTyping({ ask, after, at }: TypingDeps): Typing {
	/** What was told of last, while it holds. */
	let told: string | undefined;
	let cancel: (() => void) | undefined;
	const tell = (uri: string, status: "typing" | "not_typing"): void => void ask("PUT", uri, { status });
	const stop = (): void => {
		cancel?.();
		if (told !== undefined) {
			tell(told, "not_typing");
			told = undefined;
		}
	};
	return {
		note() {
			const here = at();
			const uri = here && `/interactions/${here.chat.id}/participants/${encodeURIComponent(here.address)}`;
			if (uri === undefined || uri !== told) {
				stop();
			}
			cancel?.();
			cancel = after(restMs, stop);
			if (uri !== undefined && told === undefined) {
				told = uri;
				tell(uri, "typing");
			}
		},
		stop,
	};
}
