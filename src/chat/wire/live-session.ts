// Which of the sessions that a request presents it goes by: a browser may have more than one, and some of them may be over.

import type { ChatSession, ChatSessionKind } from "#storage/chat-sessions.ts";
import type { ChatSessions, StartedSession } from "../sessions.ts";

type Sessions = Pick<ChatSessions, "resume">;

/** The first that lives and fits. */
export async function liveSession(
	sessions: Sessions,
	tokens: readonly string[],
	kind: ChatSessionKind,
	fits: (session: ChatSession) => boolean = () => true,
): Promise<StartedSession | undefined> {
	for (const token of tokens) {
		const session = await sessions.resume(token, kind);
		if (session !== undefined && fits(session)) {
			return { session, token };
		}
	}
	return undefined;
}

export async function liveSessions(
	sessions: Sessions,
	tokens: readonly string[],
	kind: ChatSessionKind,
): Promise<readonly ChatSession[]> {
	const found = await Promise.all(tokens.map((token) => sessions.resume(token, kind)));
	return found.filter((session) => session !== undefined);
}
