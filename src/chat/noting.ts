// What is told of a line besides itself: that it was said, to those who follow by webhooks, and what became of it.

import type { Chat } from "#domain/chats.ts";
import type { StoredLine } from "#storage/chat-lines.ts";
import { appendEvents } from "#storage/events.ts";
import { leaf } from "./tells.ts";
import type { Acted, Turn } from "./turns.ts";

/** For those who follow by webhooks; ids only. */
export async function noteMessage({ tx, now }: Turn, acted: Acted): Promise<void> {
	if (!acted.ok) {
		return;
	}
	const { chat, lines } = acted;
	await appendEvents(
		tx,
		lines.map(({ id, messageId }) => ({
			at: new Date(now),
			type: "chat.message" as const,
			serviceId: chat.serviceId ?? "",
			messageId,
			conversationId: chat.conversationId,
			data: { chat: chat.id, line: id },
		})),
	);
}

export function tellDelivery(turn: Turn, chat: Chat, line: StoredLine, delivery: string): void {
	const path = `/interactions/${chat.id}/transcript/messages/${line.id}/delivery_status`;
	for (const { userId } of chat.legs) {
		turn.tell({ to: userId, steps: [leaf("PUT", path, delivery)] });
	}
}
