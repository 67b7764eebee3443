// What an agent may start: pick a chat that waits, or write first to somebody from an address of a queue.

import { Type } from "typebox";
import { may } from "../people.ts";
import { pick } from "../moves/waiting.ts";
import { type Answer, fault } from "../resource.ts";
import { findChat } from "#storage/chats.ts";
import { attachedSchema, attachedTrouble, bodyOf } from "./body.ts";
import { startOutbound } from "./outbound.ts";
import { answerOf, type Context } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const startBody = bodyOf(
	Type.Object({
		channel_type: Type.String({ maxLength: 20 }),
		channel_sub_type: Type.Optional(Type.Union([Type.String({ maxLength: 20 }), Type.Null()])),
		status: Type.Optional(Type.String({ maxLength: 20 })),
		contact_id: Type.Optional(Type.String({ pattern: "^[A-Fa-f0-9]{32}$" })),
		destination: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
		from_queue: Type.Optional(Type.Object({ id: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]) })),
		message: Type.Optional(Type.String({ maxLength: 10_000 })),
		template: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
		attached_data: Type.Optional(attachedSchema),
		supervisor_session_id: Type.Optional(Type.Unknown()),
	}),
);
type AgentStart = Extract<ReturnType<typeof startBody>, { ok: true }>["body"];

export async function startByAgent(tools: Tools, ctx: Context): Promise<Answer> {
	const read = startBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { body } = read;
	if (body.channel_type !== "chat") {
		return fault(403, "channel_type", "Parley has chats only.");
	}
	if ((body.supervisor_session_id ?? null) !== null) {
		return fault(403, "guidance_chat", "There are no chats between agents and supervisors; write a note in the chat.");
	}
	const trouble = attachedTrouble(body.attached_data ?? {});
	if (trouble !== undefined) {
		return trouble;
	}
	if (body.status === "picked") {
		return pickChat(tools, ctx, body);
	}
	const queueId = body.from_queue?.id ?? null;
	return queueId !== null && body.destination !== undefined
		? startOutbound(tools, ctx, { queueId, to: body.destination, body })
		: fault(403, "not_permitted", "Give the queue you write from and the address you write to.");
}

async function pickChat({ turns }: Tools, ctx: Context, { contact_id }: AgentStart): Promise<Answer> {
	const { userId } = ctx.caller;
	if (contact_id === undefined) {
		return fault(400, "invalid_body", "/contact_id is missing.");
	}
	return turns.take(async (turn) => {
		const chat = await findChat(turn.tx, contact_id.toUpperCase());
		const queueId = chat?.queueId ?? null;
		if (chat === undefined || queueId === null) {
			return fault(404, "interaction_gone", "There is no such chat.");
		}
		if (!may(ctx.grants, "serve", "queue", queueId)) {
			return fault(403, "not_serving", "You may not serve this queue.");
		}
		return answerOf(await turn.move(chat.id, pick(userId), [userId]));
	});
}
