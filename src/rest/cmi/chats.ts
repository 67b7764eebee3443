// /chats and /chatMessages: chats with their transcripts, for who may read the history of their queue.

import { type Reach, visibleObjects } from "#rights/decide.ts";
import { allAttached, type Chat } from "#domain/chats.ts";
import { linesAfter, type StoredLine } from "#storage/chat-lines.ts";
import { findChats } from "#storage/chat-lists.ts";
import { addAttached, findChat } from "#storage/chats.ts";
import { Problem } from "#platform/problems.ts";
import { pointerStep } from "#platform/schema-problems.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import type { Tx } from "#storage/storage.ts";
import { Type } from "typebox";
import { recordChange } from "../record-change.ts";
import { type AnyContext, type Needs, type Route, route } from "../route.ts";
import { notFound } from "./access.ts";
import {
	chatLineSchema,
	type ChatLineObject,
	chatLinesQuery,
	type ChatObject,
	chatSchema,
	chatsQuery,
	contactDataBody,
	contactDataSchema,
	exceedsChatBytes,
} from "./chat-schemas.ts";
import { fromCursor, idPosition, limitDefault, linkHeaders, toCursor, toDate, toPage } from "./pages.ts";
import { idParams } from "./schemas.ts";
import { toTime, toTimeOrNull } from "./views.ts";

const reading = (on: "some" | "row"): Needs => ({
	who: "holders",
	rights: [{ objectType: "queue", access: "manageContactHistory", on }],
});

