// Whether a page of ours asked: the defence against other sites that use a browser's session.

import type { IncomingHttpHeaders } from "node:http";

/** Fetch metadata where the browser sends it, else the Origin header; neither: not a browser we can trust to have asked. */
export function isOwnSite(headers: IncomingHttpHeaders, publicBaseUrl: string): boolean {
	const site = headers["sec-fetch-site"];
	if (site !== undefined) {
		return site === "same-origin" || site === "none";
	}
	return headers.origin !== undefined && headers.origin === new URL(publicBaseUrl).origin;
}
