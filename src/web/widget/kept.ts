// What the frame keeps in the browser. Where the browser keeps nothing for frames of other sites, it is kept until the page
// is left.

const memory = new Map<string, string>();

function storage(): Storage | undefined {
	try {
		return localStorage;
	} catch {
		return undefined; // Reading it is refused, not only writing.
	}
}

export function kept(name: string): string | null {
	return storage()?.getItem(name) ?? memory.get(name) ?? null;
}

export function keep(name: string, value: string | null): void {
	if (value === null) {
		memory.delete(name);
		storage()?.removeItem(name);
		return;
	}
	memory.set(name, value);
	storage()?.setItem(name, value);
}
