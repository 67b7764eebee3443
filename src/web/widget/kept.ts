// What the frame keeps in the browser, in our own origin's storage. Where the browser keeps nothing for frames of other sites,
// or has no room left, it is kept until the page is left.

const memory = new Map<string, string>();

export function kept(name: string): string | null {
	const stored = attempt((storage) => storage.getItem(name));
	return memory.get(name) ?? (stored === refused ? null : stored);
}

/** `null` forgets it. */
export function keep(name: string, value: string | null): void {
	memory.delete(name);
	if (value === null) {
		attempt((storage) => storage.removeItem(name));
	} else if (attempt((storage) => storage.setItem(name, value)) === refused) {
		memory.set(name, value);
	}
}

export function keptNames(start: string): readonly string[] {
	const stored = attempt((storage) => Object.keys(storage));
	return [...(stored === refused ? [] : stored), ...memory.keys()].filter((name) => name.startsWith(start));
}

/** `refused`: there is no storage, or no room in it. */
const refused = Symbol("refused");

function attempt<Value>(act: (storage: Storage) => Value): Value | typeof refused {
	try {
		return act(localStorage);
	} catch {
		return refused;
	}
}
