// The letter that is being written to somebody who has not written: one at a time, begun by the agent or by the page around
// the panel, and there until it is sent or put away.

import type { ReplyTemplate } from "./approved.tsx";
import type { Store } from "./store.ts";

export type Begun = {
	queue: string | null;
	channel: string;
	to: string;
	message: string;
	/** Of a reply template that is to be chosen once it is known; empty: none, or not any more. */
	templateId: string;
};

/** `number`: no other letter has it. */
export type Letter = Begun & { number: number; template?: ReplyTemplate | undefined };

export type Letters = {
	/** Where one is being written already, nothing changes. */
	begin(letter: Begun): void;
	/** The others concern the letter of that number alone: it may be put away already, and another begun. */
	change(number: number, more: Partial<Begun> & { template?: ReplyTemplate | undefined }): void;
	putAway(number: number): void;
};

export function openLetters({ now, set }: Store<{ letter: Letter | undefined }>): Letters {
	let count = 0;
	return {
		begin(letter) {
			if (now().letter === undefined) {
				count += 1;
				set({ letter: { ...letter, number: count } });
			}
		},
		change(number, more) {
			const { letter } = now();
			if (letter?.number === number) {
				set({ letter: { ...letter, ...more } });
			}
		},
		putAway(number) {
			if (now().letter?.number === number) {
				set({ letter: undefined });
			}
		},
	};
}

/** What the wanted template puts into the letter, once. */
export function chosenOf(templateId: string, templates: readonly ReplyTemplate[]): Parameters<Letters["change"]>[1] {
	const found = templates.find(({ id }) => id.toLowerCase() === templateId.toLowerCase());
	const words = found?.template === null ? { message: found.text } : { template: found };
	return { templateId: "", ...(found === undefined ? {} : words) };
}
