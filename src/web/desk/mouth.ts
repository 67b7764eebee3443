// What the agent says: shown at once, kept in the browser, and sent one after the other as soon as there is a line.

import { randomHex } from "#web/api/random.ts";
import { type Link, Unanswered, Unsent } from "#web/realtime/link.ts";
import { reasonIn } from "./asked.ts";
import type { DeskState } from "./desk.ts";
import {
	changed,
	type Kind,
	type Pending,
	restored,
	stillPending,
	withDraft,
	without,
	withPending,
	type Words,
} from "./pending.ts";
import type { Store } from "./store.ts";

export type Mouth = {
	draft(chatId: string, text: string): void;
	say(chatId: string, kind: Kind, text: string): void;
	sayAgain(chatId: string, clientId: string): void;
	drop(chatId: string, clientId: string): void;
	/** There is a line again. */
	goOn(): void;
};

export const keptAs = "parley.desk.words";

export function openMouth({ now, set }: Pick<Store<DeskState>, "now" | "set">, ask: Link["ask"]): Mouth {
	const keep = (words: Words): void => {
		localStorage.setItem(keptAs, JSON.stringify(words));
		set({ words });
	};

	/** One after the other, so that they arrive in the order they were written. */
	async function sendWaiting(chatId: string): Promise<void> {
		for (;;) {
			const { tree, words } = now();
			const chat = tree.interactions.find(({ id }) => id === chatId);
			const all = stillPending(words.pending[chatId] ?? [], chat?.transcript.messages ?? []);
			const next = all.find((one) => one.state === "waiting");
			if (next === undefined || all.some((one) => one.state === "sending")) {
				return;
			}
			keep(changed(words, chatId, next.clientId, { state: "sending" }));
			if (!(await sendOne(chatId, next))) {
				return;
			}
		}
	}

	/** False: there is no line now. */
	async function sendOne(chatId: string, { clientId, kind, text }: Pending): Promise<boolean> {
		const body = { type: kind, message: text, client_message_id: clientId };
		try {
			const { status, body: answer } = await ask("POST", `/interactions/${chatId}/transcript/messages`, body);
			keep(
				status === 200
					? without(now().words, chatId, clientId)
					: changed(now().words, chatId, clientId, { state: "refused", because: reasonIn(answer) }),
			);
			return true;
		} catch (error) {
			if (!(error instanceof Unsent || error instanceof Unanswered)) {
				throw error;
			}
			keep(changed(now().words, chatId, clientId, { state: "waiting" }));
			return false;
		}
	}

	return {
		draft: (chatId, text) => keep(withDraft(now().words, chatId, text)),
		say(chatId, kind, text) {
			const { words } = now();
			const pending: Pending = { clientId: randomHex(16), kind, text, state: "waiting" };
			keep(withPending(withDraft(words, chatId, ""), chatId, [...(words.pending[chatId] ?? []), pending]));
			void sendWaiting(chatId);
		},
		sayAgain(chatId, clientId) {
			keep(changed(now().words, chatId, clientId, { state: "waiting" }));
			void sendWaiting(chatId);
		},
		drop: (chatId, clientId) => keep(without(now().words, chatId, clientId)),
		goOn() {
			const ids = now().tree.interactions.map(({ id }) => id);
			keep(restored(now().words, ids));
			ids.forEach((id) => void sendWaiting(id));
		},
	};
}
