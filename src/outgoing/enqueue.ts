// A message of ours on its way into the outbox, whoever writes it: composed and checked first, then put into its
// conversation and enqueued with its parts in the writer's transaction.

import { type Chain, chainKey } from "#domain/chains.ts";
import { isId } from "#domain/ids.ts";
import type { KeptFile } from "#domain/messages.ts";
import { whyShut } from "#domain/reply-window.ts";
import { commonSettings } from "#domain/service-settings.ts";
import type { Ids } from "#platform/ids.ts";
import { type FieldProblem, Problem } from "#platform/problems.ts";
import { attachFiles } from "#storage/attachments.ts";
import { contactFor } from "#storage/contacts.ts";
import type { Conversation } from "#storage/conversation-lists.ts";
import { type ChainState, nextPlace, noteContactWrote, readChainForSending } from "#storage/conversations.ts";
import { keepWithMessage } from "#storage/files.ts";
import { lockShared } from "#storage/lock.ts";
import { unmatchedSince } from "#storage/inbox.ts";
import { findMessage } from "#storage/messages.ts";
import { enqueueMessage, type NewMessage } from "#storage/outbox.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { compose, type Composed, hasTemplates, type Wanted } from "./compose.ts";
import { continueConversation, goOnWith, lastWroteAt } from "./continue-conversation.ts";
import { watchedHours } from "./reply-window.ts";
import type { Sender } from "./senders.ts";

export type ComposeWork = {
	sender: Sender;
	wanted: Wanted;
	/** To go on with. */
	conversation: Conversation | undefined;
	/** What the writer may send, by id. */
	files: ReadonlyMap<string, KeptFile>;
};

/** Checked as far as it can be before the transaction. */
export type Letter = ComposeWork & { message: Composed; replyTo: string | undefined };

/** Throws a problem that names each field that is wrong. */
export async function prepareLetter(db: Db, work: ComposeWork, now: Date): Promise<Letter> {
	const message = composed(work, now);
	const chain = toChain(work.sender.service.id, message);
	return { ...work, message, replyTo: await replyToOf(db, work.wanted.replyTo, chain) };
}

function composed({ sender, wanted, conversation, files }: ComposeWork, now: Date): Composed {
	const { service, connector, config } = sender;
	const result = compose({
		body: wanted,
		connector,
		config,
		conversation:
			conversation === undefined
				? undefined
				: {
						channel: conversation.channel,
						ourAddress: conversation.ourAddress,
						contactAddress: conversation.contactAddress,
					},
		files,
		timeToLiveMinutes: commonSettings(service.settings).timeToLiveMinutes,
		now,
	});
	if (result.ok) {
		return result.message;
	}
	if (result.why !== "noTemplates") {
		throw invalid(result.problems, result.why === "files" ? "file_not_allowed" : "invalid_body");
	}
	const where = result.channel === undefined ? "" : ` on the channel ${result.channel}`;
	throw new Problem("no_templates", `Services of the type ${service.type} have no templates${where}; send a text.`);
}

function invalid(
	problems: readonly FieldProblem[],
	code: "invalid_body" | "file_not_allowed" = "invalid_body",
): Problem {
	const [first] = problems;
	const detail = first === undefined ? "" : `: ${first.pointer} ${first.message.replace(/\.$/, "")}`;
	return new Problem(code, `The message cannot be sent as given${detail}.`, problems);
}

function toChain(serviceId: string, { channel, ourAddress, contactAddress }: Composed): Chain {
	return { serviceId, channel, ourAddress, contactAddress };
}

/** The provider's id of the message to be answered; one of ours must belong to the same chain. */
async function replyToOf(db: Db, replyTo: string | undefined, chain: Chain): Promise<string | undefined> {
	if (replyTo === undefined || !isId(replyTo)) {
		return replyTo;
	}
	const message = await findMessage(db, replyTo);
	if (message === undefined || chainKey(message) !== chainKey(chain)) {
		throw invalid([{ pointer: "/replyTo", message: "names no message with this contact" }]);
	}
	const [remoteId] = message.remoteIds;
	if (remoteId === undefined) {
		throw invalid([{ pointer: "/replyTo", message: "names a message that the provider has not taken yet" }]);
	}
	return remoteId;
}

export type Writing = {
	/** The time that stands everywhere with the message, and belongs into an answer that shows it. */
	now: Date;
	ids: Ids;
	/** A user's id, or `system` for what nobody wrote. */
	createdBy: string;
	/** Where it was written, for events and the trace. */
	by: "api" | "chat";
	/** What is said when all is over, such as good bye: the named conversation stays closed. */
	isAfterEnd?: boolean;
};

