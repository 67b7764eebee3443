// A chat that an agent starts: the first message goes out from an address of a queue, and the agent has the chat at once.

import type { Chat, Leg } from "#domain/chats.ts";
import { liveChatOf } from "#storage/chats.ts";
import { contactName } from "#storage/contacts.ts";
import { findConversation } from "#storage/conversation-lists.ts";
import { queueStill } from "../arrivals.ts";
import { freshChat } from "../beginning.ts";
import type { Words } from "../messenger.ts";
import { moved, stateLine } from "../moves/move.ts";
import { say } from "../moves/talking.ts";
import { noteMessage } from "../noting.ts";
import { may } from "../people.ts";
import { type Answer, fault } from "../resource.ts";
import type { Turn } from "../turns.ts";
import type { Context } from "./resource-table.ts";
import type { Tools } from "./tools.ts";

type Members = Readonly<Record<string, unknown>>;
type First = { message?: string; template?: Members; attached_data?: Members };

export type Outbound = { queueId: string; to: string; body: First };

export async function startOutbound(tools: Tools, ctx: Context, { queueId, to, body }: Outbound): Promise<Answer> {
	const queue = ctx.known.queue(queueId);
	if (queue === undefined || !may(ctx.grants, "serve", "queue", queueId)) {
		return notServing;
	}
	const words = wordsOf(body);
	if (words === undefined) {
		return fault(400, "invalid_body", "Give a message or a template.");
	}
	const channel = body.attached_data?.["channel"];
	const first = { addresses: queue.addresses, to, ...(typeof channel === "string" ? { channel } : {}) };
	const prepared = await tools.messenger.prepareFirst(first, words, ctx.caller.userId);
	if (!prepared.ok) {
		return prepared.answer;
	}
	return tools.turns
		.take(async (turn) => {
			if ((await queueStill(turn, queue)) === undefined) {
				return notServing;
			}
			const { messageId, conversationId } = await prepared.letter.enqueue(turn.tx);
			if ((await liveChatOf(turn.tx, conversationId)) !== undefined) {
				throw new Elsewhere();
			}
			const chat = await outboundChat(turn, { conversationId, ctx, queueId, prepared });
			const started = await turn.start(chat, (fresh, world) =>
				moved(fresh, {
					lines: [stateLine("CHAT_STARTED", world.face(ctx.caller.userId))],
					events: [{ type: "started", data: { queue: queueId, agent: ctx.caller.userId } }],
				}),
			);
			if (started.ok) {
				const originator = turn.known.name(ctx.caller.userId).address;
				const about = { originator, isSystem: false, audience: "all" as const, messageId, delivery: "queued" as const };
				const isTemplate = words.template !== undefined;
				const message = isTemplate ? JSON.stringify(words.template) : (words.text ?? "");
				const line = { ...about, type: isTemplate ? ("template" as const) : ("text" as const), message };
				await noteMessage(turn, await turn.move(started.chat.id, say([line])));
			}
			return { status: 200, body: { id: chat.id } } satisfies Answer;
		})
		.catch((error: unknown) => {
			if (error instanceof Elsewhere) {
				return fault(
					403,
					"chat_goes_on",
					"A chat with this contact goes on already; find it in the list of waiting chats.",
				);
			}
			throw error;
		});
}

const notServing = fault(403, "not_serving", "You may not write from this queue.");

/** The transaction must not commit: nothing was sent. */
class Elsewhere extends Error {}

function wordsOf({ message, template }: First): Words | undefined {
	if (template !== undefined) {
		return { template };
	}
	return message === undefined || message.trim() === "" ? undefined : { text: message };
}

type Origin = {
	conversationId: string;
	ctx: Context;
	queueId: string;
	prepared: { serviceId: string; channel: string; ourAddress: string; contactAddress: string };
};

async function outboundChat(turn: Turn, { conversationId, ctx, queueId, prepared }: Origin): Promise<Chat> {
	const conversation = await findConversation(turn.tx, conversationId);
	const contactId = conversation?.contactId ?? null;
	const leg: Leg = {
		userId: ctx.caller.userId,
		role: "agent",
		state: "accepted",
		origin: "outbound",
		since: turn.now,
		until: null,
		queueId: null,
	};
	return {
		...freshChat(turn, {
			channel: prepared.channel,
			destination: prepared.ourAddress,
			originator: prepared.contactAddress,
			conversationId,
			serviceId: prepared.serviceId,
			contactId,
			contactName: contactId === null ? null : await contactName(turn.tx, contactId),
			direction: "outbound",
		}),
		queueId,
		state: "served",
		agentId: ctx.caller.userId,
		servedAt: turn.now,
		legs: [leg],
	};
}
