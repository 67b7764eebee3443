// Browser sessions: a random token in a cookie, its hash in the table, an idle and an absolute end.

import { newSecret } from "#platform/random.ts";
import { appendAudit } from "#storage/audit.ts";
import { type Credentials, findCredentials } from "#storage/people.ts";
import type { Tx } from "#storage/storage.ts";
import {
	type Session,
	deleteDeadSessions,
	deleteSessions,
	findSession,
	insertSession,
	sessionsOf,
	touchSession,
} from "#storage/sessions.ts";
import { clearedCookie, cookieWith, sessionToken } from "./cookies.ts";
import type { IdentityDeps } from "./deps.ts";
import { tokenHash } from "./tokens.ts";

const userAgentMax = 200;
/** How stale `last_seen_at` may be: a write per request would cost an fsync each. */
const touchEveryMs = 60_000;

export type Sessions = {
	/** Undefined: the user was changed or disabled since the password was checked. */
	start(user: Credentials, userAgent: string): Promise<{ session: Session; cookie: string } | undefined>;
	/** The living session of a request's Cookie header. */
	resume(cookieHeader: string | undefined): Promise<Session | undefined>;
	list(userId: string): Promise<Session[]>;
	/** One, or all but one; tells how many. */
	end(userId: string, which: { id: string } | { except?: string | undefined }): Promise<number>;
	readonly clearedCookie: string;
};

export function openSessions(deps: IdentityDeps): Sessions {
	const { storage, clock } = deps;
	const idleMs = deps.settings.session.idleMinutes * 60_000;
	const absoluteMs = deps.settings.session.absoluteHours * 3_600_000;
	const alive = () => ({ now: clock.now(), idleMs });
	return {
		start: (user, userAgent) =>
			storage.write(async (tx) => {
				const present = await findCredentials(tx, { id: user.id });
				if (present === undefined || !present.enabled || present.version !== user.version) {
					return undefined;
				}
				const now = clock.now();
				const token = newSecret(deps.random);
				const session: Session = {
					id: deps.ids.next(),
					userId: user.id,
					createdAt: now,
					lastSeenAt: now,
					expiresAt: new Date(now.getTime() + absoluteMs),
					userAgent: userAgent.slice(0, userAgentMax),
				};
				await deleteDeadSessions(tx, alive());
				await insertSession(tx, { ...session, tokenHash: tokenHash(token) });
				await recordLogon(tx, deps, user, session);
				return { session, cookie: cookieWith(token) };
			}),
		async resume(cookieHeader) {
			const token = sessionToken(cookieHeader);
			const session = token === undefined ? undefined : await findSession(storage.db, tokenHash(token));
			if (session === undefined || !isAlive(session, clock.now(), idleMs)) {
				return undefined;
			}
			if (clock.now().getTime() - session.lastSeenAt.getTime() >= touchEveryMs) {
				await storage.write((tx) => touchSession(tx, session.id, clock.now()));
			}
			return session;
		},
		list: (userId) => sessionsOf(storage.db, userId, alive()),
		end: (userId, which) => storage.write((tx) => deleteSessions(tx, userId, which)),
		clearedCookie,
	};
}

export function isAlive(session: Session, now: Date, idleMs: number): boolean {
	return session.expiresAt.getTime() > now.getTime() && session.lastSeenAt.getTime() + idleMs > now.getTime();
}

async function recordLogon(tx: Tx, deps: IdentityDeps, user: Credentials, session: Session): Promise<void> {
	const who = { userId: user.id, actor: user.login, via: "logon", action: "logOn" } as const;
	const what = { objectType: "user", objectId: user.id, objectName: user.login };
	const changes = { session: { after: session.id } };
	await appendAudit(tx, { at: session.createdAt, ...who, ...what, changes }, (...pieces) =>
		deps.mac("audit", ...pieces),
	);
}
