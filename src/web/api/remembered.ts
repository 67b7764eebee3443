// What this browser remembers for our pages. In a frame of another site it may refuse to (its storage throws there), or its
// storage is full, and nothing may break by that: it is known, then, until the page is left.

/** What the browser did not take; null: what it did not forget. */
const memory = new Map<string, string | null>();

export function recall(name: string): string | null {
	const kept = memory.get(name);
	if (kept !== undefined) {
		return kept;
	}
	try {
		return localStorage.getItem(name);
	} catch {
		return null;
	}
}

/** Null: forgets it. */
export function remember(name: string, value: string | null): void {
	try {
		if (value === null) {
			localStorage.removeItem(name);
		} else {
			localStorage.setItem(name, value);
		}
		memory.delete(name);
	} catch {
		memory.set(name, value);
	}
}
