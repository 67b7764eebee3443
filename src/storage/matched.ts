// What the Chain Matcher found, written: the message's contact, conversation, place and decision, and the ledger's lines.

import { appendEvents, type LedgerEvent } from "./events.ts";
import { updateOf } from "./many.ts";
import type { Tx } from "./storage.ts";

export type Matched = {
	messageId: string;
	serviceId: string;
	requestId: string;
	receivedAt: Date;
	contactId: string;
	conversationId: string;
	sequence: number;
	/** Stored with the message, so that it can be explained. */
	decision: { rule: "continue" | "reopen" | "start"; reason: string };
};

const place = updateOf("messages", "contact_id, conversation_id, sequence, state, state_at, decision", "id");

export async function recordMatches(tx: Tx, matches: readonly Matched[], now: Date): Promise<void> {
	await tx.many.run(
		place,
		matches.map(({ messageId, contactId, conversationId, sequence, decision }) => ({
			id: messageId,
			contact_id: contactId,
			conversation_id: conversationId,
			sequence,
			state: "matched",
			state_at: now.getTime(),
			decision: JSON.stringify(decision),
		})),
	);
	await appendEvents(
		tx,
		matches.flatMap((matched) => toEvents(matched, now)),
	);
}

function toEvents(matched: Matched, now: Date): LedgerEvent[] {
	const { messageId, serviceId, conversationId, decision, sequence } = matched;
	const { rule, reason } = decision;
	const about = { at: now, serviceId, conversationId };
	const opening: LedgerEvent[] =
		rule === "continue"
			? []
			: [
					{
						...about,
						type: rule === "start" ? "conversation.started" : "conversation.reopened",
						messageId: null,
						data: { reason },
					},
				];
	return [
		receivedEvent(matched),
		...opening,
		{ ...about, type: "message.matched", messageId, data: { rule, reason, sequence } },
	];
}

/** Written with what became of the message: one row less while the provider waits for its answer. */
function receivedEvent({ messageId, serviceId, requestId, receivedAt }: Matched): LedgerEvent {
	return { at: receivedAt, type: "message.received", serviceId, messageId, conversationId: null, data: { requestId } };
}
