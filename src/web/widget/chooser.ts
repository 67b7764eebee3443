// Where the visitor chooses files: a button, what may be chosen, and the browser's own dialogue.

import { acceptOf, bytesInWords } from "#web/realtime/file-limits.ts";
import { make } from "./dom.ts";
import type { Talk } from "./talk.ts";
import { fill, type Texts } from "./texts.ts";

export type Chooser = { button: HTMLElement; input: HTMLElement; hint: HTMLElement; draw(isOver: boolean): void };

export function openChooser(talk: Talk, texts: Texts, choose: (files: Iterable<File>) => void): Chooser {
	const input = make("input", {
		type: "file",
		multiple: true,
		hidden: true,
		tabindex: "-1",
		"aria-label": texts.attach,
	});
	input.addEventListener("change", () => {
		choose(input.files ?? []);
		input.value = "";
	});
	const sentence = make("span", { dir: "auto" });
	const hint = make("small", { id: "file-limits", class: "hint", hidden: true }, sentence);
	const attributes = { type: "button", "aria-describedby": hint.id, click: (): void => input.click() };
	const button = make("button", attributes, texts.attach);
	return {
		button,
		input,
		hint,
		draw(isOver) {
			const { limits } = talk;
			if (limits === undefined) {
				return;
			}
			const isNone = limits.types.length === 0;
			const values = { size: bytesInWords(limits.size), types: limits.types.join(", ") };
			input.accept = acceptOf(limits);
			sentence.textContent = fill(texts.fileLimits, values);
			hint.title = sentence.textContent; // Where the list is long, not all of it is shown.
			hint.hidden = isNone || isOver;
			button.hidden = isNone;
		},
	};
}
