// Pages and interfaces answer for the names they are known by. A stranger's name that was made to point here (DNS
// rebinding) would otherwise let a stranger's page speak to them as if it were their own.

import type { FastifyInstance } from "fastify";
import ipaddr from "ipaddr.js";
import { Problem } from "#platform/problems.ts";

/** For all routes of the scope. Webhooks are elsewhere: their proof covers the public address, whatever Host says. */
export function refuseForeignHosts(scope: FastifyInstance, publicBaseUrl: string): void {
	const ours = new URL(publicBaseUrl).hostname;
	scope.addHook("onRequest", (request, _reply, done) => {
		done(isKnown(request.headers.host ?? "", ours) ? undefined : wrongHost());
	});
}

/** The public name, this machine's own, or an address: nobody can make an address point elsewhere. */
function isKnown(host: string, ours: string): boolean {
	const name = URL.parse(`http://${host}`)?.hostname ?? "";
	return name === ours || name === "localhost" || ipaddr.isValid(name.replace(/^\[|\]$/g, ""));
}

function wrongHost(): Problem {
	return new Problem(
		"wrong_host",
		"The header Host names another server; use the address in the setting publicBaseUrl.",
	);
}
