// Who is calling: one person or machine with the grants that count for this call.

import type { UserId } from "#domain/ids.ts";
import type { Duty } from "./duties.ts";
import type { Grant } from "#domain/rights.ts";

export type Principal = {
	userId: UserId;
	login: string;
	/** First name and last name, for logs of changes. */
	name: string;
	/** Of the Chat Server's cookie: what its session was opened by. */
	via: "basic" | "session" | "token";
	/** A browser sends the proof by itself, so pages of other sites could make it. */
	isByCookie: boolean;
	/** The session's id, for sign-out and lists. */
	sessionId?: string;
	externalUser: boolean;
	/** Until it is done, only what it takes is open; null: nothing. API tokens have no duties. */
	mustDo: Duty | null;
	/** Own, by groups (nested) and by roles. */
	grants: readonly Grant[];
};
