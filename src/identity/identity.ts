// The room of identity as one value: made once per process, given to the gateway and to REST.

import { findCredentials } from "#storage/people.ts";
import { type Authenticated, type Presented, authenticate, principalOf } from "./authenticate.ts";
import { type Bootstrap, openBootstrap } from "./bootstrap.ts";
import { type Challenges, openChallenges } from "./challenge.ts";
import type { IdentityDeps } from "./deps.ts";
import { type HttpUserVerdict, openHttpUsers } from "./http-users.ts";
import { type LogonAttempt, type LogonVerdict, openLogons } from "./logon.ts";
import type { Principal } from "./principal.ts";
import { type SecondFactors, openSecondFactors } from "./second-factors.ts";
import { type Sessions, openSessions } from "./sessions.ts";

export type Identity = {
	authenticate(presented: Presented): Promise<Authenticated>;
	/** A user who has another cookie, such as a session of the Chat Server; `via`: what that one was opened by. */
	principalOfCookie(userId: string, via: "session" | "token"): Promise<Principal | undefined>;
	/** Checks a password without making a principal: the logon page, and a change of one's own password. */
	logOn(attempt: LogonAttempt): Promise<LogonVerdict>;
	/** Whether a provider's call may come in as far as HTTP authentication is concerned. */
	checkHttpUser(
		authorization: string | undefined,
		asked: { serviceId: string; address: string },
	): Promise<HttpUserVerdict>;
	/** To be called after each change of a user or of what they hold: drops what this process remembers of them. */
	forget(userId: string): void;
	readonly sessions: Sessions;
	readonly secondFactors: SecondFactors;
	readonly challenges: Challenges;
	readonly bootstrap: Bootstrap;
};

export function openIdentity(deps: IdentityDeps): Identity {
	const logons = openLogons(deps);
	const sessions = openSessions(deps);
	const httpUsers = openHttpUsers(deps, logons);
	return {
		authenticate: (presented) => authenticate({ deps, logons, sessions }, presented),
		async principalOfCookie(userId, via) {
			const user = await findCredentials(deps.storage.db, { id: userId });
			return user?.enabled === true ? { ...(await principalOf(deps, user, via)), isByCookie: true } : undefined;
		},
		logOn: (attempt) => logons.verify(attempt),
		checkHttpUser: (authorization, asked) => httpUsers.check(authorization, asked),
		forget(userId) {
			logons.forget(userId);
			httpUsers.forget(userId);
		},
		sessions,
		secondFactors: openSecondFactors(deps),
		challenges: openChallenges(deps),
		bootstrap: openBootstrap(deps),
	};
}
