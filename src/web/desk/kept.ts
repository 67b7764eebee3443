// What the desk keeps in the browser, shared by its windows: what was written, and how far each chat was read. A browser
// that keeps nothing still works, until the page is left.

import { parseWords, type Words } from "./pending.ts";

/** Number of the last line seen, by chat. */
export type Seen = Readonly<Record<string, number>>;

const wordsName = "parley.desk.words";
const seenName = "parley.desk.seen";

export function keptWords(): Words {
	return parseWords(read(wordsName));
}

export function keptSeen(): Seen {
	return parseSeen(read(seenName));
}

export function keepWords(words: Words): void {
	write(wordsName, words);
}

export function keepSeen(seen: Seen): void {
	write(seenName, seen);
}

/** What another window of this browser wrote. */
export function onOtherWindow(hear: (change: { words: Words } | { seen: Seen }) => void): void {
	addEventListener("storage", ({ key, newValue }) => {
		if (key === wordsName) {
			hear({ words: parseWords(newValue) });
		}
		if (key === seenName) {
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
