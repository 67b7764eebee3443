// Keys by which a second delivery of the same callback is recognised: the provider's ids where it gives any, else a
// SHA-256 that is the same for the same content, whatever the order of its fields.

import { createHash } from "node:crypto";

const keyCharactersMax = 300;

/** `prefix:id:id…` when the first id is there and the whole is of a sensible length, else `prefix:<fingerprint>`. */
export function keyOf(prefix: string, ids: readonly (string | undefined)[], content: unknown): string {
	const key = [prefix, ...ids.map((id) => id ?? "")].join(":");
	return ids[0] === undefined || key.length > keyCharactersMax ? `${prefix}:${fingerprint(content)}` : key;
}

/** Keeps its own stack, because a body may be nested deeper than the call stack bears. */
export function fingerprint(content: unknown): string {
	const hash = createHash("sha256");
	const pending: unknown[] = [content];
	while (pending.length > 0) {
		const next = pending.pop();
		if (typeof next !== "object" || next === null) {
			hash.update(`${JSON.stringify(next) ?? "null"},`);
			continue;
		}
		const fields = Object.entries(next).toSorted(([left], [right]) => (left < right ? -1 : 1));
		hash.update(JSON.stringify([Array.isArray(next), fields.map(([name]) => name)]));
		for (const [, value] of fields.toReversed()) {
			pending.push(value);
		}
	}
	return hash.digest("hex");
}

export function fingerprintOfBytes(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}
