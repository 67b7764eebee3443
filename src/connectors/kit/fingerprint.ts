// Keys by which a second delivery of the same event is recognised: the provider's ids where it gives any, else a SHA-256
// that is the same for the same content, whatever the order of its fields.

import { createHash } from "node:crypto";

const keyCharactersMax = 300;

/** `prefix:id:id…` when the first id is there and the whole is of a sensible length, else `prefix:<fingerprint>`. */
export function keyOf(prefix: string, ids: readonly (string | undefined)[], content: unknown): string {
	const key = [prefix, ...ids.map((id) => id ?? "")].join(":");
	return ids[0] === undefined || key.length > keyCharactersMax ? `${prefix}:${fingerprint(content)}` : key;
}

/**
 * Pre-order with the keys or the length of each container in front, so that two values share a text only when they are
 * equal. Keeps its own stack: a body may be nested deeper than the call stack bears.
 */
export function fingerprint(value: unknown): string {
	const hash = createHash("sha256");
	const pending: unknown[] = [value];
	while (pending.length > 0) {
		const next = pending.pop();
		const keys = keysOf(next);
		if (keys === undefined) {
			hash.update(`${JSON.stringify(next) ?? "null"},`);
			continue;
		}
		hash.update(Array.isArray(next) ? `[${keys.length}]` : `{${JSON.stringify(keys)}}`);
		for (const key of keys.toReversed()) {
			pending.push((next as Record<string, unknown>)[key]);
		}
	}
	return hash.digest("hex");
}

export function fingerprintOfBytes(body: Uint8Array): string {
	return createHash("sha256").update(body).digest("hex");
}

function keysOf(value: unknown): readonly string[] | undefined {
	if (typeof value !== "object" || value === null) {
		return undefined;
	}
	return Array.isArray(value) ? Object.keys(value) : Object.keys(value).toSorted();
}
