// POST /messages: checked, put into its conversation and enqueued with its parts in one transaction; the sender does the
// rest. What is answered with 202 is stored.

import { enqueueLetter, type Letter, prepareLetter } from "#outgoing/enqueue.ts";
import type { ConnectorLookup } from "#outgoing/reply-window.ts";
import { openSenders } from "#outgoing/senders.ts";
import { type Conversation, findConversation } from "#storage/conversation-lists.ts";
import { asQueued } from "#storage/messages.ts";
import type { Tx } from "#storage/storage.ts";
import { recordChange } from "../record-change.ts";
import { type Answer, type Route, route, type RouteContext } from "../route.ts";
import { demandOn, needs, notFound, senders, serviceOf } from "./access.ts";
import { fileIdsIn, sendableFiles } from "./attachments.ts";
import { messageSchema, type SendBody, sendBody } from "./schemas.ts";
import { toMessageObject } from "./views.ts";

type Context = RouteContext<undefined, undefined, SendBody>;

export function sendMessageRoute(connectorOf: ConnectorLookup): Route {
	const sendersWith = openSenders(connectorOf);
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
			const { deps, body: wanted } = ctx;
			const sender = sendersWith(deps).of(await serviceOf(ctx, senders, wanted.service));
			const conversation = await conversationOf(ctx, sender.service.id);
			const files = await sendableFiles(ctx, fileIdsIn(wanted));
			const work = { sender, wanted, conversation, files };
			const letter = await prepareLetter(deps.storage.db, work, deps.clock.now());
			const answer = await ctx.write((tx) => enqueue(tx, ctx, letter));
			deps.signals.nudge("sender");
			deps.signals.nudge("events");
			return answer;
		},
	});
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

async function enqueue(tx: Tx, ctx: Context, letter: Letter): Promise<Answer> {
	const { clock, ids } = ctx.deps;
	const { service } = letter.sender;
	const now = clock.now();
	const enqueued = await enqueueLetter(tx, letter, { now, ids, createdBy: ctx.caller().userId, by: "api" });
	await recordChange(tx, ctx, {
		action: "create",
		objectType: "message",
		objectId: enqueued.id,
		objectName: null,
		after: { service: service.id, conversation: enqueued.conversationId, parts: enqueued.parts.length },
	});
	const body = toMessageObject(asQueued(enqueued, service, now));
	return { status: 202, location: `/messages/${enqueued.id}`, body };
}
