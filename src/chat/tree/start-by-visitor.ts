// A visitor starts a chat: 200, and then the chat shows in their tree, waiting or ended with the reason why.

import { Type } from "typebox";
import { addressKey } from "#domain/chains.ts";
import { saveVisitor } from "#storage/chat-visitors.ts";
import { countChatsBegun, lastAgentOfVisitor, liveChatsOfVisitor } from "#storage/chats.ts";
import { beginChat } from "../beginning.ts";
import { type Answer, done, fault } from "../resource.ts";
import { viewOf } from "../tells.ts";
import type { Turn } from "../turns.ts";
import { addressSchema, attachedSchema, attachedTrouble, bodyOf } from "./body.ts";
import { visitorOf } from "./properties.ts";
import type { Context } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const startBody = bodyOf(
	Type.Object({
		channel_type: Type.String({ maxLength: 20 }),
		channel_sub_type: Type.Optional(Type.Union([Type.String({ maxLength: 20 }), Type.Null()])),
		destination: addressSchema,
		attached_data: Type.Optional(attachedSchema),
		title: Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()])),
	}),
);
type Start = Extract<ReturnType<typeof startBody>, { ok: true }>["body"];

const liveMax = 3; // Chats of one visitor at a time.
/** Chats that a visitor may begin in so long; each is kept, also one that nobody could have. */
const startsMax = { times: 10, withinMs: 3_600_000 };

export async function startByVisitor(tools: Tools, ctx: Context): Promise<Answer> {
	const read = startBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	if (read.body.channel_type !== "chat") {
		return fault(403, "channel_type", "Visitors start chats only.");
	}
	const trouble = attachedTrouble(read.body.attached_data ?? {});
	return trouble ?? tools.turns.take((turn) => start(turn, ctx, read.body));
}

async function start(turn: Turn, ctx: Context, body: Start): Promise<Answer> {
	const { userId } = ctx.caller;
	const live = await liveChatsOfVisitor(turn.tx, userId);
	const same = live.find(({ destination }) => addressKey(destination) === addressKey(body.destination));
	if (same !== undefined) {
		const view = viewOf(same, userId) ?? { status: "queued", channelStatus: "unknown" };
		turn.tell({ to: userId, steps: [{ kind: "appears", chatId: same.id, ...view, upTo: same.lines }] });
		return done;
	}
	if (live.length >= liveMax) {
		return fault(429, "too_many_chats", "You have chats going on; end one before you start another.");
	}
	if ((await countChatsBegun(turn.tx, userId, turn.now - startsMax.withinMs)) >= startsMax.times) {
		return fault(429, "too_many_starts", "You began many chats lately; begin the next one later.");
	}
	const visitor = await visitorOf({ db: turn.tx, caller: ctx.caller });
	await saveVisitor(turn.tx, { ...visitor, seenAt: turn.now });
	const preferredAgentId = visitor.provenId === null ? null : await lastAgentOfVisitor(turn.tx, userId);
	const alias = visitor.alias === "" ? (visitor.chatAddress.split("@")[0] ?? null) : visitor.alias;
	await beginChat(turn, {
		channel: "web",
		destination: body.destination,
		originator: visitor.chatAddress,
		contactName: alias,
		visitorId: userId,
		language: visitor.language,
		title: body.title ?? null,
		attached: body.attached_data ?? {},
		preferredAgentId,
	});
	return done;
}
