// Browser sessions: a random token in a cookie, its hash in the table, an idle and an absolute end.

import { newSecret } from "#platform/random.ts";
import { appendAudit } from "#storage/audit.ts";
import { presentPolicy } from "#storage/authentication-policy.ts";
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
import type { CodeKind } from "./second-factors.ts";
import { tokenHash } from "./tokens.ts";

type Limits = { idleMs: number; absoluteMs: number };

const userAgentMax = 200;
/** How stale `last_seen_at` may be: a write per request would cost an fsync each. */
const touchEveryMs = 60_000;

export type Sessions = {
	/** Undefined: the user was changed or disabled since the password was checked. `by`: the second factor, if any. */
	start(user: Credentials, userAgent: string, by?: CodeKind): Promise<{ session: Session; cookie: string } | undefined>;
	/** The living session of a request's Cookie header. */
	resume(cookieHeader: string | undefined): Promise<Session | undefined>;
	list(userId: string): Promise<Session[]>;
	/** One, or all but one; tells how many. */
	end(userId: string, which: { id: string } | { except?: string | undefined }): Promise<number>;
	readonly clearedCookie: string;
};

export function openSessions(deps: IdentityDeps): Sessions {
	const { storage, clock } = deps;
	/** By the policy of this moment: a shorter time ends sessions that are running, too. */
	const limits = async (): Promise<Limits> => {
		const policy = await presentPolicy(storage, deps.settings.session);
		return { idleMs: policy.sessionIdleMinutes * 60_000, absoluteMs: policy.sessionAbsoluteHours * 3_600_000 };
	};
	return {
		async start(user, userAgent, by) {
			const { idleMs, absoluteMs } = await limits();
			return storage.write(async (tx) => {
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
				await deleteDeadSessions(tx, { now, idleMs });
				await insertSession(tx, { ...session, tokenHash: tokenHash(token) });
				await recordLogon(tx, deps, user, { session, by });
				return { session, cookie: cookieWith(token) };
			});
		},
		async resume(cookieHeader) {
			const token = sessionToken(cookieHeader);
			const session = token === undefined ? undefined : await findSession(storage.db, tokenHash(token));
			if (session === undefined || !isAlive(session, clock.now(), await limits())) {
				return undefined;
			}
			if (clock.now().getTime() - session.lastSeenAt.getTime() >= touchEveryMs) {
				await storage.write((tx) => touchSession(tx, session.id, clock.now()));
			}
			return session;
		},
		async list(userId) {
			const [now, ends] = [clock.now(), await limits()];
			const sessions = await sessionsOf(storage.db, userId, { now, idleMs: ends.idleMs });
			return sessions.filter((session) => isAlive(session, now, ends));
		},
		end: (userId, which) => storage.write((tx) => deleteSessions(tx, userId, which)),
		clearedCookie,
	};
}

function isAlive(session: Session, now: Date, { idleMs, absoluteMs }: Limits): boolean {
	const isOld = session.createdAt.getTime() + absoluteMs <= now.getTime();
	const isIdle = session.lastSeenAt.getTime() + idleMs <= now.getTime();
	return session.expiresAt.getTime() > now.getTime() && !isOld && !isIdle;
}

type Logon = { session: Session; by: CodeKind | undefined };

async function recordLogon(tx: Tx, deps: IdentityDeps, user: Credentials, { session, by }: Logon): Promise<void> {
	const who = { userId: user.id, actor: user.login, via: "logon", action: "logOn" } as const;
	const what = { objectType: "user", objectId: user.id, objectName: user.login };
	const changes = { session: { after: session.id }, ...(by === undefined ? {} : { secondFactor: { after: by } }) };
	await appendAudit(tx, { at: session.createdAt, ...who, ...what, changes }, (...pieces) =>
		deps.mac("audit", ...pieces),
	);
}
