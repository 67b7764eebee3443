// The address of a socket as clients write it: with several slashes in front, with or without one at the end, with a
// session or a ticket as a path parameter, and with any query, which is ignored.

import type { IncomingHttpHeaders } from "node:http";
import type { CallerKind } from "../resource.ts";

export const socketPath: Readonly<Record<CallerKind, string>> = {
	agent: "/ecfs/ws_endpoint",
	visitor: "/visitor/ecfs/ws_endpoint",
};

export type AskedSocket = { kind: CallerKind; parameters: ReadonlyMap<string, string> };

/** Undefined: the address is no socket's. */
export function readSocketUrl(url: string, basePath: string): AskedSocket | undefined {
	const [path = ""] = url.split("?", 1);
	const [place = "", ...parameters] = path.replace(/^\/+/, "/").split(";");
	const bare = place.endsWith("/") ? place.slice(0, -1) : place;
	const kind = (["agent", "visitor"] as const).find((one) => bare === `${basePath}${socketPath[one]}`);
	return kind === undefined ? undefined : { kind, parameters: new Map(parameters.map(readParameter)) };
}

function readParameter(parameter: string): [name: string, value: string] {
	const [name = "", value = ""] = parameter.split("=", 2);
	return [name.toLowerCase(), value.replace(/\/$/, "")];
}

export type PresentedToken = { by: "ticket" | "token"; value: string };

/** A ticket counts before a session in the path, and that before the cookie. An empty one is none. */
export function presentedToken(
	asked: AskedSocket | undefined,
	headers: IncomingHttpHeaders,
): PresentedToken | undefined {
	const ticket = asked?.parameters.get("ticket") ?? "";
	if (ticket !== "") {
		return { by: "ticket", value: ticket };
	}
	const inPath = asked?.parameters.get("jsessionid") ?? "";
	const value = inPath === "" ? sessionTokenOf(headers) : inPath;
	return value === undefined ? undefined : { by: "token", value };
}

/**
 * The first `JSESSIONID`, in whatever company: some clients send back a whole Set-Cookie line, and proxies add cookies of
 * their own. The header is for pages whose browser keeps no cookie of another site.
 */
export function sessionTokenOf(headers: IncomingHttpHeaders): string | undefined {
	const inHeader = headers["x-jsessionid"];
	if (typeof inHeader === "string" && inHeader !== "") {
		return inHeader;
	}
	return /(?:^|[;,\s])JSESSIONID=([0-9A-Fa-f]+)/.exec(headers.cookie ?? "")?.[1];
}