/** Throws where the contact wants nothing, or the channel takes nothing but a template now. */
export async function enqueueLetter(tx: Tx, letter: Letter, writing: Writing): Promise<NewMessage> {
	const { now, ids, createdBy, by, isAfterEnd = false } = writing;
	const { sender, message, conversation, wanted } = letter;
	const chain = toChain(sender.service.id, message);
	const known = await readChainForSending(tx, chain);
	const wroteAt = await demandWanted(tx, { chain, known }, letter, now);
	const deps = { now, by, newId: () => ids.next<string>() };
	const conversationId =
		conversation === undefined
			? await continueConversation(
					tx,
					{ chain, contactId: () => contactOf(tx, message, { id: ids.next(), now }), known, wroteAt },
					deps,
				)
			: await goOnWith(tx, { conversation, chain, known, wroteAt }, { ...deps, isAfterEnd });
	const { sequence, contactId } = await nextPlace(tx, conversationId, { at: now, direction: "out" });
	const [first, ...rest] = message.parts;
	const toPart = (part: (typeof message.parts)[number], index: number) => ({
		id: ids.next<string>(),
		part: index + 1,
		...part,
	});
	const enqueued: NewMessage = {
		id: ids.next<string>(),
		serviceId: sender.service.id,
		channel: message.channel,
		ourAddress: message.ourAddress,
		contactAddress: message.contactAddress,
		contactId,
		conversationId,
		sequence,
		lane: chainKey(chain),
		text: wanted.text ?? "",
		content: contentOf(wanted, message, letter.replyTo),
		validUntil: message.validUntil,
		createdBy,
		by,
		parts: [toPart(first, 0), ...rest.map((part, index) => toPart(part, index + 1))],
	};
	await enqueueMessage(tx, enqueued, now);
	await attach(tx, enqueued, message.attachments, now);
	return enqueued;
}

/**
 * When the contact wrote last. Throws where they want nothing, or the channel takes nothing but a template now. What they
 * just wrote may not be matched yet: looked for only before a message is refused.
 */
async function demandWanted(
	tx: Tx,
	{ chain, known }: { chain: Chain; known: ChainState & { isRefused: boolean } },
	{ sender: { service, connector }, message, conversation, wanted }: Letter,
	now: Date,
): Promise<Date | null> {
	if (known.isRefused) {
		throw new Problem(
			"opted_out",
			"The contact does not want messages on this channel. Wait until they write an opt-in word, or remove their consent under /customerConsents when they said so elsewhere.",
		);
	}
	const wroteAt = lastWroteAt(known, conversation);
	const hours = wanted.template === undefined ? watchedHours(connector, service.settings, message) : undefined;
	if (hours === undefined || whyShut(hours, wroteAt, now) === undefined) {
		return wroteAt;
	}
	const newestAt = (await unmatchedSince(tx, chainKey(chain))) ?? wroteAt;
	const shut = whyShut(hours, newestAt, now);
	if (shut !== undefined) {
		const next = hasTemplates(connector.capabilities, message.channel)
			? "Send a template, or wait until they write."
			: "Wait until they write.";
		throw new Problem("outside_window", `${shut} ${next}`);
	}
	if (known.open !== undefined && newestAt !== null) {
		await noteContactWrote(tx, known.open.id, newestAt);
	}
	return newestAt;
}

/** For a conversation that begins; of any other its row says whose it is. */
async function contactOf(
	tx: Tx,
	{ channel, contactAddress, scope }: Composed,
	fresh: { id: string; now: Date },
): Promise<string> {
	await lockShared(tx, "contacts");
	const contact = { address: contactAddress, ...(scope === undefined ? {} : { scope }) };
	return contactFor(tx, channel, contact, fresh);
}

/** Files stay as long as a message has them. */
async function attach(tx: Tx, message: NewMessage, all: Composed["attachments"], now: Date): Promise<void> {
	const files = all.flatMap((one, position) => ("fileId" in one ? [{ fileId: one.fileId, position }] : []));
	if (files.length === 0) {
		return;
	}
	if (!(await keepWithMessage(tx, [...new Set(files.map(({ fileId }) => fileId))], now))) {
		throw invalid([{ pointer: "/attachments", message: "name a file that was deleted at this moment" }]);
	}
	await attachFiles(tx, message, files);
}

function contentOf({ template }: Wanted, { attachments }: Composed, replyTo: string | undefined) {
	return {
		attachments,
		...(template === undefined ? {} : { template }),
		...(replyTo === undefined ? {} : { replyTo }),
	};
}
