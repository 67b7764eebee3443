// Which conversation a message of ours goes into: the open one of its chain, a new one that is linked to the one before,
// or the one the caller names.

import type { Chain } from "#domain/chains.ts";
import { Problem } from "#platform/problems.ts";
import type { Conversation } from "#storage/conversation-lists.ts";
import { type ChainState, readChain, reopenConversation, startConversation } from "#storage/conversations.ts";
import { appendEvents } from "#storage/events.ts";
import type { Tx } from "#storage/storage.ts";

export type ContinueDeps = { now: Date; by: "api" | "chat"; newId(): string };

const triesMax = 2; // A lost race means that somebody else opened this very chain: then there is one to go on with.

export async function continueConversation(
	tx: Tx,
	work: { chain: Chain; contactId(): Promise<string>; known: ChainState; wroteAt: Date | null },
	deps: ContinueDeps,
): Promise<string> {
	const { chain, known, wroteAt } = work;
	for (let attempt = 0; attempt < triesMax; attempt++) {
		const { open, lastClosed } = attempt === 0 ? known : await readChain(tx, chain);
		if (open !== undefined) {
			return open.id;
		}
		const id = deps.newId();
		const previous = lastClosed === undefined ? undefined : { id: lastClosed.id, groupId: lastClosed.groupId };
		const fresh = {
			id,
			chain,
			contactId: await work.contactId(),
			previous,
			openedAt: deps.now,
			contactLastWroteAt: wroteAt,
		};
		if (await startConversation(tx, fresh)) {
			await tell(tx, "conversation.started", { serviceId: chain.serviceId, id }, deps);
			return id;
		}
	}
	throw new Problem("conflict", "The conversation with this contact changed at the same moment; repeat the call.");
}

/** The conversation the caller named: open as it is, or opened again, unless what is said comes after its end. */
export async function goOnWith(
	tx: Tx,
	work: { conversation: Conversation; chain: Chain; known: ChainState; wroteAt: Date | null },
	deps: ContinueDeps & { isAfterEnd: boolean },
): Promise<string> {
	const { conversation, chain, known, wroteAt } = work;
	const { open } = known;
	if (open?.id === conversation.id || deps.isAfterEnd) {
		return conversation.id;
	}
	if (open !== undefined || !(await reopenConversation(tx, conversation.id, chain, wroteAt))) {
		throw new Problem(
			"conflict",
			"This conversation is closed, and another one with the contact is open; go on with that.",
		);
	}
	await tell(tx, "conversation.reopened", { serviceId: chain.serviceId, id: conversation.id }, deps);
	return conversation.id;
}

/** When the contact wrote last, in whichever conversation of the chain. */
export function lastWroteAt({ open, lastClosed }: ChainState, named: Conversation | undefined): Date | null {
	const times = [open, lastClosed, named].flatMap((one) => one?.contactLastWroteAt?.getTime() ?? []);
	return times.length === 0 ? null : new Date(Math.max(...times));
}

async function tell(
	tx: Tx,
	type: "conversation.started" | "conversation.reopened",
	conversation: { serviceId: string; id: string },
	{ now: at, by }: ContinueDeps,
): Promise<void> {
	const { serviceId, id } = conversation;
	const data = { reason: "We wrote to the contact.", by };
	await appendEvents(tx, [{ at, type, serviceId, messageId: null, conversationId: id, data }]);
}
