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

export type Presented = { by: "ticket"; ticket: string } | { by: "token"; tokens: readonly string[] };

/** A ticket counts before a session in the path, and that before cookies. An empty one is none. */
export function presentedBy(asked: AskedSocket | undefined, headers: IncomingHttpHeaders): Presented {
	const ticket = asked?.parameters.get("ticket") ?? "";
	if (ticket !== "") {
		return { by: "ticket", ticket };
	}
	const inPath = asked?.parameters.get("jsessionid") ?? "";
	return { by: "token", tokens: inPath === "" ? sessionTokensOf(headers) : [inPath] };
}

export const plainCookie = "JSESSIONID";
/** What a page of another site logged in by HTTPS. A browser may send both: this one is of the very page one looks at. */
export const partitionedCookie = "PSESSIONID";

const tokensMax = 4; // Each costs a look into the database.

/**
 * Those that are presented, the likeliest first, in whatever company: some clients send back a whole Set-Cookie line, and
 * proxies add cookies of their own. The header is for pages whose browser keeps no cookie of another site.
 */
export function sessionTokensOf(headers: IncomingHttpHeaders): readonly string[] {
	const inHeader = headers["x-jsessionid"];
	if (typeof inHeader === "string" && inHeader !== "") {
		return [inHeader];
	}
	const found = [...(headers.cookie ?? "").matchAll(/(?:^|[;,\s])(JSESSIONID|PSESSIONID)=([0-9A-Fa-f]+)/g)];
	const named = (cookie: string): string[] => found.flatMap(([, name, token = ""]) => (name === cookie ? [token] : []));
	return [...named(partitionedCookie), ...named(plainCookie)].slice(0, tokensMax);
}
