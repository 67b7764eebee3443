// Which conversation does this message belong to? Pure, so that every decision can be stored with its reason, explained,
// and tried again on past traffic under another rule.

import type { ChainState } from "#storage/conversations.ts";

export type MatchRules = {
	/** A message that comes this soon after the conversation was closed reopens it. */
	reopenWindowMs: number;
};

/** `continue` the open one · `reopen` the one closed last · `start` a new one, linked to the one before. */
export type MatchDecision =
	| { rule: "continue"; conversationId: string; reason: string }
	| { rule: "reopen"; conversationId: string; reason: string }
	| { rule: "start"; previous: { id: string; groupId: string } | undefined; reason: string };

/** @param at when the message was received */
export function match(chain: ChainState, rules: MatchRules, at: Date): MatchDecision {
	if (chain.open !== undefined) {
		return { rule: "continue", conversationId: chain.open.id, reason: "The contact has an open conversation." };
	}
	const last = chain.lastClosed;
	if (last === undefined) {
		return { rule: "start", previous: undefined, reason: "The contact writes for the first time." };
	}
	const previous = { id: last.id, groupId: last.groupId };
	const sinceClosedMs = at.getTime() - (last.closedAt ?? last.openedAt).getTime();
	const ago = `closed ${Math.max(0, Math.round(sinceClosedMs / 60_000))} minutes ago`;
	const window = `window ${Math.round(rules.reopenWindowMs / 60_000)} minutes`;
	return sinceClosedMs < rules.reopenWindowMs
		? {
				rule: "reopen",
				conversationId: last.id,
				reason: `The last conversation was ${ago}, within its reopen ${window}.`,
			}
		: { rule: "start", previous, reason: `The last conversation was ${ago}, outside its reopen ${window}.` };
}
