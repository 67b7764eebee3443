// POST /messages: checked, put into its conversation and enqueued with its parts in one transaction; the sender does the
// rest. What is answered with 202 is stored.

import type { Connector, StoredService } from "#connectors/registry.ts";
import { type Chain, chainKey } from "#domain/chains.ts";
import { isId, type MessageId } from "#domain/ids.ts";
import type { KeptFile } from "#domain/messages.ts";
import { whyShut } from "#domain/reply-window.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { type FieldProblem, Problem } from "#platform/problems.ts";
import { attachFiles } from "#storage/attachments.ts";
import { type Conversation, findConversation } from "#storage/conversation-lists.ts";
import { contactFor } from "#storage/contacts.ts";
import { type ChainState, nextPlace, noteContactWrote, readChainForSending } from "#storage/conversations.ts";
import { keepWithMessage } from "#storage/files.ts";
import { unmatchedSince } from "#storage/inbox.ts";
import { asQueued, findMessage } from "#storage/messages.ts";
import { enqueueMessage, type NewMessage } from "#storage/outbox.ts";
import { openService } from "#storage/service-secrets.ts";
import type { MessagingService } from "#storage/services.ts";
import type { Db, Tx } from "#storage/storage.ts";
import { recordChange } from "../record-change.ts";
import { type Answer, type Route, route, type RouteContext } from "../route.ts";
import { demandOn, needs, notFound, senders, serviceOf } from "./access.ts";
import { fileIdsIn, sendableFiles } from "./attachments.ts";
import { compose, type Composed, hasTemplates } from "./compose.ts";
import { continueConversation, goOnWith, lastWroteAt } from "./continue-conversation.ts";
import { type ConnectorLookup, watchedHours } from "./reply-windows.ts";
import { messageSchema, type SendBody, sendBody } from "./schemas.ts";
import { toMessageObject } from "./views.ts";

type Context = RouteContext<undefined, undefined, SendBody>;

export function sendMessageRoute(connectorOf: ConnectorLookup): Route {
	const configs: Configs = new WeakMap();
	return route({
		method: "POST",
		path: "/messages",
		summary: "Sends a message.",
		description:
			"Accepted means stored: the message is sent, tried again and expires by the rules of its messaging service. Give a text and/or attachments, or a template. Without `conversation` the open conversation with the contact goes on, or a new one starts.",
		needs: needs(senders, "row"),
		body: sendBody,
		reply: messageSchema,
		status: 202,
		idempotent: true,
		async run(ctx) {
			const sender = await senderOf(ctx, connectorOf, configs);
			const conversation = await conversationOf(ctx, sender.service.id);
			const files = await sendableFiles(ctx, fileIdsIn(ctx.body));
			const message = composed(ctx, { ...sender, files }, conversation);
			const replyTo = await replyToOf(ctx.deps.storage.db, ctx.body.replyTo, toChain(sender.service.id, message));
			const answer = await ctx.write((tx) => enqueue(tx, ctx, { ...sender, conversation, message, replyTo }));
			ctx.deps.signals.nudge("sender");
			ctx.deps.signals.nudge("events");
			return answer;
		},
	});
}

/**
 * By the service as it is remembered, which is another object after each change: opening its secrets for every message takes
 * longer than storing the message.
 */
type Configs = WeakMap<MessagingService, unknown>;

type Sender = { service: MessagingService; connector: Connector<unknown>; config: unknown };

/** The service, if it can send at all. */
async function senderOf(ctx: Context, connectorOf: ConnectorLookup, configs: Configs): Promise<Sender> {
	const service = await serviceOf(ctx, senders, ctx.body.service);
	if (!service.enabled) {
		throw new Problem("cannot_send", "The messaging service is switched off.");
	}
	if (service.stoppedReason !== null) {
		throw new Problem("cannot_send", `The messaging service was stopped: ${service.stoppedReason}`);
	}
	const connector = connectorOf(service.type);
	if (connector === undefined) {
		throw new Problem("cannot_send", "This version has no connector for the service's type.");
	}
	const config = configs.get(service) ?? usableConfig(ctx, service, connector);
	configs.set(service, config);
	return { service, connector, config };
}

function usableConfig({ deps }: Context, service: MessagingService, connector: Connector<unknown>): unknown {
	const opened = openService(service, deps.secretBox, deps.clock.now());
	const config = connector.config.parse(opened satisfies StoredService);
	const because = connector.cannotSend(config);
	if (because !== undefined && opened.authentications.some((entry) => entry.broken)) {
		throw new Problem("secrets_locked", "A stored secret of the messaging service cannot be opened.");
	}
	if (because !== undefined) {
		throw new Problem("cannot_send", because);
	}
	return config;
}

