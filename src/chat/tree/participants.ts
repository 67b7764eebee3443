// Who is typing. It is told and not kept: after a reconnect nobody is.

import { Type } from "typebox";
import { addressKey } from "#domain/chains.ts";
import { findChat } from "#storage/chats.ts";
import { legOf } from "../moves/move.ts";
import { type Answer, done, fault, notThere } from "../resource.ts";
import { leaf, participantsOf, viewOf } from "../tells.ts";
import type { Turn } from "../turns.ts";
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
	return read.ok ? tools.turns.take((turn) => tell(turn, ctx, read.body.status)) : read.answer;
}

async function tell(turn: Turn, { params, caller }: Context, status: string): Promise<Answer> {
	const chat = await findChat(turn.tx, params["id"] ?? "");
	if (chat === undefined || viewOf(chat, caller.userId) === undefined) {
		return fault(404, "interaction_gone", "You have no such chat any more.");
	}
	const own = chat.visitorId === caller.userId ? chat.originator : turn.known.name(caller.userId).address;
	if (addressKey(params["key"] ?? "") !== addressKey(own)) {
		return fault(403, "not_yours", "You can say of yourself only that you are typing.");
	}
	const leg = legOf(chat, caller.userId);
	if (leg !== undefined && (leg.state !== "accepted" || leg.role === "supervisor")) {
		return fault(403, "not_accepted", "You do not take part in the chat.");
	}
	const others = [...chat.legs.map(({ userId }) => userId), ...(chat.visitorId === null ? [] : [chat.visitorId])];
	const step = leaf("PUT", `/interactions/${chat.id}/participants/${own}/status`, status);
	for (const to of others.filter((userId) => userId !== caller.userId)) {
		turn.tell({ to, steps: [step] });
	}
	return done;
}
