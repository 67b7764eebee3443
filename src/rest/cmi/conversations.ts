// Conversations: list, one with its links to those before, its messages in order, and closing it.

import type { ConnectorLookup } from "#outgoing/reply-window.ts";
import { Problem } from "#platform/problems.ts";
import { liveChatOf } from "#storage/chats.ts";
import { type Conversation, findConversation, findConversations } from "#storage/conversation-lists.ts";
import { closeConversation } from "#storage/conversations.ts";
import { appendEvents } from "#storage/events.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import { messagesOfConversation } from "#storage/messages.ts";
import type { Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Route, route } from "../route.ts";
import { demandOn, historians, needs, notFound, selectedServices } from "./access.ts";
import { fromCursor, idPosition, limitDefault, linkHeaders, toCursor, toDate, toPage } from "./pages.ts";
import {
	conversationChange,
	conversationSchema,
	conversationsQuery,
	idParams,
	messageSchema,
	pageQuery,
} from "./schemas.ts";
import { replyWindows } from "./reply-windows.ts";
import { strict } from "./schema-words.ts";
import { toConversationObject, toMessageObject } from "./views.ts";

const list = (connectorOf: ConnectorLookup) =>
	route({
		method: "GET",
		path: "/conversations",
		summary: "Lists conversations, newest first.",
		description: "Only those of messaging services whose history you may read. `group` finds all that are linked.",
		needs: needs(historians, "some"),
		query: conversationsQuery,
		reply: Type.Array(conversationSchema),
		status: 200,
		async run(ctx) {
			const { query } = ctx;
			const limit = query.limit ?? limitDefault;
			const filter = {
				services: await selectedServices(ctx, historians, query.service),
				contactId: query.contact,
				groupId: query.group,
				state: query.state,
				channel: query.channel,
				since: toDate(query.since, "since"),
				until: toDate(query.until, "until"),
			};
			const after = fromCursor("conversations", query.cursor, idPosition);
			const found = await findConversations(ctx.deps.storage.db, filter, { after, limit: limit + 1 });
			const windowOf = await replyWindows(ctx, connectorOf);
			const page = toPage(found, limit, (last) => toCursor("conversations", last.id));
			const headers = linkHeaders(ctx, "/conversations", query, page.next);
			return { status: 200, body: page.items.map((one) => toConversationObject(one, windowOf(one))), ...headers };
		},
	});

const one = (connectorOf: ConnectorLookup) =>
	route({
		method: "GET",
		path: "/conversations/:id",
		summary: "Shows a conversation.",
		description: "`previous` is the one before with the same contact; `group` is what all linked ones have in common.",
		needs: needs(historians, "row"),
		params: idParams,
		reply: conversationSchema,
		status: 200,
		async run(ctx) {
			const conversation = await readConversation(ctx, ctx.params.id);
			const windowOf = await replyWindows(ctx, connectorOf);
			const body = toConversationObject(conversation, windowOf(conversation));
			return { status: 200, body, version: conversation.version };
		},
	});

const sequencePosition = /^\d{1,10}$/;

const messages = route({
	method: "GET",
	path: "/conversations/:id/messages",
	summary: "Lists a conversation's messages in their order.",
	needs: needs(historians, "row"),
	params: idParams,
	query: strict(pageQuery),
	reply: Type.Array(messageSchema),
	status: 200,
	async run(ctx) {
		const { id } = await readConversation(ctx, ctx.params.id);
		const limit = ctx.query.limit ?? limitDefault;
		const order = `conversation-${id}`;
		const after = Number(fromCursor(order, ctx.query.cursor, sequencePosition) ?? "0");
		const found = await messagesOfConversation(ctx.deps.storage.db, id, { after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor(order, String(last.sequence)));
		const headers = linkHeaders(ctx, `/conversations/${id}/messages`, ctx.query, page.next);
		return { status: 200, body: page.items.map(toMessageObject), ...headers };
	},
});

const change = (connectorOf: ConnectorLookup) =>
	route({
		method: "PATCH",
		path: "/conversations/:id",
		summary: "Closes a conversation.",
		description:
			"One that is closed already stays as it is. While a chat goes on in it, this is 409: the chat must end first.",
		needs: needs(historians, "row"),
		params: idParams,
		body: conversationChange,
		reply: conversationSchema,
		status: 200,
		async run(ctx) {
			const before = await readConversation(ctx, ctx.params.id);
			ctx.demandVersion(before.version);
			const after = await ctx.write((tx) => close(tx, ctx, before));
			ctx.deps.signals.nudge("events");
			const windowOf = await replyWindows(ctx, connectorOf);
			return { status: 200, body: toConversationObject(after, windowOf(after)), version: after.version };
		},
	});

async function close(
	tx: Tx,
	ctx: Pick<AnyContext, "deps" | "principal" | "via" | "demandVersion">,
	before: Conversation,
): Promise<Conversation> {
	const now = ctx.deps.clock.now();
	const { id, serviceId } = before;
	await lockUntilCommit(tx, "chats");
	if (before.state === "open" && (await liveChatOf(tx, id)) !== undefined) {
		throw new Problem("conflict", "A chat goes on in this conversation; end the chat first, which closes it as well.");
	}
	const isClosing = await closeConversation(tx, id, now);
	const after = await findConversation(tx, id);
	if (after === undefined) {
		throw notFound();
	}
	if (isClosing) {
		// Somebody's change between the reading and this transaction counts too.
		ctx.demandVersion(after.version - 1);
		const data = { reason: "A user closed it.", by: "api" };
		await appendEvents(tx, [
			{ at: now, type: "conversation.closed", serviceId, messageId: null, conversationId: id, data },
		]);
		await recordChange(tx, ctx, {
			action: "close",
			objectType: "conversation",
			objectId: id,
			objectName: null,
			before: { state: before.state },
			after: { state: after.state },
		});
	}
	return after;
}

async function readConversation(ctx: Pick<AnyContext, "deps" | "may">, id: string): Promise<Conversation> {
	const conversation = await findConversation(ctx.deps.storage.db, id);
	if (conversation === undefined) {
		throw notFound();
	}
	demandOn(ctx, historians, conversation.serviceId);
	return conversation;
}

export function conversationRoutes(connectorOf: ConnectorLookup): readonly Route[] {
	return [list(connectorOf), one(connectorOf), messages, change(connectorOf)];
}
