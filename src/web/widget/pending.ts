// What is on its way, or did not go: a row for each. Rows stay in place, so that a button keeps the focus and a screen reader
// tells a reason once.

import type { Interaction } from "#web/realtime/tree.ts";
import { make } from "./dom.ts";
import type { Talk } from "./talk.ts";
import { fill, sentenceFor, type Texts } from "./texts.ts";

/** `because`: the code of why it did not go. */
type Pending = { id: string; says: string; because: string | undefined; again?(): void; drop(): void };

type Row = { of: string; element: HTMLElement };

export function openPending(talk: Talk, texts: Texts): { element: HTMLElement; draw(chat: Interaction): void } {
	const element = make("div", { class: "pending" });
	const rows = new Map<string, Row>();
	return {
		element,
		draw(chat) {
			const all = pendingIn(talk, chat);
			for (const [id, row] of rows) {
				if (!all.some((one) => one.id === id)) {
					row.element.remove();
					rows.delete(id);
				}
			}
			for (const one of all) {
				const of = JSON.stringify([one.says, one.because]);
				const known = rows.get(one.id);
				if (known?.of !== of) {
					const row = { of, element: rowElement(one, texts) };
					rows.set(one.id, row);
					known?.element.remove();
					element.append(row.element);
				}
			}
		},
	};
}

function pendingIn({ outbox, uploads }: Talk, chat: Interaction): readonly Pending[] {
	const said = new Set(chat.transcript.messages.map(({ client_message_id: id }) => id));
	return [
		...outbox.of(chat.id, said).map(({ clientId: id, text, because }) => ({
			id,
			says: text,
			because,
			again: () => outbox.again(id),
			drop: () => outbox.drop(id),
		})),
		...uploads.all().map(({ id, name, because }) => ({ id, says: name, because, drop: () => uploads.drop(id) })),
	];
}

function rowElement({ says, because, again, drop }: Pending, texts: Texts): HTMLElement {
	const button = (text: string, click: () => void): Node => make("button", { type: "button", click }, text);
	const state =
		because === undefined
			? [make("small", {}, texts.pending)]
			: [
					make("small", { role: "alert" }, fill(texts.notSent, { because: sentenceFor(because, texts) })),
					...(again === undefined ? [] : [button(texts.sendAgain, again)]),
					button(texts.remove, drop),
				];
	return make("div", { class: "line own" }, make("span", { dir: "auto" }, says), ...state);
}
