// From a request's headers to a principal. User and grants are remembered until anything that is configured changes, so
// that a disabled user or a changed right counts with the next call.

import type { Grant } from "#domain/rights.ts";
import { type AuthenticationPolicy, readPolicy } from "#storage/authentication-policy.ts";
import type { Credentials } from "#storage/people.ts";
import { findCredentials } from "#storage/people.ts";
import { effectiveGrants } from "#storage/grants.ts";
import { resumeApiToken } from "./api-tokens.ts";
import { sessionToken } from "./cookies.ts";
import type { IdentityDeps } from "./deps.ts";
import { dutyOf } from "./duties.ts";
import type { Logons } from "./logon.ts";
import type { Principal } from "./principal.ts";
import type { Sessions } from "./sessions.ts";

export type Presented = { authorization: string | undefined; cookie: string | undefined; address: string };

/**
 * `missing`: nothing was presented · `ended`: a session or token that does not count any more · `secondFactor`: the
 * password was right, but the account has a second factor, which a password alone would make worthless.
 */
export type Authenticated =
	| { ok: true; principal: Principal }
	| { ok: false; why: "missing" | "ended" | "wrong" | "secondFactor" }
	| { ok: false; why: "throttled"; retryAfterSeconds: number };

type Parts = { deps: IdentityDeps; logons: Logons; sessions: Sessions };

export async function authenticate(parts: Parts, presented: Presented): Promise<Authenticated> {
	const { authorization } = presented;
	if (authorization === undefined) {
		return bySession(parts, presented.cookie);
	}
	const [scheme = "", value = ""] = authorization.split(/ +/, 2);
	switch (scheme.toLowerCase()) {
		case "basic":
			return byPassword(parts, value, presented.address);
		case "bearer":
			return byToken(parts, value);
		default:
			return { ok: false, why: "wrong" };
	}
}

async function bySession(parts: Parts, cookie: string | undefined): Promise<Authenticated> {
	if (sessionToken(cookie) === undefined) {
		return { ok: false, why: "missing" };
	}
	const session = await parts.sessions.resume(cookie);
	const known = await knownUser(parts.deps, session?.userId);
	if (session === undefined || known === undefined || !known.user.enabled) {
		return { ok: false, why: "ended" };
	}
	return { ok: true, principal: { ...toPrincipal(parts.deps, known, "session"), sessionId: session.id } };
}

async function byToken({ deps }: Parts, value: string): Promise<Authenticated> {
	const token = await resumeApiToken(deps, value);
	const known = await knownUser(deps, token?.userId);
	if (known === undefined || !known.user.enabled) {
		return { ok: false, why: "wrong" };
	}
	return { ok: true, principal: toPrincipal(deps, known, "token") };
}

async function byPassword({ deps, logons }: Parts, value: string, address: string): Promise<Authenticated> {
	const given = readBasic(value);
	if (given === undefined) {
		return { ok: false, why: "wrong" };
	}
	const verdict = await logons.verify({ ...given, address });
	if (!verdict.ok) {
		return verdict;
	}
	if (verdict.user.hasSecondFactor && !verdict.user.externalUser) {
		return { ok: false, why: "secondFactor" };
	}
	return { ok: true, principal: await principalOf(deps, verdict.user, "basic") };
}

/** Of a user whose password was checked. */
export async function principalOf(deps: KnowingDeps, user: Credentials, via: Principal["via"]): Promise<Principal> {
	const known = await knownUser(deps, user.id);
	const { policy } = known ?? (await readPolicy(deps.storage.db, deps.settings.session));
	return toPrincipal(deps, { user, grants: known?.grants ?? [], policy }, via);
}

type KnowingDeps = Pick<IdentityDeps, "storage" | "settings" | "clock">;
type KnownUser = { user: Credentials; grants: readonly Grant[]; policy: AuthenticationPolicy };

/** With what they may do and what the policy asks: all are asked for with every call, so they are remembered together. */
async function knownUser(
	{ storage, settings }: KnowingDeps,
	userId: string | undefined,
): Promise<KnownUser | undefined> {
	if (userId === undefined) {
		return undefined;
	}
	return storage.remembered(`user ${userId}`, async (db): Promise<KnownUser | undefined> => {
		const user = await findCredentials(db, { id: userId });
		if (user === undefined) {
			return undefined;
		}
		const { policy } = await readPolicy(db, settings.session);
		return { user, grants: await effectiveGrants(db, userId), policy };
	});
}

function toPrincipal({ clock }: KnowingDeps, known: KnownUser, via: Principal["via"]): Principal {
	const { user, grants, policy } = known;
	const { id, login, name, externalUser } = user;
	const mustDo = via === "token" ? null : dutyOf(user, grants, policy, clock.now());
	return { userId: id, login, name, via, isByCookie: via === "session", externalUser, mustDo, grants };
}

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The credentials of `Basic`, UTF-8 (RFC 7617 section 2.1): everything after the first colon is the password. */
export function readBasic(value: string): { login: string; password: string } | undefined {
	if (!base64.test(value)) {
		return undefined;
	}
	const text = Buffer.from(value, "base64").toString("utf8");
	const colon = text.indexOf(":");
	// Section 2: no control characters; PostgreSQL could not even look for this one.
	return colon < 1 || text.includes("\u0000")
		? undefined
		: { login: text.slice(0, colon), password: text.slice(colon + 1) };
}
