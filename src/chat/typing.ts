// Who is typing where, by the connection that said so. It is told and not kept: what a connection said ends with it at the
// latest, so that nobody whose browser died types for ever.

import type { Chat } from "#domain/chats.ts";
import { describeError, type Log } from "#platform/log.ts";
import { findChat } from "#storage/chats.ts";
import { legOf } from "./moves/move.ts";
import type { Caller } from "./resource.ts";
import { leaf, viewOf } from "./tells.ts";
import type { Turn, Turns } from "./turns.ts";
import type { SocketEvent } from "./wire/sockets.ts";

export type TypingStatus = "typing" | "not_typing";

export type Typing = {
	/** What the caller has said, and others have been told. */
	note(caller: Caller, chatId: string, status: TypingStatus): void;
	onSocket(event: SocketEvent): void;
};

const chatsMax = 50; // Of one connection: more than anybody writes in without a word of having stopped.

export function openTyping({ log, turns }: { log: Log; turns: Turns }): Typing {
	/** The chats of each connection that is open here. */
	const open = new Map<string, Set<string>>();

	function stop(userId: string, chatIds: Iterable<string>): void {
		const stopping = turns.take(async (turn) => {
			for (const chatId of chatIds) {
				const chat = await findChat(turn.tx, chatId);
				if (chat !== undefined && maySpeakIn(chat, userId)) {
					tellTyping(turn, { chat, userId, status: "not_typing" });
				}
			}
		});
		stopping.catch((error: unknown) =>
			log.error("That somebody types no more could not be told.", {
				server: "Chat Server",
				error: describeError(error),
			}),
		);
	}

	return {
		note({ terminalId, userId }, chatId, status) {
			if (terminalId === null) {
				return;
			}
			const chats = open.get(terminalId);
			chats?.delete(chatId);
			if (status === "not_typing") {
				return;
			}
			if (chats === undefined) {
				stop(userId, [chatId]); // It closed meanwhile.
				return;
			}
			chats.add(chatId);
			for (const oldest of chats.size > chatsMax ? [...chats].slice(0, 1) : []) {
				chats.delete(oldest);
			}
		},
		onSocket({ event, caller: { terminalId, userId } }) {
			if (terminalId === null) {
				return;
			}
			const chats = open.get(terminalId);
			if (event === "opened") {
				open.set(terminalId, new Set());
			} else {
				open.delete(terminalId);
			}
			if (chats !== undefined && chats.size > 0) {
				stop(userId, chats);
			}
		},
	};
}

/** Whether they take part for all to see. */
export function maySpeakIn(chat: Chat, userId: string): boolean {
	const leg = legOf(chat, userId);
	const isHeard = leg === undefined || (leg.state === "accepted" && leg.role !== "supervisor");
	return viewOf(chat, userId) !== undefined && isHeard;
}

type Told = { chat: Chat; userId: string; status: TypingStatus };

/** All others of the chat. */
export function tellTyping(turn: Turn, { chat, userId, status }: Told): void {
	const own = typistOf(turn, chat, userId);
	const others = [...chat.legs.map((leg) => leg.userId), ...(chat.visitorId === null ? [] : [chat.visitorId])];
	const step = leaf("PUT", `/interactions/${chat.id}/participants/${own}/status`, status);
	for (const to of others.filter((one) => one !== userId)) {
		turn.tell({ to, steps: [step] });
	}
}

/** The address that shows in the chat. */
export function typistOf({ known }: Turn, chat: Chat, userId: string): string {
	return chat.visitorId === userId ? chat.originator : known.name(userId).address;
}
