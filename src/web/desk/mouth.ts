// What the agent says: shown at once, kept in the browser, and sent one after the other as soon as there is a line.

import { randomHex } from "#web/api/random.ts";
import { type Link, Unanswered, Unsent } from "#web/realtime/link.ts";
import { toAsked } from "./asked.ts";
import { userIn } from "./chat-facts.ts";
import type { DeskState } from "./desk.ts";
import { keepWords } from "./kept.ts";
import {
	changed,
	type Draft,
	heard,
	type Kind,
	noDraft,
	type Pending,
	resumed,
	swept,
	withDraft,
	without,
	withoutChat,
	withPending,
	type Words,
} from "./pending.ts";
import type { Store } from "./store.ts";

export type Mouth = {
	draft(chatId: string, change: Partial<Draft>): void;
	say(chatId: string, kind: Kind, text: string): void;
	sayAgain(chatId: string, clientId: string): void;
	/** Back into the draft, to be changed. */
	takeBack(chatId: string, pending: Pending): void;
	drop(chatId: string, clientId: string): void;
	dropChat(chatId: string): void;
	/** Another window of the user has kept words. */
	hear(kept: Words): void;
	/** There is a line again. */
	goOn(): void;
	/** The transcripts show more than before. */
	sweep(): void;
};

/** No answer came though the line holds, or another window does not send its own: the server drops a repetition by its id. */
const againMs = 5000;

export function openMouth({ now, set }: Pick<Store<DeskState>, "now" | "set">, ask: Link["ask"]): Mouth {
	const keep = (words: Words): void => {
		if (words !== now().words) {
			keepWords(userIn(now().tree), words);
			set({ words });
		}
	};
	const { send, sendLater } = openSender({ now, keep, ask });
	return {
		draft: (chatId, change) => keep(withDraft(now().words, chatId, change)),
		say(chatId, kind, text) {
			const { words } = now();
			const pending: Pending = { clientId: randomHex(16), kind, text, state: "waiting" };
			keep(withPending(words, chatId, [...(words.pending[chatId] ?? []), pending]));
			void send(chatId);
		},
		sayAgain(chatId, clientId) {
			keep(changed(now().words, chatId, clientId, { state: "waiting" }));
			void send(chatId);
		},
		takeBack(chatId, { clientId, kind, text }) {
			const written = kind === "note" ? "note" : "text";
			const before = (now().words.drafts[chatId] ?? noDraft)[written];
			const joined = before === "" ? text : `${text}\n${before}`;
			keep(withDraft(without(now().words, chatId, clientId), chatId, { kind: written, [written]: joined }));
		},
		drop: (chatId, clientId) => keep(without(now().words, chatId, clientId)),
		dropChat: (chatId) => keep(withoutChat(now().words, chatId)),
		hear(kept) {
			set({ words: heard(now().words, kept) });
			Object.keys(kept.pending).forEach(sendLater);
		},
		goOn() {
			keep(resumed(now().words));
			Object.keys(now().words.pending).forEach((chatId) => void send(chatId));
		},
		sweep: () => keep(swept(now().words, now().tree.interactions)),
	};
}

type Voice = { now(): DeskState; keep(words: Words): void; ask: Link["ask"] };

type Sender = { send(chatId: string): Promise<void>; sendLater(chatId: string): void };

function openSender({ now, keep, ask }: Voice): Sender {
	/** Chats in which something is being sent by this window. What another one does holds up nothing here. */
	const busy = new Set<string>();
	const later = new Set<string>();

	/** One after the other, so that they arrive in the order they were written. */
	async function send(chatId: string): Promise<void> {
		if (busy.has(chatId)) {
			return;
		}
		busy.add(chatId);
		try {
			let next = nextOf(now(), chatId);
			while (next !== undefined && (await sendOne(chatId, next))) {
				next = nextOf(now(), chatId);
			}
		} finally {
			busy.delete(chatId);
		}
	}

	/** False: it is not known to have arrived, and waits. */
	async function sendOne(chatId: string, { clientId, kind, text }: Pending): Promise<boolean> {
		const body = { type: kind, message: text, client_message_id: clientId };
		keep(changed(now().words, chatId, clientId, { state: "sending" }));
		try {
			const asked = toAsked(await ask("POST", `/interactions/${chatId}/transcript/messages`, body));
			const change: Partial<Pending> = asked.ok ? { state: "taken" } : { state: "refused", because: asked.because };
			keep(swept(changed(now().words, chatId, clientId, change), now().tree.interactions));
			return true;
		} catch (error) {
			if (!(error instanceof Unsent || error instanceof Unanswered)) {
				throw error;
			}
			keep(changed(now().words, chatId, clientId, { state: "waiting" }));
			if (error instanceof Unanswered) {
				sendLater(chatId);
			}
			return false;
		}
	}

	function sendLater(chatId: string): void {
		if (!later.has(chatId)) {
			later.add(chatId);
			setTimeout(() => {
				later.delete(chatId);
				void send(chatId);
			}, againMs);
		}
	}

	return { send, sendLater };
}

function nextOf({ tree, words }: DeskState, chatId: string): Pending | undefined {
	const isThere = tree.interactions.some(({ id }) => id === chatId);
	return isThere ? words.pending[chatId]?.find((one) => one.state === "waiting") : undefined;
}
