// Which methods an address has, for the answer 405 and its header Allow (RFC 9110 section 15.5.6).

export type KnownRoute = { method: string; pattern: RegExp };

/** @param url The route as declared: `/things/:id`, `/files/*`. */
export function knownRoute(method: string, url: string): KnownRoute {
	const parts = url.split("/").map((part) => {
		if (part === "*") {
			return ".*";
		}
		return part.startsWith(":") ? "[^/]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
	});
	return { method, pattern: new RegExp(`^${parts.join("/")}$`) };
}

export function allowedMethods(path: string, routes: readonly KnownRoute[]): string[] {
	const found = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
	return [...new Set(found)].toSorted();
}
