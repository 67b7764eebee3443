// What our own desk asks for besides the protocol: chats that may be picked, colleagues, reply templates, earlier chats.

import { allowedQueues, may } from "../people.ts";
import { replyTemplatesFor } from "#storage/reply-templates.ts";
import { findChatsSaying } from "#storage/chat-search.ts";
import { earlierChats, findChat, waitingChats } from "#storage/chats.ts";
import type { Chat } from "#domain/chats.ts";
import { type Supervision, supervisionsOf } from "#storage/chat-supervisions.ts";
import { toWireTime } from "../tells.ts";
import { numberOf, pageOf } from "./earlier-lines.ts";
import { ownChat } from "./own-chat.ts";
import { agentsOnly, type Context, type Found, notThere, type Resource } from "./resource-table.ts";
import { waysOn } from "./supervision.ts";
import type { Tools } from "./tools.ts";

const shownMax = 100;

export function deskResources(tools: Tools): Resource[] {
	return [
		{ path: "waiting", for: agentsOnly, isAskedOnly: true, read: async (ctx) => ({ value: await waiting(ctx) }) },
		{
			path: "colleagues",
			for: agentsOnly,
			isAskedOnly: true,
			read: async (ctx) => ({ value: await colleagues(tools, ctx) }),
		},
		{
			path: "reply_templates",
			for: agentsOnly,
			isAskedOnly: true,
			read: async (ctx) => ({ value: await templates(ctx) }),
		},
		{ path: "interactions/:id/history", for: agentsOnly, isAskedOnly: true, read: (ctx) => history(ctx) },
		{ path: "history/:id", for: agentsOnly, isAskedOnly: true, read: (ctx) => transcript(ctx) },
		{ path: "history/:id/before/:seq", for: agentsOnly, isAskedOnly: true, read: (ctx) => earlierLines(ctx) },
		{ path: "history/find/:words", for: agentsOnly, isAskedOnly: true, read: (ctx) => find(tools, ctx) },
	];
}

function queueIds({ known }: Context): string[] {
	return known.queues.map(({ id }) => id);
}

async function waiting(ctx: Context) {
	const served = allowedQueues(ctx.grants, "serve", queueIds(ctx));
	const chats = await waitingChats(ctx.db);
	return chats
		.filter(({ queueId }) => queueId !== null && served.has(queueId) && ctx.known.queue(queueId)?.pick !== "none")
		.slice(0, shownMax)
		.map((chat) => ({
			contact_id: chat.id,
			originator: chat.originator,
			name: chat.contactName,
			from_queue: { id: chat.queueId, name: ctx.known.queue(chat.queueId)?.name ?? "" },
			waiting_since: toWireTime(chat.waitingSince),
			channel: chat.channel,
		}));
}

async function colleagues(tools: Tools, ctx: Context) {
	const present = await tools.colleagues.present(ctx.known);
	const agents = present.filter(({ userId }) => userId !== ctx.caller.userId);
	const sessions = await supervisionsOf(
		ctx.db,
		agents.map(({ userId }) => userId),
	);
	return [
		...agents.map(({ userId, address, alias, isReady, chats }) => ({
			kind: "agent",
			id: userId,
			address,
			name: alias,
			state: isReady ? "ready" : "not_ready",
			chats,
			...supervisable(ctx, userId, sessions),
		})),
		...ctx.known.queues.flatMap(({ addresses, name }) =>
			addresses.slice(0, 1).map((address) => ({ kind: "queue", address, name, state: "queue", chats: 0 })),
		),
	];
}

/** For those who may supervise the agent in any way, and whether the agent asked for somebody. */
function supervisable({ grants }: Context, agentId: string, sessions: readonly Supervision[]) {
	const ways = waysOn(grants, agentId);
	if (!Object.values(ways).includes(true)) {
		return {};
	}
	const asked = sessions.some((session) => session.agentId === agentId && session.supervisorId === null);
	return { may: ways, asks_for_help: asked };
}

async function templates(ctx: Context) {
	const served = allowedQueues(ctx.grants, "serve", queueIds(ctx));
	const found = await replyTemplatesFor(ctx.db, [...served]);
	return found.map(({ id, name, folder, language, text, template }) => ({
		id,
		name,
		folder,
		language,
		text,
		template,
	}));
}

/** Who had the chat, who has one with this contact, or who may read the queue's history. */
function mayRead(ctx: Context, chat: Chat): boolean {
	const { queueId } = chat;
	return (
		chat.lastAgentId === ctx.caller.userId ||
		chat.legs.some(({ userId }) => userId === ctx.caller.userId) ||
		(queueId !== null &&
			(may(ctx.grants, "serve", "queue", queueId) || may(ctx.grants, "manageContactHistory", "queue", queueId)))
	);
}

async function history(ctx: Context): Promise<Found> {
	const chat = await ownChat(ctx.db, ctx);
	if (chat === undefined) {
		return notThere;
	}
	const earlier = await earlierChats(ctx.db, chat, shownMax);
	return { value: earlier.filter((one) => mayRead(ctx, one)).map((one) => toSummary(ctx, one)) };
}

function toSummary({ known }: Context, chat: Chat) {
	return {
		id: chat.id,
		from_queue: { id: chat.queueId, name: known.queue(chat.queueId)?.name ?? null },
		date_created: toWireTime(chat.createdAt),
		ended: chat.endedAt === null ? null : toWireTime(chat.endedAt),
		originator: chat.originator,
		name: chat.contactName,
		channel: chat.channel,
		agent: chat.lastAgentId === null ? null : known.name(chat.lastAgentId).alias,
		reason: chat.reason,
	};
}

async function transcript(ctx: Context): Promise<Found> {
	const chat = await readable(ctx);
	return chat === undefined
		? notThere
		: { value: { ...toSummary(ctx, chat), messages: await pageOf(ctx.db, chat, { viewerId: ctx.caller.userId }) } };
}

async function earlierLines(ctx: Context): Promise<Found> {
	const chat = await readable(ctx);
	const before = numberOf(ctx.params["seq"]);
	return chat === undefined || before === undefined
		? notThere
		: { value: await pageOf(ctx.db, chat, { viewerId: ctx.caller.userId, before }) };
}

async function readable(ctx: Context): Promise<Chat | undefined> {
	const chat = await findChat(ctx.db, ctx.params["id"] ?? "");
	return chat !== undefined && mayRead(ctx, chat) ? chat : undefined;
}

async function find(tools: Tools, ctx: Context): Promise<Found> {
	const chats = await findChatsSaying(tools.deps.storage, ctx.params["words"] ?? "", shownMax);
	return { value: chats.filter((chat) => mayRead(ctx, chat)).map((chat) => toSummary(ctx, chat)) };
}