async function conversationOf(ctx: Context, serviceId: string): Promise<Conversation | undefined> {
	if (ctx.body.conversation === undefined) {
		return undefined;
	}
	const conversation = await findConversation(ctx.deps.storage.db, ctx.body.conversation);
	if (conversation?.serviceId !== serviceId) {
		throw notFound();
	}
	demandOn(ctx, senders, conversation.serviceId);
	return conversation;
}

type WithFiles = Sender & { files: ReadonlyMap<string, KeptFile> };

function composed(
	ctx: Context,
	{ service, connector, config, files }: WithFiles,
	conversation?: Conversation,
): Composed {
	const result = compose({
		body: ctx.body,
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
		now: ctx.deps.clock.now(),
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

type Work = Sender & { conversation: Conversation | undefined; message: Composed; replyTo: string | undefined };

async function enqueue(tx: Tx, ctx: Context, work: Work): Promise<Answer> {
	const { service, message, conversation } = work;
	const { ids, clock } = ctx.deps;
	const now = clock.now();
	const id: MessageId = ids.next();
	const chain = toChain(service.id, message);
	const known = await readChainForSending(tx, chain);
	const wroteAt = await demandWanted(tx, { chain, known }, work, { isTemplate: ctx.body.template !== undefined, now });
	const contactId = conversation?.contactId ?? (await contactOf(tx, ctx, message));
	const deps = { now, newId: () => ids.next<string>() };
	const conversationId =
		conversation === undefined
			? await continueConversation(tx, { chain, contactId, known, wroteAt }, deps)
			: await goOnWith(tx, { conversation, chain, known, wroteAt }, deps);
	const { sequence } = await nextPlace(tx, conversationId, { at: now, direction: "out" });
	const [first, ...rest] = message.parts;
	const toPart = (part: (typeof message.parts)[number], index: number) => ({
		id: ids.next<string>(),
		part: index + 1,
		...part,
	});
	const enqueued: NewMessage = {
		id,
		serviceId: service.id,
		channel: message.channel,
		ourAddress: message.ourAddress,
		contactAddress: message.contactAddress,
		contactId,
		conversationId,
		sequence,
		lane: chainKey(chain),
		text: ctx.body.text ?? "",
		content: contentOf(ctx.body, message, work.replyTo),
		validUntil: message.validUntil,
		createdBy: ctx.caller().userId,
		parts: [toPart(first, 0), ...rest.map((part, index) => toPart(part, index + 1))],
	};
	await enqueueMessage(tx, enqueued, now);
	await attach(tx, enqueued, message.attachments, now);
	await recordChange(tx, ctx, {
		action: "create",
		objectType: "message",
		objectId: id,
		objectName: null,
		after: { service: service.id, conversation: conversationId, parts: message.parts.length },
	});
	return { status: 202, location: `/messages/${id}`, body: toMessageObject(asQueued(enqueued, service, now)) };
}

/**
 * When the contact wrote last. Throws where they want nothing, or the channel takes nothing but a template now. What they
 * just wrote may not be matched yet: looked for only before a message is refused.
 */
async function demandWanted(
	tx: Tx,
	{ chain, known }: { chain: Chain; known: ChainState & { isRefused: boolean } },
	{ service, connector, message, conversation }: Work,
	{ isTemplate, now }: { isTemplate: boolean; now: Date },
): Promise<Date | null> {
	if (known.isRefused) {
		throw new Problem(
			"opted_out",
			"The contact does not want messages on this channel. Wait until they write an opt-in word, or remove their consent under /customerConsents when they said so elsewhere.",
		);
	}
	const wroteAt = lastWroteAt(known, conversation);
	const hours = isTemplate ? undefined : watchedHours(connector, service.settings, message);
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

function contactOf(tx: Tx, ctx: Context, { channel, contactAddress, scope }: Composed): Promise<string> {
	const contact = { address: contactAddress, ...(scope === undefined ? {} : { scope }) };
	return contactFor(tx, channel, contact, { id: ctx.deps.ids.next(), now: ctx.deps.clock.now() });
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

function contentOf({ template }: SendBody, { attachments }: Composed, replyTo: string | undefined) {
	return {
		attachments,
		...(template === undefined ? {} : { template }),
		...(replyTo === undefined ? {} : { replyTo }),
	};
}
