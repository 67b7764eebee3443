// A name for a piece of JSON that has no id of its own: the same for the same value whatever the order of its keys.

import { createHash } from "node:crypto";

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
