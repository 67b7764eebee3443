// A request as it travels: bytes and header lines, before anything of ours has read it. What is changed here is what a
// stranger can change.

import type { RawRequest } from "#connectors/contract.ts";
import type { Random } from "#platform/random.ts";

export type HeaderLine = readonly [name: string, value: string];
export type Wire = { method: string; path: string; headers: readonly HeaderLine[]; body: Uint8Array };

export const publicBase = "https://parley.example";

/** As the door on HTTP does it: one line after the other, so that a header sent twice stays visible as two. */
export function toRaw(wire: Wire): RawRequest {
	const headers = new Headers();
	for (const [name, value] of wire.headers) {
		headers.append(name, value);
	}
	return { method: wire.method, url: publicBase + wire.path, headers, body: wire.body };
}

export function headerOf(wire: Wire, name: string): string | undefined {
	return wire.headers.find(([given]) => given === name)?.[1];
}

export function withHeader(wire: Wire, name: string, value: string): Wire {
	const headers = wire.headers.map((line) => (line[0] === name ? ([name, value] as const) : line));
	return { ...wire, headers };
}

/** A whole number from 0 to `below` - 1. */
export function below(random: Random, limit: number): number {
	return Math.floor(random.fraction() * limit);
}

export function oneOf<const Items extends readonly [unknown, ...unknown[]]>(
	random: Random,
	items: Items,
): Items[number] {
	return items[below(random, items.length)];
}
