// What the HTTP routes of the protocol share: bodies as bytes, whose session it is, which pages may ask, and answers in
// one piece.

import assert from "node:assert/strict";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { rawBody } from "#platform/http-server.ts";
import { parseStrictJson } from "#platform/strict-json.ts";
import { Problem } from "#platform/problems.ts";
import type { ChatSession } from "#storage/chat-sessions.ts";
import type { Answer, Caller, CallerKind } from "../resource.ts";
import type { ChatSessions } from "../sessions.ts";
import { liveSession } from "./live-session.ts";
import { corsHeaders, mayRead, pageOf } from "./origins.ts";
import { demandQuota, type Quotas } from "./quotas.ts";
import { partitionedCookie, plainCookie, sessionTokensOf } from "./socket-url.ts";

export type HttpDeps = {
	basePath: string;
	quotas: Pick<Quotas, "mayAsk">;
	sessions: ChatSessions;
	allowedOrigins(kind: CallerKind): Promise<readonly string[]>;
};

export const sideOf: Readonly<Record<CallerKind, string>> = { agent: "/ecfs", visitor: "/visitor/ecfs" };
export const kinds = ["agent", "visitor"] as const;

/**
 * A scope for one side whose bodies are bytes. Pages that are not on the list are refused before anything is read: a
 * browser sends them the cookie, too.
 */
export function forSide(
	app: FastifyInstance,
	kind: CallerKind,
	deps: HttpDeps,
	addRoutes: (scope: FastifyInstance) => void,
): void {
	void app.register(
		(scope, _options, done) => {
			rawBody(scope);
			scope.addHook("onRequest", admitPages(kind, deps));
			addRoutes(scope);
			done();
		},
		{ prefix: sideOf[kind] },
	);
}

/** A hook: tells the browser that the page may read the answer, or refuses. */
export function admitPages(kind: CallerKind, { allowedOrigins }: Pick<HttpDeps, "allowedOrigins">): AdmitPages {
	return async (request, reply) => {
		const page = pageOf(request.headers);
		if (page === undefined) {
			return;
		}
		if (!mayRead(page, await allowedOrigins(kind))) {
			throw new Problem("cross_site", "Pages of this origin may not ask.");
		}
		void reply.headers(corsHeaders(page, request.method === "OPTIONS"));
	};
}
export type AdmitPages = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** With and without a slash at the end; clients write either. */
export function bothSpellings(path: string): readonly [string, string] {
	return [path, `${path}/`];
}

/** What a browser asks before it lets a page ask. */
export function preflight(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
	return reply.code(204).send();
}

export type Admission = {
	/** A route's own: throws the problem for who has no session of that side, before anything of a body is read. */
	onRequest(request: FastifyRequest): Promise<void>;
	/** Whose request it is; of routes with the hook. */
	sessionOf(request: FastifyRequest): ChatSession;
};

export function admission(kind: CallerKind, { sessions, quotas }: HttpDeps): Admission {
	const admitted = new WeakMap<FastifyRequest, ChatSession>();
	return {
		async onRequest(request) {
			const live = await liveSession(sessions, sessionTokensOf(request.headers), kind);
			if (live === undefined) {
				throw new Problem("not_authenticated", "Log in first; the session is missing or has ended.");
			}
			demandQuota(quotas.mayAsk(live.session));
			admitted.set(request, live.session);
		},
		sessionOf(request) {
			const session = admitted.get(request);
			assert(session !== undefined, "a request is admitted before it is answered");
			return session;
		},
	};
}

/** A request by HTTP belongs to no connection. */
export function callerOf({ kind, userId, id }: ChatSession, { ip }: FastifyRequest): Caller {
	return { kind, userId, sessionId: id, terminalId: null, address: ip };
}

/** Only JSON: a form of another site can send nothing else without being asked first. */
export function jsonIn({ body, headers, method }: FastifyRequest): unknown {
	if (method === "GET" || !Buffer.isBuffer(body) || body.length === 0) {
		return undefined;
	}
	if (!/^application\/json\b/i.test(headers["content-type"] ?? "")) {
		throw new Problem("wrong_content_type", "This call takes JSON.");
	}
	return parseStrictJson(body);
}

/** 200 without content is an empty body. */
export function sendAnswer(reply: FastifyReply, { status, body }: Answer): FastifyReply {
	return body === undefined ? reply.code(status).send() : sendJson(reply.code(status), body);
}

export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
	return reply.type("application/json; charset=utf-8").send(JSON.stringify(value));
}

/**
 * The cookie has no name of a host: with its path it belongs to one side, so that both fit into one browser. What a page of
 * another site logs in by HTTPS counts in that site's pages only (`Partitioned`): so browsers keep it that block other sites'
 * cookies. It has a name of its own, since it does not take the place of a plain one.
 */
export function cookieOf(token: string, kind: CallerKind, { basePath, isHttps, isCrossSite }: CookieOf): string {
	const isPartitioned = isHttps && isCrossSite;
	const name = isPartitioned ? partitionedCookie : plainCookie;
	const where = `Path=${basePath}${sideOf[kind]}; HttpOnly`;
	const when = isHttps ? `Secure; SameSite=None${isPartitioned ? "; Partitioned" : ""}` : "SameSite=Lax";
	return `${name}=${token}; ${where}; ${when}`;
}
export type CookieOf = { basePath: string; isHttps: boolean; isCrossSite: boolean };

/** Of all that a browser may have here. */
export function clearedCookies(kind: CallerKind, of: Omit<CookieOf, "isCrossSite">): string[] {
	const ways = of.isHttps ? [false, true] : [false];
	return ways.map((isCrossSite) => `${cookieOf("", kind, { ...of, isCrossSite })}; Max-Age=0`);
}
