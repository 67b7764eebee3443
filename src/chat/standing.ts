// Which supervisions count: those of an agent who has an account, whose supervisor is logged in and holds the right that
// the way of supervising asks for. All of that can be taken away at any moment, so it is asked whenever one is used.

import type { Access, Grant } from "#domain/rights.ts";
import { enabledUsers } from "#storage/chat-agents.ts";
import { agentsLoggedIn } from "#storage/chat-sessions.ts";
import type { Supervision } from "#storage/chat-supervisions.ts";
import { effectiveGrants } from "#storage/grants.ts";
import type { Db } from "#storage/storage.ts";
import { may } from "./people.ts";

/** What each way of supervising needs on the agent. */
export const accessFor = {
	monitoring: "listen",
	silent_listening: "listen",
	coaching: "coach",
	barge_in: "bargeIn",
} as const satisfies Record<Supervision["state"], Access>;

export function mayGoOn(grants: readonly Grant[], { state, agentId }: Pick<Supervision, "state" | "agentId">): boolean {
	return may(grants, accessFor[state], "user", agentId);
}

/** A request for help, which has no supervisor yet, counts while the agent is logged in. */
export async function standing<One extends Supervision>(
	db: Db,
	sessions: readonly One[],
	now: Date,
	grantsOf: (userId: string) => Promise<readonly Grant[]> = (userId) => effectiveGrants(db, userId),
): Promise<One[]> {
	const people = [...new Set(sessions.map(({ supervisorId, agentId }) => supervisorId ?? agentId))];
	const here = await agentsLoggedIn(db, people, now);
	const agents = await enabledUsers(db, [...new Set(sessions.map(({ agentId }) => agentId))]);
	const count: One[] = [];
	for (const session of sessions.filter(
		(one) => agents.has(one.agentId) && here.has(one.supervisorId ?? one.agentId),
	)) {
		const { supervisorId } = session;
		if (supervisorId === null || mayGoOn(await grantsOf(supervisorId), session)) {
			count.push(session);
		}
	}
	return count;
}
