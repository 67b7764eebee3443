// `…/ecfs/authentication` of both sides: log-in, log-out, and tickets that open one socket each without a cookie.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isOwnSite } from "#platform/own-site.ts";
import { Problem } from "#platform/problems.ts";
import type { CallerKind } from "../resource.ts";
import {
	type CookieOf,
	type HttpDeps,
	admission,
	bothSpellings,
	clearedCookies,
	cookieOf,
	forSide,
	kinds,
	preflight,
	sendJson,
} from "./http.ts";
import { liveSessions } from "./live-session.ts";
import { type Knock, type LoginDeps, logInAgent, logInVisitor } from "./logins.ts";
import { sessionTokensOf } from "./socket-url.ts";

export type AuthenticationDeps = HttpDeps &
	LoginDeps & {
		publicBaseUrl: string;
		/** Ends the session and closes its sockets. */
		logOut(sessionId: string): Promise<void>;
	};

const bodyBytesMax = 16_384;
const ticketSeconds = 30;

export function serveAuthentication(app: FastifyInstance, deps: AuthenticationDeps): void {
	for (const kind of kinds) {
		const { onRequest, sessionOf } = admission(kind, deps);
		forSide(app, kind, deps, (scope) => {
			for (const url of bothSpellings("/authentication")) {
				const logIn = (request: FastifyRequest, reply: FastifyReply) => answerLogIn(deps, kind, { request, reply });
				scope.post(url, { bodyLimit: bodyBytesMax }, logIn);
				scope.delete(url, { onRequest }, async (request, reply) => {
					const presented = await liveSessions(deps.sessions, sessionTokensOf(request.headers), kind);
					for (const { id } of presented) {
						await deps.logOut(id);
					}
					return reply
						.header("set-cookie", clearedCookies(kind, cookiesBehind(deps, request)))
						.code(200)
						.send();
				});
				scope.options(url, preflight);
			}
			for (const url of bothSpellings("/ticket")) {
				scope.post(url, { onRequest, bodyLimit: bodyBytesMax }, async (request, reply) => {
					const ticket = await deps.sessions.makeTicket(sessionOf(request));
					return sendJson(reply, { ticket, validSeconds: ticketSeconds });
				});
				scope.options(url, preflight);
			}
		});
	}
}

type Call = { request: FastifyRequest; reply: FastifyReply };

async function answerLogIn(deps: AuthenticationDeps, kind: CallerKind, call: Call): Promise<FastifyReply> {
	const { request, reply } = call;
	const knock = knockOf(request);
	if (kind === "agent") {
		refuseOtherSites(knock, deps.publicBaseUrl);
	}
	const started = await (kind === "agent" ? logInAgent(deps, knock) : logInVisitor(deps, knock));
	if (started === undefined) {
		return reply.code(401).header("www-authenticate", 'ECFAUTH realm="Parley"').send();
	}
	const { session, token } = started;
	void reply.header("set-cookie", cookieOf(token, kind, cookiesBehind(deps, request)));
	if (kind === "visitor") {
		void reply.header("x-jsessionid", token); // For pages whose browser keeps no cookie of another site.
	}
	return sendJson(reply, { id: session.userId });
}

function knockOf({ headers, body, raw, ip }: FastifyRequest): Knock {
	const [, ...query] = (raw.url ?? "").split("?");
	return { headers, body: Buffer.isBuffer(body) ? body : new Uint8Array(), query: query.join("?"), address: ip };
}

/** The browser's session counts for our own pages only; a password or a token is proof by itself. */
function refuseOtherSites({ headers }: Knock, publicBaseUrl: string): void {
	if (/^\s*session\b/i.test(headers.authorization ?? "") && !isOwnSite(headers, publicBaseUrl)) {
		throw new Problem("cross_site", "A browser's session counts only for calls from our own pages.");
	}
}

function cookiesBehind({ basePath }: AuthenticationDeps, { protocol, headers }: FastifyRequest): CookieOf {
	// Browsers that know partitioned cookies say which site asks; one of the same site, such as another host of one domain, has
	// no need of them.
	return { basePath, isHttps: protocol === "https", isCrossSite: headers["sec-fetch-site"] === "cross-site" };
}
