// Offers, with what follows at once where the agent's side wants no question: bots never accept by themselves.

import { findAgent } from "#storage/chat-agents.ts";
import { findChat } from "#storage/chats.ts";
import { handOn } from "./moves/talking.ts";
import { accept, offer } from "./moves/waiting.ts";
import type { Acted, Turn } from "./turns.ts";

/** The original's name of the user's own setting. */
export const autoAnswerSetting = "ECFUI_Autoanswer_AutoAllocated";

export async function offerTo(turn: Turn, chatId: string, userId: string): Promise<Acted> {
	return acceptAtOnce(turn, await turn.move(chatId, offer(userId), [userId]), userId);
}

export async function handOnTo(
	turn: Turn,
	chatId: string,
	{ from, ...to }: { from: string } & Parameters<typeof handOn>[1],
): Promise<Acted> {
	return acceptAtOnce(turn, await turn.move(chatId, handOn(from, to), [from, to.userId]), to.userId);
}

async function acceptAtOnce(turn: Turn, offered: Acted, userId: string): Promise<Acted> {
	if (!offered.ok || !(await isAutomatic(turn, offered.chat.id, userId))) {
		return offered;
	}
	return turn.move(offered.chat.id, accept(userId), [userId]);
}

async function isAutomatic({ tx, known }: Turn, chatId: string, userId: string): Promise<boolean> {
	const chat = await findChat(tx, chatId);
	if (known.queue(chat?.queueId ?? null)?.autoAccept === true) {
		return true;
	}
	return (await findAgent(tx, userId))?.settings[autoAnswerSetting] === "1";
}
