// Which pages may speak to the Chat Server. Programs name no origin, or one that no browser would write; a browser always
// names its page's, so that a stranger's page cannot use somebody's cookie.

import type { IncomingHttpHeaders } from "node:http";

/** For sockets: absent is no browser; else host and port must be on the list, in whatever spelling samples send them. */
export function mayConnect(origin: string | undefined, allowed: readonly string[]): boolean {
	if (origin === undefined) {
		return true;
	}
	const host = hostOf(origin);
	return host !== undefined && allowed.some((one) => hostOf(one) === host);
}

/** `https://Shop.example/tenant/`, `wss://shop.example` and `shop.example` are one. Undefined for `null`. */
function hostOf(origin: string): string | undefined {
	const [, scheme = "", host = ""] = /^(?:([a-z]+):\/\/)?([^/\s?#@]+)(?:[/?#].*)?$/i.exec(origin) ?? [];
	const plain = host.toLowerCase();
	if (plain === "" || plain === "null") {
		return undefined;
	}
	const usualPort = /^(?:http|ws)$/i.test(scheme) ? ":80" : ":443";
	return plain.endsWith(usualPort) ? plain.slice(0, -usualPort.length) : plain;
}

/** For HTTP: `page` is the origin a browser named; undefined: the caller is a program, whatever it sent. */
export function pageOf(headers: IncomingHttpHeaders): string | undefined {
	const { origin } = headers;
	if (origin === undefined) {
		return undefined;
	}
	const isBrowser = headers["sec-fetch-site"] !== undefined || origin === "null";
	return isBrowser || URL.parse(origin)?.origin === origin ? origin : undefined;
}

/** A page's whole origin counts: its answers can be read there. */
export function mayRead(page: string, allowed: readonly string[]): boolean {
	return page !== "null" && allowed.some((one) => URL.parse(one)?.origin === page);
}

/** What a browser wants to hear before it lets a page read an answer, or send what is not plain. */
export function corsHeaders(page: string, isPreflight: boolean): Record<string, string> {
	const always = {
		"access-control-allow-origin": page,
		"access-control-allow-credentials": "true",
		"cross-origin-resource-policy": "cross-origin",
		vary: "Origin",
	};
	return isPreflight
		? {
				...always,
				"access-control-allow-headers": "authorization, content-type, if-match, idempotency-key, x-jsessionid",
				"access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
				"access-control-max-age": "600",
			}
		: { ...always, "access-control-expose-headers": "etag, link, location, retry-after, x-jsessionid" };
}