const list = route({
	method: "GET",
	path: "/chats",
	summary: "Lists chats, newest first.",
	description:
		"Only those of queues on which you hold Manage contact history; with that right on every queue also those that came to none.",
	needs: reading("some"),
	query: chatsQuery,
	reply: Type.Array(chatSchema),
	status: 200,
	async run(ctx) {
		const { query } = ctx;
		const limit = query.limit ?? limitDefault;
		const visible = visibleObjects(ctx.caller().grants, "manageContactHistory", "queue");
		const filter = {
			queues: query.queue === undefined ? visible : only(visible, query.queue),
			state: query.state,
			contactId: query.contact,
			agentId: query.agent,
			since: toDate(query.since, "since"),
			until: toDate(query.until, "until"),
			find: query.find,
		};
		const after = fromCursor("chats", query.cursor, idPosition);
		const found = await findChats(ctx.deps.storage, filter, { after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor("chats", last.id));
		return { status: 200, body: page.items.map(toChatObject), ...linkHeaders(ctx, "/chats", query, page.next) };
	},
});

function only(visible: "every" | readonly string[], id: string): readonly string[] {
	return visible === "every" || visible.includes(id) ? [id] : [];
}

const one = route({
	method: "GET",
	path: "/chats/:id",
	summary: "Shows a chat.",
	needs: reading("row"),
	params: idParams,
	reply: chatSchema,
	status: 200,
	async run(ctx) {
		const chat = await readChat(ctx, ctx.params.id);
		return { status: 200, body: toChatObject(chat), version: chat.version };
	},
});

const numberPosition = /^\d{1,10}$/;

const lines = route({
	method: "GET",
	path: "/chatMessages",
	summary: "Lists the lines of a chat in their order.",
	needs: reading("row"),
	query: chatLinesQuery,
	reply: Type.Array(chatLineSchema),
	status: 200,
	async run(ctx) {
		const { query } = ctx;
		const { id } = await readChat(ctx, query.chat);
		const limit = query.limit ?? limitDefault;
		const order = `chat-${id}`;
		const after = Number(fromCursor(order, query.cursor, numberPosition) ?? "0");
		const found = await linesAfter(ctx.deps.storage.db, id, { after, limit: limit + 1 });
		const page = toPage(found, limit, (last) => toCursor(order, String(last.seq)));
		return { status: 200, body: page.items.map(toLineObject), ...linkHeaders(ctx, "/chatMessages", query, page.next) };
	},
});

const contactData = route({
	method: "GET",
	path: "/contactData/:id",
	summary: "Gives what came along with a chat.",
	needs: reading("row"),
	params: idParams,
	reply: contactDataSchema,
	status: 200,
	async run(ctx) {
		const chat = await readChat(ctx, ctx.params.id);
		return { status: 200, body: { contact: chat.id, data: { ...allAttached(chat) } } };
	},
});

const addData = route({
	method: "POST",
	path: "/contactData",
	summary: "Adds to what came along with a chat that has ended.",
	description: "For the history: agents and contacts are told nothing of it. While the chat goes on, this is 409.",
	needs: reading("row"),
	body: contactDataBody,
	reply: contactDataSchema,
	status: 201,
	async run(ctx) {
		const { contact: id, data } = ctx.body;
		await readChat(ctx, id);
		const all = await ctx.write((tx) => add(tx, ctx, id, data));
		return { status: 201, location: `/contactData/${id}`, body: { contact: id, data: all } };
	},
});

type Data = Readonly<Record<string, unknown>>;

async function add(tx: Tx, ctx: Pick<AnyContext, "deps" | "principal" | "via">, id: string, data: Data): Promise<Data> {
	await lockUntilCommit(tx, "chats");
	const chat = await findChat(tx, id);
	if (chat === undefined) {
		throw notFound();
	}
	if (chat.state !== "ended") {
		throw new Problem("conflict", "The chat goes on; add the data when it has ended.");
	}
	const known = allAttached(chat);
	const taken = Object.keys(data).filter((key) => Object.hasOwn(known, key));
	if (taken.length > 0) {
		const errors = taken.map((key) => ({ pointer: `/data/${pointerStep(key)}`, message: "is there already" }));
		throw new Problem("invalid_body", "Some of the names are in the chat's data already; choose others.", errors);
	}
	const added = { ...chat.attachedByAgents, ...data };
	if (exceedsChatBytes(added)) {
		const errors = [{ pointer: "/data", message: "is too much, with what is there already" }];
		throw new Problem("invalid_body", "The chat cannot take so much data; send less.", errors);
	}
	await addAttached(tx, id, added);
	await recordChange(tx, ctx, {
		action: "modify",
		objectType: "chat",
		objectId: id,
		objectName: null,
		after: { data: Object.keys(data) },
	});
	return { ...known, ...data };
}

async function readChat(ctx: Pick<AnyContext, "deps" | "may">, id: string): Promise<Chat> {
	const chat = await findChat(ctx.deps.storage.db, id);
	if (chat === undefined || !ctx.may("manageContactHistory", "queue", reachOf(chat))) {
		throw notFound();
	}
	return chat;
}

/** Of no queue: for who may read all of them. */
function reachOf({ queueId }: Chat): Reach {
	return queueId === null ? "every" : { id: queueId };
}

function toChatObject(chat: Chat): ChatObject {
	return {
		id: chat.id,
		original: chat.originalId,
		previous: chat.previousId,
		conversation: chat.conversationId,
		contact: chat.contactId,
		channel: chat.channel,
		direction: chat.direction,
		queue: chat.queueId,
		originator: chat.originator,
		name: chat.contactName,
		destination: chat.destination,
		state: chat.state,
		agent: chat.agentId ?? chat.lastAgentId,
		startedAt: toTime(new Date(chat.createdAt)),
		acceptedAt: momentOrNull(chat.servedAt),
		endedAt: momentOrNull(chat.endedAt),
		endedBy: chat.endedBy,
		failure: chat.failure,
		reason: chat.reason,
		attachedData: { ...allAttached(chat) },
	};
}

function momentOrNull(ms: number | null): string | null {
	return toTimeOrNull(ms === null ? null : new Date(ms));
}

function toLineObject(line: StoredLine): ChatLineObject {
	return {
		id: line.id,
		chat: line.chatId,
		number: line.seq,
		type: line.type,
		text: line.message,
		originator: line.originator,
		isSystem: line.isSystem,
		isInternal: line.audience === "agents",
		at: toTime(new Date(line.at)),
		message: line.messageId,
		delivery: line.delivery,
	};
}

export const chatRoutes: readonly Route[] = [list, one, lines, contactData, addData];
