// /users/me/interactions: the chats in one's tree, and what one does with them.

import { Type } from "typebox";
import type { Chat } from "#domain/chats.ts";
import type { Queue } from "#domain/queues.ts";
import { linesOf } from "#storage/chat-lines.ts";
import { chatsOfUser, chatsOfVisitor, findChat } from "#storage/chats.ts";
import type { Db } from "#storage/storage.ts";
import { arrivalAt, queueStill } from "../arrivals.ts";
import { facesOf } from "../feed.ts";
import { handOnTo } from "../offers.ts";
import { windowUntil } from "../reply-clock.ts";
import { type Answer, fault, notThere } from "../resource.ts";
import { type Move, gone } from "../moves/move.ts";
import { accept, decline } from "../moves/waiting.ts";
import { end, finish, leave, moveToQueue } from "../moves/talking.ts";
import { viewOf } from "../tells.ts";
import { linesShown, toInteraction } from "../views.ts";
import { attachedSchema, attachedTrouble, bodyOf } from "./body.ts";
import { answerOf, type Context, everybody, type Found, type Resource } from "./resource-table.ts";
import { ownChat } from "./own-chat.ts";
import { startByAgent } from "./start-by-agent.ts";
import { startByVisitor } from "./start-by-visitor.ts";
import type { Tools } from "./tools.ts";

export function interactionResources(tools: Tools): Resource[] {
	return [
		{
			path: "interactions",
			for: everybody,
			read: (ctx) => list(ctx),
			post: (ctx) => (ctx.caller.kind === "visitor" ? startByVisitor(tools, ctx) : startByAgent(tools, ctx)),
		},
		{
			path: "interactions/:id",
			for: everybody,
			read: (ctx) => one(ctx),
			put: (ctx) => change(tools, ctx),
		},
		{
			path: "interactions/:id/participants",
			for: everybody,
			read: async (ctx) => pieceOf(await one(ctx), "participants"),
		},
		{
			path: "interactions/:id/webrtc",
			for: everybody,
			read: async (ctx) => pieceOf(await one(ctx), "webrtc"),
			put: () => Promise.resolve(fault(403, "no_video", "Parley has no video.")),
		},
	];
}

function pieceOf(found: Found, name: string): Found {
	return "value" in found ? { value: (found.value as Record<string, unknown>)[name] } : found;
}

async function list(ctx: Context): Promise<Found> {
	const { userId, kind } = ctx.caller;
	const chats = await (kind === "visitor" ? chatsOfVisitor(ctx.db, userId) : chatsOfUser(ctx.db, userId));
	const shown: unknown[] = [];
	for (const chat of chats) {
		shown.push(await show(ctx, chat));
	}
	return { value: shown };
}

async function one(ctx: Context): Promise<Found> {
	const chat = await ownChat(ctx.db, ctx);
	return chat === undefined ? notThere : { value: await show(ctx, chat) };
}

async function show(ctx: Context, chat: Chat): Promise<unknown> {
	const { db, known, caller } = ctx;
	const lines = await linesOf(db, chat.id, { limit: linesShown });
	const face = await facesOf({ db }, known, [caller.userId, ...chat.legs.map(({ userId }) => userId)]);
	const view = viewOf(chat, caller.userId) ?? { status: "ended", channelStatus: "disconnected" };
	const window = caller.kind === "visitor" ? undefined : await windowUntil(db, ctx.windows, chat);
	return toInteraction(caller.userId, {
		chat,
		lines,
		view,
		known,
		face,
		queuePlaceOf: ctx.queuePlaceOf,
		...(window === undefined ? {} : { windowUntil: window }),
	});
}

const agentStatuses = ["accepted", "rejected", "ended", "wrapup", "handled"] as const;

const changeBody = bodyOf(
	Type.Object({
		status: Type.Optional(Type.Enum([...agentStatuses])),
		channel_status: Type.Optional(Type.Literal("transferring")),
		destination: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
		consult: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
		attached_data: Type.Optional(attachedSchema),
		reason: Type.Optional(Type.String({ maxLength: 200 })),
	}),
);
type Change = Extract<ReturnType<typeof changeBody>, { ok: true }>["body"];

