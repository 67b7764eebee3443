// What the desk keeps in the browser for a user, shared by their windows: what was written, and how far each chat was read.
// Who signs in next at the same browser sees none of it. A browser that keeps nothing still works, until the page is left.

import { parseWords, toKept, type Words } from "./pending.ts";

/** Number of the last line seen, by chat. */
export type Seen = Readonly<Record<string, number>>;

const wordsOf = (userId: string): string => `parley.desk.words.${userId}`;
const seenOf = (userId: string): string => `parley.desk.seen.${userId}`;

export function keptOf(userId: string): { words: Words; seen: Seen } {
	return { words: parseWords(read(wordsOf(userId))), seen: parseSeen(read(seenOf(userId))) };
}

export function keepWords(userId: string, words: Words): void {
	write(wordsOf(userId), toKept(words));
}

export function keepSeen(userId: string, seen: Seen): void {
	write(seenOf(userId), seen);
}

/** What another window of the user wrote. */
export function onOtherWindow(userId: () => string, hear: (change: { words: Words } | { seen: Seen }) => void): void {
	addEventListener("storage", ({ key, newValue }) => {
		if (key === wordsOf(userId())) {
			hear({ words: parseWords(newValue) });
		}
		if (key === seenOf(userId())) {
			hear({ seen: parseSeen(newValue) });
		}
	});
}

function parseSeen(text: string | null): Seen {
	try {
		return (JSON.parse(text ?? "{}") ?? {}) as Seen;
	} catch {
		return {}; // Another version kept it otherwise.
	}
}

function read(name: string): string | null {
	try {
		return localStorage.getItem(name);
	} catch {
		return null; // The browser keeps nothing for this page.
	}
}

function write(name: string, value: unknown): void {
	try {
		localStorage.setItem(name, JSON.stringify(value));
	} catch {
		// Full, or forbidden: it is still in this window, and nothing better can be done while somebody types.
	}
}
