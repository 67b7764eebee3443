// What this browser remembers for our pages. In a frame of another site it may refuse to (its storage throws there), and nothing
// may break by that: it is known, then, until the page is left.

const memory = new Map<string, string>();

export function recall(name: string): string | null {
	try {
		return localStorage.getItem(name);
	} catch {
		return memory.get(name) ?? null;
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
	} catch {
		if (value === null) {
			memory.delete(name);
		} else {
			memory.set(name, value);
		}
	}
}
