// Puts claimed messages into their conversations: contacts, decisions, places, states and ledger in the caller's
// transaction. Statement by statement for all of them together; the decisions are made one by one, in reading order.

import { type Chain, chainKey } from "#domain/chains.ts";
import { saidAt } from "#domain/consents.ts";
import { type OptWords, wishIn } from "#domain/opt-out-words.ts";
import { recordConsent, type SaidConsent } from "#storage/consents.ts";
import { contactsFor } from "#storage/contacts.ts";
import {
	type ChainState,
	readChain,
	readChains,
	reopenConversation,
	startConversation,
	takePlaces,
} from "#storage/conversations.ts";
import { lockShared } from "#storage/lock.ts";
import { contactIn, finishClaims, type MessageClaim } from "#storage/inbox.ts";
import { type Matched, recordMatches } from "#storage/matched.ts";
import type { Tx } from "#storage/storage.ts";
import { match, type MatchDecision, type MatchRules } from "./match.ts";

export type AppendDeps = {
	now: Date;
	newId(): string;
	rulesOf(serviceId: string): MatchRules;
	/** Undefined: the service is gone, and nobody sends by it. */
	wordsOf(serviceId: string): OptWords | undefined;
};

/** False: a claim was lost to another node; nothing may be committed for any of them. */
export async function append(tx: Tx, claims: readonly MessageClaim[], deps: AppendDeps): Promise<boolean> {
	const senders = claims.map((claim) => ({ channel: claim.channel, contact: contactIn(claim) }));
	const chains = await readChains(tx, claims.map(chainOf));
	if ([...chains.values()].some(({ open }) => open === undefined)) {
		// Before any row is locked: whose a new conversation is must still be true when it is written.
		await lockShared(tx, "contacts");
	}
	const contactIds = await contactsFor(tx, senders, deps);
	const chosen: Chosen[] = [];
	for (const [index, claim] of claims.entries()) {
		chosen.push(await choose(tx, chains, { claim, contactId: contactIds[index] ?? "", deps }));
	}
	await recordMatches(tx, await placed(tx, chosen, deps), deps.now);
	for (const wish of chosen.flatMap((one) => wishOf(one, deps))) {
		await recordConsent(tx, wish, deps.now);
	}
	return finishClaims(tx, claims, deps.now);
}

type Context = { claim: MessageClaim; contactId: string; deps: AppendDeps };
type Chosen = { claim: MessageClaim; contactId: string; conversationId: string; decision: MatchDecision };

const racesMax = 5; // Each lost race means that somebody else opened or reopened this very chain.

/** Decides and enacts; `chains` then knows the conversation as open, for the next message of the chain. */
async function choose(tx: Tx, chains: Map<string, ChainState>, context: Context): Promise<Chosen> {
	const { claim, contactId, deps } = context;
	const chain = chainOf(claim);
	const key = chainKey(chain);
	for (let race = 0; race < racesMax; race++) {
		const state = chains.get(key) ?? {};
		const decision = match(state, deps.rulesOf(claim.serviceId), claim.receivedAt);
		const conversationId = await enact(tx, chain, decision, context);
		if (conversationId !== undefined) {
			chains.set(key, state.open === undefined ? { open: opened(conversationId, claim) } : state);
			return { claim, contactId, conversationId, decision };
		}
		chains.set(key, await readChain(tx, chain));
	}
	throw new Error("The chain changed under every attempt to match this message.");
}

/** As far as a decision asks: that it is open. */
function opened(id: string, { receivedAt }: MessageClaim): NonNullable<ChainState["open"]> {
	return { id, groupId: id, openedAt: receivedAt, closedAt: null, contactLastWroteAt: receivedAt };
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

/** Each message with its place: those of one conversation follow each other as they were read. */
async function placed(tx: Tx, chosen: readonly Chosen[], deps: AppendDeps): Promise<Matched[]> {
	const byConversation = Map.groupBy(chosen, ({ conversationId }) => conversationId);
	const wanted = [...byConversation].map(([conversationId, members]) => ({
		conversationId,
		count: members.length,
		lastAt: new Date(Math.max(...members.map(({ claim }) => claim.receivedAt.getTime()))),
	}));
	const taken = await takePlaces(tx, wanted, "in");
	const takenBy = new Map(taken.map((one) => [one.conversationId, one]));
	return [...byConversation].flatMap(([conversationId, members]) => {
		const { lastSequence = 0, contactId } = takenBy.get(conversationId) ?? {};
		const before = lastSequence - members.length;
		// Whose the conversation is, is its row's word: contacts may have been merged since the address was looked up.
		return members.map((member, index) =>
			toMatched({ ...member, contactId: contactId ?? member.contactId }, before + index + 1, deps),
		);
	});
}

function toMatched(
	{ claim, contactId, conversationId, decision }: Chosen,
	sequence: number,
	deps: AppendDeps,
): Matched {
	const { id: messageId, serviceId, requestId, receivedAt } = claim;
	const explained = { ...decision, rules: deps.rulesOf(serviceId), chain: chainOf(claim) };
	return { messageId, serviceId, requestId, receivedAt, contactId, conversationId, sequence, decision: explained };
}

/** What the contact says by a word about our messages; nearly always nothing. */
function wishOf({ claim, conversationId }: Chosen, { newId, wordsOf }: AppendDeps): SaidConsent[] {
	const { serviceId, channel, contactAddress: address, shortText, id: messageId } = claim;
	const words = shortText === "" ? undefined : wordsOf(serviceId);
	const state = words === undefined ? undefined : wishIn(shortText, channel, words);
	if (state === undefined) {
		return [];
	}
	const about = { channel, address, serviceId, messageId, conversationId };
	return [{ id: newId(), ...about, state, source: "contact", at: saidAt(claim, claim) }];
}

function chainOf(claim: MessageClaim): Chain {
	return {
		serviceId: claim.serviceId,
		channel: claim.channel,
		ourAddress: claim.ourAddress,
		contactAddress: claim.contactAddress,
	};
}
