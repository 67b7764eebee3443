// Who takes part in a chat, and who of them is typing.

import { Type } from "typebox";
import { addressKey } from "#domain/chains.ts";
import { findChat } from "#storage/chats.ts";
import { type Answer, done, fault, notThere } from "../resource.ts";
import { participantsOf, viewOf } from "../tells.ts";
import type { Turn } from "../turns.ts";
import { maySpeakIn, tellTyping, type TypingStatus, typistOf } from "../typing.ts";
import { bodyOf } from "./body.ts";
import { ownChat } from "./own-chat.ts";
import { type Context, everybody, type Resource } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

const typingBody = bodyOf(Type.Object({ status: Type.Union([Type.Literal("typing"), Type.Literal("not_typing")]) }));

export function participantResources(tools: Tools): Resource[] {
	return [
		{
			path: "interactions/:id/participants/:key",
			for: everybody,
			async read(ctx) {
				const chat = await ownChat(ctx.db, ctx);
				const found = chat === undefined ? [] : participantsOf(chat, (userId) => ctx.known.name(userId));
				const one = found.find(({ uniquekey }) => addressKey(uniquekey) === addressKey(ctx.params["key"] ?? ""));
				return one === undefined ? notThere : { value: one };
			},
			put: (ctx) => typing(tools, ctx),
		},
	];
}

async function typing(tools: Tools, ctx: Context): Promise<Answer> {
	const read = typingBody(ctx.body);
	if (!read.ok) {
		return read.answer;
	}
	const { status } = read.body;
	const answer = await tools.turns.take((turn) => tell(turn, ctx, status));
	if (answer.status === 200) {
		tools.typing.note(ctx.caller, ctx.params["id"] ?? "", status);
	}
	return answer;
}

async function tell(turn: Turn, { params, caller }: Context, status: TypingStatus): Promise<Answer> {
	const { userId } = caller;
	const chat = await findChat(turn.tx, params["id"] ?? "");
	if (chat === undefined || viewOf(chat, userId) === undefined) {
		return fault(404, "interaction_gone", "You have no such chat any more.");
	}
	if (addressKey(params["key"] ?? "") !== addressKey(typistOf(turn, chat, userId))) {
		return fault(403, "not_yours", "You can say of yourself only that you are typing.");
	}
	if (!maySpeakIn(chat, userId)) {
		return fault(403, "not_accepted", "You do not take part in the chat.");
	}
	tellTyping(turn, { chat, userId, status });
	return done;
}
