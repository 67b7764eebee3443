// Which conversation a message of ours goes into: the open one of its chain, a new one that is linked to the one before,
// or the one the caller names.

import type { Chain } from "#domain/chains.ts";
import { Problem } from "#platform/problems.ts";
import type { Conversation } from "#storage/conversation-lists.ts";
import { readChain, reopenConversation, startConversation } from "#storage/conversations.ts";
import { appendEvents } from "#storage/events.ts";
import type { Tx } from "#storage/storage.ts";

export type ContinueDeps = { now: Date; newId(): string };

const triesMax = 2; // A lost race means that somebody else opened this very chain: then there is one to go on with.

export async function continueConversation(
	tx: Tx,
	{ chain, contactId }: { chain: Chain; contactId: string },
	deps: ContinueDeps,
): Promise<string> {
	for (let attempt = 0; attempt < triesMax; attempt++) {
		const { open, lastClosed } = await readChain(tx, chain);
		if (open !== undefined) {
			return open.id;
		}
		const id = deps.newId();
		const previous = lastClosed === undefined ? undefined : { id: lastClosed.id, groupId: lastClosed.groupId };
		if (await startConversation(tx, { id, chain, contactId, previous, openedAt: deps.now })) {
			await tell(tx, "conversation.started", { serviceId: chain.serviceId, id }, deps.now);
			return id;
		}
	}
	throw new Problem("conflict", "The conversation with this contact changed at the same moment; repeat the call.");
}

/** The conversation the caller named: open as it is, or opened again. */
export async function goOnWith(
	tx: Tx,
	{ conversation, chain }: { conversation: Conversation; chain: Chain },
	deps: ContinueDeps,
): Promise<string> {
	const { open } = await readChain(tx, chain);
	if (open?.id === conversation.id) {
		return conversation.id;
	}
	if (open !== undefined || !(await reopenConversation(tx, conversation.id, chain))) {
		throw new Problem(
			"conflict",
			"This conversation is closed, and another one with the contact is open; go on with that.",
		);
	}
	await tell(tx, "conversation.reopened", { serviceId: chain.serviceId, id: conversation.id }, deps.now);
	return conversation.id;
}

async function tell(
	tx: Tx,
	type: "conversation.started" | "conversation.reopened",
	conversation: { serviceId: string; id: string },
	at: Date,
): Promise<void> {
	const { serviceId, id } = conversation;
	const data = { reason: "We wrote to the contact.", by: "api" };
	await appendEvents(tx, [{ at, type, serviceId, messageId: null, conversationId: id, data }]);
}
