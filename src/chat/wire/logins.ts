// From what a log-in presents to a session: agents by password, by the browser's session or by an API token, visitors by
// nothing or by an identity their site signed.

import type { IncomingHttpHeaders } from "node:http";
import type { Authenticated, Presented } from "#identity/authenticate.ts";
import type { Identity } from "#identity/identity.ts";
import { networkOf } from "#identity/throttle.ts";
import type { Clock } from "#platform/clock.ts";
import type { Ids } from "#platform/ids.ts";
import { Problem } from "#platform/problems.ts";
import { parseStrictJson } from "#platform/strict-json.ts";
import type { ChatSessions, StartedSession } from "../sessions.ts";
import { readCredentials, toBasic } from "./credentials.ts";
import { liveSession } from "./live-session.ts";
import { sessionTokensOf } from "./socket-url.ts";
import { type VisitorIdentity, isProven, readIdentity } from "./visitor-identity.ts";

export type LoginDeps = {
	identity: Pick<Identity, "authenticate">;
	sessions: ChatSessions;
	clock: Clock;
	ids: Ids;
	mac(purpose: string, ...pieces: readonly string[]): Uint8Array;
	visitors(): Promise<VisitorRules>;
	/** A new session of a visitor: what their page says of them, and whether their id is proven. */
	onVisitor(visitor: NewVisitor): Promise<void>;
};

export type VisitorRules = { identityRequired: boolean; identitySecret: string | undefined };

export type NewVisitor = { userId: string; sessionId: string; isProven: boolean; name?: string; email?: string };

export type Knock = { headers: IncomingHttpHeaders; body: Uint8Array; query: string; address: string };

/** Undefined: the log-in is wrong, and nothing more is told. Throws a `Problem` to who had the right credentials. */
export async function logInAgent(deps: LoginDeps, knock: Knock): Promise<StartedSession | undefined> {
	const presented = presentedBy(knock);
	if (presented === undefined) {
		return undefined;
	}
	const verdict = await deps.identity.authenticate({ ...presented, address: knock.address });
	if (!verdict.ok) {
		return refuse(verdict);
	}
	const { principal } = verdict;
	if (principal.mustDo !== null) {
		throw principal.mustDo === "changePassword"
			? new Problem("password_change_required", "Change your password first, on Parley's own pages.")
			: new Problem("second_factor_enrolment_required", "Enrol a second factor first, on Parley's own pages.");
	}
	const apiToken = principal.via === "token" ? presented.authorization?.replace(/^\S+\s+/, "") : undefined;
	return deps.sessions.startAgent(principal, apiToken);
}

type Credentials = Pick<Presented, "authorization" | "cookie">;

function presentedBy({ headers, body, query }: Knock): Credentials | undefined {
	const [scheme = ""] = (headers.authorization ?? "").trim().split(/\s+/, 1);
	switch (scheme.toLowerCase()) {
		case "ecfauth": {
			const given = readCredentials(Buffer.from(body).toString("latin1"), query);
			return given === undefined ? undefined : { authorization: toBasic(given), cookie: undefined };
		}
		case "bearer":
			return { authorization: headers.authorization, cookie: undefined };
		case "session":
			return { authorization: undefined, cookie: headers.cookie };
		default:
			return undefined;
	}
}

function refuse(verdict: Extract<Authenticated, { ok: false }>): undefined {
	switch (verdict.why) {
		case "throttled": {
			const seconds = verdict.retryAfterSeconds;
			throw new Problem("too_many_logons", `Too many failed logons; try again in ${seconds} s.`, undefined, {
				headers: { "retry-after": String(seconds) },
			});
		}
		case "secondFactor":
			throw new Problem(
				"second_factor_required",
				"This account has a second factor: sign in on Parley's own pages, or use an API token.",
			);
		case "missing":
		case "ended":
		case "wrong":
			return undefined;
	}
}

/** Who an agent's cookie belongs to. One that a token opened can no more than the token: it would outlive it else. */
export async function authenticateAgent(
	{ sessions, identity }: { sessions: ChatSessions; identity: Pick<Identity, "principalOfCookie"> },
	{ cookie }: Presented,
): Promise<Authenticated> {
	const tokens = sessionTokensOf({ cookie });
	if (tokens.length === 0) {
		return { ok: false, why: "missing" };
	}
	const live = await liveSession(sessions, tokens, "agent");
	const principal =
		live === undefined
			? undefined
			: await identity.principalOfCookie(live.session.userId, live.session.isByToken ? "token" : "session");
	return principal === undefined ? { ok: false, why: "ended" } : { ok: true, principal };
}

/** A live session that is presented goes on, with the same user. Undefined: the identity is missing or wrong. */
export async function logInVisitor(deps: LoginDeps, knock: Knock): Promise<StartedSession | undefined> {
	const rules = await deps.visitors();
	const identity = identityIn(knock);
	if (identity === "malformed" || (identity === undefined && rules.identityRequired)) {
		return undefined;
	}
	if (identity !== undefined && !isProven(identity, rules.identitySecret, deps.clock.now())) {
		return undefined;
	}
	const userId = identity === undefined ? undefined : provenUserId(deps, identity.id);
	return (await presentSession(deps, knock, userId)) ?? newVisitor(deps, knock, { identity, userId });
}

function presentSession(
	{ sessions }: LoginDeps,
	{ headers }: Knock,
	userId: string | undefined,
): Promise<StartedSession | undefined> {
	const isSame = (session: { userId: string }): boolean => (userId ?? session.userId) === session.userId;
	return liveSession(sessions, sessionTokensOf(headers), "visitor", isSame);
}

type Said = { identity: VisitorIdentity | undefined; userId: string | undefined };

async function newVisitor(deps: LoginDeps, { address }: Knock, { identity, userId }: Said): Promise<StartedSession> {
	const started = await deps.sessions.startVisitor(userId ?? deps.ids.next<string>(), networkOf(address));
	if (started === undefined) {
		throw new Problem("too_many_logons", "Too many new visitors come from there; try again later.", undefined, {
			headers: { "retry-after": "600" },
		});
	}
	const { session } = started;
	await deps.onVisitor({
		userId: session.userId,
		sessionId: session.id,
		isProven: userId !== undefined,
		...(identity?.name === undefined ? {} : { name: identity.name }),
		...(identity?.email === undefined ? {} : { email: identity.email }),
	});
	return started;
}

/** Forms are what samples send, and say nothing: only JSON is read. */
function identityIn({ headers, body }: Knock): VisitorIdentity | "malformed" | undefined {
	if (!/^application\/json\b/i.test(headers["content-type"] ?? "")) {
		return undefined;
	}
	const identity = readIdentity(parseStrictJson(body));
	return identity === "none" ? undefined : identity;
}

/** The same person has the same id each time, and nobody can tell the site's id from it. */
function provenUserId({ mac }: LoginDeps, id: string): string {
	return Buffer.from(mac("visitor", id)).subarray(0, 16).toString("hex").toUpperCase();
}
