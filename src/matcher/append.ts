// Puts one claimed message into its conversation: contact, decision, place, state and ledger in the caller's transaction.

import type { Chain } from "#domain/chains.ts";
import type { MessageEvent } from "#domain/messages.ts";
import { contactFor, nextPlace, readChain, reopenConversation, startConversation } from "#storage/conversations.ts";
import { appendEvents } from "#storage/events.ts";
import { endInboxClaim, type InboxClaim } from "#storage/inbox.ts";
import type { Tx } from "#storage/storage.ts";
import { match, type MatchDecision, type MatchRules } from "./match.ts";

export type AppendDeps = { now: Date; newId(): string; rulesOf(serviceId: string): MatchRules };

const racesMax = 5; // Each lost race means that somebody else opened or reopened this very chain.

/** False: the claim was lost to another node; nothing may be committed for it. */
export async function append(tx: Tx, claim: InboxClaim, event: MessageEvent, deps: AppendDeps): Promise<boolean> {
	const chain: Chain = {
		serviceId: claim.serviceId,
		channel: event.channel,
		ourAddress: event.ourAddress,
		contactAddress: event.contact.address,
	};
	const contactId = await contactFor(tx, event.channel, event.contact, { id: deps.newId(), now: deps.now });
	const chosen = await choose(tx, chain, { claim, contactId, deps });
	const { sequence } = await nextPlace(tx, chosen.conversationId, { at: claim.receivedAt, direction: "in" });
	await tx
		.updateTable("messages")
		.set({
			contact_id: contactId,
			conversation_id: chosen.conversationId,
			sequence,
			state: "matched",
			state_at: deps.now.getTime(),
			decision: JSON.stringify({ ...chosen.decision, rules: deps.rulesOf(claim.serviceId), chain }),
		})
		.where("id", "=", claim.messageId)
		.execute();
	await writeLedger(tx, claim, { ...chosen, sequence }, deps.now);
	return endInboxClaim(tx, claim, { state: "done" }, deps.now);
}

type Chosen = { conversationId: string; decision: MatchDecision };
type Context = { claim: InboxClaim; contactId: string; deps: AppendDeps };

async function choose(tx: Tx, chain: Chain, context: Context): Promise<Chosen> {
	for (let race = 0; race < racesMax; race++) {
		const state = await readChain(tx, chain);
		const rules = context.deps.rulesOf(context.claim.serviceId);
		const decision = match(state, rules, context.claim.receivedAt);
		const conversationId = await enact(tx, chain, decision, context);
		if (conversationId !== undefined) {
			return { conversationId, decision };
		}
	}
	throw new Error("The chain changed under every attempt to match this message.");
}

/** The conversation, or undefined when the race for the chain was lost. */
async function enact(tx: Tx, chain: Chain, decision: MatchDecision, context: Context): Promise<string | undefined> {
	switch (decision.rule) {
		case "continue":
			return decision.conversationId;
		case "reopen":
			return (await reopenConversation(tx, decision.conversationId, chain)) ? decision.conversationId : undefined;
		case "start": {
			const id = context.deps.newId();
			const { contactId, claim } = context;
			const fresh = { id, chain, contactId, previous: decision.previous, openedAt: claim.receivedAt };
			return (await startConversation(tx, fresh)) ? id : undefined;
		}
	}
}

async function writeLedger(
	tx: Tx,
	claim: InboxClaim,
	matched: Chosen & { sequence: number },
	now: Date,
): Promise<void> {
	const { conversationId, decision, sequence } = matched;
	const about = { at: now, serviceId: claim.serviceId, conversationId };
	const isOpening = decision.rule !== "continue";
	await appendEvents(tx, [
		...(isOpening
			? [
					{
						...about,
						type: decision.rule === "start" ? ("conversation.started" as const) : ("conversation.reopened" as const),
						messageId: null,
						data: { reason: decision.reason },
					},
				]
			: []),
		{
			...about,
			type: "message.matched" as const,
			messageId: claim.messageId,
			data: { rule: decision.rule, reason: decision.reason, sequence },
		},
	]);
}
