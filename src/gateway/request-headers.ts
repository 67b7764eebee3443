// The headers of a provider's request, as a connector reads them. The platform's own class checks and sorts what Node's
// parser has checked already, which costs as much as the signature.

import type { RequestHeaders } from "#connectors/contract.ts";

/** @param rawHeaders name, value, name, value … as Node gives them; a header sent twice is joined, as in `Headers` */
export function requestHeaders(rawHeaders: readonly string[]): RequestHeaders {
	const values = new Map<string, string>();
	for (let index = 0; index < rawHeaders.length; index += 2) {
		const name = (rawHeaders[index] ?? "").toLowerCase();
		const value = rawHeaders[index + 1] ?? "";
		const before = values.get(name);
		values.set(name, before === undefined ? value : `${before}, ${value}`);
	}
	return {
		has: (name) => values.has(name.toLowerCase()),
		get: (name) => values.get(name.toLowerCase()) ?? null,
		[Symbol.iterator]: () => values.entries(),
	};
}
