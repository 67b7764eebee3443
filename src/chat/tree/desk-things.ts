// What our own desk asks for besides the protocol: chats that may be picked, colleagues, reply templates, earlier chats.

import { allowedQueues, readerOf } from "../people.ts";
import { replyTemplatesFor } from "#storage/reply-templates.ts";
import { earlierChats, findChatsSaying, readableChat } from "#storage/chat-readers.ts";
import { waitingInAny } from "#storage/chat-waiting.ts";
import type { Chat } from "#domain/chats.ts";
import { type Supervision, supervisionsOf } from "#storage/chat-supervisions.ts";
import { notThere } from "../resource.ts";
import { toWireTime } from "../tells.ts";
import { numberOf, pageOf } from "./earlier-lines.ts";
import { ownChat } from "./own-chat.ts";
import { agentsOnly, type Context, type Found, type Resource } from "./resource-table.ts";
import { waysOn } from "./supervision.ts";
import type { Tools } from "./tools.ts";

const shownMax = 100;

/** Each also from a chat, or a line, on: `…/before/{it}`. */
const history = [
	["interactions/:id/history", (_tools, ctx) => earlier(ctx)],
	["history/find/:words", find],
	["history/:id", (_tools, ctx) => transcript(ctx)],
] as const satisfies readonly [string, (tools: Tools, ctx: Context) => Promise<Found>][];

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
		...history.flatMap(([path, read]) =>
			[path, `${path}/before/:before`].map((one): Resource => ({
				path: one,
				for: agentsOnly,
				isAskedOnly: true,
				read: (ctx) => read(tools, ctx),
			})),
		),
	];
}

function queueIds({ known }: Context): string[] {
	return known.queues.map(({ id }) => id);
}

async function waiting(ctx: Context) {
	const served = allowedQueues(ctx.grants, "serve", queueIds(ctx));
	const pickable = ctx.known.queues.filter(({ id, pick }) => served.has(id) && pick !== "none");
	const chats = await waitingInAny(
		ctx.db,
		pickable.map(({ id }) => id),
		shownMax,
	);
	return chats.map((chat) => ({
		contact_id: chat.id,
		originator: chat.originator,
		name: chat.contactName,
		from_queue: { id: chat.queueId, name: ctx.known.queue(chat.queueId)?.name ?? "" },
		waiting_since: toWireTime(chat.queuedAt),
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
		...agents.map(({ userId, address, alias, state, canTake, chats }) => ({
			kind: "agent",
			id: userId,
			address,
			name: alias,
			state,
			can_take: canTake,
			chats,
			...supervisable(ctx, userId, sessions),
		})),
		...ctx.known.queues.flatMap(({ addresses, name }) =>
			addresses.slice(0, 1).map((address) => ({
				kind: "queue",
				address,
				name,
				state: "queue",
				can_take: true,
				chats: 0,
			})),
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

/** A page of a list: those before the chat that the path names, if it names one. */
function pageAsked(ctx: Context) {
	return { reader: readerOf(ctx.caller.userId, ctx.grants), before: ctx.params["before"], limit: shownMax };
}

async function earlier(ctx: Context): Promise<Found> {
	const chat = await ownChat(ctx.db, ctx);
	if (chat === undefined) {
		return notThere;
	}
	const chats = await earlierChats(ctx.db, chat, pageAsked(ctx));
	return { value: chats.map((one) => toSummary(ctx, one)) };
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

/** The chat with its newest lines, or only those before the line that the path names. */
async function transcript(ctx: Context): Promise<Found> {
	const chat = await readableChat(ctx.db, ctx.params["id"] ?? "", readerOf(ctx.caller.userId, ctx.grants));
	const viewerId = ctx.caller.userId;
	if (chat === undefined) {
		return notThere;
	}
	if (ctx.params["before"] === undefined) {
		return { value: { ...toSummary(ctx, chat), messages: await pageOf(ctx.db, chat, { viewerId }) } };
	}
	const before = numberOf(ctx.params["before"]);
	return before === undefined ? notThere : { value: await pageOf(ctx.db, chat, { viewerId, before }) };
}

async function find(tools: Tools, ctx: Context): Promise<Found> {
	const chats = await findChatsSaying(tools.deps.storage, ctx.params["words"] ?? "", pageAsked(ctx));
	return { value: chats.map((chat) => toSummary(ctx, chat)) };
}