async function change(tools: Tools, ctx: Context): Promise<Answer> {
	const read = changeBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	if (ctx.caller.kind === "visitor") {
		return read.body.status === "ended"
			? act(tools, ctx, ofVisitor(ctx.caller.userId))
			: fault(403, "not_permitted", "Visitors may only end a chat.");
	}
	if (read.body.channel_status === "transferring" || read.body.consult !== undefined) {
		return pass(tools, ctx, read.body);
	}
	const { status, reason } = read.body;
	return status === undefined
		? fault(400, "invalid_body", "Give a status, or a transfer with its destination.")
		: act(tools, ctx, moves[status](ctx.caller.userId, reason ?? null));
}

/** Ending what has ended is no fault, as PUT is idempotent. */
function ofVisitor(visitorId: string): Move {
	return (chat, world) => (chat.visitorId === visitorId && chat.isShown ? end("contact")(chat, world) : gone);
}

const moves: Readonly<Record<(typeof agentStatuses)[number], (userId: string, reason: string | null) => Move>> = {
	accepted: (userId) => accept(userId),
	rejected: (userId) => decline(userId, "rejected"),
	ended: (userId) => endOrLeave(userId),
	wrapup: (userId) => leave(userId),
	handled: (userId, reason) => finish(userId, reason),
};

function endOrLeave(userId: string): Move {
	return (chat, world) => {
		const leg = chat.legs.find((one) => one.userId === userId);
		if (leg === undefined) {
			return gone;
		}
		return end("agent", userId)(chat, world);
	};
}

async function act(tools: Tools, ctx: Context, move: Move): Promise<Answer> {
	const { userId, kind } = ctx.caller;
	const users = kind === "agent" ? [userId] : [];
	return answerOf(await tools.turns.take((turn) => turn.move(ctx.params["id"] ?? "", move, users)));
}

/** To another agent, who must accept, or to a queue, which takes it at once. */
async function pass(tools: Tools, ctx: Context, body: Change): Promise<Answer> {
	const trouble = attachedTrouble(body.attached_data ?? {});
	const destination = body.consult ?? body.destination;
	if (trouble !== undefined || destination === undefined) {
		return trouble ?? fault(400, "invalid_body", "/destination is missing.");
	}
	const attached = body.attached_data === undefined ? {} : { attached: body.attached_data };
	const queue = body.consult === undefined ? ctx.known.queueAt(destination) : undefined;
	const origin = body.consult === undefined ? "transfer" : "consult";
	return queue === undefined
		? passToAgent(tools, ctx, { destination, origin, ...attached })
		: passToQueue(tools, ctx, { queue, destination, ...attached });
}

type Passing = { destination: string; attached?: Readonly<Record<string, unknown>> };

async function passToQueue(
	{ turns }: Tools,
	{ caller, params }: Context,
	{ queue: found, ...to }: Passing & { queue: Queue },
): Promise<Answer> {
	return turns.take(async (turn) => {
		const queue = await queueStill(turn, found);
		if (queue === undefined) {
			return unknownAddress;
		}
		const chat = await findChat(turn.tx, params["id"] ?? "");
		if (chat === undefined) {
			return answerOf(gone);
		}
		// It keeps its age, but not a place at the front.
		const arrival = await arrivalAt(turn, queue, { ...chat, isFront: false });
		const move = moveToQueue(caller.userId, { ...arrival, ...to });
		return answerOf(await turn.move(chat.id, move, [caller.userId]));
	});
}

const unknownAddress = fault(404, "unknown_address", "Nobody here has this address; choose an agent or a queue.");

async function passToAgent(
	{ turns, colleagues }: Tools,
	{ db, caller, known, params }: Context,
	{ destination, ...to }: Passing & { origin: "transfer" | "consult" },
): Promise<Answer> {
	const colleague = await colleagues.at(destination, known);
	if (colleague === undefined) {
		return unknownAddress;
	}
	const { userId, canTake } = colleague;
	const chatId = params["id"] ?? "";
	if (!canTake && !(await speaksIn(db, chatId, userId))) {
		return fault(403, "cannot_take", "This agent takes no chats now; choose another one.");
	}
	return answerOf(await turns.take((turn) => handOnTo(turn, chatId, { from: caller.userId, userId, ...to })));
}

/** Asked in, or come in as a supervisor: the chat is one of theirs already, so they need no room for one more. */
async function speaksIn(db: Db, chatId: string, userId: string): Promise<boolean> {
	const legs = (await findChat(db, chatId))?.legs ?? [];
	return legs.some((leg) => leg.userId === userId && leg.role === "consulted" && leg.state === "accepted");
}
